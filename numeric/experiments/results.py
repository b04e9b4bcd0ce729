"""A folder of results: ``results.jsonl`` has a line for each training that is done.

A line holds what was trained (``run``) and what was found (``found``).  The file is replaced whole
after each training, so it can be read whenever the process is killed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from numeric.experiments.plan import Record
from numeric.training import files
from numeric.training.folder import held, tidied

RESULTS = "results.jsonl"


class Results:
    """What a folder holds; ``add`` writes at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._rows = list(_rows(folder / RESULTS))

    def found(self, run: Record) -> Record | None:
        """What that training came to, if it is done."""
        return next((row["found"] for row in self._rows if row["run"] == run), None)

    def add(self, run: Record, found: Record) -> None:
        """Keep what a training came to."""
        self._rows.append({"run": run, "found": found})
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in self._rows)
        files.written(self.folder / RESULTS, "".join(lines).encode())


@contextmanager
def results(folder: Path) -> Iterator[Results]:
    """The results of a folder, for this process alone."""
    with held(folder):
        tidied(folder)
        yield Results(folder)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    if not path.exists():
        return
    for number, line in enumerate(files.read(path).decode(errors="replace").splitlines(), 1):
        try:
            row = json.loads(line)
            if not (isinstance(row["run"], dict) and isinstance(row["found"], dict)):
                raise TypeError("run and found are objects")
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"line {number} of {str(path)!r} is damaged ({error}): take it out, and the"
                " training is run again"
            ) from None
        yield row
