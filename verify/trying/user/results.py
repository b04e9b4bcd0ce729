"""Which returned array is the gradient with respect to which tensor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from derive.language.definition import Layer
from verify.trying.process.process import CannotRun, Reply
from verify.trying.user.names import tensor_of


@dataclass(frozen=True)
class Wanted:
    """The tensors whose gradients the function is to return.

    ``stated`` says that somebody asked for just these: then none may be missing.  ``order`` says
    what a sequence holds, "_" for what is of no interest, and ``keys`` what a dictionary does,
    where that is settled.  A ``method`` may return some, and keep others in its object.
    """

    tensors: tuple[str, ...]
    stated: bool
    order: tuple[str, ...] = ()
    method: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)

    def received(self, reply: Reply) -> dict[str, NDArray[Any]]:
        """The arrays by tensor; ``CannotRun`` where it is not clear which is which."""
        count = len(reply.arrays) - len(reply.kept)
        returned, kept = reply.arrays[:count], zip(reply.kept, reply.arrays[count:], strict=True)
        if reply.structure == "mapping":
            return self._by_key(dict(zip(reply.keys, returned, strict=True)), dict(kept))
        if self.method and not self.order and len(returned) < len(self.tensors):
            return self._with_kept(returned, dict(kept))
        order = tuple(name for name in self.order if name != "_") or self.tensors
        if len(returned) != len(order):
            what = "one array" if reply.structure == "array" else f"{len(returned)} arrays"
            raise CannotRun(
                f"the function returned {what} for {len(self.tensors)} tensors"
                f" ({self._listed}): {_HINT}"
            )
        pairs = zip(order, returned, strict=True)
        return {name: array for name, array in pairs if name in self.tensors}

    def _with_kept(
        self, returned: Sequence[NDArray[Any]], kept: Mapping[str, NDArray[Any]]
    ) -> dict[str, NDArray[Any]]:
        """What a method returned, and what its object keeps under the names of gradients."""
        found = dict(zip(self.tensors, returned, strict=False))
        left = self.tensors[len(returned) :]
        for key, array in kept.items():
            name = tensor_of(key, self.tensors)
            if name in left:
                found.setdefault(name, array)
        missing = [name for name in self.tensors if name not in found]
        if self.stated and missing:
            raise CannotRun(f"no gradient is returned or kept for {', '.join(missing)}")
        return {name: found[name] for name in self.tensors if name in found}

    def _by_key(
        self, arrays: dict[str, NDArray[Any]], kept: dict[str, NDArray[Any]]
    ) -> dict[str, NDArray[Any]]:
        found: dict[str, NDArray[Any]] = {}
        for key, array in (kept | arrays).items():
            name = self.keys.get(key) or tensor_of(key, self.tensors)
            if name is None and not self.stated and key not in kept:
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


def wanted(layer: Layer, wrt: str | None, function: str, method: bool = False) -> Wanted:
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
        return Wanted(names, True, method=method)
    last = function.rpartition(".")[2].rstrip("_").split("_")[-1]
    named = tensor_of(last, differentiable) if last else None
    return Wanted((named,) if named else tuple(differentiable), bool(named), method=method)
