"""Memory for results: the caller's arrays, and memory that is used again from step to step."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

Array = np.ndarray[tuple[int, ...], np.dtype[Any]]

#: the bytes of an array that an arena keeps: smaller ones come from memory that was used
#: just before, and is still in the cache
LEAST = 1 << 21


class Arena:
    """Gives arrays to kernels in the order in which they ask, and the same memory again after
    ``reset``.

    ``kernel.forward(x=x, arena=arena)``: large results, what is kept and arrays between statements
    lie in the arena, so their memory is not taken from the system and given back with each call.
    An array stays as it is until ``reset``; what is needed longer has to be copied before.  One
    arena is for one thread at a time.  Targets that place no arrays ignore it.  ``least`` are the
    bytes of an array that is large.
    """

    def __init__(self, least: int = LEAST) -> None:
        self._least = least
        self._slots: list[Array] = []
        self._next = 0

    def reset(self) -> None:
        """From here on all memory may be written to: nothing that was given is needed any more."""
        self._next = 0

    def empty(self, name: str, shape: Sequence[int], dtype: Any) -> Array:
        """An array whose entries are anything."""
        kind = np.dtype(dtype)
        size = math.prod(shape) * kind.itemsize
        if size < self._least or kind.hasobject:
            return np.empty(shape, kind)
        if self._next == len(self._slots):
            self._slots.append(np.empty(size, np.uint8))
        slot = self._slots[self._next]
        if slot.size < size:
            slot = self._slots[self._next] = np.empty(size, np.uint8)
        self._next += 1
        made: Array = slot[:size].view(kind).reshape(shape)
        return made

    @property
    def nbytes(self) -> int:
        """The bytes that the arena holds."""
        return sum(slot.size for slot in self._slots)


class Given:
    """The caller's arrays by name, where a kernel asks for one of that shape and type.

    What it asks for besides comes from the arena, if there is one.
    """

    def __init__(self, arrays: Mapping[str, Array], arena: Arena | None) -> None:
        self._arrays = arrays
        self._arena = arena

    def empty(self, name: str, shape: Sequence[int], dtype: Any) -> Array:
        """An array whose entries are anything."""
        found = self._arrays.get(name)
        if found is not None and found.shape == tuple(shape) and found.dtype == dtype:
            return found
        return (
            np.empty(shape, dtype) if self._arena is None else self._arena.empty(name, shape, dtype)
        )


def fit_to_fill(arrays: Mapping[str, Any], inputs: Iterable[Any]) -> dict[str, Array]:
    """Those of the caller's arrays that may be filled while the inputs are read."""
    read = [array for array in inputs if isinstance(array, np.ndarray)]
    return {
        name: array
        for name, array in arrays.items()
        if array.flags.c_contiguous and not any(np.may_share_memory(array, a) for a in read)
    }


def filled(name: str, target: Any, made: Any) -> Any:
    """The caller's array with a result in it; ``ValueError`` says why it cannot be there."""
    if not isinstance(target, np.ndarray) or target.shape != np.shape(made):
        given = getattr(target, "shape", type(target).__name__)
        raise ValueError(
            f"out for {name}: expected an array of shape {np.shape(made)}, given {given}"
        )
    if target.dtype != made.dtype:
        raise ValueError(f"out for {name}: expected dtype {made.dtype}, given {target.dtype}")
    if target is not made:
        np.copyto(target, made)
    return target
