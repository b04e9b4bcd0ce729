"""Entries so large that their exponentials overflow."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from sympy import Sum, exp

from derive.language.definition import Layer
from derive.language.terms import subterms
from verify.evaluation.arrays import Array
from verify.evaluation.dual import directional_derivative
from verify.evaluation.exact import evaluate
from verify.evaluation.precise import DUAL_PRECISE, PRECISE, precise
from verify.trying.numbers import EPS, UNITS
from verify.trying.subject import Failure, Skipped
from verify.trying.trial import Trial, products
from verify.trying.truth import Truth

PRIORITY = 45
NAME = "large entries"

#: entries are multiplied by this: e⁷¹⁰ is the last exponential that a 64-bit float holds
SCALE = 400
#: results beyond this are no floats
_LARGEST = 1e300


def applies(layer: Layer) -> str:
    """Exponentials must be summed: such sums are computed without overflow (log-sum-exp)."""
    for equation in layer.equations:
        for node in subterms(equation.explicit):
            if isinstance(node, Sum) and node.has(exp):
                return ""
    return "no exponentials are summed"


def examine(trial: Trial) -> Failure | None:
    """Outputs, and ⟨g, J·v⟩ = ⟨Jᵀ·g, v⟩, for entries 400 times as large.

    Expected values are computed with 60 digits and unbounded exponents.  Cases in which a result is
    no 64-bit float are left out.
    """
    truth = trial.truth
    real = truth.subject.differentiable
    tensors = {
        name: array.map(lambda v: SCALE * Fraction(v)) if name in real else array
        for name, array in truth.case.tensors.items()
        if name in {t.name for t in truth.layer.tensors}
    }
    large = Truth(truth.subject, replace(truth.case, tensors={**truth.case.tensors, **tensors}))
    exact = {n: a.map(precise) if n in real else a for n, a in tensors.items()}
    told = (truth.case.hyperparameters, truth.case.sizes)
    try:
        found = evaluate(truth.layer, exact, *told, PRECISE)
    except ArithmeticError as error:
        raise Skipped(str(error)) from None
    expected = {y: _floats(found[y]) for y in truth.subject.outputs}
    tried = Trial(trial.code, large)
    if wrong := tried.compared(tried.forward(), expected, "for large entries the output {}"):
        return wrong
    return _adjoint(tried, exact, told)


def _adjoint(trial: Trial, exact: dict[str, Array], told: Any) -> Failure | None:
    gradients = trial.backward()
    hyperparameters, sizes = told
    for name in trial.truth.subject.differentiable:
        v = trial.truth.direction(name)
        given = (trial.truth.layer, exact, {name: v}, hyperparameters, sizes)
        slopes = directional_derivative(*given, DUAL_PRECISE)
        moved = products(trial.truth.upstream, {y: _floats(slopes[y]) for y in slopes})
        back = products({name: gradients[name]}, {name: v})
        one, other = sum(map(float, moved)), sum(map(float, back))
        size = 1 + sum(abs(float(t)) for t in (*moved, *back))
        if not abs(one - other) <= UNITS * EPS * size:
            words = f"for large entries ∂L/∂{name} along v is not the change of L"
            return Failure(words, trial.last, name, one, other)
    return None


def _floats(array: Array) -> Array:
    """Floats; ``Skipped`` where one would be infinite."""
    if any(not abs(v) <= _LARGEST for v in array.entries):
        raise Skipped("a result is too large for a float")
    return array.map(float)
