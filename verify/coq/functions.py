"""What certificates assume of elementary functions: the rate of change of each.

A fourth table beside those of the engine, the oracle and the checker: each line is printed as a
premise of the theorem, at the arguments that occur, so that it is read rather than trusted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Basic, Integer, cos, exp, log, sin, tanh

from derive.language.terms import Expm1, Log1p, Sigmoid
from verify.coq.trees import (
    Applied,
    Inverse,
    Minus,
    Plus,
    Raised,
    Reciprocal,
    Rooted,
    Times,
    Tree,
    Whole,
)

ONE = Whole(Integer(1))


@dataclass(frozen=True)
class CoqFunction:
    """A function by its constructor in the library, its rate at ``u``, and the law in words."""

    name: str
    rate: Callable[[Tree], Tree]
    law: str


def _one_less(value: Tree) -> Tree:
    return Plus(ONE, Minus(value))


FUNCTIONS: dict[type[Basic], CoqFunction] = {
    exp: CoqFunction("Exp", lambda u: Applied("Exp", u), "exp'(u) = exp(u)"),
    log: CoqFunction("Log", Reciprocal, "log'(u) = 1/u"),
    tanh: CoqFunction(
        "Tanh",
        lambda u: _one_less(Times(Applied("Tanh", u), Applied("Tanh", u))),
        "tanh'(u) = 1 − tanh(u)²",
    ),
    Sigmoid: CoqFunction(
        "Sigmoid",
        lambda u: Times(Applied("Sigmoid", u), _one_less(Applied("Sigmoid", u))),
        "sigmoid'(u) = sigmoid(u)·(1 − sigmoid(u))",
    ),
    sin: CoqFunction("Sin", lambda u: Applied("Cos", u), "sin'(u) = cos(u)"),
    cos: CoqFunction("Cos", lambda u: Minus(Applied("Sin", u)), "cos'(u) = −sin(u)"),
    Log1p: CoqFunction("Log1p", lambda u: Reciprocal(Plus(u, ONE)), "log1p'(u) = 1/(u + 1)"),
    Expm1: CoqFunction("Expm1", lambda u: Applied("Exp", u), "expm1'(u) = exp(u)"),
}

#: the same by their names in the library
BY_NAME = {f.name: f for f in FUNCTIONS.values()}


def rate_of(tree: Applied | Reciprocal | Rooted | Raised) -> Tree:
    """The rate of change of a value by its argument, as the library states it or a premise does."""
    match tree:
        case Applied(function, body):
            return BY_NAME[function].rate(body)
        case Reciprocal():
            return Minus(Times(tree, tree))
        case Rooted():
            return Times(Inverse(Integer(2)), Reciprocal(tree))
        case Raised(body, exponent):
            return Times(Times(exponent, tree), Reciprocal(body))
