"""Which numbers a layer computes with, and arrays of them: nothing is rounded where it need not."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Basic, Function, KroneckerDelta, NumberSymbol, Pow, Rational

from derive.language.definition import Layer
from derive.language.terms import (
    MINUS_INFINITY,
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
