"""The typical mistakes of ``verify.mistakes``: the function computes another layer's gradient."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from verify.evaluation.arithmetic import FLOAT
from verify.evaluation.arrays import indices_of
from verify.evaluation.sizes import bindings
from verify.mistakes.families import mistakes
from verify.mistakes.mistake import Mistake, entry
from verify.trying.reasons import Explanation, Observation, Observed, accuracy
from verify.trying.subject import LayerUnderTest

PRIORITY = 32

#: so many entries of a large gradient are looked at, wrong ones first
_ENTRIES = 30


def explanations(evidence: Observed) -> Iterator[Explanation]:
    """Every layer that is easily taken for this one."""
    if evidence.first.in_shape:
        for mistake in mistakes(evidence.subject.layer, evidence.tensor):
            yield Explanation(mistake.words, _Made(evidence.subject, mistake).fits)


@dataclass(frozen=True)
class _Made:
    """A mistake, held against what was observed."""

    subject: LayerUnderTest
    mistake: Mistake

    def fits(self, o: Observation) -> bool:
        """Whether the mistake leads to what was returned; to no number where that is none."""
        if not o.in_shape:
            return False
        layer, case = self.subject.layer, o.case
        inputs = {t.name: case.tensors[t.name] for t in layer.tensors}
        values = bindings(layer, inputs, case.hyperparameters, case.sizes)
        tables = {t.name for t in layer.tensors if t.integer}
        floats = {n: a if n in tables else a.map(float) for n, a in case.tensors.items()}
        given = (floats, self.subject.upstream, values, FLOAT)
        finite = np.abs(o.truth[np.isfinite(o.truth)])
        tolerance = accuracy(o.found) * (1 + float(finite.max(initial=0.0)))
        places = sorted(indices_of(o.truth.shape), key=lambda at: bool(o.found[at] == o.truth[at]))
        for at in places[:_ENTRIES]:
            found = float(o.found[at])
            try:
                made = float(entry(self.mistake, o.tensor, at, *given))
            except (ArithmeticError, ValueError):
                made = np.nan
            if not (abs(made - found) <= tolerance or not np.isfinite([made, found]).any()):
                return False
        return True
