"""An intermediate result is taken for a constant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from derive.language.definition import Axis, Layer, Tensor
from derive.language.terms import reads
from verify.claims.scene import all_then_fewer, held_fixed
from verify.evaluation.arrays import Array
from verify.trying.numbers import numpy_array
from verify.trying.reasons import Explanation, Observation, Observed
from verify.trying.subject import LayerUnderTest, Skipped
from verify.trying.truth import Truth

PRIORITY = 35

#: larger tensors say nothing that smaller ones do not, and every entry costs an evaluation
_LARGEST = 30


def explanations(evidence: Observed) -> Iterator[Explanation]:
    """All intermediates held fixed, then fewer of them."""
    layer = evidence.subject.layer
    outputs = {e.name for e in layer.outputs}
    names = [e.name for e in layer.equations if e.name not in outputs]
    for fixed in all_then_fewer(names):
        yield Explanation(held_fixed(fixed, evidence.tensor), partial(_fits, evidence, fixed))


def _fits(evidence: Observed, fixed: tuple[str, ...], o: Observation) -> bool:
    if not o.in_shape:
        return False
    if o is not evidence.first and o.truth.size > _LARGEST:
        return True
    try:
        known = Truth(evidence.subject, o.case).values
        case = replace(o.case, tensors={**o.case.tensors, **{n: known[n] for n in fixed}})
        held = Truth(LayerUnderTest(_with_inputs(evidence.subject.layer, fixed)), case)
        duals = Array.build(o.truth.shape, lambda *at: held.slope(o.tensor, at))
        return o.shows(numpy_array(duals, "float64"))
    except Skipped:
        return False


def _with_inputs(layer: Layer, names: tuple[str, ...]) -> Layer:
    """The layer with some of its intermediates as inputs, and without what led to these alone."""
    more = tuple(Tensor(n, tuple(Axis(size) for size in layer.shape(n))) for n in names)
    needed = {e.name for e in layer.outputs}
    kept = []
    for equation in reversed(layer.ordered):
        if equation.name in needed and equation.name not in names:
            kept.append(equation)
            needed |= {e.name for e in layer.equations if reads(equation.explicit, e.name)}
    return replace(layer, tensors=layer.tensors + more, equations=tuple(reversed(kept)))
