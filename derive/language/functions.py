"""The named elementwise functions and their derivatives."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr, cos, erf, exp, log, pi, sin, sqrt, tanh

from derive.language.terms import Sigmoid

#: f ↦ f′, both as functions of the argument
DERIVATIVES: dict[type[Expr], Callable[[Expr], Expr]] = {
    exp: lambda u: exp(u),
    log: lambda u: 1 / u,
    tanh: lambda u: 1 - tanh(u) ** 2,
    Sigmoid: lambda u: Sigmoid(u) * (1 - Sigmoid(u)),
    sin: lambda u: cos(u),
    cos: lambda u: -sin(u),
    erf: lambda u: 2 * exp(-(u**2)) / sqrt(pi),
}


def outer_derivative(expr: Expr) -> Expr | None:
    """f′(u) for an expression f(u) of a named function; None for anything else."""
    derivative = DERIVATIVES.get(type(expr))
    return None if derivative is None else derivative(expr.args[0])


#: the functions that have a value for every real argument
EVERYWHERE = (exp, tanh, Sigmoid, sin, cos, erf)
