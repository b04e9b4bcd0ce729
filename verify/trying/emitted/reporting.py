"""The examination of a program as plain text."""

from __future__ import annotations

from collections.abc import Iterator

from verify.trying.emitted.examination import Examination, Line
from verify.trying.emitted.snippets import snippet
from verify.trying.numbers import EXACTLY, numbers_of

#: the exit code that stands for a verdict
EXIT_CODES = {"tested": 0, "refuted": 1, "undecided": 3}


def exit_code(examination: Examination) -> int:
    """0 tested, 1 refuted, 3 undecided."""
    return EXIT_CODES[examination.word]


def report(examination: Examination, title: str, kernel: str) -> str:
    """One line a property; for a failure a program that shows it, beginning with ``kernel``."""
    return "\n".join(_lines(examination, title, kernel)) + "\n"


def _lines(examination: Examination, title: str, kernel: str) -> Iterator[str]:
    yield f"{examination.word}: {title}"
    yield ""
    width = max(len(line.wanted.name) for line in examination.lines)
    for line in examination.lines:
        yield f"  {line.wanted.name:<{width}}  {_sentence(line)}"
    yield ""
    how = EXACTLY.get(numbers_of(examination.subject.layer), "up to rounding")
    yield f"  compared {how}, unless the property says otherwise; seed {examination.seed}"
    failure = examination.failure
    if failure is not None:
        yield ""
        yield f"  {failure.words}:"
        yield ""
        yield from snippet(failure, kernel).splitlines()


def _sentence(line: Line) -> str:
    if line.reason:
        return f"does not apply: {line.reason}"
    skipped = f", {line.skipped} left out" if line.skipped else ""
    return f"{line.word}, {line.held} examples{skipped}"
