"""The gradient of a layer that somebody misreads: some of its reads changed, all sizes kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from derive.gradients import DerivationError, differentiate
from derive.language.definition import Equation, Layer
from derive.language.notation.sites import explicit
from derive.language.terms import Entry, mapped
from verify.claims.evaluation import Evaluator
from verify.claims.scene import Scene, Suspect
from verify.claims.subject import adjoint_equations
from verify.equality.flatten import Flattener
from verify.evaluation.exact import EXPLICIT, run
from verify.evaluation.polynomials import POLYNOMIALS

#: how one read in an equation is misread
Misreading = Callable[[Entry, Equation], Entry]


def misread(scene: Scene, words: str, misreading: Misreading) -> Iterator[Suspect]:
    """The suspect whose gradient is that of the misread layer."""
    layer = scene.layer
    if scene.subject.claim.kind != "gradient":
        return
    equations = tuple(_misread(e, misreading, scene) for e in layer.equations)
    if equations == layer.equations:
        return
    misunderstood = replace(layer, equations=equations)
    if _plausible(scene, misunderstood):
        yield from _gradient(scene, words, misunderstood)


def _plausible(scene: Scene, layer: Layer) -> bool:
    """Whether the misread layer's gradient agrees with the claim where the true one does not."""
    found = scene.difference
    if found.products is None:
        return True
    evaluator = Evaluator(scene.subject)
    tables = {t.name: found.tensors[t.name] for t in layer.tensors if t.integer}
    unknowns = {**evaluator.unknowns(found.values), **tables}
    inputs = {t.name: unknowns[t.name] for t in layer.tensors}
    results = run(layer, inputs, found.values, EXPLICIT, POLYNOMIALS)
    ((_, value),) = evaluator.true_polynomials([found.at], {**unknowns, **results})
    return bool(value.terms == found.products[1].terms)


def _misread(equation: Equation, misreading: Misreading, scene: Scene) -> Equation:
    written = _reread(equation.written, lambda read: misreading(read, equation))
    if written == equation.written:
        return equation
    return replace(equation, written=written, explicit=explicit(written, scene.subject.axes))


def _reread(expr: Any, change: Callable[[Entry], Entry]) -> Any:
    return change(expr) if isinstance(expr, Entry) else mapped(lambda a: _reread(a, change), expr)


def _gradient(scene: Scene, words: str, layer: Layer) -> Iterator[Suspect]:
    try:
        derivation = differentiate(layer, scene.subject.claim.by.tensor)
    except DerivationError:
        return
    definitions = {e.name: e for e in layer.equations}
    equations = {**definitions, **adjoint_equations(derivation)}
    terms = Flattener(layer, equations).terms(derivation.result)
    renaming = dict(zip(derivation.target.at, scene.free, strict=True))
    yield Suspect(words, tuple(t.substituted(renaming) for t in terms))
