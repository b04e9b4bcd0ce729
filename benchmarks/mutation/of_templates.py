"""How many mutants of the fast templates are refuted by comparing them with the plain sum.

Run: python -m benchmarks.mutation.of_templates [function …]

Each mutant changes one place in one function of the templates, as they stand in a generated module.
It runs in a process of its own, since a wrong index may end it, on the small problems of
tests/numeric/templates/problems.py, with every algorithm that applies, in half of them in small
blocks and in memory between entries that no result may depend on.  Refuted: a wrong entry, an
error, a crash, or no end.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress

import derive
import numeric
from benchmarks.mutation.templates import argument
from benchmarks.mutation.texts import Mutant, mutants
from numeric.emission.embedding import parts
from numeric.emission.loading import loaded
from numeric.targets.fast import TEMPLATES
from numeric.templates import costs
from numeric.templates.correlation import candidates, computable
from tests.numeric.templates.problems import allowed, drawn, plain, poisoned

CASES = 260
#: seconds after which a mutant that goes on is taken for one without an end
LIMIT = 60
#: bytes of a block in every second problem, whose memory is watched
SMALL = 1 << 6
#: functions about threads and memory
RESOURCES = (
    "blas_threads",
    "set_blas_threads",
    "blas_users",
    "cores",
    "planned",
    "small_buffers",
    "borrowed",
    "memory",
)
#: what a mutant's process ends with
REFUTED, SURVIVES = 0, 1


@cache
def text() -> str:
    """A module with all templates."""
    return numeric.code(derive.layer("conv", channels=True), "fast")


@cache
def problems() -> list[tuple[Any, Any, dict[str, float]]]:
    """Problems with their sums, and how far each algorithm may be from it."""
    found = []
    for case in range(CASES):
        problem = drawn(case)
        if computable(problem):
            names = [c.name for c in candidates(problem) if not c.refused]
            rooms = {name: allowed(name, problem) for name in names}
            found.append((problem, plain(problem), rooms))
    return found


@cache
def reached(function: str, stop: str = "") -> frozenset[str]:
    """All that a function uses, directly or not, without what is used by ``stop`` only."""
    found, pending = {function}, [function]
    known = parts(TEMPLATES)
    while pending:
        name = pending.pop()
        used = known[name].used if name in known and name != stop else frozenset()
        pending += used - found
        found |= used
    return frozenset(found)


def refuted(mutant: Mutant) -> bool:
    """Whether an algorithm that uses the function computes something else, or fails."""
    first = mutant.function in reached("correlate", "solve")
    try:
        module: Any = loaded("mutant", mutant.text)
        memory, block = module.memory, module.BLOCK
        for case, (problem, expected, rooms) in enumerate(problems()):
            watched = case % 2 == 1
            module.memory, module.BLOCK = (poisoned, SMALL) if watched else (memory, block)
            for candidate in module.candidates(problem):
                run = getattr(candidate.run, "__name__", "")
                if not candidate.refused and mutant.function in reached(run):
                    problem.out[...] = 99
                    candidate.run(problem)
                    room = rooms.get(candidate.name, 0.0)
                    if not np.all(np.abs(problem.out - expected) <= room):
                        return True
            if mutant.function in reached("parts_of"):
                each_part(module, problem)
            if first:
                problem.out[...] = 99
                called(module, problem, problem.threads)
                if not np.all(np.abs(problem.out - expected) <= max(rooms.values(), default=0.0)):
                    return True
        called(module, problem, None)
    except Exception:
        return True
    with suppress(ValueError):
        called(module, problem, 0)
        return True
    return False


def each_part(module: Any, problem: Any) -> None:
    """Every algorithm on every part: ``parting`` itself takes only the quickest."""
    for piece in module.parts_of(problem):
        if computable(piece):
            for candidate in module.candidates(piece):
                if not candidate.refused:
                    candidate.run(piece)


def called(module: Any, problem: Any, threads: int | None) -> None:
    """The problem as generated code asks for it."""
    axes = {name: getattr(problem, name) for name in ("step", "spread", "stuffing", "addend")}
    arrays = problem.out, problem.signal, problem.kernel
    module.correlate(*arrays, **axes, shift=[-n for n in problem.lower], threads=threads)


def tried(mutant: Mutant) -> str:
    """*refuted*, *equivalent* or *survives*."""
    child = os.fork()
    if child == 0:
        signal.alarm(LIMIT)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        warnings.simplefilter("ignore")
        np.seterr(all="ignore")
        os._exit(REFUTED if refuted(mutant) else SURVIVES)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) != SURVIVES:
        return "refuted"
    return "equivalent" if argument(mutant) else "survives"


def wanted(functions: Sequence[str]) -> list[Mutant]:
    """The mutants of the functions named so, or of all that decide what is computed."""
    chosen = functions or [f for f in parts(TEMPLATES) if f not in pacing()]
    return list(mutants(text(), chosen))


def pacing() -> set[str]:
    """Functions that decide only which algorithm runs, in which pieces, on how many threads.

    Whatever they say, the result is the same.
    """
    return {
        *vars(costs),
        "candidates",
        "solve",
        "lengths",
        "minimal",
        "minimal_seconds",
        *RESOURCES,
    } | {name for name in parts(TEMPLATES) if name.endswith(("_blocks", "_cost"))}


def run(some: Sequence[Mutant]) -> Iterator[str]:
    """What became of each, on two processes."""
    problems()
    with (
        ProcessPoolExecutor(2) as pool,
        Progress(console=Console(stderr=True), transient=True) as bar,
    ):
        task = bar.add_task("mutants", total=len(some))
        for word in pool.map(tried, some, chunksize=8):
            bar.advance(task)
            yield word


def main(functions: Sequence[str]) -> int:
    """Print the score; 1 if a mutant survives."""
    start = time.perf_counter()
    some = wanted(functions)
    words = []
    for mutant, word in zip(some, run(some), strict=True):
        words.append(word)
        if word == "equivalent":
            print(f"equivalent: {mutant.name}\n    {argument(mutant)}", flush=True)
        elif word == "survives":
            print(f"SURVIVES: {mutant.name}", flush=True)
    total = Counter(words)
    print(f"\n{len(some)} mutants of {len({m.function for m in some})} functions")
    wrong = total["refuted"] + total["survives"]
    print(f"refuted {total['refuted']} of {wrong}; {total['equivalent']} equivalent")
    print(f"{time.perf_counter() - start:.0f} s")
    return 1 if total["survives"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
