"""How many wrong programs the properties refute: all that are wrong, or the test fails.

Run: python -m benchmarks.mutation [target] [entry …]

An entry is a layer of ``layers``, or ``shared``: the functions that modules share, each tried in
the modules that have it.  The templates of the target fast are not of a layer, and have a score of
their own: benchmarks.mutation.of_templates.

Results are kept in build/mutation, one file an entry.  A run that was interrupted goes on with the
entry where it was; after a change of the sources every mutant is tried again, first in the way
that refuted it before.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

from rich.console import Console
from rich.progress import Progress

from benchmarks.mutation.layers import NAMES
from benchmarks.mutation.results import Result, counts
from benchmarks.mutation.scores import Tell, of_layer
from benchmarks.mutation.shared import SHARED, of_shared
from benchmarks.mutation.stored import ROOT, Stored

ENTRIES = (*NAMES, SHARED)
FOLDER = ROOT / "build" / "mutation"


def run(entries: Sequence[str], target: str) -> Iterator[list[Result]]:
    """The results of each entry, with a bar on a terminal."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=len(entries))

        def tell(result: Result) -> None:
            bar.update(task, description=result.name[:60])

        for entry in entries:
            yield scored(entry, target, tell)
            bar.advance(task)


def scored(entry: str, target: str, tell: Tell) -> list[Result]:
    """What became of the mutants of one entry; each is kept as soon as it was tried."""
    stored = Stored(FOLDER / target / f"{entry}.json")

    def tried(result: Result) -> None:
        stored.add(result)
        tell(result)

    of_entry = partial(of_shared, NAMES) if entry == SHARED else partial(of_layer, entry)
    found = of_entry(target, stored.earlier(), tried)
    stored.finish(found)
    return found


def row(entry: str, found: Sequence[Result]) -> str:
    """One line of the table: how many mutants, refuted, equivalent, surviving."""
    total = counts(found)
    numbers = (len(found), total["refuted"], total["equivalent"], total["survives"])
    return f"{entry:18}" + "".join(f"{n:9}" for n in numbers)


def main(arguments: Sequence[str]) -> int:
    """Print the score, each entry as soon as it is known; 1 if a mutant survives."""
    target = arguments[0] if arguments else "arrays"
    start = time.perf_counter()
    entries = list(arguments[1:]) or list(ENTRIES)
    found: list[Result] = []
    print(f"target {target:11}  mutants  refuted    equiv. survive")
    for entry, some in zip(entries, run(entries, target), strict=True):
        print(row(entry, some), flush=True)
        for result in some:
            if result.word == "survives":
                print(f"  SURVIVES: {result.name}", flush=True)
        found += some
    for reason, count in Counter(r.argument for r in found if r.word == "equivalent").most_common():
        print(f"{count:6} equivalent: {reason}")
    total = counts(found)
    print(f"\nrefuted {total['refuted']} of {total['refuted'] + total['survives']}")
    for name, count in Counter(r.killer for r in found if r.killer).most_common():
        print(f"  {count:5d} by {name}")
    print(f"{time.perf_counter() - start:.0f} s")
    return 1 if total["survives"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
