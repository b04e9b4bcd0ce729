"""Real numbers with 60 digits and exponents of any size: what floats are held against.

Source of the arithmetic: mpmath, on which SymPy rests.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any

from mpmath import MPContext

from derive.language.functions import FUNCTIONS
from verify.evaluation.arithmetic import Arithmetic, NotExact
from verify.evaluation.dual import over_duals

_CONTEXT = MPContext()
_CONTEXT.dps = 60


def precise(value: Any) -> Any:
    """A number of this kind from an integer, a fraction or a float."""
    exact = Fraction(value)
    return _CONTEXT.mpf(exact.numerator) / exact.denominator


def _power(base: Any, exponent: Any) -> Any:
    if base < 0 and exponent != int(exponent):
        raise NotExact(f"({base})^({exponent}) is not real")
    return _CONTEXT.power(base, precise(exponent) if isinstance(exponent, Fraction) else exponent)


PRECISE = Arithmetic(
    number=precise,
    power=_power,
    functions={name: partial(f.precise, _CONTEXT) for name, f in FUNCTIONS.items()},
    constants={"pi": +_CONTEXT.pi, "e": +_CONTEXT.e},
)
DUAL_PRECISE = over_duals(PRECISE)
