"""Blocks of work shared among threads, each with BLAS held to one thread."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache, partial
from itertools import pairwise
from typing import Any


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
def blas() -> Any:
    """What holds BLAS to one thread: threadpoolctl, or nothing where it is not installed."""
    with contextlib.suppress(ImportError):
        from threadpoolctl import ThreadpoolController

        return ThreadpoolController().select(user_api="blas")
    return None


@cache
def blas_users() -> tuple[threading.Lock, list[Any]]:
    """Who holds BLAS to one thread just now: a lock, and the limits that the last one lifts."""
    return threading.Lock(), []


@contextlib.contextmanager
def single_blas_thread() -> Iterator[None]:
    """BLAS runs on one thread meanwhile, also where several threads are in here at once."""
    controller = blas()
    if controller is None:
        yield
        return
    lock, users = blas_users()
    with lock:
        users.append(users[0] if users else controller.limit(limits=1))
    try:
        yield
    finally:
        with lock:
            limit = users.pop()
            if not users:
                limit.restore_original_limits()


def shared(work: Callable[[Sequence[Any]], Any], parts: Sequence[Any], threads: int) -> list[Any]:
    """``work`` done on contiguous shares of the parts, one a thread; what it returned, in order."""
    count = max(1, min(threads, len(parts)))
    bounds = [len(parts) * k // count for k in range(count + 1)]
    shares = [parts[lo:hi] for lo, hi in pairwise(bounds)]
    return together([partial(work, share) for share in shares])


def drained(work: Callable[[Iterable[Any]], Any], parts: Sequence[Any], threads: int) -> None:
    """``work`` done on the parts by several threads, each of which takes the next part there is."""
    common = iter(parts)
    together([partial(work, common)] * max(1, min(threads, len(parts))))


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
