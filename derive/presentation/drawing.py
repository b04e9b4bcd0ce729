"""Grids of cells in plain text, side by side, cut to a width and saying so."""

from __future__ import annotations

from collections.abc import Sequence

from derive.presentation.blocks import Drawing, Grid

CUT = "…"
TALLEST = 16
WIDEST_CELL = 20
GAP = 4


def drawn(drawing: Drawing, width: int) -> list[str]:
    """The grids next to one another as far as the width allows, then below."""
    return beside([grid(g, width) for g in drawing.grids], width)


def grid(shown: Grid, width: int) -> list[str]:
    """A grid under its title: a matrix where rows and columns have names, else a picture."""
    drawn = _matrix(shown, width) if shown.columns else _picture(shown, width)
    return [shown.title, *drawn] if shown.title else drawn


def _picture(shown: Grid, width: int) -> list[str]:
    """Cells in centred columns of one width, with an ellipsis where any are left out."""
    if not shown.cells or not shown.cells[0]:
        return ["(empty)"]
    cells = [[shortened(cell) for cell in row] for row in shown.cells]
    widths = [max(len(cell) for row in cells for cell in row)] * len(cells[0])
    count = fitting(widths, width)
    lines = [_centred(row[:count], widths) for row in cells[:TALLEST]]
    if count < len(widths):
        lines = [f"{line} {CUT}" for line in lines]
    return lines + [CUT] * (len(cells) > TALLEST)


def _matrix(shown: Grid, width: int) -> list[str]:
    """Cells with the names of rows and columns; says how much of it is shown."""
    labels = [shown.corner, *shown.rows[:TALLEST]]
    cells = [shown.columns, *([shortened(cell) for cell in row] for row in shown.cells[:TALLEST])]
    left = max(map(len, (shown.corner, *shown.rows)))
    gap = "  " if shown.corner else " "
    widths = [max(len(line[column]) for line in cells) for column in range(len(shown.columns))]
    count = fitting(widths, width - left - len(gap))
    more = f" {CUT}" if count < len(widths) else ""
    lines = [
        f"{label:>{left}}{gap}{_centred(line[:count], widths)}{more}".rstrip()
        for label, line in zip(labels, cells, strict=True)
    ]
    if more or len(shown.rows) > TALLEST:
        height = min(len(shown.rows), TALLEST)
        whole = f"{len(shown.rows)}×{len(widths)} in all"
        lines.append(f"({whole}: here the first {height} rows and {count} columns)")
    return lines


def _centred(row: Sequence[str], widths: Sequence[int]) -> str:
    return " ".join(f"{cell:^{w}}" for cell, w in zip(row, widths, strict=False))


def shortened(cell: str) -> str:
    """The cell, or as much of it as has room."""
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


def beside(blocks: Sequence[list[str]], width: int) -> list[str]:
    """Blocks of lines next to one another as far as the width allows, then below."""
    lines: list[str] = []
    row: list[list[str]] = []
    for block in blocks:
        if row and sum(_width(b) + GAP for b in row) + _width(block) > width:
            lines += [*_joined(row), ""]
            row = []
        row.append(block)
    return lines + _joined(row)


def _joined(row: Sequence[list[str]]) -> list[str]:
    height = max((len(block) for block in row), default=0)
    padded = [
        [f"{line:<{_width(block)}}" for line in block + [""] * (height - len(block))]
        for block in row
    ]
    return [(" " * GAP).join(parts).rstrip() for parts in zip(*padded, strict=True)]


def _width(block: list[str]) -> int:
    return max(map(len, block), default=0)
