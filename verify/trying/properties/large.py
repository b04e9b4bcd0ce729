"""Entries so large that exponentials and powers of them overflow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any
from zlib import crc32

import numpy as np
from sympy import Basic, Pow

from derive.language.definition import Layer
from derive.language.functions import FUNCTIONS
from derive.language.terms import Index, RealParameter, entries, subterms
from verify.evaluation.arrays import Array
from verify.evaluation.dual import directional_derivative
from verify.evaluation.exact import evaluate
from verify.evaluation.precise import DUAL_PRECISE, PRECISE, precise
from verify.evaluation.rounding import DUAL_ROUNDED, error_of, rounded
from verify.trying.case import Case
from verify.trying.numbers import EPS, UNITS
from verify.trying.subject import Arrays, Failure, Skipped
from verify.trying.trial import Trial, products
from verify.trying.truth import Truth

ELEMENTWISE = tuple(f.node for f in FUNCTIONS.values())
PRIORITY = 45
NAME = "large entries"

#: entries are multiplied by one of these: e⁷¹⁰ is the last exponential that a 64-bit float holds,
LOGITS = (Fraction(400), Fraction(40), Fraction(10**4))
#: and 10³⁰⁸ the last power of ten
POWERS = (Fraction(400), Fraction(10**155))
#: results beyond this are no floats
_LARGEST = 1e300


def applies(layer: Layer) -> str:
    """There must be something on the way that can be too large where the result is not."""
    return "" if _scales(layer) else "no exponentials, logarithms, roots or quotients"


@lru_cache(maxsize=256)
def _scales(layer: Layer) -> tuple[Fraction, ...]:
    """What the layer's entries are multiplied by."""
    nodes = [node for e in layer.equations for node in subterms(e.explicit)]
    if any(isinstance(node, ELEMENTWISE) for node in nodes):
        return LOGITS
    roots = [node for node in nodes if _divides(node)]
    if not roots:
        return ()
    usual = any(isinstance(node, RealParameter) for node in nodes) or any(map(_slides, roots))
    return POWERS[:1] if usual else POWERS


def _divides(node: Basic) -> bool:
    """A root of what varies, or a division by it."""
    whole = isinstance(node, Pow) and node.exp.is_Integer and node.exp > 0
    return isinstance(node, Pow) and not whole and bool(entries(node.base))


def _slides(node: Basic) -> bool:
    """Whether what is divided by is read at places that are computed, as in a window."""
    return any(not isinstance(i, Index) for e in entries(node.args[0]) for i in e.indices)


def examine(trial: Trial) -> Failure | None:
    """Outputs, and ⟨g, J·v⟩ = ⟨Jᵀ·g, v⟩, for entries up to 10⁴ times as large.

    Where there are no exponentials but roots or quotients, also 10¹⁵⁵ times as large; not where a
    real hyperparameter such as ε says how large entries are thought to be, and not for roots over
    windows, which code does not divide by their largest entries.  Expected values are
    computed with 60 digits and unbounded exponents.  Cases in which a result is no 64-bit float are
    left out.  Where large terms cancel, J·v may be off by UNITS of what rounding does to them.
    """
    large = trial.truth.once(NAME, lambda: _large(trial.truth))
    tried = Trial(trial.code, large.truth)
    made = tried.forward(large.inputs)
    words = "for large entries the output {}"
    return tried.compared(made, large.expected, words, exactly=False) or _adjoint(tried, large)


@dataclass(frozen=True)
class _Large:
    """A case with large entries, also with 60 digits; and the outputs."""

    truth: Truth
    exact: dict[str, Array]
    expected: dict[str, Array]

    @property
    def inputs(self) -> Arrays:
        return _in_floats(self.truth.inputs, self.truth.subject.differentiable)

    def change(self, name: str) -> dict[str, Array]:
        """J·v for every output, v being the tensor's direction."""
        return self.truth.once((NAME, name), lambda: self._change(name))

    def _change(self, name: str) -> dict[str, Array]:
        slopes = self._slopes(self.exact, name, DUAL_PRECISE)
        return {y: _floats(slope) for y, slope in slopes.items()}

    def rounding(self, name: str) -> float:
        """What rounding may do to ⟨g, J·v⟩, in units of the last place of 1."""
        return self.truth.once((NAME, "rounding", name), lambda: self._rounding(name))

    def _rounding(self, name: str) -> float:
        real = self.truth.subject.differentiable
        tensors = {n: a.map(rounded) if n in real else a for n, a in self.exact.items()}
        slopes = self._slopes(tensors, name, DUAL_ROUNDED)
        errors = {y: slope.map(error_of) for y, slope in slopes.items()}
        return sum(abs(float(t)) for t in products(self.truth.upstream, errors))

    def _slopes(self, tensors: dict[str, Array], name: str, dual: Any) -> dict[str, Array]:
        case, along = self.truth.case, {name: self.truth.direction(name)}
        told = (case.hyperparameters, case.sizes, dual)
        return directional_derivative(self.truth.layer, tensors, along, *told)


def _large(truth: Truth) -> _Large:
    real = truth.subject.differentiable
    scales = _scales(truth.layer)
    scale = scales[_number_of(truth.case) % len(scales)]
    tensors = {
        name: array.map(lambda v: scale * Fraction(v)) if name in real else array
        for name, array in truth.tensors.items()
    }
    exact = {n: a.map(precise) if n in real else a for n, a in tensors.items()}
    told = (truth.case.hyperparameters, truth.case.sizes)
    try:
        found = evaluate(truth.layer, exact, *told, PRECISE)
    except ArithmeticError as error:
        raise Skipped(str(error)) from None
    expected = {y: _floats(found[y]) for y in truth.subject.outputs}
    return _Large(truth.with_tensors(tensors), exact, expected)


def _adjoint(trial: Trial, large: _Large) -> Failure | None:
    truth = trial.truth
    upstream = {n: np.asarray(g, np.float64) for n, g in truth.upstream.items()}
    gradients = trial.backward(large.inputs, upstream)
    for name in truth.subject.differentiable:
        moved = products(truth.upstream, large.change(name))
        back = products({name: gradients[name]}, {name: truth.direction(name)})
        one, other = sum(map(float, moved)), sum(map(float, back))
        size = 1 + sum(abs(float(t)) for t in (*moved, *back))
        apart = abs(one - other)
        if not (apart <= UNITS * EPS * size or apart <= UNITS * EPS * large.rounding(name)):
            words = f"for large entries ∂L/∂{name} along v is not the change of L"
            return Failure(words, trial.last, name, one, other)
    return None


def _number_of(case: Case) -> int:
    """A number that differs from case to case, and is the same for the same."""
    return crc32(repr([array.entries for array in case.tensors.values()]).encode())


def _in_floats(arrays: Arrays, real: Sequence[str]) -> Arrays:
    return {n: np.asarray(a, np.float64) if n in real else a for n, a in arrays.items()}


def _floats(array: Array) -> Array:
    """Floats; ``Skipped`` where one would be infinite."""
    if any(not abs(v) <= _LARGEST for v in array.entries):
        raise Skipped("a result is too large for a float")
    return array.map(float)
