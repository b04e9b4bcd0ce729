"""Which mutants the properties refute."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from verify.trying.drawing import drawn
from verify.trying.emitted.examination import judged
from verify.trying.properties import Property, properties
from verify.trying.subject import LayerCode, LayerUnderTest, Skipped
from verify.trying.trial import Trial
from verify.trying.truth import Truth, valued

#: so many cases are tried with all properties before any other
_FIRST = 8


def truths(subject: LayerUnderTest, count: int, seed: int = 0) -> list[Truth]:
    """Cases of a layer in which it has a value, and what is true of them."""
    found = []
    for case in drawn(subject, count, seed):
        try:
            found.append(valued(subject, case))
        except Skipped:
            continue
    return found


def killer(code: LayerCode, cases: Sequence[Truth]) -> str:
    """The name of a property that refutes the code in one of the cases; or nothing."""
    for some in (cases[:_FIRST], cases[_FIRST:]):
        for name in killers(code, some, properties()):
            return name
    return ""


def killers(code: LayerCode, cases: Sequence[Truth], wanted: Sequence[Property]) -> Iterator[str]:
    """The names of the properties that refute the code, each tried on its own."""
    for one in wanted:
        applying = (truth for truth in cases if not one.applies(truth.layer))
        if any(refutes(one, code, truth) for truth in applying):
            yield one.name


def refutes(wanted: Property, code: LayerCode, truth: Truth) -> bool:
    """Whether a property finds the code wrong in a case.

    Results that cannot even be compared, such as text for numbers, are wrong.
    """
    with _silent():
        try:
            return judged(wanted, Trial(code, truth)) is not None
        except Skipped:
            return False
        except Exception:
            return True


@contextmanager
def _silent() -> Iterator[None]:
    """Wrong code may overflow and divide by zero without anybody being told."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
