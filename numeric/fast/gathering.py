"""Windows gathered into columns axis by axis (im2col), and the adjoint: columns added up."""

from __future__ import annotations

from collections.abc import Sequence

from numeric.fast.geometry import Array, memory


def unrolled(
    source: Array, axes: Sequence[Sequence[int]], target: Array, held: dict[str, Array]
) -> None:
    """target[…, t, i] = source[…, step·i + spread·t − lower], or zero outside, in every axis.

    ``axes`` holds (taps, outs, step, spread, lower) for each of the last axes of the source.  They
    are unrolled from the last to the first, so that all but the first pass copy long runs.
    """
    lead = source.ndim - len(axes)
    for k in reversed(range(len(axes))):
        taps, outs, step, spread, lower = axes[k]
        at = source.ndim - (len(axes) - k)
        shape = (*source.shape[:lead], taps, *source.shape[lead:at], outs, *source.shape[at + 1 :])
        made = target if k == 0 else memory(held, f"unrolled {k}", shape, source.dtype)
        before = (slice(None),) * at
        for t in range(taps):
            first, last = inside(source.shape[at], outs, step, spread * t - lower)
            piece = made[(slice(None),) * lead + (t,)]
            if first > 0:
                piece[(*before, slice(0, first))] = 0
            if last < outs:
                piece[(*before, slice(last, None))] = 0
            start = step * first + spread * t - lower
            read = slice(start, start + step * (last - first), step)
            if last > first:
                piece[(*before, slice(first, last))] = source[(*before, read)]
        source = made


def inside(size: int, count: int, step: int, shift: int) -> tuple[int, int]:
    """The range of i in 0 … count − 1 with 0 ≤ step·i + shift < size, step ≥ 1."""
    first = min(count, max(0, -(shift // step)))
    return first, max(first, min(count, -((shift - size) // step)))


def folded_back(
    source: Array, axes: Sequence[Sequence[int]], target: Array, held: dict[str, Array]
) -> None:
    """target[…, step·j − spread·t + lower] += source[…, t, j], what falls outside left out.

    ``axes`` holds (taps, outs, step, spread, lower) for each axis, ``outs`` being the length in the
    target.  They are folded from the first to the last, so that all but the last add long runs.
    """
    lead = source.ndim - 2 * len(axes)
    for k, (taps, outs, step, spread, lower) in enumerate(axes):
        at = source.ndim - (len(axes) - k) - 1
        shape = (*source.shape[:lead], *source.shape[lead + 1 : at + 1], outs)
        made = target
        if k < len(axes) - 1:
            shape = (*shape, *source.shape[at + 2 :])
            made = memory(held, f"folded {k}", shape, source.dtype)
            made[...] = 0
        before = (slice(None),) * at
        for t in range(taps):
            piece = source[(slice(None),) * lead + (t,)]
            first, last = inside(outs, piece.shape[at], step, lower - spread * t)
            start = step * first + lower - spread * t
            place = (*before, slice(start, start + step * (last - first), step))
            if last > first:
                made[place] += piece[(*before, slice(first, last))]
        source = made
