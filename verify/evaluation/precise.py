"""Real numbers with 60 digits and exponents of any size: what floats are held against.

Source of the arithmetic: mpmath, on which SymPy rests.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from mpmath import MPContext

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


def _sigmoid(u: Any) -> Any:
    return 1 / (1 + _CONTEXT.exp(-u))


PRECISE = Arithmetic(
    number=precise,
    power=_power,
    functions={
        "exp": _CONTEXT.exp,
        "log": _CONTEXT.log,
        "tanh": _CONTEXT.tanh,
        "sigmoid": _sigmoid,
        "sin": _CONTEXT.sin,
        "cos": _CONTEXT.cos,
        "erf": _CONTEXT.erf,
    },
    constants={"pi": _CONTEXT.pi, "e": _CONTEXT.e},
)
DUAL_PRECISE = over_duals(
    PRECISE,
    {
        "exp": _CONTEXT.exp,
        "log": lambda u: 1 / u,
        "tanh": lambda u: 1 - _CONTEXT.tanh(u) ** 2,
        "sigmoid": lambda u: _sigmoid(u) * _sigmoid(-u),
        "sin": _CONTEXT.cos,
        "cos": lambda u: -_CONTEXT.sin(u),
        "erf": lambda u: 2 / _CONTEXT.sqrt(_CONTEXT.pi) * _CONTEXT.exp(-u * u),
    },
)
