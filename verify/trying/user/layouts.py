"""Axes in another order: channels last (NHWC), kernels with the filters last (HWIO)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from derive.language.definition import Layer
from verify.trying.process.process import CannotRun

T = TypeVar("T")
#: the letters of spatial axes, by how many there are
_SPATIAL = {1: ("W", "L", "T"), 2: ("HW",), 3: ("DHW",)}


def laid(items: Sequence[T], axes: Sequence[int]) -> tuple[T, ...]:
    """The items, one an axis, in the order of the axes; no axes: as they are."""
    return tuple(items[a] for a in axes) if axes else tuple(items)


def orders(layer: Layer, upstream: Mapping[str, str], layout: str) -> dict[str, tuple[int, ...]]:
    """For each array that has another order, the layer's axes in that order.

    ``layout`` is a word for data, such as NHWC, and perhaps one for kernels, such as HWIO, with a
    comma between.  Data has the axes of batch and channels first in the layer, as has the output.
    """
    found: dict[str, tuple[int, ...]] = {}
    outputs = {g: y for y, g in upstream.items()}
    batch = layer.shape(next(iter(upstream)))[:1]
    arrays = [*(t.name for t in layer.tensors), *(e.name for e in layer.equations), *outputs]
    for word in layout.upper().split(","):
        data = "N" in word
        fitting = [
            a
            for a in arrays
            if len(shape := layer.shape(outputs.get(a, a))) == len(word) > 2
            and (shape[:1] == batch) == data
        ]
        for name in fitting:
            own = _letters(layer, outputs.get(name, name), word, data, next(iter(upstream)))
            found[name] = tuple(own.index(letter) for letter in word)
        if not fitting:
            raise CannotRun(
                f"no {'tensor' if data else 'kernel'} of the layer has the axes of {word}: a layout"
                " is a word such as NHWC for data, or two such as NHWC,HWIO for data and kernels"
            )
    return found


def _letters(layer: Layer, name: str, word: str, data: bool, output: str) -> str:
    """The letters of a tensor's axes in the layer's own order."""
    first = "NC"
    if not data:
        filters = layer.shape(output)[1:2]
        first = "OI" if layer.shape(name)[:1] == filters else "IO"
    for spatial in _SPATIAL.get(len(word) - 2, ()):
        if sorted(word) == sorted(first + spatial):
            return first + spatial
    raise CannotRun(
        f"{word} is no layout of {name}: its letters are N, C (data) or O, I (kernels), and"
        f" {' or '.join(_SPATIAL.get(len(word) - 2, ('D, H, W',)))}"
    )
