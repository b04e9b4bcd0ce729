"""Gradients that read the same intermediates, as one layer: these are computed once for all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from derive.language.definition import Equation, Layer
from numeric.emission.dialect import Target
from numeric.emission.modules import Function, function


def together(
    name: str,
    layer: Layer,
    gradients: Mapping[str, Layer],
    single: Mapping[str, Function],
    target: Target,
    upstream: Iterable[str],
) -> Function | None:
    """A function for all gradients of a layer; None where they share nothing.

    ``gradients`` are the layers that compute them and ``single`` a function for each, by the
    tensors; ``upstream`` its first arguments.
    """
    made = joint(layer, gradients)
    if made is None:
        return None
    outputs = {wrt: gradient.equations[-1].name for wrt, gradient in gradients.items()}
    otherwise = {outputs[wrt]: found for wrt, found in single.items()}
    first = tuple(dict.fromkeys(upstream))
    return function(name, made, list(outputs.values()), target, first, otherwise=otherwise)


def joint(layer: Layer, gradients: Mapping[str, Layer]) -> Layer | None:
    """The gradient layers of a layer as one with several outputs; None where nothing is shared.

    None also where two of them mean different things by one name.
    """
    every = list(gradients.values())
    equations: dict[str, Equation] = {}
    for equation in (e for gradient in every for e in gradient.equations):
        if equations.setdefault(equation.name, equation) != equation:
            return None
    if len(equations) == sum(len(gradient.equations) for gradient in every):
        return None
    tensors = {t.name: t for gradient in every for t in gradient.tensors}
    return replace(
        every[0],
        name=f"{layer.name}_gradients",
        tensors=tuple(tensors.values()),
        requirements=tuple(dict.fromkeys(c for g in every for c in g.requirements)),
        equations=tuple(equations.values()),
        definitions=tuple(dict.fromkeys(d for g in every for d in g.definitions)),
    )
