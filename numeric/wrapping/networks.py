"""A network as a PyTorch module, its parameters and buffers under the same names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

import numeric
from derive.language.definition import Layer
from numeric.kernel import Kernel
from numeric.networks import Branches, Network, Stage
from numeric.networks.flowing import copying
from numeric.networks.stages import Parts
from numeric.wrapping.function import applied


class NetworkModule(torch.nn.Module):
    """``module(x)``: the output for a batch of images, in training or, after ``eval()``, in
    evaluation.

    ``rng`` is the stream that masks of dropouts come from; a call may be given its masks instead,
    as ``Network.draw`` makes them.  Frozen layers work as in evaluation and are not learnt.
    """

    def __init__(self, network: Network, rng: np.random.Generator | None = None) -> None:
        super().__init__()
        self.network, self.rng = network, rng
        self._kernels: dict[int, Kernel] = {}
        learnt = set(network.learnt)
        for name, array in network.parameters.items():
            parameter = torch.nn.Parameter(torch.from_numpy(array.copy()), name in learnt)
            self._holder(name).register_parameter(name.rpartition(".")[2], parameter)
        for name, array in network.buffers.items():
            buffer = torch.from_numpy(array.copy())
            self._holder(name).register_buffer(name.rpartition(".")[2], buffer)

    def _holder(self, name: str) -> torch.nn.Module:
        """The module that holds an array: names with a point in them are no names of parameters."""
        stage = name.rpartition(".")[0]
        if stage not in self._modules:
            if hasattr(self, stage):
                raise ValueError(f"a layer cannot be called {stage} in PyTorch: modules have that")
            self.add_module(stage, torch.nn.Module())
        return self.get_submodule(stage)

    def forward(self, x: Tensor, masks: Mapping[str, Any] | None = None) -> Tensor:
        """x[N, C, H, W] → the network's output; the running statistics follow in training."""
        arrays: dict[str, Tensor] = {**dict(self.named_parameters()), **dict(self.named_buffers())}
        if self.training:
            drawn = self._drawn(len(x)) if masks is None else masks
            arrays |= {name: torch.as_tensor(mask).to(x) for name, mask in drawn.items()}
        return self._through(self.network.parts, x, arrays)

    def _drawn(self, batch: int) -> Mapping[str, Any]:
        if self.rng is not None:
            return self.network.draw(self.rng, batch)
        names = [stage.name for stage in self.network.stages if stage.drawn and not stage.frozen]
        if names:
            raise ValueError(f"{names[0]} needs masks, or torch_module an rng to draw them from")
        return {}

    def _through(self, parts: Parts, x: Tensor, arrays: Mapping[str, Tensor]) -> Tensor:
        for part in parts:
            if isinstance(part, Branches):
                x = self._joined(part, x, arrays)
            else:
                x = self._stage(part, x, arrays)
        return x

    def _stage(self, stage: Stage, x: Tensor, arrays: Mapping[str, Tensor]) -> Tensor:
        trained = self.training and not stage.frozen
        layer = stage.layer if trained else stage.evaluated
        if layer is None:
            return x
        own = {t.name: arrays[stage.full(t.name)] for t in layer.tensors[1:]}
        (y,), kept = self._applied(layer, {stage.entering: x, **own})
        if trained and stage.mode is not None and stage.buffers:
            self._follow(stage, x, kept)
        return y

    def _joined(self, branches: Branches, x: Tensor, arrays: Mapping[str, Tensor]) -> Tensor:
        """What flows in is copied by a layer, so that its gradients are summed by its backward."""
        copies = []
        for _ in branches.joints:
            (one, x), _ = self._applied(copying(x.ndim), {"x": x})
            copies.append(one)
        entering = [*copies, x]
        paths = zip(branches.paths, entering, strict=True)
        first, *others = (self._through(path, own, arrays) for path, own in paths)
        for joint, other in zip(branches.joints, others, strict=True):
            given = {joint.entering: first, joint.joined[0]: other}
            (first,), _ = self._applied(joint.layer, given)
        return first

    def _applied(
        self, layer: Layer, tensors: Mapping[str, Tensor]
    ) -> tuple[list[Tensor], dict[str, Tensor]]:
        kernel = self._kernels.get(id(layer))
        if kernel is None:
            kernel = self._kernels[id(layer)] = numeric.compile(layer, target="torch")
        made, kept = applied(kernel, tensors, {})
        return [*made.values()], kept

    @torch.no_grad()
    def _follow(self, stage: Stage, x: Tensor, kept: Mapping[str, Tensor]) -> None:
        """Let the running statistics of a layer follow a batch."""
        assert stage.mode is not None
        buffers = {name: self.get_buffer(stage.full(name)) for name in stage.buffers}
        given = ({n: _array(t) for n, t in tensors.items()} for tensors in (buffers, kept))
        for name, after in stage.mode.follow(next(given), _array(x), next(given)).items():
            buffers[name].copy_(torch.from_numpy(after))

    @property
    def arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        """Parameters and buffers by name, as ``numeric.networks.read`` takes them."""
        return {name: _array(tensor).copy() for name, tensor in self._tensors()}

    def _tensors(self) -> Iterator[tuple[str, Tensor]]:
        yield from self.named_parameters()
        yield from self.named_buffers()

    def extra_repr(self) -> str:
        return self.network.text


def _array(tensor: Tensor) -> np.ndarray[Any, Any]:
    made: np.ndarray[Any, Any] = tensor.detach().cpu().numpy()
    return made
