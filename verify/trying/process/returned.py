"""What was returned, opened up: arrays, by key or by position."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: arrays with more entries are not sent on
_LARGEST = 10_000_000


class Unreadable(ValueError):
    """What was returned is no array, and no dictionary, tuple or list of arrays."""


@dataclass(frozen=True)
class Returned:
    """The arrays as they were returned, and copies that later calls cannot reach.

    ``structure`` is "mapping", "sequence", "array" or "nothing"; the last arrays are those that
    an object has ``kept``, by name.
    """

    structure: str
    keys: list[str]
    arrays: list[NDArray[Any]]
    kept: list[str] = field(default_factory=list)
    copies: list[NDArray[Any]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "copies", [a.copy() for a in self.arrays])

    @property
    def changed(self) -> bool:
        """Whether an array is no longer what it was when it was returned."""
        pairs = zip(self.arrays, self.copies, strict=True)
        return any(not np.array_equal(a, b, equal_nan=a.dtype.kind in "fc") for a, b in pairs)

    @property
    def plain(self) -> list[NDArray[Any]]:
        """The arrays as numbers of the machine; ``Unreadable`` where there are others."""
        return [_plain(a) for a in self.arrays]


NOTHING = Returned("nothing", [], [])


def opened(value: Any, request: Mapping[str, Any], kept: Mapping[str, NDArray[Any]]) -> Returned:
    """What was returned, where so many tensors are ``wanted``, and the gradients ``kept``.

    A list stands for one array where one tensor is wanted, else for one array a tensor.
    """
    names, more = list(kept), [_array(a, f" for {n!r}") for n, a in kept.items()]
    if value is None and kept:
        return Returned("nothing", [], more, names)
    if value is None:
        raise Unreadable("it returned None: is a `return` missing?")
    if request["loss"]:
        value = _without_loss(value, request["wanted"])
    if isinstance(value, tuple | list) and request["skipped"]:
        value = tuple(v for i, v in enumerate(value) if i not in request["skipped"])
    if isinstance(value, Mapping):
        keys = [str(key) for key in value]
        arrays = [_array(v, f" for {k!r}") for k, v in value.items()]
        return Returned("mapping", keys, arrays + more, names)
    several = isinstance(value, tuple | list) and request["wanted"] > 1
    if several or (isinstance(value, tuple) and len(value) == 1 and np.ndim(value[0]) > 0):
        arrays = [_array(v, f" at place {i}") for i, v in enumerate(value)]
        return Returned("sequence", [], arrays + more, names)
    return Returned("array", [], [_array(value, ""), *more], names)


def _without_loss(value: Any, wanted: int) -> Any:
    """The gradients out of ``(loss, dx)``, ``(loss, dx, dw)`` and ``(loss, gradients)``."""
    if not isinstance(value, tuple | list) or len(value) < 2 or isinstance(value[0], Mapping):
        return value
    loss, *rest = value
    if np.ndim(loss) or not isinstance(loss, int | float | np.number | np.ndarray):
        return value
    arrays = isinstance(rest[0], list) and all(isinstance(a, np.ndarray) for a in rest[0])
    if len(rest) == 1 and arrays:
        return tuple(rest[0])
    if len(rest) == 1 and (wanted == 1 or isinstance(rest[0], Mapping | tuple | list)):
        return rest[0]
    return tuple(rest) if len(rest) == wanted else value


def _array(value: Any, where: str) -> NDArray[Any]:
    if value is None:
        raise Unreadable(f"it returned None{where}")
    try:
        array = np.asarray(value)
    except Exception as error:
        raise Unreadable(f"it returned what is no array{where}: {error}") from None
    if array.dtype.kind == "O" and array.ndim == 0:
        raise Unreadable(f"it returned what is no array{where}: {type(value).__name__}")
    if array.size > _LARGEST:
        raise Unreadable(f"it returned an array of the shape {array.shape}{where}: far too large")
    if array.dtype.kind not in "biufcO":
        raise Unreadable(f"it returned an array of {array.dtype} instead of numbers{where}")
    return array


def _plain(array: NDArray[Any]) -> NDArray[Any]:
    """Python's own integers and fractions as floats; anything else as it is."""
    if array.dtype.kind != "O":
        return array
    if not all(isinstance(e, int | float | Fraction | np.number) for e in array.flat):
        raise Unreadable("it returned an array of Python objects that are no numbers")
    return array.astype(np.float64)
