"""What a network sees in an image: what its layers make of it, and what its answer hangs on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from numeric.data.sets import Array
from numeric.networks import INPUT, Branches, Network


@dataclass(frozen=True)
class Maps:
    """The output [C, H, W] of a layer for one image."""

    name: str
    values: Array


def feature_maps(network: Network, image: Array) -> Iterator[Maps]:
    """The outputs of all layers with maps for image[1, C, H, W], in evaluation."""
    parts = [p for p in network.parts if isinstance(p, Branches) or p.evaluated is not None]
    x = image
    for part, link in zip(parts, network.evaluation.links, strict=True):
        x = link.forward(x, network.arrays)
        if x.ndim == 4:
            yield Maps(part.name, x[0])


def saliency(network: Network, images: Array, classes: Array) -> Array:
    """The gradient [N, C, H, W] of each image's logit for its class [N] by the image.

    In evaluation; the largest magnitudes are where the answer hangs on the image most.
    Source: Simonyan, Vedaldi & Zisserman, Deep inside convolutional networks (2014).
    """
    still = network.frozen()
    flow = still.flow(images)
    g = np.zeros_like(flow.output)
    g[np.arange(len(images)), classes] = 1
    found: Array = still.backward(g, flow, [INPUT])[INPUT]
    return found


def kernels(network: Network) -> Iterator[tuple[str, Array]]:
    """The kernels [O, C, K1, K2] of all layers that have such, by the layers' names."""
    for stage in network.stages:
        for tensor in stage.learnt:
            found = network.parameters[stage.full(tensor)]
            if found.ndim == 4:
                yield stage.name, found
