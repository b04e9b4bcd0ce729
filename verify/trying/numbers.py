"""Which numbers a layer computes with and how, and arrays of them: nothing is rounded where it need
not."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Add, Basic, Function, KroneckerDelta, Mul, NumberSymbol, Pow, Rational, Sum

from derive.language.definition import Layer
from derive.language.functions import FUNCTIONS
from derive.language.terms import (
    MINUS_INFINITY,
    Choose,
    Condition,
    Entry,
    MaxOver,
    RealParameter,
    entries,
    subterms,
)
from verify.evaluation.arrays import Array

INTEGERS, RATIONALS, REALS = "integers", "rationals", "reals"

#: floats agree if they differ by at most so many units in the last place of the largest entry:
#: enough for fast algorithms that add and subtract on the way (Winograd, Fourier), far too little
#: for a wrong term
UNITS = 2**14
EPS = float(np.finfo(np.float64).eps)

#: the words for arithmetic without rounding
EXACTLY = {
    INTEGERS: "on integers, exactly",
    RATIONALS: "on fractions, exactly except where the code makes floats of them",
}


@lru_cache(maxsize=256)
def numbers_of(layer: Layer) -> str:
    """The least numbers that contain all values of the layer, where its inputs are integers."""
    nodes = [node for e in layer.equations for node in subterms(e.explicit)]
    if any(_real(node) for node in nodes):
        return REALS
    return RATIONALS if any(_rational(node) for node in nodes) else INTEGERS


def _real(node: Basic) -> bool:
    """exp, log, roots, π; a power that is no number may be a root."""
    if isinstance(node, Pow):
        return not node.exp.is_integer
    named = isinstance(node, Function) and not isinstance(node, Entry | KroneckerDelta)
    return named or isinstance(node, NumberSymbol)


def _rational(node: Basic) -> bool:
    if isinstance(node, Pow):
        return not (node.exp.is_Integer and node.exp >= 0)
    fraction = isinstance(node, Rational) and not node.is_Integer
    return fraction or isinstance(node, RealParameter) or node == MINUS_INFINITY


@lru_cache(maxsize=256)
def has_domain(layer: Layer) -> bool:
    """Whether the layer has a value only for some numbers: logarithms, and roots."""
    partial = tuple(f.node for f in FUNCTIONS.values() if f.domain is not None)
    return any(
        isinstance(node, partial) or (isinstance(node, Pow) and not node.exp.is_integer)
        for e in layer.equations
        for node in subterms(e.explicit)
    )


@lru_cache(maxsize=256)
def chooses(layer: Layer) -> bool:
    """Whether the layer compares values of its tensors: a maximum, or a choice by a sign."""
    return any(
        isinstance(node, MaxOver) or (isinstance(node, Condition) and _compares(layer, node))
        for e in layer.equations
        for node in subterms(e.explicit)
    )


def _compares(layer: Layer, condition: Condition) -> bool:
    tensors = (layer.tensor(e.tensor) for e in entries(condition))
    return any(t is None or not t.integer for t in tensors)


@lru_cache(maxsize=256)
def affine_in(layer: Layer, tensor: str) -> bool:
    """Whether every output is an affine function of the tensor while the others stay fixed."""
    degrees: dict[str, float] = {tensor: 1}
    for equation in layer.ordered:
        degrees[equation.name] = _degree(equation.explicit, degrees)
    return all(degrees[e.name] <= 1 for e in layer.outputs)


def _degree(expr: Any, degrees: dict[str, float]) -> float:
    """The degree as a polynomial in what ``degrees`` names; infinite where it may be none."""
    if not any(degrees.get(e.tensor, 0) for e in entries(expr)):
        return 0
    if isinstance(expr, Entry):
        return degrees[expr.tensor] if degrees.get(expr.tensor) else inf
    if isinstance(expr, Add):
        return max(_degree(a, degrees) for a in expr.args)
    if isinstance(expr, Mul):
        return sum(_degree(a, degrees) for a in expr.args)
    if isinstance(expr, Sum):
        moving = any(_degree(limit, degrees) for limit in expr.args[1:])
        return inf if moving else _degree(expr.args[0], degrees)
    if isinstance(expr, Pow) and expr.exp.is_Integer and expr.exp > 0:
        return _degree(expr.base, degrees) * int(expr.exp)
    if isinstance(expr, Choose):
        condition, yes, no = expr.args
        if _degree(condition, degrees) == 0:
            return max(_degree(yes, degrees), _degree(no, degrees))
    return inf


def exact_array(array: Array, numbers: str) -> NDArray[Any]:
    """int64 for integers, Python's fractions for rationals, float64 for reals."""
    if numbers != RATIONALS:
        return numpy_array(array, np.int64 if numbers == INTEGERS else np.float64)
    made = np.empty(len(array.entries), object)
    made[:] = [Fraction(e) for e in array.entries]
    return made.reshape(array.shape)


def numpy_array(array: Array, dtype: Any) -> NDArray[Any]:
    """The array in the machine's integers or floats."""
    number = int if np.dtype(dtype).kind == "i" else float
    return np.array([number(e) for e in array.entries], dtype).reshape(array.shape)


def scale_of(array: NDArray[Any] | Array) -> float:
    """One more than the largest entry."""
    entries = array.entries if isinstance(array, Array) else array.ravel().tolist()
    return 1 + max((abs(float(v)) for v in entries), default=0.0)


def tolerance(dtype: Any, scale: float) -> float:
    """How far off a float may be whose array has entries up to the scale."""
    return UNITS * float(np.finfo(dtype).eps) * scale
