"""All trainings of an experiment that its folder has no results of, in parallel processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from numeric.experiments.plan import Record
from numeric.experiments.results import Results

#: a function of a module: what to train, and the folder that it may write further files into
Work = Callable[[Record, Path], Record]
#: what is told after each training: how many are done, and of how many
Progress = Callable[[int, int], None]


class Interrupted(Exception):
    """Ctrl-C: how many trainings are done, and of how many."""

    def __init__(self, done: int, total: int) -> None:
        super().__init__(f"interrupted after {done} of {total} trainings")


def carried_out(
    work: Work,
    runs: Sequence[Record],
    results: Results,
    processes: int,
    progress: Progress = lambda done, total: None,
) -> list[Record]:
    """What each run came to, in order; a result is kept as soon as it is there.

    ``ValueError`` of the first training that fails; ``Interrupted`` by Ctrl-C.  What is done is
    kept either way.
    """
    missing = [run for run in runs if results.found(run) is None]
    done = len(runs) - len(missing)
    progress(done, len(runs))
    with _pool(min(processes, len(missing))) as pool:
        try:
            futures = {pool.submit(work, run, results.folder): run for run in missing}
            for future in _completed(futures):
                results.add(futures[future], future.result())
                done += 1
                progress(done, len(runs))
        except BrokenProcessPool:
            raise ValueError(
                f"a process was killed, perhaps for want of memory; {done} of {len(runs)}"
                " trainings are kept: give the same command again, with fewer --processes"
            ) from None
        except BaseException as error:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in multiprocessing.active_children():
                child.terminate()
            if isinstance(error, KeyboardInterrupt):
                raise Interrupted(done, len(runs)) from None
            raise
    return [found for run in runs if (found := results.found(run)) is not None]


def _completed(futures: Iterable[Future[Record]]) -> Iterator[Future[Record]]:
    """Futures as they end."""
    pending = set(futures)
    while pending:
        ended, pending = wait(pending, return_when=FIRST_COMPLETED)
        yield from ended


def _pool(processes: int) -> ProcessPoolExecutor:
    """Processes that share nothing with this one, and leave Ctrl-C to it."""
    fresh = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(max(1, processes), mp_context=fresh, initializer=_alone)


def _alone() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def cores() -> int:
    """How many processes can compute at once."""
    return os.cpu_count() or 1
