"""What modules of the target compiled call: the compiler, and loops in shares.

Only Numba, NumPy and the standard library may be used here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from itertools import pairwise
from typing import Any

import numba
import numpy as np
from numba import types
from numba.extending import overload, register_jitable

from numeric.templates.sharing import together
from numeric.templates.storing import stored

#: sums may be added up in any order; NaN and infinities keep their meaning
ALLOWED = {"reassoc", "contract"}
#: the kinds of numbers, and how many bytes they have, that loops are compiled for
KINDS = {"f": (4, 8), "i": (1, 2, 4, 8), "u": (1, 2, 4, 8)}

#: a place in an array: never negative, so that nothing is looked for from the end
index = np.uint64


@cache
def compiled(loops: Callable[..., Any]) -> Any:
    """The loops as machine code, made for the types of each first call or found on disk."""
    made = numba.njit(nogil=True, error_model="numpy", fastmath=ALLOWED)(loops)
    kept = stored(loops)
    if kept is None:
        return made
    return found_or_made(
        numba.njit(nogil=True, error_model="numpy", fastmath=ALLOWED, cache=True)(kept), made
    )


def found_or_made(kept: Any, made: Any) -> Callable[..., None]:
    """Loops kept on disk, or those that are not where the disk is full or cannot be read."""

    def run(*given: Any) -> None:
        try:
            kept(*given)
        except OSError:
            made(*given)

    return run


def is_compiled(value: Any) -> bool:
    """Whether machine code takes an array or number; exact numbers of Python's are left to it."""
    if type(value) is int:
        return abs(value) < 2**63
    dtype = value.dtype if type(value) is np.ndarray else np.asarray(value).dtype
    if dtype.kind == "c":
        raise ValueError(f"compiled loops compute with real numbers, not with {dtype}")
    return dtype.itemsize in KINDS.get(dtype.kind, ())


def in_shares(threads: int | None, count: int, loops: Any, *given: Any) -> None:
    """The loops over 0 … count − 1, a contiguous share for each thread."""
    run_in_shares(
        threads, count, compiled(loops) if all(map(is_compiled, given)) else loops, *given
    )


def run_in_shares(threads: int | None, count: int, loops: Any, *given: Any) -> None:
    """The same for loops as they are to be run."""
    number = max(1, min(threads or 1, count))
    if number == 1:
        loops(0, count, *given)
        return
    bounds = [count * k // number for k in range(number + 1)]
    together([partial(loops, lo, hi, *given) for lo, hi in pairwise(bounds)])


@register_jitable(forceinline=True)
def scalar_maximum(a: Any, b: Any) -> Any:
    """The larger one; NaN if one is."""
    return a if a > b or a != a else b


@register_jitable(forceinline=True)
def scalar_minimum(a: Any, b: Any) -> Any:
    """The smaller one; NaN if one is."""
    return a if a < b or a != a else b


@register_jitable(forceinline=True)
def divides(divisor: Any, number: Any) -> Any:
    """Whether the divisor divides the number; zero divides only zero."""
    return number == 0 if divisor == 0 else number % divisor == 0


def in_machine_code(single: Any, double: Any, other: Any = None) -> Callable[[Any], Any]:
    """What a compiler takes in place of a function: of single and double precision, of others."""

    def register(function: Any) -> Any:
        overload(function, jit_options={"forceinline": True})(
            lambda u: {types.float32: single, types.float64: double}.get(u, other)
        )
        return function

    return register
