"""How receptive fields grow with depth, as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numeric import figures
from numeric.summary.fields import Field
from numeric.summary.table import Summary
from numeric.training import files


def drawn(found: Summary, path: Path) -> None:
    """Write the picture; ``ValueError`` where images have no two axes to draw."""
    if len(found.image) != 3:
        raise ValueError("receptive fields are drawn for images: channels, height, width")
    files.written(path, figures.png(growth(found)))


def growth(found: Summary) -> Any:
    """The fields of the layers that widen them: on the image, and their height by depth."""
    from matplotlib import colormaps  # local: start-up time

    figure, (left, right) = figures.axes(1, 2, (10, 4.6))
    widening = list(_widening(found))
    colours = colormaps["viridis"]
    _, height, width = found.image
    left.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5), aspect="equal")
    left.set_title(f"what the unit in the middle sees of {height}×{width} pixels")
    names, heights = [], []
    for number, (name, field) in enumerate(widening):
        colour = colours(number / max(1, len(widening) - 1))
        left.add_patch(_frame(field, colour))
        right.plot([number], [field.size[0]], "o", color=colour)
        names.append(name)
        heights.append(field.size[0])
    right.plot(range(len(names)), heights, color="lightgrey", zorder=0)
    right.axhline(height, color="black", linewidth=0.8, linestyle="--")
    right.annotate("the image", (0, height), (0, 3), textcoords="offset points", fontsize=8)
    right.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    right.set(ylabel="height of the field, pixels", title=f"{found.title}: growth with depth")
    return figure


def _widening(found: Summary) -> Any:
    """The layers whose fields are larger than all before them."""
    largest = 0
    for row in found.rows:
        if row.field is not None and row.field.size[0] > largest:
            largest = row.field.size[0]
            yield row.name, row.field


def _frame(field: Field, colour: Any) -> Any:
    from matplotlib.patches import Rectangle  # local: start-up time

    (top, bottom), (first, last) = field.seen
    corner = (first - 0.5, top - 0.5)
    sides = (last - first + 1, bottom - top + 1)
    return Rectangle(corner, *sides, fill=False, edgecolor=colour, linewidth=1.5)
