"""What only code can do wrong: memory, earlier calls, chance, types, empty arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from verify.mistakes.ties import at_ties
from verify.trying.case import Case
from verify.trying.memory import LAYOUTS
from verify.trying.numbers import numpy_array
from verify.trying.subject import CodeCall, Failure
from verify.trying.trial import Outcome
from verify.trying.user.examinee import Examinee


@dataclass(frozen=True)
class Check:
    """One thing to try beside the values: what is expected, and the failure where it fails.

    ``fails`` may be called with other cases, to find the smallest one.  A failure is one of the
    manners, or the gradient is not the same from one call to the next.
    """

    text: str
    fails: Callable[[Case], Failure | None]


def checks(examinee: Examinee) -> Iterator[Check]:
    """All of them, the graver ones first."""
    yield Check("two calls with the same arrays return the same", partial(unsteady, examinee))
    yield Check("earlier calls make no difference", partial(_remembered, examinee))
    for name, layout in LAYOUTS.items():
        if layout.asked:
            yield Check(layout.asked, partial(_placed, examinee, name))
    if examinee.dtype == "float64":
        yield Check("right for float32 arrays", partial(_narrow, examinee))


def unsteady(examinee: Examinee, case: Case, seen: Failure | None = None) -> Failure | None:
    """The failure of a function that answers differently in the same case.

    Two fresh processes that do not agree mean chance.  A second call that does not agree with the
    first one means that something is kept between calls; so does a failure ``seen`` before that is
    gone.
    """
    if seen is None and _steady(examinee, case):
        return None
    examinee.process.stop()
    first, again = examinee.tried(case), examinee.tried(case)
    examinee.process.stop()
    fresh = examinee.tried(case)
    if not _alike(first, fresh):
        words = "it is not deterministic: two processes get different results for the same arrays"
        return _failure("non-deterministic", words, case)
    if not _alike(first, again):
        words = "something is kept between calls: the second call with the same arrays differs"
        return _failure("state", words, case)
    if seen is not None and fresh is not None and not any(seen.like(f) for f in fresh.failures):
        words = "something is kept between calls: a fresh process gets another result"
        return _failure("state", words, case)
    return None


def _steady(examinee: Examinee, case: Case) -> bool:
    """Whether this process, with all that it has seen, and a fresh one twice answer alike."""
    here = examinee.tried(case)
    examinee.process.stop()
    return all(_alike(here, examinee.tried(case)) for _ in range(2))


def _remembered(examinee: Examinee, case: Case) -> Failure | None:
    """The same arrays before and after a call with other ones."""
    first = examinee.tried(case)
    other = examinee.tried(_doubled(case))
    again = examinee.tried(case)
    if any(trial is not None and trial.result.overwritten for trial in (other, again)):
        words = "what one call returned is overwritten by the next: both use the same memory"
        return _failure("overwritten", words, case)
    if not _alike(first, again):
        words = "something is kept between calls: the result depends on the call before"
        return _failure("state", words, case)
    return None


def _doubled(case: Case) -> Case:
    """Other values of the same shapes; tables of integers stay."""
    tensors = {
        name: array
        if all(type(e) is int and e >= 0 for e in array.entries)
        else array.map(lambda e: e + e)
        for name, array in case.tensors.items()
    }
    return replace(case, tensors=tensors)


def _placed(examinee: Examinee, layout: str, case: Case) -> Failure | None:
    failure = _failure_of(examinee.tried(case, layout=layout))
    return _said(failure, "memory order", LAYOUTS[layout].words)


def _narrow(examinee: Examinee, case: Case) -> Failure | None:
    return _said(
        _failure_of(examinee.tried(case, dtype="float32")), "float32", "for float32 arrays"
    )


def _said(failure: Failure | None, kind: str, when: str) -> Failure | None:
    """The failure with the circumstances in which it is seen; other manners are seen anyway."""
    if failure is None or not (failure.about_values or failure.kind == "refused"):
        return None
    return replace(failure, kind=kind, words=f"{when}: {failure.words}")


def _failure_of(trial: Outcome | None) -> Failure | None:
    return None if trial is None else trial.failure


def _wrong(trial: Outcome | None) -> Failure | None:
    """What is wrong beside the manners."""
    failure = _failure_of(trial)
    return failure if failure is not None and failure.about_values else None


def _alike(one: Outcome | None, other: Outcome | None) -> bool:
    """Whether two calls came to the same, to the last bit."""
    if one is None or other is None:
        return one is other
    if [(f.kind, f.words) for f in one.failures] != [(f.kind, f.words) for f in other.failures]:
        return False
    return one.arrays.keys() == other.arrays.keys() and all(
        np.array_equal(a, other.arrays[name], equal_nan=a.dtype.kind in "fc")
        for name, a in one.arrays.items()
    )


def _failure(kind: str, words: str, case: Case) -> Failure:
    return Failure(words, CodeCall(case), "", "one and the same result", "several", kind=kind)


# --- remarks: worth knowing, but no refutation ---------------------------------------------------


def remarks(
    examinee: Examinee, case: Case, degenerate: list[Case], tied: list[Case]
) -> Iterator[str]:
    """What the function does beyond what is asked of it."""
    trial = examinee.tried(case)
    if trial is not None and (shared := trial.result.touched.shared):
        names = " and ".join(shared)
        yield f"what it returns shares memory with its argument {names}: changing one changes both"
    integral = all(e == int(e) for array in case.tensors.values() for e in array.entries)
    whole = _wrong(examinee.tried(case, dtype="int64")) if integral else None
    if whole is not None:
        yield f"arrays of integers are not handled: {whole.words}"
    for small in degenerate:
        failure = _wrong(examinee.tried(small))
        if failure is not None:
            sizes = ", ".join(f"{s.name} = {small.values[s]}" for s in examinee.subject.layer.sizes)
            yield f"where an output is empty ({sizes}): {failure.words}"
            break
    differing = next((c for c in tied if _otherwise(examinee.tried(c))), None)
    if differing is not None:
        yield _at_ties(examinee, differing)


def _otherwise(trial: Outcome | None) -> bool:
    """Whether another choice was made at a tie.

    Compared roughly: that the slightest move decides the tie otherwise is no sign of rounding here.
    """
    if trial is None or not trial.arrays:
        return _wrong(trial) is not None
    pairs = [(a, numpy_array(trial.truths[n].array, "float64")) for n, a in trial.arrays.items()]
    return any(a.shape != b.shape or not np.allclose(a, b, 1e-3, 1e-3) for a, b in pairs)


def _at_ties(examinee: Examinee, case: Case) -> str:
    """How often g is passed on where values are equal, if maxima do nothing but pass it on."""
    names = {*examinee.subject.upstream.values()}
    ones = {n: a.map(lambda _: 1) if n in names else a for n, a in case.tensors.items()}
    trial = examinee.tried(replace(case, tensors=ones))
    passed = sum(len(ones[n].entries) for n in names)
    pairs = [] if trial is None else [(a, trial.truths[n].array) for n, a in trial.arrays.items()]
    for found, right in pairs:
        if found.dtype.kind in "fiu":
            words = at_ties(found.ravel().tolist(), right.entries, passed)
            if words:
                return f"right away from ties; {words} at ties"
    return (
        "where values are equal, or at a kink, it chooses otherwise than the stated convention"
        " (the first maximum; the branch that is taken)"
    )
