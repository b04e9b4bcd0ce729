"""Networks: layers of the notation put together, with their parameters.

description  the text of a network, a line a layer: what is stored, and what all else is made of
modes        layers that work differently in training: batch-norm, dropout; one file a catalog word
stages       the layers with their shapes, checked before the first step
flowing      forward and backward through generated kernels
network      ``Network``: parameters, buffers, masks; ``read`` makes one of a text and arrays
classifier   a network judged by cross-entropy

::

    made = nodes(["conv(kernel_size=3) O=8", "relu", residual("batchnorm", "relu"), "flatten",
                  "linear O=10"])
    network = Network(made, (1, 8, 8), initial(made, (1, 8, 8), rng))
    network.text             # 'input 1x8x8\\nconv(kernel_size=3) O=8\\nrelu\\nadd:\\n    path: …
    flow = network.flow(images, network.draw(rng, len(images)))     # as in training
    gradients = network.backward(g, flow)                           # {"conv1.k": …}
    network.follow(flow)                                            # running statistics
    logits = network.forward(images)                                # as in evaluation
    read(network.text, network.arrays)                              # the same network
"""

from __future__ import annotations

from numeric.networks.classifier import Classifier, Judged
from numeric.networks.description import branches, nodes, parsed, residual
from numeric.networks.flowing import Flow
from numeric.networks.network import INPUT, Network, Parameters, read
from numeric.networks.stages import Branches, Stage

__all__ = [
    "INPUT",
    "Branches",
    "Classifier",
    "Flow",
    "Judged",
    "Network",
    "Parameters",
    "Stage",
    "branches",
    "nodes",
    "parsed",
    "read",
    "residual",
]
