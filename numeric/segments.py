"""The segments of a layer in parts: parts that are computed together, one after the other.

Parts between which a value could be lost, such as a softmax and the logarithm of it, are lowered
together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sympy import Basic

import derive
from derive.composition.parts import Parts
from derive.engine.record import Derivation
from derive.language.definition import Layer
from derive.language.functions import FUNCTIONS, UNBOUNDED
from derive.language.terms import subterms
from numeric.emission.identifiers import Identifiers
from numeric.program.supports import may_lack_value

#: what may come too near to a bound, or to zero, for what is made of it
_FUNCTIONS = tuple(f.node for f in FUNCTIONS.values())
#: how many parts are lowered together at most
TOGETHER = 4


@dataclass(frozen=True)
class Segment:
    """Parts that are computed together, as a layer, and what other segments read of it.

    ``kept`` are equations whose results its gradients are given.
    """

    name: str
    layer: Layer
    outputs: tuple[str, ...]
    kept: tuple[str, ...] = ()

    @property
    def results(self) -> tuple[str, ...]:
        """What its forward function returns: outputs, and what it keeps for its gradients."""
        return tuple(dict.fromkeys((*self.outputs, *self.kept)))

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(t.name for t in self.layer.tensors)

    @cached_property
    def derivations(self) -> dict[str, Derivation]:
        """The gradient by every tensor that has one."""
        names = [t.name for t in self.layer.tensors if not t.integer]
        return {name: derive.gradient(self.layer, name) for name in names}

    @property
    def gradient_names(self) -> dict[str, str]:
        """The name of each gradient among its equations, by the tensor."""
        return {wrt: d.adjoints[-1].name for wrt, d in self.derivations.items()}


def segments(layer: Layer) -> list[Segment]:
    """The segments of a layer in parts, in order."""
    whole = Parts(layer)
    groups: list[list[int]] = []
    for number, part in enumerate(layer.parts):
        before = groups[-1] if groups else []
        joins = (
            before
            and len(before) < TOGETHER
            and layer.parts[before[-1]].output in part.tensors
            and whole.readers(layer.parts[before[-1]].output) == (number,)
            and _computes(layer, before[-1], _FUNCTIONS)
            and _computes(layer, number, UNBOUNDED)
        )
        if joins:
            before.append(number)
        else:
            groups.append([number])
    outputs = {e.name for e in layer.outputs}
    names = Identifiers()
    made = []
    for group in groups:
        view = whole.view(tuple(group))
        own = [layer.parts[n].output for n in group]
        inside = {name for n in group[1:] for name in layer.parts[n].tensors}
        read = [name for name in own if name not in inside]
        kept = dict.fromkeys([*read, *(e.name for e in view.equations if e.name in outputs)])
        name = names.array("_".join(layer.parts[n].name for n in group))
        made.append(Segment(name, view, tuple(kept)))
    return made


def _computes(layer: Layer, number: int, kinds: tuple[type[Basic], ...]) -> bool:
    """Whether a part computes one of these functions, or what may lack a value or be infinite."""
    found = (layer.equation(name) for name in layer.parts[number].equations)
    nodes = (node for e in found if e is not None for node in subterms(e.explicit))
    return any(isinstance(node, kinds) or may_lack_value(node) for node in nodes)
