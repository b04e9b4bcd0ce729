"""What experiments have in common where they are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from derive.plugins import Plugins
from derive.presentation.blocks import (
    Block,
    Chapter,
    Code,
    Definitions,
    Heading,
    Told,
    written,
)
from numeric.experiments.grid import Interrupted
from numeric.tables import table
from verify.verdict import INTERRUPTED


def grid(rows: Mapping[str, Sequence[str]], columns: Sequence[str], corner: str = "") -> Block:
    """Figures under the names of columns, each row with its name; all of them, however many."""
    return Code(table((corner, *columns), [(name, *row) for name, row in rows.items()]))


def listing(title: str, known: Plugins[Any]) -> Chapter:
    """All entries of a kind, with their summaries."""
    summaries = {name: known.get(name).SUMMARY for name in known.names()}
    entries = tuple((name, (words,)) for name, words in summaries.items())
    records = [{"name": name, "summary": words} for name, words in summaries.items()]
    told = Told(lambda: [Heading((title,), 1), Definitions(entries)], lambda: records)
    return Chapter(title, (told,))


def unfinished(kind: str, error: Interrupted) -> list[Chapter]:
    """What is told of an experiment that Ctrl-C ended."""
    told = f"{error}; what is done is kept: to go on, give the same command again\n"
    return [written(kind, told, status=INTERRUPTED)]
