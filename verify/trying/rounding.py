"""How far rounding may carry what a layer computes in one case: a bound for every entry.

Where large terms cancel, a result is small and its error is not: Σ(h − mean h) is 0, and what
floats make of it is rounding of h.  The bounds are those of the formulas evaluated as they stand.
"""

from __future__ import annotations

from verify.evaluation.exact import evaluate, evaluate_explicit
from verify.evaluation.rounding import ROUNDED, error_of, rounded
from verify.trying.truth import Truth

#: a program that computes the same terms in another order, or gathers them otherwise, is off by at
#: most so many bounds (a third of one was the most that was seen)
OTHERWISE = 4


def errors(truth: Truth, name: str) -> list[float]:
    """The bounds for the entries of an output, or of the gradient by a tensor, in units of the last
    place of 1; none where the formulas have no value.
    """
    return truth.once(("rounding", name), lambda: _errors(truth, name))


def _errors(truth: Truth, name: str) -> list[float]:
    real = {*truth.subject.differentiable, *truth.subject.upstream.values()}
    tensors = {n: a.map(rounded) if n in real else a for n, a in truth.case.tensors.items()}
    told = (truth.case.hyperparameters, truth.case.sizes, ROUNDED)
    try:
        if name in truth.subject.outputs:
            own = {t.name: tensors[t.name] for t in truth.layer.tensors}
            found = evaluate(truth.layer, own, *told)[name]
        else:
            derivation = truth.subject.derivation(name)
            gradients = evaluate_explicit(derivation.layer, tensors, *told)
            found = gradients[derivation.adjoints[-1].name]
    except (ArithmeticError, ValueError):
        return []
    return [error_of(entry) for entry in found.entries]
