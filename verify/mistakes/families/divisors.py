"""Means over windows that are divided by another number of entries than the right one."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Mul, Pow

from derive.language.definition import Layer
from derive.language.integers import affine, extreme, mentions, quotient
from derive.language.printing import expression_text
from derive.language.substitution import substituted
from derive.language.terms import ZERO, Entry, FloorDiv, Index, Range, entries, indices_in, total
from verify.mistakes.mistake import Mistake, replaced, with_body
from verify.mistakes.parts import Summed, dependent, summed

PRIORITY = 25

KERNEL = "the size of the kernel, wherever it lies"
IMAGE = "how many of its entries are inside the image"
PADDED = "how many of its entries are inside the image and its padding"
FLOOR, CEILING = "the rounded down mean length", "the rounded up mean length"


def mistakes(layer: Layer, tensor: str) -> Iterator[Mistake]:
    """Every other count than the definition's, the same along all axes."""
    for equation in dependent(layer, tensor).values():
        found = summed(equation)
        windows = [] if found is None else _windows(layer, found)
        if found is None or not windows:
            continue
        for kind in windows[0]:
            divisor = Mul(*(lengths[kind] for lengths in windows))
            read = next(f for f in found.factors if entries(f))
            body = total(Mul(read, Pow(divisor, -1)), found.ranges)
            words = f"each window is divided by {kind}: {expression_text(divisor)}"
            yield Mistake(words, replaced(layer, with_body(equation, body)))


def _windows(layer: Layer, found: Summed) -> list[dict[str, Expr]]:
    """The lengths of a window along each of its axes, by what is counted."""
    reads = [f for f in found.factors if entries(f)]
    divided = any(isinstance(f, Pow) or f.is_number for f in found.factors)
    if not divided or len(reads) != 1 or not isinstance(reads[0], Entry):
        return []
    sizes = layer.shape(reads[0].tensor)
    windows = [_lengths(reads[0], window, sizes) for window in found.ranges]
    alike = all(w.keys() == windows[0].keys() for w in windows)
    return windows if alike and windows[0] else []


def _lengths(read: Entry, window: Range, sizes: tuple[Expr, ...]) -> dict[str, Expr]:
    """Those of a window that slides, or of one that has a share of the image."""
    inner, low, high = window
    for coordinate, size in zip(read.indices, sizes, strict=True):
        parts = affine(coordinate, inner) if mentions(coordinate, inner) else None
        if parts is None or parts[0] != 1:
            continue
        start = parts[1]
        outer = [i for i in indices_in(start) if isinstance(i, Index)]
        if low == 0 and len(outer) == 1:
            padding = -substituted(start, {outer[0]: ZERO})
            ends = (
                extreme("min", [start + high, size]),
                extreme("min", [start + high, size + padding]),
            )
            return {
                KERNEL: high,
                IMAGE: ends[0] - extreme("max", [start, ZERO]),
                PADDED: ends[1] - start,
            }
        if isinstance(low, FloorDiv) and start == 0:
            count = low.args[1]
            return {FLOOR: quotient(size, count), CEILING: quotient(size + count - 1, count)}
    return {}
