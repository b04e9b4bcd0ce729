"""The presets of training size once more, in PyTorch's own words, and a loop that trains them.

Written from the papers and the presets' descriptions; nothing of ``numeric`` is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch.nn import functional

torch.set_num_threads(1)  # arrays are tiny


class Net:
    """Parameters, running statistics and masks by name, and the layers that read them."""

    def __init__(self, arrays: Mapping[str, np.ndarray], buffers: Mapping[str, np.ndarray]) -> None:
        self.p = {n: torch.tensor(a, requires_grad=True) for n, a in arrays.items()}
        self.running = {n: torch.tensor(a) for n, a in buffers.items()}
        self.masks: dict[str, Any] = {}

    def conv(self, x: Any, n: int, **options: Any) -> Any:
        return functional.conv2d(x, self.p[f"conv{n}.k"], self.p.get(f"conv{n}.b"), **options)

    def linear(self, x: Any, n: int) -> Any:
        return functional.linear(x, self.p[f"linear{n}.w"], self.p[f"linear{n}.b"])

    def norm(self, x: Any, n: int) -> Any:
        mean, var = (self.running[f"batchnorm{n}.{s}"] for s in ("mean", "var"))
        w, b = (self.p[f"batchnorm{n}.{s}"] for s in ("w", "b"))
        return functional.batch_norm(x, mean, var, w, b, training=True, momentum=0.1, eps=1e-5)

    def dropout(self, x: Any, n: int, p: float) -> Any:
        return x * self.masks[f"dropout{n}.mask"] / (1 - p)


def lenet(net: Net, x: Any) -> Any:
    for n in (1, 2):
        x = functional.max_pool2d(net.conv(x, n, padding=2).relu(), 2)
    x = net.linear(x.flatten(1), 1).relu()
    return net.linear(net.linear(x, 2).relu(), 3)


def alexnet_small(net: Net, x: Any) -> Any:
    def normed(x: Any) -> Any:
        return functional.local_response_norm(x, size=5, alpha=5e-4, beta=0.75, k=2)

    def pooled(x: Any) -> Any:
        return functional.max_pool2d(x, 3, stride=2, padding=1)

    x = pooled(normed(net.conv(x, 1, padding=2).relu()))
    x = pooled(normed(net.conv(x, 2, padding=2, groups=2).relu()))
    x = net.conv(x, 3, padding=1).relu()
    x = pooled(net.conv(x, 4, padding=1, groups=2).relu())
    x = net.linear(net.dropout(x.flatten(1), 1, 0.5), 1).relu()
    x = net.linear(net.dropout(x, 2, 0.5), 2).relu()
    return net.linear(x, 3)


def vgg_small(net: Net, x: Any) -> Any:
    n = 0
    for convolutions in (1, 2, 1):
        for _ in range(convolutions):
            n += 1
            x = net.norm(net.conv(x, n, padding=1), n).relu()
        x = functional.max_pool2d(x, 2)
    x = net.linear(net.dropout(x.flatten(1), 1, 0.25), 1).relu()
    return net.linear(x, 2)


def resnet_small(net: Net, x: Any) -> Any:
    def block(x: Any, n: int, stride: int) -> Any:
        y = net.norm(net.conv(x, n, padding=1, stride=stride), n).relu()
        return net.norm(net.conv(y, n + 1, padding=1), n + 1)

    x = net.norm(net.conv(x, 1, padding=1), 1).relu()
    x = (block(x, 2, 1) + x).relu()
    for n in (4, 7):
        shortcut = net.norm(net.conv(x, n + 2, stride=2), n + 2)
        x = (block(x, n, 2) + shortcut).relu()
    return net.linear(x.mean((2, 3)), 1)


PRESETS: dict[str, Callable[[Net, Any], Any]] = {
    "lenet": lenet,
    "alexnet-small": alexnet_small,
    "vgg-small": vgg_small,
    "resnet-small": resnet_small,
}

#: name → PyTorch's optimiser with our defaults, and the decay that the test trains with
OPTIMISERS: dict[str, Callable[[Any], torch.optim.Optimizer]] = {
    "sgd": lambda groups: torch.optim.SGD(groups, lr=1.0, momentum=0.9),
    "nesterov": lambda groups: torch.optim.SGD(groups, lr=1.0, momentum=0.9, nesterov=True),
    "adam": lambda groups: torch.optim.Adam(groups, lr=1.0),
    "adamw": lambda groups: torch.optim.AdamW(groups, lr=1.0),
}


def losses(
    preset: str, optimiser: str, decay: float, net: Net, steps: Sequence[Mapping[str, Any]]
) -> list[float]:
    """The loss of each step; a step has images, labels, masks and a rate.

    Weight decay is for convolutions' kernels and weights of linear layers alone.
    """
    weights = [p for n, p in net.p.items() if n.endswith(".k") or n.startswith("linear")]
    weights = [p for p in weights if p.ndim > 1]
    others = [p for p in net.p.values() if all(p is not w for w in weights)]
    groups = [{"params": weights, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]
    method = OPTIMISERS[optimiser](groups)
    found = []
    for step in steps:
        net.masks = {name: torch.tensor(mask) for name, mask in step["masks"].items()}
        for group in method.param_groups:
            group["lr"] = step["rate"]
        method.zero_grad()
        logits = PRESETS[preset](net, torch.tensor(step["images"]))
        loss = functional.cross_entropy(logits, torch.tensor(step["labels"]))
        loss.backward()
        method.step()
        found.append(loss.item())
    return found
