"""What experiments have in common where they are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from derive.presentation.blocks import Block, Chapter, Drawing, Grid, written
from numeric.experiments.grid import Interrupted
from verify.verdict import INTERRUPTED


def grid(rows: Mapping[str, Sequence[str]], columns: Sequence[str], corner: str = "") -> Block:
    """Figures under the names of columns, each row with its name."""
    cells = tuple(tuple(row) for row in rows.values())
    return Drawing((Grid(cells, "", tuple(rows), tuple(columns), corner or " "),))


def unfinished(kind: str, error: Interrupted) -> list[Chapter]:
    """What is told of an experiment that Ctrl-C ended."""
    told = f"{error}; what is done is kept: to go on, give the same command again\n"
    return [written(kind, told, status=INTERRUPTED)]
