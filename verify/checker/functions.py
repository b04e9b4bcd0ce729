"""What the checker knows of the elementwise functions, by itself: compared with nothing, copied
from nowhere.  A function that is missing here is one whose steps are not *checked*.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr, Pow, cos, erf, erfc, exp, log, pi, sin, tanh

from derive.language.terms import Expm1, Log1p, Sigmoid


def _bell(u: Expr) -> Expr:
    return 2 / pi ** Pow(2, -1) * exp(-(u**2))


#: f ↦ f′
OUTER: dict[type[Expr], Callable[[Expr], Expr]] = {
    exp: lambda u: exp(u),
    log: lambda u: Pow(u, -1),
    tanh: lambda u: 1 - tanh(u) ** 2,
    Sigmoid: lambda u: Sigmoid(u) - Sigmoid(u) ** 2,
    sin: lambda u: cos(u),
    cos: lambda u: -sin(u),
    erf: _bell,
    erfc: lambda u: -_bell(u),
    Log1p: lambda u: Pow(1 + u, -1),
    Expm1: lambda u: exp(u),
}

#: a value for every real argument
EVERYWHERE = tuple(f for f in OUTER if f not in (log, Log1p))
