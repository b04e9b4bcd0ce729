"""Typical mistakes in layers, one family a module, discovered.

Each module has ``PRIORITY`` (smaller is suspected first) and ``mistakes(layer, tensor)``, which
yields the layers whose gradient by the tensor somebody gets who makes a mistake, with words for it.
Formulas and code alike are held against them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from derive.language.definition import Layer
from derive.plugins import Plugins
from verify.mistakes.mistake import Mistake


class Family(Protocol):
    """A module of this package: the smallest ``PRIORITY`` is suspected first."""

    PRIORITY: int

    def mistakes(self, layer: Layer, tensor: str) -> Iterator[Mistake]: ...


FAMILIES: Plugins[Family] = Plugins(__name__, Family, "family of mistakes")


def mistakes(layer: Layer, tensor: str) -> Iterator[Mistake]:
    """All layers that some typical mistake leads to, each once, the likeliest first."""
    seen = {(layer, "")}
    for family in FAMILIES.all():
        for mistake in family.mistakes(layer, tensor):
            if (mistake.layer, mistake.gradient) not in seen:
                seen.add((mistake.layer, mistake.gradient))
                yield mistake
