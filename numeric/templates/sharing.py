"""Work cut into blocks and shared among threads, each with memory of its own; BLAS's threads."""

from __future__ import annotations

import contextlib
import math
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache, partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from numeric.templates.geometry import Array, Block, CorrelationProblem, remembered, signature

#: the bytes of a thread's memory that are kept when a call is over
KEPT = 1 << 23
#: the plans kept with it
PLANS = 64
#: the entries of a buffer of NumPy: runs from a quarter of it on are worked on where they lie
BUFFER = 512

#: what computes one block of a problem, with the kernel as it is needed, or with the sum so far
Task = Callable[[CorrelationProblem, Array], None]


class Held(NamedTuple):
    """A thread's memory by name and dtype, and the plans whose tasks hold views of it."""

    arrays: dict[Any, Array]
    plans: dict[Any, list[Task]]


def cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def workers(count: int, process: int) -> ThreadPoolExecutor:
    """A pool of threads, kept; a fork inherits none, so ``process`` is its owner's id."""
    return ThreadPoolExecutor(count)


@cache
def blas() -> list[Any]:
    """What sets the threads of each BLAS: from threadpoolctl, none where it is not installed."""
    with contextlib.suppress(ImportError):
        from threadpoolctl import ThreadpoolController

        return list(ThreadpoolController().select(user_api="blas").lib_controllers)
    return []


@cache
def blas_users() -> tuple[threading.Lock, dict[str, Any]]:
    """A lock, how many have set BLAS's threads just now, and what the last one restores, if any."""
    return threading.Lock(), {"count": 0, "before": None}


@contextlib.contextmanager
def blas_threads(number: int) -> Iterator[None]:
    """BLAS runs on so many threads meanwhile, the fewest where several are in here."""
    lock, users = blas_users()
    with lock:
        now = [library.get_num_threads() for library in blas()]
        wanted = [min(number, n) if users["count"] else number for n in now]
        if set_blas_threads(now, wanted) and users["before"] is None:
            users["before"] = now
        users["count"] += 1
    try:
        yield
    finally:
        with lock:
            users["count"] -= 1
            if not users["count"] and users["before"] is not None:
                now = [library.get_num_threads() for library in blas()]
                set_blas_threads(now, users["before"])
                users["before"] = None


def set_blas_threads(now: Sequence[int], wanted: Sequence[int]) -> bool:
    """Give each BLAS its number of threads; whether one had another."""
    for library, old, new in zip(blas(), now, wanted, strict=True):
        if old != new:
            library.set_num_threads(new)
    return list(now) != list(wanted)


@contextlib.contextmanager
def small_buffers() -> Iterator[None]:
    """NumPy's operations copy runs of less than a quarter of a buffer into it: shorter ones now."""
    before = np.setbufsize(BUFFER)
    try:
        yield
    finally:
        np.setbufsize(before)


@cache
def idle() -> list[Held]:
    """The memory that no thread uses just now."""
    return []


@contextlib.contextmanager
def borrowed() -> Iterator[Held]:
    """Memory for the thread that runs this; kept for later unless there is much of it."""
    held = Held({}, {})
    with contextlib.suppress(IndexError):
        held = idle().pop()
    yield held
    if sum(array.nbytes for array in held.arrays.values()) <= KEPT:
        idle().append(held)


def drained(act: Callable[[int, Held], Any], count: int, threads: int) -> None:
    """``act(0 … count − 1)`` by several threads, each of which takes the next number there is."""
    numbers = iter(range(count))

    def work() -> None:
        with borrowed() as held:
            for number in numbers:
                act(number, held)

    together([work] * max(1, min(threads, count)))


def shared(work: Callable[[range, Held], Any], count: int, threads: int) -> list[Any]:
    """``work`` on contiguous shares of 0 … count − 1, one a thread; what it returned, in order."""
    number = max(1, min(threads, count))
    bounds = [count * k // number for k in range(number + 1)]

    def done(share: range) -> Any:
        with borrowed() as held:
            return work(share, held)

    return together([partial(done, range(lo, hi)) for lo, hi in pairwise(bounds)])


def together(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """What the calls return, each made on a thread of its own, the first one on this thread."""
    if len(calls) == 1:
        return [calls[0]()]
    pool = workers(len(calls) - 1, os.getpid())
    others = [pool.submit(copy_context().run, call) for call in calls[1:]]
    try:
        mine = calls[0]()
    finally:
        errors = [other.exception() for other in others]
    for error in errors:
        if error is not None:
            raise error
    return [mine, *(other.result() for other in others)]


def memory(held: Held, name: str, shape: Sequence[int], dtype: Any) -> Array:
    """Memory of that shape, kept under its name and dtype from one block to the next.

    Where it has to grow, plans that hold views of the old memory are dropped with it.
    """
    size, key = math.prod(shape), (name, np.dtype(dtype))
    if key not in held.arrays or held.arrays[key].size < size:
        held.arrays[key] = np.empty(size, dtype)
        held.plans.clear()
    return held.arrays[key][:size].reshape(shape)


# --- work in blocks -----------------------------------------------------------------------------
# ``cut`` says which blocks a problem has, ``task(problem, held, *block)`` what computes one of them
# for any arrays of these shapes, with views of memory that are made once.


def in_blocks(
    problem: CorrelationProblem,
    cut: Callable[[CorrelationProblem], list[Block]],
    task: Callable[..., Task],
    factor: Array,
) -> None:
    """Every block by its task, on the threads."""
    known = task, signature(problem)
    parts = remembered(cut, problem)

    def act(number: int, held: Held) -> None:
        planned(held, known, parts, problem)[number](problem, factor)

    drained(act, len(parts), problem.threads)


def summed_in_blocks(
    problem: CorrelationProblem,
    cut: Callable[[CorrelationProblem], list[Block]],
    task: Callable[..., Task],
    shape: Sequence[int],
) -> Array:
    """What the tasks add up to: each thread its share in order, and the shares in order."""
    known = task, signature(problem)
    parts = remembered(cut, problem)

    def work(share: range, held: Held) -> Array:
        total = np.zeros(shape, problem.out.dtype)
        tasks = planned(held, known, parts, problem)
        for number in share:
            tasks[number](problem, total)
        return total

    totals = shared(work, len(parts), problem.threads)
    made: Array = sum(totals[1:], totals[0])
    return made


def planned(
    held: Held,
    known: tuple[Callable[..., Task], Any],
    parts: Sequence[Block],
    problem: CorrelationProblem,
) -> list[Task]:
    """The tasks of all blocks, kept with the memory to which their views belong."""
    if known not in held.plans:
        made = [known[0](problem, held, *block) for block in parts]
        if len(held.plans) >= PLANS:
            held.plans.clear()
        held.plans[known] = made
    return held.plans[known]
