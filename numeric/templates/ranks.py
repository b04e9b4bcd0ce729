"""Ranks: integers in the order of real numbers, NaN above all.

A compiler compares several integers at once, several real numbers only where none is NaN.  Only
Numba, NumPy and the standard library may be used here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.extending import overload, register_jitable

from numeric.templates.compiling import in_machine_code


@register_jitable(forceinline=True)
def unranked(u: Any) -> Any:
    """The number as it is."""
    return u


@register_jitable(forceinline=True)
def single_rank(u: Any) -> Any:
    """The bits, those after the sign turned where it is negative."""
    bits = np.int32(0x7FFFFFFF) if u != u else np.float32(u).view(np.int32)
    return np.int32(bits ^ (np.int32(bits >> 31) & np.int32(0x7FFFFFFF)))


@register_jitable(forceinline=True)
def double_rank(u: Any) -> Any:
    """The bits, those after the sign turned where it is negative."""
    bits = np.int64(0x7FFFFFFFFFFFFFFF) if u != u else np.float64(u).view(np.int64)
    return np.int64(bits ^ ((bits >> 63) & np.int64(0x7FFFFFFFFFFFFFFF)))


@register_jitable(forceinline=True)
def single_of(rank: Any, like: Any) -> Any:
    """The number of a rank."""
    return np.int32(rank ^ (np.int32(rank >> 31) & np.int32(0x7FFFFFFF))).view(np.float32)


@register_jitable(forceinline=True)
def double_of(rank: Any, like: Any) -> Any:
    """The number of a rank."""
    return np.int64(rank ^ ((rank >> 63) & np.int64(0x7FFFFFFFFFFFFFFF))).view(np.float64)


@register_jitable(forceinline=True)
def rank_of(rank: Any, like: Any) -> Any:
    """The rank itself, which was a number."""
    return rank


def by_rank(function: Any) -> Any:
    """What a compiler takes in place of ``value_of``."""
    overload(function, jit_options={"forceinline": True})(
        lambda rank, like: {
            (types.int32, types.float32): single_of,
            (types.int64, types.float64): double_of,
        }.get((rank, like), rank_of)
    )
    return function


@in_machine_code(single_rank, double_rank, unranked)
def ranked(u: Any) -> Any:
    """The rank of a number."""
    return u


@by_rank
def value_of(rank: Any, like: Any) -> Any:
    """The number of a rank, of the same type as another one."""
    return rank
