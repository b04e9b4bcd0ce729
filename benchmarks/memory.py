"""Peak memory of training steps: what ``derive summary`` says, and what NumPy asks for.

    python -m benchmarks.memory

Measured is what ``tracemalloc`` sees of one step, after two others, with what was there before:
parameters, the optimiser's memory, and the batch.
"""

from __future__ import annotations

import tracemalloc

import numpy as np

from numeric.data import DataSet
from numeric.initialisations import initial
from numeric.networks import Classifier, Network, nodes
from numeric.optimisers import Optimiser
from numeric.presets import PRESETS
from numeric.summary.memory import step

Case = tuple[str, tuple[int, ...], int]

CASES: list[Case] = [
    ("lenet", (1, 8, 8), 32),
    ("lenet", (1, 28, 28), 64),
    ("vgg-small", (3, 32, 32), 32),
    ("vgg-small", (3, 32, 32), 128),
    ("resnet-small", (3, 32, 32), 64),
    ("resnet-small", (3, 32, 32), 128),
    ("alexnet-small", (3, 32, 32), 64),
]


def compared(word: str, image: tuple[int, ...], batch: int) -> tuple[int, int]:
    """The bytes of a step on one thread, measured and told."""
    made, rng = nodes(PRESETS.get(word).layers(10)), np.random.default_rng(0)
    network = Network(made, image, initial(made, image, rng), None, "fast", 1)
    classifier, optimiser = Classifier(network), Optimiser("nesterov", set(network.parameters))
    images = rng.standard_normal((batch, *image)).astype(np.float32)
    data = DataSet(images, rng.integers(0, 10, batch), tuple("0123456789"))

    def once() -> None:
        found = classifier.judged(data, drawn=network.draw(rng, batch))
        optimiser.step(network.parameters, found.gradients, 0.01)
        network.follow(found.flow)

    once()
    once()
    tracemalloc.start()
    once()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    before = [*network.arrays.values(), *optimiser.arrays.values(), images]
    return peak + sum(a.nbytes for a in before), step(network.parts, image, batch).peak


def main() -> None:
    """A line a case."""
    for word, image, batch in CASES:
        measured, told = compared(word, image, batch)
        size = "×".join(map(str, image))
        print(
            f"{word:14} {size:8} {batch:4} images: measured {measured / 1e6:7.2f} MB,"
            f" told {told / 1e6:7.2f} MB, {told / measured:.2f}"
        )


if __name__ == "__main__":
    main()
