"""Which returned array is the gradient with respect to which tensor."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from derive.language.definition import Layer
from verify.trying.process.process import CannotRun, Reply
from verify.trying.user.arguments import TENSORS

#: what people put in front of a tensor's name, or behind it, for its gradient
_GRADIENT = re.compile(r"(?:dL_?/?_?d_?|∂L/∂|grad_?|d_?|g_|)(?P<name>.+?)(?:_grad|_bar|)")


@dataclass(frozen=True)
class Wanted:
    """The tensors whose gradients the function is to return.

    ``stated`` says that somebody asked for just these: then none may be missing.
    """

    tensors: tuple[str, ...]
    stated: bool

    def received(self, reply: Reply) -> dict[str, NDArray[Any]]:
        """The arrays by tensor; ``CannotRun`` where it is not clear which is which."""
        if reply.structure == "mapping":
            return self._by_key(dict(zip(reply.keys, reply.arrays, strict=True)))
        if reply.structure == "array" and len(self.tensors) > 1:
            raise CannotRun(
                f"the function returned one array for {len(self.tensors)} tensors"
                f" ({self._listed}): {_HINT}"
            )
        if len(reply.arrays) != len(self.tensors):
            raise CannotRun(
                f"the function returned {len(reply.arrays)} arrays for {len(self.tensors)} tensors"
                f" ({self._listed}): {_HINT}"
            )
        return dict(zip(self.tensors, reply.arrays, strict=True))

    def _by_key(self, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        found: dict[str, NDArray[Any]] = {}
        for key, array in arrays.items():
            name = tensor_of(key, self.tensors)
            if name is None and not self.stated:
                raise CannotRun(
                    f"the function returned a dictionary with the key {key!r}, which is no tensor"
                    f" of the layer; its keys may be: {self._listed}"
                )
            if name is not None:
                found[name] = array
        missing = [name for name in self.tensors if name not in found]
        if not found or (self.stated and missing):
            keys = ", ".join(map(repr, arrays)) or "none"
            raise CannotRun(
                f"the function returned no gradient for {', '.join(missing)}: its keys are {keys}"
            )
        return {name: found[name] for name in self.tensors if name in found}

    @property
    def _listed(self) -> str:
        return ", ".join(self.tensors)


_HINT = (
    "return a dictionary by tensor name, or a tuple in this order,"
    " or say with `wrt` (--wrt) which gradients it computes"
)


def wanted(layer: Layer, wrt: str | None, function: str) -> Wanted:
    """The tensors in question: those stated, that of ``backward_x``, or all that have gradients."""
    differentiable = [t.name for t in layer.tensors if not t.integer]
    if wrt is not None:
        names = tuple(part.strip() for part in wrt.split(","))
        for name in names:
            if name not in differentiable:
                listed = ", ".join(differentiable)
                raise CannotRun(
                    f"{layer.name} has no gradient with respect to {name!r}; there are: {listed}"
                )
        return Wanted(names, True)
    named = tensor_of(function.split("_")[-1], differentiable)
    return Wanted((named,), True) if named else Wanted(tuple(differentiable), False)


def tensor_of(key: str, names: Sequence[str]) -> str | None:
    """``x`` for ``x``, ``dx``, ``grad_x``, ``dL_dx``, ``x_grad``, ``input``; else None."""
    if key in names:
        return key
    base = _GRADIENT.fullmatch(key)["name"]  # type: ignore[index]
    if base in names:
        return base
    for group in TENSORS:
        there = [name for name in names if name in group]
        if base.lower() in group and len(there) == 1:
            return there[0]
    return None
