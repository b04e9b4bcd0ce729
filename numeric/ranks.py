"""Entrywise layers on arrays of any rank: their entries, viewed in the rank that the code has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Any

from derive.language.definition import Layer
from numeric.emission.dialect import Dialect


@dataclass(frozen=True)
class View:
    """All axes in an ``order``, of the lengths ``between`` then, and ``inner`` for the code."""

    order: tuple[int, ...]
    between: tuple[int, ...]
    inner: tuple[int, ...]

    def into(self, array: Any, dialect: Dialect) -> Any:
        """An array of the caller's for the code: a view where memory allows."""
        return dialect.rearranged(array, self.order, self.inner)

    def back(self, array: Any, dialect: Dialect) -> Any:
        """What the code made, in the caller's shape."""
        split = dialect.rearranged(array, range(len(self.inner)), self.between)
        back = sorted(range(len(self.order)), key=lambda axis: self.order[axis])
        return dialect.rearranged(split, back, [self.between[axis] for axis in back])


def view(layer: Layer, given: Mapping[str, Any], dialect: Dialect) -> View | None:
    """How the arrays given to an entrywise layer are viewed, or None where they stay as they are.

    ``ValueError`` names an array with another shape than the rest.
    """
    rank = len(layer.shape(layer.tensors[0].name))
    shapes = {name: dialect.shape(array) for name, array in given.items()}
    found = [shape for shape in shapes.values() if shape is not None]
    if len(found) < len(shapes) or all(len(shape) == rank for shape in found):
        return None
    # a tensor of the rank that is written is taken to be right, and g to be wrong
    first = min(shapes, key=lambda n: (len(shapes[n] or ()) != rank, layer.tensor(n) is None))
    wanted = shapes[first]
    for name, shape in shapes.items():
        if shape != wanted:
            raise ValueError(f"{name}: expected shape {wanted}, that of {first}, given {shape}")
    strides = (tuple(dialect.strides(array)) for array in given.values())
    return _view(found[0], tuple(strides), rank)


@lru_cache(maxsize=128)
def _view(shape: tuple[int, ...], strides: tuple[tuple[int, ...], ...], rank: int) -> View:
    """Axes that follow one another in the memory of all arrays become one; if they are still too
    many, the first of them, too, by copying.
    """
    order = tuple(sorted(range(len(shape)), key=lambda axis: -abs(strides[0][axis])))
    merged: list[list[int]] = []
    for axis in (axis for axis in order if shape[axis] != 1):
        if merged and all(s[merged[-1][-1]] == shape[axis] * s[axis] for s in strides):
            merged[-1].append(axis)
        else:
            merged.append([axis])
    lengths = [prod(shape[axis] for axis in axes) for axes in merged]
    extra = max(len(lengths) - rank, 0)
    inner = (prod(lengths[: extra + 1]), *lengths[extra + 1 :])
    between = tuple(shape[axis] for axis in order)
    return View(order, between, (*[1] * (rank - len(inner)), *inner))
