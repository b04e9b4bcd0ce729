"""A whole training step beside PyTorch's: loss, gradients of all parameters, gradient descent.

Run: python -m benchmarks.steps [--threads 1,2] [--targets fast,compiled] [--batch 64]

Each network is one composed layer; its backward pass is given what its forward pass keeps.  Both
sides start from the same weights and run in short turns, as in ``benchmarks.conv``; the gradients
are compared first, in double precision, where no maximum moves by rounding.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import derive
import numeric
from benchmarks.conv import alternately
from benchmarks.layers import quartile
from numeric.arena import Arena
from numeric.kernel import Kernel

Shape = tuple[int, ...]
Arrays = dict[str, Any]
RATE = 0.01


@dataclass(frozen=True)
class Network:
    """A classifier of 1×28×28 images as a composition, with the shapes of its parameters."""

    name: str
    text: str
    shapes: dict[str, Shape]
    theirs: Callable[[Any, Any], Any]


def convolution(number: int, size: int) -> str:
    """Text of a convolution with a bias that keeps the image's size; ``{}`` is its input."""
    options = f"channels, kernel_size={size}, padding={size // 2}"
    return f"relu(conv({{}}, k{number}, b{number}; {options}))"


def linear(number: int) -> str:
    """Text of a fully connected layer; ``{}`` is its input."""
    return f"linear({{}}, w{number}, c{number})"


POOL = "maxpool({}; kernel_size=2)"


def composed(*stages: str) -> str:
    """The stages applied one after the other to x, and the loss."""
    text = "x"
    for stage in stages:
        text = stage.format(text)
    return f"cross_entropy({text}, t)"


def lenet() -> Network:
    """LeNet 6-16-120-84."""
    import torch.nn.functional as F

    def theirs(x: Any, p: Any) -> Any:
        x = F.max_pool2d(F.relu(F.conv2d(x, p["k1"], p["b1"], padding=2)), 2)
        x = F.max_pool2d(F.relu(F.conv2d(x, p["k2"], p["b2"], padding=2)), 2).flatten(1)
        x = F.relu(F.linear(x, p["w1"], p["c1"]))
        return F.linear(F.relu(F.linear(x, p["w2"], p["c2"])), p["w3"], p["c3"])

    dense = ("flatten({})", linear(1), "relu({})", linear(2), "relu({})", linear(3))
    shapes: dict[str, Shape] = {
        "k1": (6, 1, 5, 5), "b1": (6,), "k2": (16, 6, 5, 5), "b2": (16,), "w1": (120, 784),
        "c1": (120,), "w2": (84, 120), "c2": (84,), "w3": (10, 84), "c3": (10,),
    }  # fmt: skip
    text = composed(convolution(1, 5), POOL, convolution(2, 5), POOL, *dense)
    return Network("LeNet 6-16-120-84", text, shapes, theirs)


def vgg() -> Network:
    """A small VGG: 32, 32 | 64, 64 | 128."""
    import torch.nn.functional as F

    def theirs(x: Any, p: Any) -> Any:
        for number, pooled in enumerate((False, True, False, True), 1):
            x = F.relu(F.conv2d(x, p[f"k{number}"], p[f"b{number}"], padding=1))
            x = F.max_pool2d(x, 2) if pooled else x
        x = F.relu(F.linear(x.flatten(1), p["w1"], p["c1"]))
        return F.linear(x, p["w2"], p["c2"])

    blocks = (*map(convolution, (1, 2), (3, 3)), POOL, *map(convolution, (3, 4), (3, 3)), POOL)
    shapes: dict[str, Shape] = {
        "k1": (32, 1, 3, 3), "b1": (32,), "k2": (32, 32, 3, 3), "b2": (32,), "k3": (64, 32, 3, 3),
        "b3": (64,), "k4": (64, 64, 3, 3), "b4": (64,), "w1": (128, 3136), "c1": (128,),
        "w2": (10, 128), "c2": (10,),
    }  # fmt: skip
    text = composed(*blocks, "flatten({})", linear(1), "relu({})", linear(2))
    return Network("VGG 32,32 | 64,64 | 128", text, shapes, theirs)


