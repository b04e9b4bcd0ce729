"""How arrays may lie in memory; the values are the same.  This module is loaded on both sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Layout:
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


def _right(text: str, made: Callable[[NDArray[Any]], NDArray[Any]], words: str) -> Layout:
    return Layout(text, made, f"right for arrays {words}", f"for arrays {words}")


ROWS_FIRST = "rows first"
LAYOUTS = {
    ROWS_FIRST: Layout("a.copy()", np.copy),
    "read-only": Layout(
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
