"""Output formats: one module a format, discovered.

Each module has a function ``render(chapters) -> str``, which makes text of the blocks of
``derive.presentation.blocks``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from derive.plugins import Plugins
from derive.presentation.blocks import Chapter


class Format(Protocol):
    """A module of this package."""

    def render(self, chapters: Sequence[Chapter]) -> str: ...


FORMATS: Plugins[Format] = Plugins(__name__, Format, "format")


def render(chapters: Sequence[Chapter], format: str) -> str:
    """The chapters in the format of that name; ``ValueError`` lists the formats there are."""
    return FORMATS.get(format).render(chapters)
