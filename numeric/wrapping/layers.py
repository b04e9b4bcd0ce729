"""A layer as a PyTorch module."""

from __future__ import annotations

from typing import Any

import torch

import numeric
from derive.language.definition import Layer
from numeric.wrapping.function import applied


class LayerModule(torch.nn.Module):
    """``module(x, k, b)``, or by name ``module(x=x, k=k, b=b)``: the layer of its tensors.

    It has no parameters: all tensors are given.  Of several outputs it makes a dictionary by name.
    Hyperparameters that are open are given by name, too.
    """

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self.layer = layer
        self.kernel = numeric.compile(layer, target="torch")

    def forward(self, *tensors: Any, **given: Any) -> Any:
        """``ValueError`` where a tensor is missing, or of a wrong shape."""
        placed = self.kernel.named(tensors, given)
        names = [t.name for t in self.layer.tensors if t.name in placed]
        options = {name: value for name, value in placed.items() if name not in names}
        arrays = {name: torch.as_tensor(placed[name]) for name in names}
        made, _ = applied(self.kernel, arrays, options)
        return made if len(made) > 1 else next(iter(made.values()))

    def extra_repr(self) -> str:
        return self.layer.text
