"""Layers that work differently while they are trained: one module a catalog word, discovered.

Each module has ``BUFFERS``, the tensors that follow the batches, with their first values;
``DRAWN``, the tensors that are drawn for each batch; and three functions:

``evaluated(options)``        the layer's options in evaluation; None where it does nothing then
``draw(rng, layer, shape)``   what is drawn for a batch that flows in in that shape, by name
``follow(buffers, x, kept)``  the buffers after a batch ``x``, of which forward kept ``kept``
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from derive.plugins import Plugins

if TYPE_CHECKING:
    import numpy as np

    from derive.language.definition import Layer

Arrays = Mapping[str, Any]


class Mode(Protocol):
    """A module of this package."""

    BUFFERS: Mapping[str, float]
    DRAWN: tuple[str, ...]

    def evaluated(self, options: Mapping[str, Any]) -> dict[str, Any] | None: ...

    def draw(
        self, rng: np.random.Generator, layer: Layer, shape: tuple[int, ...]
    ) -> dict[str, Any]: ...

    def follow(self, buffers: Arrays, x: Any, kept: Arrays) -> dict[str, Any]: ...


MODES: Plugins[Mode] = Plugins(__name__, Mode, "mode")
