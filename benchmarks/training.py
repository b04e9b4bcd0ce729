"""Training steps of networks beside PyTorch's, and the loop of ``derive train`` beside bare steps.

Run: python -m benchmarks.training [--threads 1,2] [--targets fast,chosen] [--batch 64]

A step is the loss, the gradients of all parameters, and gradient descent with momentum.  Both sides
start from the same weights and run in short turns, as in ``benchmarks.conv``; the first losses are
compared.  ``chosen`` is what ``derive train`` does without ``--target``: by shape the faster one.

The last table is an epoch of ``derive train`` (preparation of images, changes at random, streams,
means, progress) beside its bare steps on batches that are ready, in turns as well.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from benchmarks.conv import alternately
from benchmarks.layers import quartile
from numeric.data import DataSet, Partition, Preprocessing
from numeric.initialisations import initial
from numeric.networks import Classifier, Network, nodes
from numeric.optimisers import Optimiser
from numeric.presets import PRESETS
from numeric.training.loop import epochs
from numeric.training.preparing import optimiser_of
from numeric.training.recipe import Recipe
from numeric.training.state import Training

SHAPE, RATE = (1, 28, 28), 0.01
OPTIMISER = "sgd(momentum=0.9)"
CLASSES = tuple("0123456789")


def vgg() -> list[str]:
    """A small VGG: 32, 32 | 64, 64 | 128."""
    found = []
    for channels in (32, 64):
        found += [f"conv(kernel_size=3, padding=1) O={channels}", "relu"] * 2
        found += ["maxpool(kernel_size=2)"]
    return [*found, "flatten", "linear O=128", "relu", "linear O=10"]


NETWORKS: dict[str, Callable[[], Any]] = {
    "LeNet 6-16-120-84": lambda: PRESETS.get("lenet").layers(10),
    "VGG 32,32 | 64,64 | 128": vgg,
    "vgg-small, batch-norm": lambda: PRESETS.get("vgg-small").layers(10),
    "resnet-small": lambda: PRESETS.get("resnet-small").layers(10),
}


@dataclass
class Ours:
    """A network and a batch."""

    network: Network
    batch: DataSet

    def __post_init__(self) -> None:
        self.classifier = Classifier(self.network)
        self.optimiser = Optimiser(OPTIMISER, ())
        self.rng = np.random.default_rng(0)

    def step(self) -> float:
        drawn = self.network.draw(self.rng, len(self.batch))
        found = self.classifier.judged(self.batch, drawn=drawn)
        self.optimiser.step(self.network.parameters, found.gradients, RATE)
        self.network.follow(found.flow)
        return found.loss


def setting(name: str, target: str, threads: int, batch: int) -> Ours:
    """A network with weights after He, and random images."""
    made, rng = nodes(NETWORKS[name]()), np.random.default_rng(0)
    weights = initial(made, SHAPE, rng)
    chosen = None if target == "chosen" else target
    network = Network(made, SHAPE, weights, None, chosen, threads)
    images = rng.standard_normal((batch, *SHAPE)).astype(np.float32)
    return Ours(network, DataSet(images, rng.integers(0, 10, batch), CLASSES))


def theirs(ours: Ours) -> Callable[[], float]:
    """The same in PyTorch: modules put together as the network's text says."""
    import torch

    model = in_pytorch(ours.network)
    optimiser = torch.optim.SGD(model.parameters(), RATE, 0.9)
    images, labels = torch.from_numpy(ours.batch.images), torch.from_numpy(ours.batch.labels)

    def step() -> float:
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimiser.step()
        return float(loss.detach())

    return step


