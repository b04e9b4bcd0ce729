"""Small networks in double precision: one with everything in it, and one without batch-norm."""

from __future__ import annotations

import numpy as np

from numeric.initialisations import initial
from numeric.networks import Network, branches, nodes, residual

SHAPE = (2, 6, 5)
CLASSES = 3


def network(*layers: object, shape: tuple[int, ...] = SHAPE, seed: int = 0) -> Network:
    """Random parameters, biases too, since a kink at 0 is where they begin."""
    made, rng = nodes(layers), np.random.default_rng(seed)
    parameters = initial(made, shape, rng, dtype=np.float64)
    for array in parameters.values():
        array += 0.1 * rng.standard_normal(array.shape)
    return Network(made, shape, parameters)


def everything(shape: tuple[int, ...] = SHAPE) -> Network:
    """Residual and concatenated paths, norms, masks, a frozen layer and one in index notation."""
    pool = "maxpool(kernel_size=2)"
    return network(
        "conv(kernel_size=3, padding=1) O=4",
        residual("batchnorm", "relu", "conv(kernel_size=3, padding=1) O=4"),
        branches("concat", [pool], ["avgpool(kernel_size=2)"], [pool, "tanh"]),
        "dropout(p=0.25)",
        "flatten",
        "still = linear frozen O=6",
        "scaled:\n    scaled(x[N, I], a[I]): y[n, i] = a[i]*tanh(x[n, i])",
        f"linear O={CLASSES}",
        shape=shape,
    )  # fmt: skip


def plain(shape: tuple[int, ...] = SHAPE) -> Network:
    """Nothing in it depends on the other images of a batch."""
    return network(
        "conv(kernel_size=3, padding=1) O=4",
        residual("relu", "conv(kernel_size=3, padding=1) O=4"),
        "maxpool(kernel_size=2)",
        "flatten",
        "linear O=8",
        "relu",
        f"linear O={CLASSES}",
        shape=shape,
    )


def batch(size: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((size, *SHAPE)), rng.integers(0, CLASSES, size)
