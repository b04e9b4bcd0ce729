"""Pictures of experiments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from numeric.experiments.comparing import Table
from numeric.figures import axes, png
from numeric.training import files

SIZE = (9.0, 3.6)


def compared(table: Table, measures: Mapping[str, str]) -> Any:
    """Validation accuracy by epoch, and each measure by variant: means, and deviations as bars."""
    figure, (left, right) = axes(1, 2, SIZE)
    for name, rows in table.items():
        if all("validation" in row for row in rows):
            curves = 100 * np.array([row["validation"] for row in rows])
            banded(left, range(1, curves.shape[1] + 1), curves, name)
    left.set(xlabel="epoch", ylabel="validation accuracy, %", title="while training")
    left.legend(fontsize=8)
    width = 0.8 / len(measures)
    for at, (measure, heading) in enumerate(measures.items()):
        values = [100 * np.array([row[measure] for row in rows]) for rows in table.values()]
        places = np.arange(len(values)) + (at - (len(measures) - 1) / 2) * width
        means = [value.mean() for value in values]
        errors = [value.std(ddof=1) if len(value) > 1 else 0 for value in values]
        right.bar(places, means, 0.9 * width, yerr=errors, label=heading, capsize=2)
    right.set_xticks(range(len(table)), list(table))
    right.set(ylabel="points", title="at the end: mean and standard deviation")
    right.legend(fontsize=8)
    right.margins(y=0.3)
    return figure


def banded(axis: Any, places: Sequence[float], curves: Any, label: str, **more: Any) -> None:
    """The mean of curves [seeds, places], in a band of one standard deviation."""
    mean = curves.mean(0)
    (line,) = axis.plot(places, mean, label=label, **more)
    if axis.get_xscale() == "linear":
        axis.xaxis.get_major_locator().set_params(integer=True)
    if len(curves) > 1:
        spread = curves.std(0, ddof=1)
        axis.fill_between(places, mean - spread, mean + spread, color=line.get_color(), alpha=0.2)


def written(path: Path, figure: Any) -> None:
    """The figure as a PNG file."""
    files.written(path, png(figure))


def boxed(axis: Any, box: Any, label: str, **more: Any) -> None:
    """A box with its middle, height and width, in pixels: row, column."""
    row, column, height, width = box
    rows = np.array([-1, -1, 1, 1, -1]) * height / 2 + row - 0.5
    columns = np.array([-1, 1, 1, -1, -1]) * width / 2 + column - 0.5
    axis.plot(columns, rows, label=label, **more)
