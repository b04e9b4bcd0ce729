"""Network architectures: one module a preset, discovered.

Each module has ``SUMMARY``, its one-line description, and a function ``layers(classes)``: a list
from the image to the logits, of lines of the network notation, layers, and joined paths
(``numeric.networks.description``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from derive.plugins import Plugins


class Preset(Protocol):
    """A module of this package."""

    SUMMARY: str

    def layers(self, classes: int) -> Sequence[Any]: ...


PRESETS: Plugins[Preset] = Plugins(__name__, Preset, "preset")
