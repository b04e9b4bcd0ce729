"""One of two values, entry by entry, without a branch, which processors guess wrong.

Floats are chosen by their bit patterns, which integers hold and multiply by 0 or 1: so ∞ and NaN
are values like others, and what is not chosen leaves no trace.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[tuple[int, ...], np.dtype[Any]]


#: floats, and integers of their size
BITS = {np.dtype(np.float32): np.dtype(np.int32), np.dtype(np.float64): np.dtype(np.int64)}


def only_where(test: Any, value: Any, out: Any = None) -> Any:
    """The value where the test holds, else 0."""
    bits = pattern(value)
    if bits is None:
        return into(out, np.where(test, value, 0))
    if out is None:
        return np.multiply(bits, test, dtype=bits.dtype).view(value.dtype)
    np.multiply(bits, test, out=out.view(bits.dtype))
    return out


def into(out: Any, value: Any) -> Any:
    """The value, in ``out`` if there is such an array."""
    if out is None:
        return value
    out[...] = value
    return out


def either(test: Any, yes: Any, no: Any, out: Any = None) -> Any:
    """One value where the test holds, else the other one."""
    kinds = {v.dtype for v in (yes, no) if isinstance(v, np.ndarray | np.generic)}
    if len(kinds) != 1 or not kinds <= BITS.keys():
        return into(out, np.where(test, yes, no))
    dtype = kinds.pop()
    first, second = (pattern(np.asarray(value, dtype)) for value in (yes, no))
    bits = np.bitwise_xor(first, second)
    bits = np.multiply(bits, test, dtype=bits.dtype)
    if out is None:
        return np.bitwise_xor(bits, second).view(dtype)
    np.bitwise_xor(bits, second, out=out.view(bits.dtype))
    return out


def pattern(value: Any) -> Any:
    """The bit patterns of floats of four or eight bytes as integers; None for anything else."""
    bits = BITS.get(value.dtype) if isinstance(value, np.ndarray) else None
    return None if bits is None else value.view(bits)


def sigmoid(u: Any) -> Any:
    """1/(1 + e⁻ᵘ) without overflow: e^−∣u∣ above where u < 0, else 1.  Complex u are compared by
    their real parts.
    """
    if np.iscomplexobj(u):
        small = np.exp(-np.where(u >= 0, u, -u))
        return np.where(u >= 0, 1, small) / (1 + small)
    small = decay(u)
    above = np.maximum(small, np.greater_equal(u, 0))
    small += 1
    return np.divide(above, small, out=small)


def decay(u: Any) -> Array:
    """e^−∣u∣."""
    size = np.asarray(u) if np.asarray(u).dtype.kind == "f" else np.asarray(u, float)
    made: Array = np.abs(size, out=np.empty_like(size))
    np.negative(made, out=made)
    return np.exp(made, out=made)


def sigmoid_slope(u: Any) -> Any:
    """σ(u)·σ(−u), the rate of σ, of numbers of either sign."""
    if np.iscomplexobj(u):
        return sigmoid(u) * sigmoid(-u)
    small = decay(u)
    below = 1 + small
    below *= below
    return np.divide(small, below, out=small)
