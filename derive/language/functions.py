"""The elementwise functions: everything that is known of each, in one table.

A new function is one entry here, one in ``verify.evaluation.dual`` and one in
``verify.checker.functions``: the oracle and the checker have derivatives of their own.  A target
calls a function by its name in its own library.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Function, Integer, Pow, Rational, cos, erf, erfc, exp, log, pi, sin, tanh

from derive.language.terms import AtMost, Choose, Condition, Expm1, Less, Log1p, Sigmoid


@dataclass(frozen=True)
class ElementwiseFunction:
    """A function of one real number.

    ``derivative`` is f′ as a term, ``value`` and ``complex`` are its values in double precision
    (``complex`` None where nobody asks), ``precise`` its value in an mpmath context.  ``domain`` is
    the condition under which it has a value, None for every real argument; it is ``bounded`` where
    no argument makes it overflow.  ``tex`` is its command, where LaTeX has one.
    """

    node: type[Function]
    derivative: Callable[[Expr], Expr]
    value: Callable[[float], float]
    precise: Callable[[Any, Any], Any]
    complex: Callable[[complex], complex] | None = None
    domain: Callable[[Expr], Condition] | None = None
    bounded: bool = True
    tex: str = ""

    @property
    def name(self) -> str:
        """What the notation, and most libraries, call it."""
        return self.node.__name__.lower()


def sigmoid(u: float) -> float:
    """1/(1 + e⁻ᵘ) without overflow."""
    return 1 / (1 + math.exp(-u)) if u >= 0 else math.exp(u) / (1 + math.exp(u))


_TABLE = (
    ElementwiseFunction(
        exp,
        lambda u: exp(u),
        math.exp,
        lambda c, u: c.exp(u),
        cmath.exp,
        bounded=False,
        tex=r"\exp",
    ),
    ElementwiseFunction(
        log,
        lambda u: 1 / u,
        math.log,
        lambda c, u: c.log(u),
        cmath.log,
        domain=lambda u: Less(Integer(0), u),
        bounded=False,
        tex=r"\log",
    ),
    ElementwiseFunction(
        tanh,
        lambda u: 1 - tanh(u) ** 2,
        math.tanh,
        lambda c, u: c.tanh(u),
        cmath.tanh,
        tex=r"\tanh",
    ),
    ElementwiseFunction(
        Sigmoid,
        lambda u: Sigmoid(u) * (1 - Sigmoid(u)),
        sigmoid,
        lambda c, u: 1 / (1 + c.exp(-u)),
        lambda u: 1 / (1 + cmath.exp(-u)),
        tex=r"\sigma",
    ),
    ElementwiseFunction(
        sin, lambda u: cos(u), math.sin, lambda c, u: c.sin(u), cmath.sin, tex=r"\sin"
    ),
    ElementwiseFunction(
        cos, lambda u: -sin(u), math.cos, lambda c, u: c.cos(u), cmath.cos, tex=r"\cos"
    ),
    ElementwiseFunction(
        erf, lambda u: 2 * exp(-(u**2)) / Pow(pi, Rational(1, 2)), math.erf, lambda c, u: c.erf(u)
    ),
    ElementwiseFunction(
        erfc,
        lambda u: -2 * exp(-(u**2)) / Pow(pi, Rational(1, 2)),
        math.erfc,
        lambda c, u: c.erfc(u),
    ),
    ElementwiseFunction(
        Log1p,
        lambda u: 1 / (1 + u),
        math.log1p,
        lambda c, u: c.log1p(u),
        lambda u: 2 * cmath.atanh(u / (2 + u)),
        domain=lambda u: Less(Integer(-1), u),
        bounded=False,
    ),
    ElementwiseFunction(
        Expm1,
        lambda u: exp(u),
        math.expm1,
        lambda c, u: c.expm1(u),
        lambda u: 2 * cmath.exp(u / 2) * cmath.sinh(u / 2),
        bounded=False,
    ),
)

#: all functions by name
FUNCTIONS: dict[str, ElementwiseFunction] = {f.name: f for f in _TABLE}

#: what has a value for every real argument
EVERYWHERE = tuple(f.node for f in _TABLE if f.domain is None)
#: what may overflow or lack a value
UNBOUNDED = tuple(f.node for f in _TABLE if not f.bounded)


def outer_derivative(expr: Expr) -> Expr | None:
    """f′(u) for an expression f(u) of a named function; None for anything else."""
    found = FUNCTIONS.get(type(expr).__name__.lower())
    return found.derivative(expr.args[0]) if found and found.node is type(expr) else None


def _sign(u: Expr) -> Expr:
    negative = Choose(Less(u, Integer(0)), Integer(-1), Integer(0))
    return Choose(Less(Integer(0), u), Integer(1), negative)


#: what other names of the notation stand for; those with a kink are a choice, which states what
#: the derivative there is taken to be
ABBREVIATIONS: dict[str, Callable[[Expr], Expr]] = {
    "sqrt": lambda u: Pow(u, Rational(1, 2)),
    "abs": lambda u: Choose(AtMost(Integer(0), u), u, -u),
    "sign": _sign,
    "relu": lambda u: Choose(Less(Integer(0), u), u, Integer(0)),
}
