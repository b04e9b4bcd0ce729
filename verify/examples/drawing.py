"""Plain-text drawings: grids of cells, side by side, cut to a width and saying so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from verify.evaluation.arrays import Array
from verify.evaluation.polynomials import Monomial, Polynomial, Unknown

DOT = "·"
MARK = "■"
CUT = "…"
TALLEST = 16
WIDEST_CELL = 20
GAP = 4

Block = list[str]
Namer = Callable[[Unknown], str]


@dataclass(frozen=True)
class Names:
    """Short names such as k01 where every index is one digit, else k[0,11]."""

    shapes: dict[str, tuple[int, ...]]

    def __call__(self, unknown: Unknown) -> str:
        tensor, index = unknown
        if not index:
            return tensor
        if all(n <= 10 for n in self.shapes[tensor]) and not tensor[-1].isdigit():
            return tensor + "".join(map(str, index))
        return f"{tensor}[{','.join(map(str, index))}]"


def polynomial_text(polynomial: Polynomial, name: Namer) -> str:
    """``k01``, ``2·k01``, ``x00/4``, ``k00+k01``; a dot for zero."""
    text = ""
    for monomial, coefficient in sorted(polynomial.terms.items()):
        sign = "−" if coefficient < 0 else "+" if text else ""
        text += sign + _term(monomial, abs(coefficient), name)
    return text or DOT


def _term(monomial: Monomial, coefficient: Fraction, name: Namer) -> str:
    factors = [name(unknown) for unknown in monomial]
    if coefficient.numerator != 1 or not factors:
        factors.insert(0, str(coefficient.numerator))
    below = f"/{coefficient.denominator}" if coefficient.denominator != 1 else ""
    return DOT.join(factors) + below


def number_text(number: Any) -> str:
    """A rational with a true minus sign."""
    return str(number).replace("-", "−")


def slice_of(array: Array, head: Sequence[int] = ()) -> list[list[Any]]:
    """The rows of the last two axes, at the place ``head`` of the axes before (the first place)."""
    if not array.entries:
        return []
    columns = array.shape[-1] if array.shape else 1
    rows = array.shape[-2] if len(array.shape) > 1 else 1
    start = 0
    for i, n in zip(head, array.shape, strict=False):
        start = start * n + i
    start *= rows * columns
    return [
        list(array.entries[start + row * columns : start + (row + 1) * columns])
        for row in range(rows)
    ]


def slice_name(tensor: str, shape: Sequence[int], head: Sequence[int] = ()) -> str:
    """How a picture of a tensor is titled: which slice it shows, where it cannot show all."""
    hidden = shape[:-2]
    if all(n <= 1 for n in hidden):
        return tensor
    return f"{tensor}[{','.join(map(str, head or (0,) * len(hidden)))},{DOT},{DOT}]"


def grid(rows: Sequence[Sequence[str]], width: int) -> Block:
    """Cells in centred columns of one width, with an ellipsis where any are left out."""
    if not rows or not rows[0]:
        return ["(empty)"]
    cells = [[_shortened(cell) for cell in row] for row in rows]
    widths = [max(len(cell) for row in cells for cell in row)] * len(cells[0])
    shown = fitting(widths, width)
    lines = [
        " ".join(f"{cell:^{w}}" for cell, w in zip(row[:shown], widths, strict=False))
        for row in cells[:TALLEST]
    ]
    if shown < len(widths):
        lines = [f"{line} {CUT}" for line in lines]
    return lines + [CUT] * (len(cells) > TALLEST)


def _shortened(cell: str) -> str:
    return cell if len(cell) <= WIDEST_CELL else cell[: WIDEST_CELL - 1] + CUT


def fitting(widths: Sequence[int], width: int) -> int:
    """How many columns fit, each with a space before the next, leaving room for an ellipsis."""
    if sum(widths) + len(widths) - 1 <= width:
        return len(widths)
    used = 0
    for count, column in enumerate(widths):
        used += column + 1
        if used + 1 > width:
            return max(1, count)
    return len(widths)


def titled(title: str, block: Block) -> Block:
    """A block under its title."""
    return [title, *block]


def beside(blocks: Sequence[Block], width: int) -> Block:
    """Blocks next to one another as far as the width allows, then below."""
    lines: Block = []
    row: list[Block] = []
    for block in blocks:
        if row and sum(_width(b) + GAP for b in row) + _width(block) > width:
            lines += [*_joined(row), ""]
            row = []
        row.append(block)
    return lines + _joined(row)


def _joined(row: Sequence[Block]) -> Block:
    height = max((len(block) for block in row), default=0)
    padded = [
        [f"{line:<{_width(block)}}" for line in block + [""] * (height - len(block))]
        for block in row
    ]
    return [(" " * GAP).join(parts).rstrip() for parts in zip(*padded, strict=True)]


def _width(block: Block) -> int:
    return max(map(len, block), default=0)


def indented(block: Block, by: int = 2) -> Block:
    """The block moved to the right."""
    return [" " * by + line if line else line for line in block]


def table(
    corner: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]], width: int
) -> Block:
    """A matrix with labelled rows and columns, cut to the width; says how much of it is shown."""
    labels = max([len(corner), *(len(label) for label, _ in rows)])
    cells = [list(columns), *([_shortened(cell) for cell in row] for _, row in rows[:TALLEST])]
    widths = [max(len(line[column]) for line in cells) for column in range(len(columns))]
    shown = fitting(widths, width - labels - 2)
    more = f" {CUT}" if shown < len(columns) else ""
    lines = []
    for label, line in zip([corner, *(label for label, _ in rows)], cells, strict=False):
        parts = (f"{cell:^{w}}" for cell, w in zip(line[:shown], widths, strict=False))
        lines.append(f"{label:>{labels}}  {' '.join(parts)}{more}".rstrip())
    if more or len(rows) > TALLEST:
        lines.append(
            f"({len(rows)}×{len(columns)} in all: here the first "
            f"{min(len(rows), TALLEST)} rows and {shown} columns)"
        )
    return lines
