"""A tensor was overwritten by an output before the gradient was formed, or a function applied to
what it had returned already.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from sympy import Add, Mul, Sum

from derive.language.definition import Axis, Layer, Tensor
from derive.language.terms import Entry, mapped
from verify.evaluation.arithmetic import FLOAT
from verify.evaluation.exact import evaluate_explicit
from verify.trying.numbers import numpy_array
from verify.trying.reasons import Explanation, Observation, Observed
from verify.trying.subject import Skipped
from verify.trying.truth import Truth

PRIORITY = 36
#: what happens where the input and the output differ in what they may hold
_NO_VALUE = (Skipped, ArithmeticError, LookupError, ValueError)


def explanations(evidence: Observed) -> Iterator[Explanation]:
    """The gradient at an output instead of an input of the same shape; all of it, or its factor."""
    layer = evidence.subject.layer
    for tensor in (t.name for t in layer.tensors if not t.integer):
        for output in evidence.subject.outputs:
            if layer.shape(output) == layer.shape(tensor):
                words = f"taken with {output} in place of {tensor}"
                yield Explanation(words, partial(_all_of_it, evidence, tensor, output))
                yield Explanation(words, partial(_as_a_factor, evidence, tensor, output))


def _all_of_it(evidence: Observed, tensor: str, output: str, o: Observation) -> bool:
    """The function is applied to what it has returned already."""
    try:
        made = Truth(evidence.subject, o.case).values[output]
        case = replace(o.case, tensors={**o.case.tensors, tensor: made})
        found = Truth(evidence.subject, case).gradient(evidence.tensor)
    except _NO_VALUE:
        return False
    return o.shows(numpy_array(found.array, "float64"))


def _as_a_factor(evidence: Observed, tensor: str, output: str, o: Observation) -> bool:
    """The local derivative is right, and multiplied by what has taken the input's place."""
    derivation = evidence.subject.derivation(evidence.tensor)
    name = derivation.adjoints[-1].name
    layer = derivation.layer
    *others, last = layer.ordered
    given = {t.name for t in layer.tensors} | {e.name for e in layer.equations}
    if last.name != name:
        return False
    more = () if output in given else _as_tensor(evidence.subject.layer, output)
    body = _exchanged(last.explicit, tensor, output)
    changed = replace(
        layer,
        tensors=layer.tensors + more,
        equations=(*others, replace(last, written=body, explicit=body)),
    )
    try:
        tensors = {**o.case.tensors, output: Truth(evidence.subject, o.case).values[output]}
        found = evaluate_explicit(changed, tensors, o.case.hyperparameters, o.case.sizes, FLOAT)
    except _NO_VALUE:
        return False
    return o.shows(numpy_array(found[name], "float64"))


def _as_tensor(layer: Layer, output: str) -> tuple[Tensor, ...]:
    return (Tensor(output, tuple(Axis(size) for size in layer.shape(output))),)


def _exchanged(expr: Any, tensor: str, output: str) -> Any:
    """Reads of the tensor that are factors of summands read the output."""
    if isinstance(expr, Entry) and expr.tensor == tensor:
        return Entry(output, *expr.indices)
    if isinstance(expr, Sum):
        return expr.func(_exchanged(expr.args[0], tensor, output), *expr.args[1:])
    if isinstance(expr, Add | Mul):
        return mapped(lambda arg: _exchanged(arg, tensor, output), expr)
    return expr
