"""Figures as PNG, made by matplotlib without a screen."""

from __future__ import annotations

import io
from typing import Any


def axes(rows: int, columns: int, size: tuple[float, float], **more: Any) -> tuple[Any, Any]:
    """A figure of that size in inches, and its axes: [rows, columns], or fewer dimensions."""
    from matplotlib.figure import Figure  # local: start-up time

    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.subplots(rows, columns, **more)


def png(figure: Any) -> bytes:
    """The figure as a file's bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=120)
    return buffer.getvalue()
