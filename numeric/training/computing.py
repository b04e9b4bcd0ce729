"""What computes the layers of a network: the target of each, and its algorithms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from numeric.networks import Network
from numeric.networks.description import Shape
from numeric.networks.flowing import Chain, Fork, Link


def computed(network: Network, batch: int) -> list[dict[str, Any]]:
    """For so many images: name, target, and, of correlations, the templates by function."""
    return [_of(link, batch, network) for link in _links(network.training)]


def _links(chain: Chain) -> Iterator[Link]:
    for link in chain.links:
        if isinstance(link, Fork):
            for path in link.paths:
                yield from _links(path)
            yield from link.joints
        else:
            yield link


def _of(link: Link, batch: int, network: Network) -> dict[str, Any]:
    stage = link.stage
    shapes = {**stage.shapes, **stage.buffer_shapes}
    given = {tensor: _hollow(shapes[tensor], network) for tensor in link.others}
    given |= {link.entering: _hollow((batch, *stage.input[1:]), network)}
    batches = {*stage.drawn, *stage.joined}
    for tensor in batches & {t.name for t in link.layer.tensors}:
        given[tensor] = _hollow((batch, *shapes[tensor][1:]), network)
    g = _hollow((batch, *stage.output[1:]), network)
    kernel = link.kernel.computing(**given)
    found = {"layer": stage.name, "target": kernel.target}
    algorithms = kernel.algorithms(g, **given)
    return {**found, "algorithms": algorithms} if algorithms else found


def _hollow(shape: Shape, network: Network) -> Any:
    """An array of that shape without memory of its own."""
    return np.broadcast_to(np.zeros((), network.dtype), shape)
