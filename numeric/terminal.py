"""Progress shown on a terminal; nothing of it in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


def _on_terminal() -> bool:
    return bool(sys.stderr and sys.stderr.isatty())


def spinning(items: Iterator[Any], what: str) -> Iterator[Any]:
    """The items, with a spinner while they are made."""
    if not _on_terminal():
        yield from items
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{what} …"):
        yield from items


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A function that moves a progress bar, (done, total)."""
    if not _on_terminal():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what)
        yield lambda done, total: progress.update(task, completed=done, total=total)
