"""One function in many files, as many people have handed it in: a table with a row for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from glob import glob, has_magic
from pathlib import Path
from typing import Any

from derive.presentation.blocks import Block, Heading, Strong, Table, Told
from verify.trying.process.process import CannotRun
from verify.trying.user.examination import ExaminedFunction
from verify.verdict import CRASHED, EXIT_CODES, WRONG_USE, together

#: what stands in the place of a verdict where there is none
_BROKEN = "cannot be run"


@dataclass(frozen=True)
class Row:
    """What came of one file."""

    file: str
    verdict: str
    sentence: str
    smallest_case: str
    exit_code: int


def files(pattern: str) -> list[str]:
    """The files that a pattern such as ``submissions/*/layers.py`` means; none of a plain name."""
    if Path(pattern).exists() or not has_magic(pattern):
        return []
    found = sorted(f for f in glob(pattern, recursive=True) if Path(f).is_file())
    if not found:
        raise CannotRun(f"no file has a name like {pattern!r}")
    return found


def row(file: str, examined: Callable[[str], ExaminedFunction]) -> Row:
    """One file tried; whatever is wrong with it costs this row only."""
    try:
        verdict = examined(file).verdict
    except CannotRun as problem:
        said = str(problem).removeprefix(f"{file}: ").replace("\n", "; ")
        return Row(file, _BROKEN, said, "", WRONG_USE)
    except Exception as error:
        said = f"a mistake of derive, please report it: {type(error).__name__}: {error}"
        return Row(file, "undecided", said, "", CRASHED)
    smallest = "" if verdict.counterexample is None else verdict.counterexample.text
    code = EXIT_CODES["function"][verdict.word]
    return Row(file, verdict.word, verdict.reason, smallest, code)


def told(function: str, layer: str, rows: Sequence[Row]) -> Told:
    """The table; its exit code is that of the worst row."""

    def blocks() -> Iterator[Block]:
        counts = {r.verdict: 0 for r in rows}
        for r in rows:
            counts[r.verdict] += 1
        listed = ", ".join(f"{n} {word}" for word, n in counts.items())
        yield Heading((Strong(f"{len(rows)} files"), f": {function} of {layer}: {listed}"), 3)
        columns = ("file", "verdict", "sentence", "smallest case")
        yield Table(columns, tuple((r.file, r.verdict, r.sentence, r.smallest_case) for r in rows))

    def records() -> Iterator[dict[str, Any]]:
        for r in rows:
            yield {"function": function, **asdict(r)}

    return Told(blocks, records, together(r.exit_code for r in rows))
