"""Network architectures: one module a preset, discovered.

Each module has ``SUMMARY``, its one-line description; ``layers(classes)``: a list from the image to
the logits, of lines of the network notation, layers, and joined paths
(``numeric.networks.description``); ``recipe(shape, images)``: what differs from the usual recipe
(``numeric.training.recipe``) for so many images of that shape; and ``INPUT``, the shape of an image
that ``derive summary`` assumes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from derive.plugins import Plugins


class Preset(Protocol):
    """A module of this package."""

    SUMMARY: str
    INPUT: tuple[int, int, int]

    def layers(self, classes: int) -> Sequence[Any]: ...

    def recipe(self, shape: tuple[int, ...], images: int) -> Mapping[str, Any]: ...


class Hyphened(Plugins[Preset]):
    """Entries whose names have hyphens where their modules have underscores: vgg-small."""

    def names(self) -> list[str]:
        return sorted(name.replace("_", "-") for name in super().names() if name[0] != "_")

    def module_of(self, name: str) -> str:
        return name.replace("-", "_")


PRESETS = Hyphened(__name__, Preset, "preset")
