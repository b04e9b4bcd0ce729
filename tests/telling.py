"""What is told, as text."""

from __future__ import annotations

from derive.presentation.blocks import Chapter, Told
from derive.presentation.formats.text import WIDTH, render


def text(told: Told, width: int = WIDTH) -> str:
    """One thing told, in lines of at most so many columns."""
    return render([Chapter("", (told,))], width)
