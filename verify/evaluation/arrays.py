"""Tensors of exact numbers: a shape and the entries in row-major order, nothing more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any


@dataclass(frozen=True)
class Array:
    """A tensor's values; the entries may be any kind of number.  A scalar has the shape ``()``."""

    shape: tuple[int, ...]
    entries: tuple[Any, ...]

    def __post_init__(self) -> None:
        if any(n < 0 for n in self.shape) or len(self.entries) != prod(self.shape):
            raise ValueError(f"{len(self.entries)} entries do not fill the shape {self.shape}")

    @classmethod
    def of(cls, nested: Any) -> Array:
        """From nested sequences, or from a single number.  An empty one is taken for rank 1."""
        if isinstance(nested, Array):
            return nested
        if not isinstance(nested, Sequence):
            return cls((), (nested,))
        parts = [cls.of(part) for part in nested]
        if not parts:
            return cls((0,), ())
        if any(part.shape != parts[0].shape for part in parts):
            raise ValueError("the rows of a tensor must have the same shape")
        entries = tuple(e for part in parts for e in part.entries)
        return cls((len(parts), *parts[0].shape), entries)

    @classmethod
    def build(cls, shape: Sequence[int], value: Callable[..., Any]) -> Array:
        """The array whose entry at each index is ``value(*index)``."""
        return cls(tuple(shape), tuple(value(*index) for index in indices_of(shape)))

    def __getitem__(self, index: int | tuple[int, ...]) -> Any:
        index = index if isinstance(index, tuple) else (index,)
        if len(index) != len(self.shape):
            raise IndexError(f"{len(index)} indices for a tensor of shape {self.shape}")
        offset = 0
        for i, n in zip(index, self.shape, strict=True):
            if not 0 <= i < n:
                raise IndexError(f"index {index} is outside the shape {self.shape}")
            offset = offset * n + i
        return self.entries[offset]

    def map(self, function: Callable[[Any], Any]) -> Array:
        """The array with a function applied to every entry."""
        return Array(self.shape, tuple(function(e) for e in self.entries))

    def nested(self) -> Any:
        """The entries as nested tuples; the entry itself for a scalar."""
        if not self.shape:
            return self.entries[0]
        rows = self.shape[0]
        step = len(self.entries) // rows if rows else 0
        parts = (self.entries[row * step : (row + 1) * step] for row in range(rows))
        return tuple(Array(self.shape[1:], part).nested() for part in parts)


def indices_of(shape: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All indices of a tensor of that shape, in row-major order."""
    return product(*(range(n) for n in shape))


def inner(a: Array, b: Array) -> Any:
    """⟨a, b⟩, the sum of the products of corresponding entries."""
    if a.shape != b.shape:
        raise ValueError(f"shapes {a.shape} and {b.shape} differ")
    return sum((u * v for u, v in zip(a.entries, b.entries, strict=True)), start=0)


def arrays(values: Mapping[str, Any]) -> dict[str, Array]:
    """Every value as an array, nested sequences and single numbers included."""
    return {name: Array.of(value) for name, value in values.items()}
