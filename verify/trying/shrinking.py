"""The smallest case that fails in the same way: least sizes first, then the simplest values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from verify.evaluation.arrays import Array
from verify.evaluation.compiled import Values
from verify.trying.case import Case
from verify.trying.domain import Domain
from verify.trying.subject import Failure

#: how many simpler values are tried
_VALUES = 200

#: what a case comes to: a failure of the kind in question, or None
Fails = Callable[[Case], "Failure | None"]
#: values to try at given sizes
Fill = Callable[[Values], Iterator[Case]]


#: what a case comes to, whatever says so
F = TypeVar("F")


@dataclass(frozen=True)
class SimplestFailure:
    """The failure with the simplest values, and at the same sizes with values like any other.

    ``certain``: all smaller sizes were tried.
    """

    failure: Failure
    plain: Failure
    certain: bool


def smallest(
    failure: Failure, domain: Domain, fill: Fill, fails: Fails, effort: int
) -> SimplestFailure:
    """Descend as far as single steps lead, then try everything below in order.

    No more cases are tried than the effort.
    """
    left = effort

    def at(values: Values) -> Failure | None:
        nonlocal left
        for case in fill(values):
            left -= 1
            found = fails(case) if left >= 0 else None
            if found is not None:
                return found
        return None

    best, descending = failure, True
    while descending:
        found = next((f for v in domain.smaller(best.case.values) if (f := at(v))), None)
        descending = found is not None
        best = found or best
    for values in domain.up_to(best.case.values):
        if left <= 0:
            break
        found = at(values)
        if found is not None:
            best = found
            break
    plainest = simplest(best.case, best, fails, min(effort, _VALUES))
    return SimplestFailure(plainest, best, left > 0)


def simplest(case: Case, failure: F, fails: Callable[[Case], F | None], effort: int) -> F:
    """Entries made 0 or 1 as long as it still fails: whole tensors first, then one by one."""
    tried = 0
    for simpler in (_whole_tensors, _single_entries):
        changing = True
        while changing and tried < effort:
            changing = False
            for other in simpler(case):
                tried += 1
                found = fails(other)
                if found is not None:
                    case, failure, changing = other, found, True
                    break
                if tried >= effort:
                    break
    return failure


def _whole_tensors(case: Case) -> Iterator[Case]:
    for name, array in case.tensors.items():
        for value in (0, 1):
            simple = Array(array.shape, (value,) * len(array.entries))
            if _weight(simple.entries) < _weight(array.entries):
                yield replace(case, tensors={**case.tensors, name: simple})


def _single_entries(case: Case) -> Iterator[Case]:
    for name, array in case.tensors.items():
        for place, entry in enumerate(array.entries):
            for value in (0, 1):
                if _weight((value,)) < _weight((entry,)):
                    entries = (*array.entries[:place], value, *array.entries[place + 1 :])
                    simple = Array(array.shape, entries)
                    yield replace(case, tensors={**case.tensors, name: simple})


def _weight(entries: tuple[Any, ...]) -> int:
    """How far from simple: zeros count nothing, ones one, anything else two."""
    return sum(0 if e == 0 else 1 if e == 1 else 2 for e in entries)
