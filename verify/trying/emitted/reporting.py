"""What is told of the properties of a program."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from derive.presentation.blocks import (
    Block,
    Code,
    Definitions,
    Facts,
    Heading,
    Paragraph,
    Strong,
    Told,
)
from verify.trying.emitted.examination import ExaminedCode, Line
from verify.trying.emitted.snippets import snippet
from verify.trying.numbers import EXACTLY, numbers_of
from verify.verdict import EXIT_CODES


def told(examination: ExaminedCode, title: str, kernel: str) -> Told:
    """One line a property; for a failure a program that shows it, beginning with ``kernel``."""
    status = EXIT_CODES["generated"][examination.word]
    return Told(
        partial(_blocks, examination, title, kernel),
        partial(_records, examination, title, kernel, status),
        status,
    )


def _blocks(examination: ExaminedCode, title: str, kernel: str) -> Iterator[Block]:
    yield Heading((Strong(examination.word), f": {title}"), 3)
    lines = tuple((line.wanted.name, (_sentence(line),)) for line in examination.lines)
    yield Definitions(lines)
    how = EXACTLY.get(numbers_of(examination.subject.layer), "up to rounding")
    compared = f"compared {how}, unless the property says otherwise; seed {examination.seed}"
    yield Facts(((compared,),))
    failure = examination.failure
    if failure is not None:
        why = f": {examination.reason}" if examination.reason else ""
        yield Paragraph((f"{failure.words}{why}:",))
        yield Code(snippet(failure, kernel), "python")


def _sentence(line: Line) -> str:
    if line.reason:
        return f"does not apply: {line.reason}"
    skipped = f", {line.skipped} left out" if line.skipped else ""
    return f"{line.word}, {line.held} examples{skipped}"


def _records(
    examination: ExaminedCode, title: str, kernel: str, status: int
) -> Iterator[dict[str, Any]]:
    failure = examination.failure
    yield {
        "of": title,
        "layer": examination.subject.layer.text,
        "word": examination.word,
        "exit_code": status,
        "seed": examination.seed,
        "properties": [
            {
                "name": line.wanted.name,
                "word": line.word,
                "reason": line.reason,
                "held": line.held,
                "skipped": line.skipped,
            }
            for line in examination.lines
        ],
        "failure": None
        if failure is None
        else {
            "words": failure.words,
            "reason": examination.reason,
            "program": snippet(failure, kernel),
        },
    }
