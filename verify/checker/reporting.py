"""A verdict as text: the word, the reason, and every obligation with who met it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import groupby

from verify.verdict import Obligation, Verdict

WIDTH = 80
_MARKS = {True: "", False: "FAILS: ", None: "OPEN: "}


def report(verdict: Verdict, title: str = "") -> str:
    """The lines that ``derive LAYER --prove`` shows for one gradient, ending with a newline."""
    return "\n".join(line.rstrip() for line in _lines(verdict, title)) + "\n"


def _lines(verdict: Verdict, title: str) -> Iterator[str]:
    yield f"{title}: {verdict.word}" if title else verdict.word
    yield from _wrapped(verdict.reason, "  ")
    if verdict.counterexample is not None:
        yield from _wrapped(f"counterexample: {verdict.counterexample.text}", "  ")
    if verdict.sample is not None:
        yield from _wrapped(f"compared at small sizes: {verdict.sample.text}", "  ")
    yield ""
    for (place, rule), group in groupby(verdict.obligations, key=lambda o: (o.place, o.rule)):
        yield from _met(f"  {place}, {rule}", list(group))


def _met(head: str, obligations: list[Obligation]) -> Iterator[str]:
    """The step, and below it what had to be shown; the milliseconds stand at the right."""
    replayed = [o for o in obligations if o.decider == "replay" and o.holds]
    yield _timed(head, sum(o.seconds for o in replayed))
    for obligation in obligations:
        if obligation not in replayed:
            text = f"{_MARKS[obligation.holds]}{obligation.text} ({obligation.decider})"
            *lines, last = textwrap.wrap(
                text, WIDTH - 12, initial_indent="    ∵ ", subsequent_indent="      "
            )
            yield from lines
            yield _timed(last, obligation.seconds)


def _timed(text: str, seconds: float) -> str:
    return f"{text:<{WIDTH - 10}}{1000 * seconds:7.1f} ms"


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")
