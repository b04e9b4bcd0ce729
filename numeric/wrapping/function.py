"""Generated code as a function of autograd, which calls it and differentiates nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

import derive
import numeric
from derive.language.definition import Layer
from numeric.kernel import Kernel

Tensors = tuple[Tensor, ...]


@dataclass(frozen=True)
class Call:
    """What is computed: a kernel, the names of its tensors, and its other arguments by name."""

    kernel: Kernel
    names: tuple[str, ...]
    options: Mapping[str, Any]

    @property
    def outputs(self) -> tuple[str, ...]:
        return tuple(e.name for e in self.kernel.layer.outputs)

    def forward(self, tensors: Tensors) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Outputs by name, and what backward is given again."""
        given = dict(zip(self.names, tensors, strict=True))
        made, kept = self.kernel.forward_keeping(**given, **self.options)
        names = self.outputs
        return {names[0]: made} if len(names) == 1 else made, kept

    def backward(
        self, g: Mapping[str, Tensor], wrt: Sequence[str], tensors: Tensors, kept: Any
    ) -> dict[str, Tensor]:
        """The gradients by name, for the upstream gradients of all outputs."""
        given = dict(zip(self.names, tensors, strict=True))
        upstream = next(iter(g.values())) if len(g) == 1 else g
        found: dict[str, Tensor] = self.kernel.backward(
            upstream, wrt=wrt, kept=kept, **given, **self.options
        )
        return found

    def differentiable(
        self, g: Mapping[str, Tensor], wrt: Sequence[str], tensors: Tensors
    ) -> dict[str, Tensor]:
        """The same, known to autograd: each gradient is a layer, too."""
        found = {}
        for name in wrt:
            kernel = _gradient(self.kernel.layer, name)
            names = [t.name for t in kernel.layer.tensors]  # the upstream gradients are the last
            given = dict(zip(names, (*tensors, *g.values()), strict=True))
            (found[name],) = applied(kernel, given, self.options)[0].values()
        return found


@lru_cache(maxsize=64)
def _gradient(layer: Layer, wrt: str) -> Kernel:
    """The kernel of a layer's gradient, which has a gradient of its own."""
    return numeric.compile(derive.gradient(layer, wrt).layer, target="torch")


class Generated(torch.autograd.Function):
    """``apply(call, kept, *tensors)`` gives the outputs, and after them what forward keeps.

    What is kept leaves as outputs that have no gradient, since only inputs and outputs may be saved
    for backward.  Its names are put into ``kept``; an output that is kept leaves once.
    """

    @staticmethod
    def forward(call: Call, kept: list[str], *tensors: Tensor) -> Tensors:
        made, found = call.forward(tensors)
        kept += found
        return (*made.values(), *(found[name] for name in found if name not in made))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensors) -> None:
        call, kept, *tensors = inputs
        made = _named(call, kept, output)
        ctx.mark_non_differentiable(*output[len(call.outputs) :])
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*tensors, *(made[name] for name in kept))
        ctx.call, ctx.kept = call, tuple(kept)
        ctx.like = [(y.shape, y.dtype, y.device) for y in output[: len(call.outputs)]]

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor | None) -> tuple[Tensor | None, ...]:
        call: Call = ctx.call
        wrt = [n for n, needed in zip(call.names, ctx.needs_input_grad[2:], strict=True) if needed]
        if all(g is None for g in upstream):
            wrt = []
        g = {
            name: torch.zeros(shape, dtype=dtype, device=device) if own is None else own
            for name, own, (shape, dtype, device) in zip(
                call.outputs, upstream, ctx.like, strict=False
            )
        }
        tensors = ctx.saved_tensors[: len(call.names)]
        kept = dict(zip(ctx.kept, ctx.saved_tensors[len(call.names) :], strict=True))
        if torch.is_grad_enabled():
            found = call.differentiable(g, wrt, tensors)
        else:
            found = call.backward(g, wrt, tensors, kept)
        return (None, None, *(found.get(name) for name in call.names))


def _named(call: Call, kept: Sequence[str], output: Tensors) -> dict[str, Tensor]:
    """Outputs and what is kept, by name."""
    outputs = call.outputs
    names = (*outputs, *(name for name in kept if name not in outputs))
    return dict(zip(names, output, strict=True))


def applied(
    kernel: Kernel, tensors: Mapping[str, Tensor], options: Mapping[str, Any]
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The outputs of a kernel by name, known to autograd, and what its forward kept.

    Where no gradient will be asked for, nothing is kept.
    """
    call, kept = Call(kernel, tuple(tensors), options), list[str]()
    if not (torch.is_grad_enabled() and any(t.requires_grad for t in tensors.values())):
        found = kernel.forward(**tensors, **options)
        return found if len(call.outputs) > 1 else {call.outputs[0]: found}, {}
    output: Tensors = Generated.apply(call, kept, *tensors.values())  # type: ignore[no-untyped-call]
    made = _named(call, kept, output)
    return {name: made[name] for name in call.outputs}, {name: made[name] for name in kept}