@dataclass(frozen=True)
class Setting:
    """A batch and parameters, the kernel of a network, and the same in PyTorch."""

    network: Network
    kernel: Kernel
    x: Any
    t: Any
    parameters: Arrays
    arena: Arena = field(default_factory=Arena)

    @classmethod
    def of(cls, network: Network, kernel: Kernel, batch: int, dtype: Any) -> Setting:
        """Random images, and weights after He."""
        draw = np.random.default_rng(0)
        x = draw.standard_normal((batch, 1, 28, 28)).astype(dtype)
        scale = {n: (2 / max(1, int(np.prod(s[1:])))) ** 0.5 for n, s in network.shapes.items()}
        parameters = {
            n: (scale[n] * draw.standard_normal(s) * (len(s) > 1)).astype(dtype)
            for n, s in network.shapes.items()
        }
        return cls(network, kernel, x, draw.integers(0, 10, batch), parameters)

    def gradients(self) -> Arrays:
        """By all parameters; they stay until the next step."""
        self.arena.reset()
        given = {"x": self.x, "t": self.t, **self.parameters, "arena": self.arena}
        loss, kept = self.kernel.forward_keeping(**given)
        wrt = list(self.parameters)
        made: Arrays = self.kernel.backward(np.ones_like(loss), **given, kept=kept, wrt=wrt)
        return made

    def theirs(self) -> tuple[Arrays, Callable[[], Any]]:
        """PyTorch's parameters, copies of ours, and its loss."""
        import torch
        import torch.nn.functional as F

        made = {n: torch.from_numpy(a.copy()).requires_grad_() for n, a in self.parameters.items()}
        images, labels = torch.from_numpy(self.x), torch.from_numpy(self.t)
        return made, lambda: F.cross_entropy(self.network.theirs(images, made), labels)


def same(setting: Setting) -> None:
    """``ArithmeticError`` names a parameter whose gradient is not PyTorch's."""
    found, (theirs, loss) = setting.gradients(), setting.theirs()
    loss().backward()
    for name, parameter in theirs.items():
        wanted = parameter.grad.numpy()
        error = np.max(np.abs(found[name] - wanted)) / np.max(np.abs(wanted))
        if not error < 1e-11:
            raise ArithmeticError(f"{setting.network.name}: ∂L/∂{name} differs by {error:.1e}")


def steps(
    network: Network, target: str, threads: int, batch: int
) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Our step and PyTorch's in single precision; gradients have been compared in double."""
    import torch

    kernel = numeric.compile(derive.compose(network.text), target=target, threads=threads)
    same(Setting.of(network, kernel, 8, np.float64))
    setting = Setting.of(network, kernel, batch, np.float32)
    theirs, loss = setting.theirs()
    optimiser = torch.optim.SGD(theirs.values(), RATE)

    def step() -> None:
        for name, gradient in setting.gradients().items():
            gradient *= RATE
            setting.parameters[name] -= gradient

    def their_step() -> None:
        optimiser.zero_grad()
        loss().backward()
        optimiser.step()

    return step, their_step


def rows(targets: list[str], threads: int, batch: int, seconds: float) -> Iterator[str]:
    """One line a network and target."""
    for network in (lenet(), vgg()):
        for target in targets:
            ours, theirs = map(
                quartile, alternately(*steps(network, target, threads, batch), seconds)
            )
            yield (
                f"  {network.name:<26}{target:<10}{ours * 1e3:9.2f}{theirs * 1e3:9.2f}"
                f"{ours / theirs:8.2f}{batch / ours:12.0f}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", default="1", help="thread counts, comma-separated")
    parser.add_argument("--targets", default="fast,compiled", help="targets, comma-separated")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=4.0, help="time for each network")
    chosen = parser.parse_args()
    try:
        import torch
    except ImportError:
        message = "PyTorch is not installed (pip install torch): nothing to compare with"
        raise SystemExit(message) from None
    for threads in map(int, chosen.threads.split(",")):
        torch.set_num_threads(threads)
        print(f"\n{threads} thread{'s' * (threads > 1)}, batch {chosen.batch}: milliseconds a step")
        print(f"  {'':<36}     ours    torch   ratio   images/s")
        for line in rows(chosen.targets.split(","), threads, chosen.batch, chosen.seconds):
            print(line, flush=True)


if __name__ == "__main__":
    main()
