"""Network architectures: one module a preset, discovered.

Each module has ``SUMMARY``, its one-line description, and a function
``layers(classes) -> [(layer, sizes its input leaves open)]``, from the image to the logits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from derive.plugins import Plugins

if TYPE_CHECKING:
    from derive.language.definition import Layer


class Preset(Protocol):
    """A module of this package."""

    SUMMARY: str

    def layers(self, classes: int) -> Sequence[tuple[Layer, Mapping[str, int]]]: ...


PRESETS: Plugins[Preset] = Plugins(__name__, Preset, "preset")
