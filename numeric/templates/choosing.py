"""One of two values, entry by entry, without a branch, which processors guess wrong.

Floats are chosen by their bit patterns, which integers hold and multiply by 0 or 1: so ∞ and NaN
are values like others, and what is not chosen leaves no trace.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[tuple[int, ...], np.dtype[Any]]


#: floats, and integers of their size
BITS = {np.dtype(real): np.dtype(bits) for real, bits in (("f4", "i4"), ("f8", "i8"))}

#: the bit of the sign in integers of that size
SIGN = {np.dtype("i4"): -(1 << 31), np.dtype("i8"): -(1 << 63)}


def only_where(test: Any, value: Any, out: Any = None) -> Any:
    """The value where the test holds, else 0; ``out`` is none of the two."""
    bits = pattern(value)
    if bits is None:
        return into(out, np.where(test, value, 0))
    if out is None:
        made = as_factor(test, bits)
        return np.multiply(made, bits, out=written_to(made, bits)).view(value.dtype)
    made = out.view(bits.dtype)
    np.copyto(made, test)
    np.multiply(made, bits, out=made)
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
    made = as_factor(test, bits)
    bits = np.multiply(bits, made, out=written_to(made, bits))
    if out is None:
        return np.bitwise_xor(bits, second).view(dtype)
    np.bitwise_xor(bits, second, out=out.view(bits.dtype))
    return out


def one_of(test: Any, yes: Any, no: Any, dtype: np.dtype[Any], out: Any = None) -> Any:
    """One of two numbers, in that type: a rate for every entry."""
    if dtype not in BITS:
        return into(out, np.where(test, yes, no).astype(dtype))
    first, second = (np.asarray(value, dtype).view(BITS[dtype])[()] for value in (yes, no))
    made = np.asarray(test).astype(first.dtype) if out is None else out.view(first.dtype)
    if out is not None:
        np.copyto(made, test)
    np.multiply(made, first ^ second, out=made)
    np.bitwise_xor(made, second, out=made)
    return made.view(dtype)


def as_factor(test: Any, bits: Array) -> Array:
    """1 where the test holds, else 0, as integers of this type: a product need not cast it."""
    return np.asarray(test).astype(bits.dtype)


def written_to(made: Array, bits: Array) -> Array | None:
    """The array that a product of both can be written to: the first, if it has every entry."""
    return made if made.ndim >= bits.ndim and np.broadcast(made, bits).shape == made.shape else None


def pattern(value: Any) -> Any:
    """The bit patterns of floats of four or eight bytes as integers; None for anything else."""
    bits = BITS.get(value.dtype) if isinstance(value, np.ndarray) else None
    return None if bits is None else value.view(bits)


def sigmoid(u: Any, out: Any = None) -> Any:
    """1/(1 + e⁻ᵘ); where e⁻ᵘ is too large for its type, 0 is as near as a normal number can be.

    Complex u are compared by their real parts.
    """
    if np.iscomplexobj(u):
        small = np.exp(-np.where(u >= 0, u, -u))
        return into(out, np.where(u >= 0, 1, small) / (1 + small))
    made = np.negative(as_float(u), out=out)
    with np.errstate(over="ignore"):
        made = np.exp(made, out=out_of(made))
    made += 1
    return np.divide(1, made, out=out_of(made))


def as_float(u: Any) -> Any:
    """Real numbers as floats."""
    return u if np.asarray(u).dtype.kind == "f" else np.asarray(u, float)


def out_of(made: Any) -> Any:
    """Where a result may take the place of what it is computed from; not of a number."""
    return made if isinstance(made, np.ndarray) else None


def decay(u: Any, out: Any = None) -> Array:
    """e^−∣u∣: the sign of a float is one bit."""
    size = np.asarray(as_float(u))
    made = np.empty_like(size) if out is None else out
    bits = BITS.get(size.dtype)
    if bits is None:
        np.negative(np.abs(size, out=made), out=made)
    else:
        np.bitwise_or(size.view(bits), SIGN[bits], out=made.view(bits))
    np.exp(made, out=made)
    return made


def sigmoid_slope(u: Any, out: Any = None) -> Any:
    """σ(u)·σ(−u), the rate of σ, of numbers of either sign."""
    if np.iscomplexobj(u):
        return into(out, sigmoid(u) * sigmoid(-u))
    small = decay(u, out)
    below = 1 + small
    below *= below
    return np.divide(small, below, out=small)
