"""Work shared among threads, each with memory of its own, and the threads of BLAS."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache, partial
from itertools import pairwise
from typing import Any

import numpy as np

#: memory of a thread by name, kept from one call to the next
Held = dict[Any, Any]
#: the bytes of it that are kept when a call is over
KEPT = 1 << 23
#: the entries of a buffer of NumPy: runs from a quarter of it on are worked on where they lie
BUFFER = 512


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
def blas_users() -> tuple[threading.Lock, list[Any]]:
    """Who has set BLAS's threads just now: a lock, and the numbers that the last one restores."""
    return threading.Lock(), []


@contextlib.contextmanager
def blas_threads(number: int) -> Iterator[None]:
    """BLAS runs on so many threads meanwhile, the fewest where several are in here."""
    lock, users = blas_users()
    with lock:
        now = [library.get_num_threads() for library in blas()]
        set_blas_threads([min(number, n) if users else number for n in now])
        users.append(users[0] if users else now)
    try:
        yield
    finally:
        with lock:
            before = users.pop()
            if not users:
                set_blas_threads(before)


def set_blas_threads(counts: Sequence[int]) -> None:
    """Give each BLAS its number of threads."""
    for library, count in zip(blas(), counts, strict=True):
        if library.get_num_threads() != count:
            library.set_num_threads(count)


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
    held: Held = {}
    with contextlib.suppress(IndexError):
        held = idle().pop()
    yield held
    if sum(getattr(array, "nbytes", 0) for array in held.values()) <= KEPT:
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


def planned(held: Held, key: Any, make: Callable[[Any, Held], list[Any]], problem: Any) -> Any:
    """``make(problem, held)``, kept with the memory to which its views belong.

    ``key`` names the algorithm and all that the plan depends on.
    """
    plans = held.setdefault("plans", {})
    if key not in plans:
        made = make(problem, held)
        plans = held.setdefault("plans", {})
        if len(plans) >= PLANS:
            plans.clear()
        plans[key] = made
    return plans[key]


#: the plans kept with a thread's memory
PLANS = 64
