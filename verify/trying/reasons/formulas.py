"""The typical mistakes of ``verify.claims``: the function computes the formula they lead to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sympy import Add

from verify.claims.differences import Difference
from verify.claims.reasons import suspects
from verify.claims.scene import Scene, Suspect
from verify.claims.subject import Subject, subject
from verify.equality.flatten import Flattener, TooLarge
from verify.equality.guards import Outside
from verify.equality.ranges import Endless, Finite
from verify.equality.terms import range_condition
from verify.evaluation.arithmetic import FLOAT, NotExact
from verify.evaluation.arrays import indices_of
from verify.evaluation.compiled import Values
from verify.evaluation.exact import evaluate_expression
from verify.evaluation.readers import read_padded
from verify.trying.reasons import Explanation, Observation, Observed

PRIORITY = 50

#: how many suspects are looked at
_MOST = 400


def explanations(evidence: Observed) -> Iterator[Explanation]:
    """Every suspect of a wrong formula, as one of wrong code."""
    layer = evidence.subject.layer
    if not evidence.first.in_shape:
        return
    about = subject(layer, _claim(evidence))
    try:
        terms = about.true_terms({e.name: e for e in layer.equations})
    except TooLarge:
        return
    seen = set()
    scene = Scene(about, tuple(terms), (), _difference(evidence))
    for number, suspect in enumerate(suspects(scene)):
        if number == _MOST:
            return
        if suspect.terms not in seen and all(t.exact for t in suspect.terms):
            seen.add(suspect.terms)
            yield Explanation(suspect.words, _Formula(about, suspect).fits)


def _claim(evidence: Observed) -> str:
    """A claim about the gradient, whatever it says."""
    layer, tensor = evidence.subject.layer, evidence.tensor
    indices = ", ".join(i.name for i in evidence.subject.derivation(tensor).target.at)
    return f"d{layer.loss.name}/d{tensor}[{indices}] = 0"


def _difference(evidence: Observed) -> Difference:
    """An entry that is wrong, as numbers: code says nothing of polynomials."""
    o = evidence.first
    at = next(p for p in indices_of(o.truth.shape) if o.found[p] != o.truth[p])
    return Difference(o.case.values, at, o.truth[at], o.found[at], o.case.tensors, None)


@dataclass(frozen=True)
class _Formula:
    """The gradient that a suspect stands for, evaluated at concrete sizes."""

    subject: Subject
    suspect: Suspect

    @cached_property
    def body(self) -> Any:
        """With finite sums; None where a sum has no end."""
        about = self.subject
        outside = Outside(about.readable, about.axes)
        known = tuple(c for r in about.free for c in range_condition(*r))
        whole = Add(*(t.expression() for t in self.suspect.terms))
        try:
            return Finite(outside, Flattener(about.layer, {}))(whole, known)
        except (Endless, TooLarge):
            return None

    def fits(self, o: Observation) -> bool:
        """Whether the formula gives what was returned, entries that are wrong looked at first."""
        found, truth = o.found, o.truth
        if self.body is None or not o.in_shape:
            return False
        scale = 1 + float(abs(truth).max(initial=0.0))
        places = sorted(indices_of(truth.shape), key=lambda at: bool(found[at] == truth[at]))
        try:
            return all(abs(self._entry(o, at) - found[at]) <= 1e-9 * scale for at in places)
        except (NotExact, ArithmeticError, ValueError, KeyError):
            return False

    def _entry(self, o: Observation, at: tuple[int, ...]) -> Any:
        point: Values = dict(o.case.values)
        point.update(zip((i for i, _, _ in self.subject.free), at, strict=True))
        readable = self.subject.readable
        return evaluate_expression(self.body, readable, o.case.tensors, point, read_padded, FLOAT)
