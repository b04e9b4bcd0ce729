"""Generated code as a function of autograd, which calls it and differentiates nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from numeric.kernel import Kernel


@dataclass(frozen=True)
class Call:
    """What is computed: a kernel, the names of its tensors, and its other arguments by name."""

    kernel: Kernel
    names: tuple[str, ...]
    options: Mapping[str, Any]

    @property
    def outputs(self) -> tuple[str, ...]:
        return tuple(e.name for e in self.kernel.layer.outputs)

    def forward(self, tensors: tuple[Tensor, ...]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Outputs by name, and what backward is given again."""
        given = dict(zip(self.names, tensors, strict=True))
        made, kept = self.kernel.forward_keeping(**given, **self.options)
        names = self.outputs
        return {names[0]: made} if len(names) == 1 else made, kept

    def backward(
        self, g: Mapping[str, Tensor], wrt: list[str], tensors: tuple[Tensor, ...], kept: Any
    ) -> dict[str, Tensor]:
        """The gradients by name, for the upstream gradients of all outputs."""
        given = dict(zip(self.names, tensors, strict=True))
        upstream = next(iter(g.values())) if len(g) == 1 else g
        found: dict[str, Tensor] = self.kernel.backward(
            upstream, wrt=wrt, kept=kept, **given, **self.options
        )
        return found


class Generated(torch.autograd.Function):
    """``apply(call, *tensors)`` gives the outputs, and after them what forward keeps.

    What is kept leaves as outputs that have no gradient, since only inputs and outputs may be saved
    for backward.
    """

    @staticmethod
    def forward(call: Call, kept: list[str], *tensors: Tensor) -> tuple[Tensor, ...]:
        made, more = call.forward(tensors)
        kept.extend(more)
        return (*(made[name] for name in call.outputs), *more.values())

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        call, kept, *tensors = inputs
        more = output[len(call.outputs) :]
        ctx.mark_non_differentiable(*more)
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*tensors, *more)
        ctx.call, ctx.kept = call, tuple(kept)
        ctx.like = [(y.shape, y.dtype, y.device) for y in output[: len(call.outputs)]]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *upstream: Tensor | None) -> tuple[Tensor | None, ...]:
        call: Call = ctx.call
        wrt = [n for n, needed in zip(call.names, ctx.needs_input_grad[2:], strict=True) if needed]
        if not wrt or all(g is None for g in upstream[: len(call.outputs)]):
            return (None, None, *(None for _ in call.names))
        g = {
            name: torch.zeros(like[0], dtype=like[1], device=like[2]) if own is None else own
            for name, own, like in zip(call.outputs, upstream, ctx.like, strict=False)
        }
        saved = ctx.saved_tensors
        tensors, kept = saved[: len(call.names)], saved[len(call.names) :]
        found = call.backward(g, wrt, tensors, dict(zip(ctx.kept, kept, strict=True)))
        return (None, None, *(found.get(name) for name in call.names))


def applied(
    kernel: Kernel, tensors: Mapping[str, Tensor], options: Mapping[str, Any]
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The outputs of a kernel by name, known to autograd, and what its forward kept."""
    call, kept = Call(kernel, tuple(tensors), options), list[str]()
    made: tuple[Tensor, ...] = Generated.apply(call, kept, *tensors.values())  # type: ignore[no-untyped-call]
    count = len(call.outputs)
    return dict(zip(call.outputs, made, strict=False)), dict(zip(kept, made[count:], strict=True))
