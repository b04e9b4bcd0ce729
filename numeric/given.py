"""A layer that is given tensors beside its own: upstream gradients, what forward has kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from derive.language.definition import Layer, Tensor
from derive.language.terms import ZERO, Greatest, Same, symbols_of


def with_tensors(layer: Layer, tensors: Iterable[Tensor]) -> Layer:
    """The layer with more tensors.  Sizes that they tell are no longer worked out, but required."""
    more = tuple(tensors)
    told = {s for t in more for a in t.axes for s in symbols_of(a.size)}
    stated = [Same(s, Greatest(ZERO, n)) for s, n in layer.definitions if s in told]
    return replace(
        layer,
        tensors=(*layer.tensors, *more),
        requirements=(*layer.requirements, *stated),
        definitions=tuple((s, n) for s, n in layer.definitions if s not in told),
    )
