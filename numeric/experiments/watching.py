"""What is shown while an experiment goes on, on a terminal and nowhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from numeric.experiments.grid import Progress


@contextmanager
def watched(folder: Path) -> Iterator[Progress]:
    """A bar that counts trainings."""
    if not (sys.stderr and sys.stderr.isatty()):
        yield lambda done, total: None
        return
    from rich import progress as bars  # local: only on a terminal
    from rich.console import Console  # local: only on a terminal

    console = Console(stderr=True)
    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TextColumn("trainings,"),
        bars.TimeElapsedColumn(),
        bars.TextColumn("gone,"),
        bars.TimeRemainingColumn(),
        bars.TextColumn("left"),
    )
    console.print(f"results in {folder}; given again, the command goes on there", highlight=False)
    with bars.Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(folder.name, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)
