"""A chain of layers is a layer: one text, or layers one after the other, made into one.

calls      the text, read by a grammar of its own       applying   its names and options looked up
sizes      axes made as long as what they are given      naming     tensors told apart
renaming   terms under their names in the whole          joining    the layer of all equations
refusing   what is said where layers do not fit          parts      a part as a layer again
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derive.language.definition import Layer


def composed(text: str, layers: Mapping[str, Layer]) -> Layer:
    """The layer of a text such as ``relu(conv(x, k; stride=2))``; ``layers`` are known by name.

    Raises ``derive.language.notation.NotationError``, which shows where and why.
    """
    from derive.composition.applying import applications  # local: start-up time
    from derive.composition.calls import read
    from derive.composition.joining import joined

    return joined(applications(read(text), layers), text)


def chained(layers: Sequence[Layer]) -> Layer:
    """Layers one after the other: each takes the output of the one before as its first tensor."""
    from derive.composition.applying import chain  # local: start-up time
    from derive.composition.joining import joined

    return joined(chain(layers), "")
