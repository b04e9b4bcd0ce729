"""How many wrong programs the properties refute: all that are wrong, or the test fails.

Run: python -m benchmarks.mutation [target] [entry …]

An entry is a layer of ``layers``, or ``shared``: the functions that modules share, each tried in
the modules of one layer after the other.  The templates of the target fast are not of a layer, and
have a score of their own: benchmarks.mutation.of_templates.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from rich.console import Console
from rich.progress import Progress

from benchmarks.mutation.layers import NAMES
from benchmarks.mutation.results import Result, counts
from benchmarks.mutation.scores import SHARED, of_layer, of_shared

ENTRIES = (*NAMES, SHARED)


def scored(entry: str, target: str) -> list[Result]:
    """What became of the mutants of one entry."""
    return of_shared(NAMES, target) if entry == SHARED else of_layer(entry, target)


def run(entries: Sequence[str], target: str) -> Iterator[list[Result]]:
    """The results of each entry, on two processes."""
    with (
        ProcessPoolExecutor(2) as pool,
        Progress(console=Console(stderr=True), transient=True) as bar,
    ):
        task = bar.add_task("mutants", total=len(entries))
        for found in pool.map(partial(scored, target=target), entries):
            bar.advance(task)
            yield found


def row(entry: str, found: Sequence[Result]) -> str:
    """One line of the table: how many mutants, refuted, equivalent, surviving."""
    total = counts(found)
    numbers = (len(found), total["refuted"], total["equivalent"], total["survives"])
    return f"{entry:18}" + "".join(f"{n:9}" for n in numbers)


def main(arguments: Sequence[str]) -> int:
    """Print the score; 1 if a mutant survives."""
    target = arguments[0] if arguments else "arrays"
    start = time.perf_counter()
    entries = list(arguments[1:]) or list(ENTRIES)
    by_entry = dict(zip(entries, run(entries, target), strict=True))
    found = [result for some in by_entry.values() for result in some]
    for result in found:
        if result.word == "equivalent":
            print(f"equivalent: {result.name}\n    {result.argument}")
    for result in found:
        if result.word == "survives":
            print(f"SURVIVES: {result.name}")
    print(f"\ntarget {target:11}  mutants  refuted    equiv. survive")
    for entry, some in by_entry.items():
        print(row(entry, some))
    total = counts(found)
    print(f"\nrefuted {total['refuted']} of {total['refuted'] + total['survives']}")
    for name, count in Counter(r.killer for r in found if r.killer).most_common():
        print(f"  {count:5d} by {name}")
    print(f"{time.perf_counter() - start:.0f} s")
    return 1 if total["survives"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
