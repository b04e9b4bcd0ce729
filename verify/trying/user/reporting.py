"""What is told of a user's function."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from math import prod
from typing import Any

from derive.presentation.blocks import (
    Block,
    Code,
    Drawing,
    Grid,
    Group,
    Heading,
    Inset,
    Listing,
    Paragraph,
    Strong,
    Told,
)
from verify.examples.cells import array_data, facts, number_text, slice_of, tensors_text
from verify.trying.reasons import Finding
from verify.trying.shrinking import SimplestFailure
from verify.trying.subject import Failure
from verify.trying.user.examination import ExaminedFunction
from verify.verdict import EXIT_CODES

#: so many digits of floats are shown
_DIGITS = 10
#: so many lines of what the function printed are shown
_PRINTED = 8


def told(examination: ExaminedFunction) -> Told:
    """The verdict with its reasons and the smallest failing case."""
    status = EXIT_CODES["function"][examination.verdict.word]
    return Told(partial(_blocks, examination), partial(_records, examination, status), status)


def _blocks(examination: ExaminedFunction) -> Iterator[Block]:
    verdict = examination.verdict
    tensors = ", ".join(f"∂L/∂{name}" for name in examination.tensors)
    layer = "the layer" if examination.layer.name == "layer" else examination.layer.name
    title = f": {examination.function} as {tensors} of {layer}"
    if verdict.word == "tested" and examination.scope.only:
        title += f" ({examination.scope.only})"
    yield Heading((Strong(verdict.word), title), 3)
    reason = facts(verdict.reason, f"called as: {examination.call}")
    held = Listing(tuple((o.text,) for o in verdict.obligations if o.holds))
    said = (*examination.manners, *examination.remarks)
    notes = facts(*(f"note: {remark}" for remark in said))
    if examination.smallest is None:
        yield Group((reason, held, notes))
    else:
        yield reason
        failing = _failing(examination, examination.smallest)
        grids = tuple(_grids(examination.smallest.failure))
        if grids:
            yield from (facts(*failing), Drawing(grids))
            failing = []
        others = _others(examination.findings, examination.smallest)
        yield Group((facts(*failing, *others), held, notes))
    yield from _printed(examination.printed)


def _failing(examination: ExaminedFunction, found: SimplestFailure) -> list[str]:
    failure, counterexample = found.failure, examination.verdict.counterexample
    assert counterexample is not None
    sizes = ", ".join(f"{name} = {value}" for name, value in counterexample.sizes)
    title = "smallest failing case" if found.certain else "a small failing case"
    sentences = [f"{title}: {sizes}"]
    if failure.kind not in ("shape", "dtype", "broadcast"):
        sentences.append(tensors_text(failure.case.tensors, _DIGITS, 12))
    if failure.arrays is not None:
        entry = f"∂L/∂{failure.tensor}{_index(failure.at)}"
        says = f"{entry} is {_number(failure.expected)}, the function says {_number(failure.found)}"
        sentences.append(says)
    return sentences


def _grids(failure: Failure) -> Iterator[Grid]:
    """Both gradients: the last two axes at the place that is wrong."""
    if failure.arrays is None or prod(failure.arrays[0].shape[-2:]) < 2:
        return
    for title, array in zip(("expected", "returned"), failure.arrays, strict=True):
        rows = slice_of(array, failure.at[:-2])
        yield Grid(tuple(tuple(map(_number, row)) for row in rows), title)


def _others(findings: tuple[Finding, ...], found: SimplestFailure) -> Iterator[str]:
    """What is known of the tensors that the counterexample is not about."""
    for finding in findings:
        if not finding.wrong:
            yield f"∂L/∂{finding.tensor} is right in all {finding.observed} cases"
            continue
        shown = finding.tensor == found.failure.tensor
        text = f"∂L/∂{finding.tensor} is wrong{'' if shown else ' too,'}"
        text += f" in {finding.wrong} of {finding.observed} cases"
        text += f": {finding.words}" if finding.words and not shown else ""
        yield text
        if finding.where and (finding.exact if finding.words else not shown):
            yield f"∂L/∂{finding.tensor} is wrong {finding.where}"


def _index(at: tuple[int, ...]) -> str:
    return str(list(at)) if at else ""


def _number(value: Any) -> str:
    return number_text(value, _DIGITS)


def _printed(text: str) -> Iterator[Block]:
    lines = text.splitlines()
    if lines:
        more = ["…"] * (len(lines) > _PRINTED)
        lead = f"printed by the function ({len(lines)} lines):"
        shown = "\n".join([*lines[:_PRINTED], *more])
        yield Group((Paragraph((lead,)), Inset(Code(shown))))


def _records(examination: ExaminedFunction, status: int) -> Iterator[dict[str, Any]]:
    smallest = examination.smallest
    tensors = {} if smallest is None else smallest.failure.case.tensors
    yield {
        "function": examination.function,
        "called_as": examination.call,
        "tensors_checked": examination.tensors,
        "layer": examination.layer.text,
        "scope": asdict(examination.scope),
        "exit_code": status,
        **examination.verdict.data(),
        "tensors": {name: array_data(array) for name, array in tensors.items()},
        "findings": [asdict(finding) for finding in examination.findings],
        "manners": examination.manners,
        "remarks": examination.remarks,
        "printed": examination.printed,
    }
