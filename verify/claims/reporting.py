"""A claim's examination as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from derive.language.printing import equation
from derive.language.terms import Entry, replace
from verify.claims.differences import Difference
from verify.claims.divergence import drawn
from verify.claims.examination import Examination
from verify.evaluation.arrays import indices_of
from verify.examples.drawing import indented, number_text
from verify.verdict import EXIT_CODES

WIDTH = 80


def report(examination: Examination, width: int = WIDTH) -> str:
    """The verdict with its reasons, the counterexample drawn, and the derived gradient."""
    return "\n".join(line.rstrip() for line in _lines(examination, width)) + "\n"


def exit_code(examination: Examination) -> int:
    """0 checked, 1 refuted, 3 tested only or undecided."""
    return EXIT_CODES[examination.verdict.word]


def _lines(examination: Examination, width: int) -> Iterator[str]:
    verdict = examination.verdict
    claim = " ".join(examination.subject.claim.text.split())
    yield from textwrap.wrap(f"{verdict.word}: {claim}", width, subsequent_indent="    ")
    yield ""
    if verdict.word == "refuted" and examination.difference is not None:
        yield from _refutation(examination, examination.difference, width)
    else:
        yield from _wrapped(verdict.reason, width)
    if verdict.sample is not None:
        yield from _wrapped(f"compared: {verdict.sample.text}", width)
    if verdict.word == "checked":
        for condition in verdict.conditions:
            yield from _wrapped(f"• {condition.text} ({condition.decider})", width)
        replayed = len(verdict.obligations) - len(verdict.conditions)
        if replayed:
            yield from _wrapped(f"• the derivation behind it: {replayed} parts replayed", width)
        return
    yield ""
    yield from _wrapped("derived:" if examination.subject.derivation else "defined:", width)
    yield from _truth(examination, width)


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="    ")


def _refutation(examination: Examination, difference: Difference, width: int) -> Iterator[str]:
    counterexample = examination.verdict.counterexample
    assert counterexample is not None
    if examination.diagnosis:
        yield from _wrapped(examination.diagnosis, width)
        yield ""
    place = counterexample.text.rsplit(": ", 1)[0]
    yield from _wrapped(f"{examination.smallest}: {place}", width)
    yield from _wrapped(_tensors(difference), width)
    claimed = (
        "has no value" if difference.claimed is None else f"says {_number(difference.claimed)}"
    )
    subject = "the gradient" if examination.subject.derivation else "the entry"
    yield from _wrapped(f"{subject} is {_number(difference.truth)}, the claim {claimed}", width)
    picture = drawn(difference, width - 2)
    if picture:
        yield ""
        yield from indented(picture)


def _tensors(difference: Difference) -> str:
    """``where g[0, 0] = 1, k[0, 1] = 1 and all other entries are 0``."""
    shown = [
        f"{name}{list(at) if at else ''} = {_number(value)}"
        for name, array in difference.tensors.items()
        for at, value in zip(indices_of(array.shape), array.entries, strict=True)
        if value != 0
    ]
    if not shown:
        return "where all entries are 0"
    return f"where {', '.join(shown)} and all other entries are 0"


def _number(value: object) -> str:
    return f"{value:.6g}".replace("-", "−") if isinstance(value, float) else number_text(value)


def _truth(examination: Examination, width: int) -> list[str]:
    """The truth with its own index names."""
    subject = examination.subject
    names = dict(zip(subject.claim.free, subject.truth_indices, strict=True))
    left = _left(examination)
    return equation(replace(left, dict(names)), subject.truth, width, 4)


def _left(examination: Examination) -> Entry:
    from derive.language.terms import Partial

    claim = examination.subject.claim
    if claim.kind == "forward":
        return claim.by
    return Partial(claim.of or examination.subject.layer.loss, claim.by)
