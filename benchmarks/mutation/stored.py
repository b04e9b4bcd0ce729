"""Results in files, one for each entry: what an earlier run found is not searched for again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from pathlib import Path

from benchmarks.mutation.results import Earlier, Result

ROOT = Path(__file__).parents[2]
#: the sources that decide what is mutated, how it is tried, and what comes of it
SOURCES = ("derive", "verify", "numeric", *(f"benchmarks/mutation/{name}" for name in (
    "operators", "calls.py", "code.py", "formulas.py", "layers.py", "modules.py", "sameness.py",
    "scoring.py", "shared.py", "texts.py", "variants.py")))  # fmt: skip
#: after so many results the file is written
_OFTEN = 50


class Stored:
    """The file of an entry: results, each with the sources that it was found with."""

    def __init__(self, path: Path) -> None:
        self.path = path
        content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
        self._new = 0
        self._found = {one["name"]: Result(**one) for one, _ in content}
        self._sources = {one["name"]: sources for one, sources in content}

    def earlier(self) -> Earlier:
        """What was found before; final if no source has changed since."""
        same = frozenset(name for name, sources in self._sources.items() if sources == digest())
        return Earlier(dict(self._found), same)

    def add(self, result: Result) -> None:
        """Keep a result in place of an earlier one."""
        self._found[result.name] = result
        self._sources[result.name] = digest()
        self._new += 1
        if self._new % _OFTEN == 0:
            self._write(self._found)

    def finish(self, results: Iterable[Result]) -> None:
        """These are all: what others there were is of mutants that are no longer made."""
        self._write([one.name for one in results])

    def _write(self, names: Iterable[str]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        content = [(asdict(self._found[name]), self._sources[name]) for name in names]
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps(content, ensure_ascii=False, indent=0), encoding="utf-8")
        beside.replace(self.path)


@cache
def digest() -> str:
    """A number for the text of all sources."""
    roots = [ROOT / name for name in SOURCES]
    files = sorted(p for root in roots for p in (root.rglob("*.py") if root.is_dir() else [root]))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
