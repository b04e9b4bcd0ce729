"""Real numbers with 60 digits and exponents of any size: what floats are held against.

Source of the arithmetic: mpmath, on which SymPy rests.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

from mpmath import MPContext

from derive.language.functions import FUNCTIONS
from verify.evaluation.arithmetic import Arithmetic, NotExact
from verify.evaluation.dual import over_duals


def precise_arithmetic(digits: int) -> tuple[Arithmetic, Callable[[Any], Any]]:
    """Reals of so many digits, and what makes one from an integer, a fraction or a float."""
    context = MPContext()
    context.dps = digits

    def number(value: Any) -> Any:
        exact = Fraction(value)
        return context.mpf(exact.numerator) / exact.denominator

    def power(base: Any, exponent: Any) -> Any:
        if base < 0 and exponent != int(exponent):
            raise NotExact(f"({base})^({exponent}) is not real")
        return context.power(base, number(exponent) if isinstance(exponent, Fraction) else exponent)

    def real(name: str, value: Any) -> Any:
        found = FUNCTIONS[name].precise(context, value)
        if isinstance(found, type(context.mpc(0))):
            raise NotExact(f"{name}({value}) is not real")
        return found

    functions = {name: partial(real, name) for name in FUNCTIONS}
    constants = {"pi": +context.pi, "e": +context.e}
    return Arithmetic(number=number, power=power, functions=functions, constants=constants), number


PRECISE, precise = precise_arithmetic(60)
DUAL_PRECISE = over_duals(PRECISE)
