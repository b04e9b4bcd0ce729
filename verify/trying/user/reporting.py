"""The examination of a user's function as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from math import prod
from typing import Any

from verify.evaluation.arrays import Array, indices_of
from verify.examples.drawing import beside, grid, indented, number_text, slice_of, titled
from verify.trying.shrinking import Smallest
from verify.trying.user.diagnosis import Finding
from verify.trying.user.examination import Examination

WIDTH = 80
#: so many lines of what the function printed are shown
_PRINTED = 8

#: the exit code that stands for a verdict
EXIT_CODES = {"tested": 0, "refuted": 1, "undecided": 2}


def report(examination: Examination, width: int = WIDTH) -> str:
    """The verdict with its reasons and the smallest failing case."""
    return "\n".join(line.rstrip() for line in _lines(examination, width)) + "\n"


def exit_code(examination: Examination) -> int:
    """0 tested, 1 refuted, 2 undecided."""
    return EXIT_CODES[examination.verdict.word]


def _lines(examination: Examination, width: int) -> Iterator[str]:
    verdict = examination.verdict
    tensors = ", ".join(f"∂L/∂{name}" for name in examination.tensors)
    layer = "the layer" if examination.layer.name == "layer" else examination.layer.name
    yield from textwrap.wrap(
        f"{verdict.word}: {examination.function} as {tensors} of {layer}",
        width,
        subsequent_indent="    ",
    )
    yield ""
    yield from _wrapped(verdict.reason, width)
    yield from _wrapped(f"called as: {examination.call}", width)
    if examination.smallest is not None:
        yield ""
        yield from _failing(examination, examination.smallest, width)
        yield from _others(examination.findings, examination.smallest, width)
    for obligation in verdict.obligations:
        if obligation.holds:
            yield from _wrapped(f"• {obligation.text}", width)
    for remark in examination.remarks:
        yield from _wrapped(f"note: {remark}", width)
    yield from _printed(examination.printed, width)


def _wrapped(text: str, width: int) -> list[str]:
    lines = text.splitlines() or [""]
    return [
        piece
        for line in lines
        for piece in textwrap.wrap(line, width, initial_indent="  ", subsequent_indent="    ")
    ]


def _failing(examination: Examination, found: Smallest, width: int) -> Iterator[str]:
    failure, counterexample = found.failure, examination.verdict.counterexample
    assert counterexample is not None
    sizes = ", ".join(f"{name} = {value}" for name, value in counterexample.sizes)
    title = "smallest failing case" if found.certain else "a small failing case"
    yield from _wrapped(f"{title}: {sizes}", width)
    if failure.kind not in ("shape", "dtype"):
        yield from _wrapped(_tensors(failure.case.tensors), width)
    if failure.arrays is not None:
        entry = f"∂L/∂{failure.tensor}{_index(failure.at)}"
        says = f"{entry} is {_number(failure.expected)}, the function says {_number(failure.found)}"
        yield from _wrapped(says, width)
        yield from _drawn(*failure.arrays, failure.at, width)


def _drawn(expected: Array, returned: Array, at: tuple[int, ...], width: int) -> Iterator[str]:
    """Both gradients side by side: the last two axes at the place that is wrong."""
    if prod(expected.shape[-2:]) < 2:
        return
    head = at[:-2]
    blocks = [
        titled(
            title,
            grid([[_number(v) for v in row] for row in slice_of(array, head)], (width - 8) // 2),
        )
        for title, array in (("expected", expected), ("returned", returned))
    ]
    yield ""
    yield from indented(beside(blocks, width - 4), 4)
    yield ""


def _others(findings: tuple[Finding, ...], found: Smallest, width: int) -> Iterator[str]:
    """What is known of the tensors that the counterexample is not about."""
    for finding in findings:
        if finding.tensor == found.failure.tensor:
            text = f"∂L/∂{finding.tensor} is wrong in {finding.wrong} of {finding.observed} cases"
        elif finding.wrong:
            text = (
                f"∂L/∂{finding.tensor} is wrong too, in {finding.wrong} of {finding.observed} cases"
            )
            text += f": {finding.words}" if finding.words else ""
        else:
            text = f"∂L/∂{finding.tensor} is right in all {finding.observed} cases"
        yield from _wrapped(text, width)


def _tensors(tensors: Any) -> str:
    """``where g[0, 0] = 1, k[0, 1] = 1 and all other entries are 0``."""
    shown = [
        f"{name}{_index(at)} = {_number(value)}"
        for name, array in tensors.items()
        for at, value in zip(indices_of(array.shape), array.entries, strict=True)
        if value != 0
    ]
    if not shown:
        return "where all entries are 0"
    if len(shown) > 12:
        shapes = ", ".join(f"{name}{list(array.shape)}" for name, array in tensors.items())
        return f"with tensors of the shapes {shapes}"
    return f"where {', '.join(shown)} and all other entries are 0"


def _index(at: tuple[int, ...]) -> str:
    return str(list(at)) if at else ""


def _number(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.10g}".replace("-", "−")
    return number_text(value)


def _printed(text: str, width: int) -> Iterator[str]:
    lines = text.splitlines()
    if not lines:
        return
    yield ""
    yield f"  printed by the function ({len(lines)} lines):"
    shown = [line[: width - 4] for line in lines[:_PRINTED]]
    yield from indented(shown, 4)
    if len(lines) > _PRINTED:
        yield "    …"
