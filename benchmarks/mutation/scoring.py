"""Which mutants the properties refute."""

from __future__ import annotations

import signal
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from verify.trying.drawing import drawn
from verify.trying.emitted.examination import judged
from verify.trying.properties import Property, properties
from verify.trying.subject import LayerCode, LayerUnderTest, Skipped
from verify.trying.trial import Trial
from verify.trying.truth import Truth, valued

#: so many cases are tried with all properties before any other
FIRST = 8
#: after so many seconds of its process wrong code is taken for code without an end
LIMIT = 10.0
#: so many properties are the cheapest
_CHEAP = 2


@dataclass(frozen=True)
class Try:
    """A property, by name, in a case, by its number among the cases of a layer."""

    name: str
    case: int


def truths(subject: LayerUnderTest, count: int, seed: int = 0) -> list[Truth]:
    """Cases of a layer in which it has a value, and what is true of them."""
    found = []
    for case in drawn(subject, count, seed):
        try:
            found.append(valued(subject, case))
        except Skipped:
            continue
    return found


def tries(numbers: Sequence[int]) -> Iterator[Try]:
    """All properties in these cases: a few cases first, with all of them."""
    for some in (numbers[:FIRST], numbers[FIRST:]):
        yield from (Try(one.name, number) for one in properties() for number in some)


def cheap(numbers: Sequence[int]) -> Iterator[Try]:
    """The properties in these cases that take one call of each pass."""
    yield from (Try(one.name, number) for one in properties()[:_CHEAP] for number in numbers)


def refutation(code: LayerCode, cases: Sequence[Truth], wanted: Iterable[Try]) -> Try | None:
    """The first of these tries that refutes the code, if one does."""
    known = {one.name: one for one in properties()}
    for one in wanted:
        if one.name in known and one.case < len(cases):
            wanted_property, truth = known[one.name], cases[one.case]
            if not wanted_property.applies(truth.layer) and refutes(wanted_property, code, truth):
                return one
    return None


def killer(code: LayerCode, cases: Sequence[Truth]) -> str:
    """The name of a property that refutes the code in one of the cases; or nothing."""
    found = refutation(code, cases, tries(range(len(cases))))
    return "" if found is None else found.name


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
    with silent():
        try:
            return judged(wanted, Trial(code, truth)) is not None
        except Skipped:
            return False
        except Exception:
            return True


class WithoutEndError(Exception):
    """Wrong code goes on and on."""


@contextmanager
def silent() -> Iterator[None]:
    """Wrong code may overflow and divide by zero without anybody being told, and is stopped after a
    while.
    """
    before = signal.signal(signal.SIGVTALRM, _stopped)
    signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _stopped(*_: object) -> None:
    raise WithoutEndError
