"""How arrays may lie in memory, and what code does to what it is given.

This module is loaded by the process of a user's code, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class MemoryLayout:
    """One way to lie in memory: ``made`` of an array, as is the Python text ``text`` of ``a``.

    ``asked`` is what is expected of code, ``words`` are put before what goes wrong.
    """

    text: str
    made: Callable[[NDArray[Any]], NDArray[Any]]
    asked: str = ""
    words: str = ""


def _protected(a: NDArray[Any]) -> NDArray[Any]:
    made = a.copy()
    made.setflags(write=False)
    return made


def _columns_first(a: NDArray[Any]) -> NDArray[Any]:
    return np.array(a, order="F")


def _with_gaps(a: NDArray[Any]) -> NDArray[Any]:
    return np.repeat(a, 2, axis=-1)[..., ::2] if a.ndim else a


def _backwards(a: NDArray[Any]) -> NDArray[Any]:
    return np.flip(np.flip(a).copy()) if a.ndim else a


def _right(text: str, made: Callable[[NDArray[Any]], NDArray[Any]], words: str) -> MemoryLayout:
    return MemoryLayout(text, made, f"right for arrays {words}", f"for arrays {words}")


@dataclass(frozen=True)
class Touched:
    """The names of given arrays that were changed, and of those whose memory a result uses."""

    modified: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()


def touched(
    given: Mapping[str, NDArray[Any]],
    before: Mapping[str, NDArray[Any]],
    results: Iterable[NDArray[Any]],
) -> Touched:
    """What a call did to its arrays; ``before`` are copies of them."""
    made = list(results)
    return Touched(
        tuple(name for name, a in given.items() if _differ(a, before[name])),
        tuple(name for name, a in given.items() if any(np.may_share_memory(a, r) for r in made)),
    )


def _differ(a: NDArray[Any], b: NDArray[Any]) -> bool:
    if a.shape != b.shape or a.dtype != b.dtype:
        return True
    return bool(a.tolist() != b.tolist()) if a.dtype == object else a.tobytes() != b.tobytes()


ROWS_FIRST = "rows first"
LAYOUTS = {
    ROWS_FIRST: MemoryLayout("a.copy()", np.copy),
    "read-only": MemoryLayout(
        "np.broadcast_to(a, a.shape)", _protected, "read-only arrays are taken", "read-only arrays"
    ),
    "columns first": _right(
        'np.array(a, order="F")',
        _columns_first,
        "whose columns come first in memory (Fortran order)",
    ),
    "with gaps": _right(
        "np.repeat(a, 2, axis=-1)[..., ::2] if a.ndim else a",
        _with_gaps,
        "with gaps in memory, such as a[..., ::2]",
    ),
    "backwards": _right(
        "np.flip(np.flip(a).copy()) if a.ndim else a",
        _backwards,
        "that run backwards in memory, such as a[::-1]",
    ),
}
