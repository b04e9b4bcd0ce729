"""From a layer to a module's text: its functions, and what there is to say about them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import derive
from derive.engine.record import Derivation
from derive.language.definition import Layer
from derive.language.entrywise import EVERY_RANK, entrywise
from numeric.emission.dialect import Target
from numeric.emission.folding import folded
from numeric.emission.identifiers import quoted
from numeric.emission.modules import Function, function, module_text, signature
from numeric.joint import together
from numeric.keeping import keeping
from numeric.parted import InSegments, in_segments, keeping_in_segments
from numeric.targets import TARGETS


@dataclass(frozen=True)
class Generated:
    """The functions of a module: ``forward``, one for each gradient, and its text.

    Of a layer in parts ``together`` computes all gradients, and ``parts`` are what it calls.
    ``remark`` is what there is to say of the layer before its functions.
    """

    forward: Function
    gradients: dict[str, Function]
    upstream: tuple[tuple[str, str], ...]
    text: str
    together: Function | None = None
    parts: tuple[Function, ...] = ()
    remark: str = ""

    def made_by(self, wrt: str) -> str:
        """The name of the gradient's array where it is computed, or of the tensor."""
        program = self.gradients[wrt].program
        return wrt if program is None else program.outputs[-1]

    @property
    def functions(self) -> tuple[Function, ...]:
        """``forward`` and the gradients, or those of the parts."""
        return self.parts or (self.forward, *self.gradients.values())

    @property
    def explanation(self) -> str:
        """How each function came about."""
        functions = (f"{f.name}\n{f.explanation}" for f in self.functions)
        return "\n\n".join([*([self.remark] if self.remark else []), *functions])


@lru_cache(maxsize=128)
def derivations(layer: Layer) -> tuple[Derivation, ...]:
    """The derivation of the gradient by every tensor that has one, made once for all targets."""
    return tuple(derive.gradient(layer, t.name) for t in layer.tensors if not t.integer)


@lru_cache(maxsize=128)
def forward_alone(layer: Layer, target: str) -> Generated:
    """The module of a layer with its forward pass only, made once."""
    joined = in_segments(layer, TARGETS.get(target), False) if layer.parts else None
    if joined is not None:
        title = f"The layer {layer.name}, forward."
        text = module_text(title, [joined.forward, *joined.functions])
        return Generated(joined.forward, {}, (), text, None, joined.functions)
    made = function("forward", layer, [e.name for e in layer.outputs], TARGETS.get(target))
    return Generated(made, {}, (), module_text(f"The layer {layer.name}, forward.", [made]))


@lru_cache(maxsize=128)
def generated(layer: Layer, target: str) -> Generated:
    """The module of a layer for a target, made once."""
    made = TARGETS.get(target)
    joined = in_segments(layer, made) if layer.parts else None
    if joined is not None:
        return _in_parts(layer, joined)
    forward = forward_alone(layer, target).forward
    derived = derivations(layer)
    gradients = {d.wrt: _gradient(d, made, made.gradient(d)) for d in derived}
    upstream = derived[0].upstream if derived else ()
    functions = [forward, *gradients.values()]
    if gradients:
        functions.append(backward(gradients))
    text = module_text(f"The layer {layer.name}, forward and backward.", functions)
    return Generated(forward, gradients, upstream, text, remark=_remark(layer))


@dataclass(frozen=True)
class GeneratedKeeping:
    """The functions of a module where forward keeps what ``names`` say for the gradients.

    ``backward`` computes all gradients of a layer in parts, and takes what is kept in a dictionary;
    ``together`` all gradients of another, where they share something.
    """

    forward: Function
    gradients: dict[str, Function]
    names: tuple[str, ...]
    text: str
    explanation: str
    backward: Function | None = None
    together: Function | None = None


@lru_cache(maxsize=128)
def generated_keeping(layer: Layer, target: str) -> GeneratedKeeping:
    """The module of a layer for a target whose gradients are given what forward has kept."""
    made = TARGETS.get(target)
    title = f"The layer {layer.name}, forward and backward with what forward keeps."
    parted = keeping_in_segments(layer, made) if layer.parts else None
    if parted is not None:
        functions = [parted.forward, parted.backward, *parted.functions]
        text = module_text(title, functions)
        return GeneratedKeeping(
            parted.forward, {}, parted.names, text, parted.explanation, parted.backward
        )
    derived = {d.wrt: d for d in derivations(layer)}
    kept = keeping(layer, {wrt: made.gradient(d) for wrt, d in derived.items()})
    outputs = [e.name for e in layer.outputs]
    forward = function("forward_keeping", kept.forward, outputs, made, kept=kept.names)
    gradients = {wrt: _gradient(d, made, kept.gradients[wrt]) for wrt, d in derived.items()}
    upstream = [g for d in derived.values() for _, g in d.upstream]
    joined = together("gradients", layer, kept.gradients, gradients, made, upstream)
    functions = [forward, *gradients.values(), *([] if joined is None else [joined])]
    text = module_text(title, functions)
    return GeneratedKeeping(forward, gradients, kept.names, text, kept.explanation, together=joined)


def _in_parts(layer: Layer, joined: InSegments) -> Generated:
    """The module of a layer in parts: what a caller needs first."""
    functions = [joined.forward, joined.backward, *joined.functions]
    text = module_text(f"The layer {layer.name}, forward and backward.", functions)
    gradients = dict.fromkeys(joined.wrt, joined.backward)
    return Generated(
        joined.forward,
        gradients,
        joined.upstream,
        text,
        joined.backward,
        joined.functions,
        _remark(layer),
    )


def _remark(layer: Layer) -> str:
    """What a kernel can do beyond its functions."""
    if not entrywise(layer):
        return ""
    return f"{layer.name}: {EVERY_RANK}; a kernel views arrays of another rank in that of the code"


def _gradient(derivation: Derivation, target: Target, layer: Layer) -> Function:
    name = f"gradient_{derivation.wrt.replace(chr(39), '_')}"
    first = [g for _, g in derivation.upstream]
    output = derivation.adjoints[-1].name
    return function(name, layer, [output], target, first, derivation)


def backward(gradients: dict[str, Function]) -> Function:
    """All gradients in a dictionary."""
    first = next(iter(gradients.values()))
    lines = [
        *folded(signature("backward", first.arguments.values(), first.declared)),
        '    """The gradients by all tensors, under their names."""',
        "    return {",
    ]
    for wrt, made in gradients.items():
        options = [f"{made.options[o]}={name}" for o, name in first.options.items()]
        call = f"{made.name}({', '.join([*first.arguments.values(), *options])})"
        lines += folded(f"{quoted(wrt)}: {call},", 8)
    text = "\n".join([*lines, "    }"])
    return replace(first, name="backward", text=text, helpers=(), body=None)