def in_pytorch(network: Network) -> Any:
    """A network of PyTorch's own modules with copies of these parameters."""
    import torch

    from numeric.networks.stages import Branches, Part, Stage

    def module(part: Part) -> Any:
        if isinstance(part, Branches):
            return Added([torch.nn.Sequential(*map(module, path)) for path in part.paths])
        made = MODULES[part.layer.name](part)
        own = {t: torch.from_numpy(network.parameters[part.full(t)].copy()) for t in part.learnt}
        with torch.no_grad():
            for name, value in own.items():
                getattr(made, "bias" if name == "b" else "weight").copy_(value)
        return made

    class Added(torch.nn.Module):
        def __init__(self, paths: list[Any]) -> None:
            super().__init__()
            self.paths = torch.nn.ModuleList(paths)

        def forward(self, x: Any) -> Any:
            first, *others = (path(x) for path in self.paths)
            return sum(others, first)

    nn = torch.nn

    def conv(stage: Stage) -> Any:
        (outputs, inputs, *kernel) = stage.shapes["k"]
        stride = stage.input[2] // stage.output[2]
        padding = kernel[0] // 2
        return nn.Conv2d(inputs, outputs, kernel[0], stride, padding, bias="b" in stage.learnt)

    MODULES: dict[str, Callable[[Stage], Any]] = {
        "conv": conv,
        "relu": lambda stage: nn.ReLU(),
        "maxpool": lambda stage: nn.MaxPool2d(2),
        "flatten": lambda stage: nn.Flatten(),
        "global_avgpool": lambda stage: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        "batchnorm": lambda stage: nn.BatchNorm2d(stage.input[1]),
        "dropout": lambda stage: nn.Dropout(0.25),
        "linear": lambda stage: nn.Linear(stage.input[1], stage.output[1]),
    }
    return nn.Sequential(*map(module, network.parts))


def rows(targets: list[str], threads: int, batch: int, seconds: float) -> Iterator[str]:
    """A line a network and target."""
    for name in NETWORKS:
        for target in targets:
            ours = setting(name, target, threads, batch)
            their_step = theirs(ours)
            first = ours.step(), their_step()
            if "vgg-small" not in name and abs(first[0] - first[1]) > 1e-4 * abs(first[1]):
                raise ArithmeticError(f"{name}: the first losses are {first[0]} and {first[1]}")
            mine, torchs = map(quartile, alternately(ours.step, their_step, seconds))
            yield (
                f"  {name:<26}{target:<10}{mine * 1e3:9.2f}{torchs * 1e3:9.2f}"
                f"{torchs / mine:8.2f}{batch / mine:12.0f}"
            )


def loop(name: str, target: str, threads: int, batch: int, augment: tuple[str, ...]) -> Training:
    """A training of the network on random images, for epoch after epoch."""
    ours, rng = setting(name, target, threads, batch), np.random.default_rng(0)
    images = rng.integers(0, 256, (10 * batch, *SHAPE)).astype(np.uint8)
    data = DataSet(images, rng.integers(0, 10, 10 * batch), CLASSES, 255)
    parts = Partition(data, data.taken(np.arange(1)), data.taken(np.arange(1)))
    recipe = Recipe(10**6, batch, RATE, OPTIMISER, "constant", augment=augment)
    made = Training("", "", ours.network, parts, Preprocessing.fitted(data), recipe, None)  # type: ignore[arg-type]
    return replace(made, optimiser=optimiser_of(recipe, ours.network))


def loops(target: str, threads: int, batch: int, seconds: float) -> Iterator[str]:
    """The time of an epoch over that of its bare steps, by network and changes of images."""
    for name in list(NETWORKS)[:2]:
        bare = setting(name, target, threads, batch)

        def steps(bare: Ours = bare) -> None:
            for _ in range(10):
                bare.step()

        for augment in ((), ("affine(degrees=12, shift=2)",)):
            running = epochs(loop(name, target, threads, batch, augment))
            epoch = partial(next, running)
            whole, alone = map(quartile, alternately(epoch, steps, seconds))
            words = ", ".join(augment) or "images as they are"
            yield f"  {name:<26}{words:<40}{whole / alone:6.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", default="1", help="thread counts, comma-separated")
    parser.add_argument("--targets", default="fast,chosen", help="targets, comma-separated")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=4.0, help="time for each line")
    chosen = parser.parse_args()
    try:
        import torch
    except ImportError:
        message = "PyTorch is not installed (pip install torch): nothing to compare with"
        raise SystemExit(message) from None
    for threads in map(int, chosen.threads.split(",")):
        torch.set_num_threads(threads)
        print(f"\n{threads} thread{'s' * (threads > 1)}, batch {chosen.batch}: milliseconds a step")
        print(f"  {'':<36}     ours    torch   speed   images/s")
        for line in rows(chosen.targets.split(","), threads, chosen.batch, chosen.seconds):
            print(line, flush=True)
        print("\nan epoch of derive train over its bare steps (time)")
        for line in loops(chosen.targets.split(",")[-1], threads, chosen.batch, chosen.seconds):
            print(line, flush=True)


if __name__ == "__main__":
    main()
