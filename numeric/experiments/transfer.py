"""What ``derive transfer`` does."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from derive.presentation.blocks import Chapter
from numeric.experiments.grid import Interrupted, carried_out, cores
from numeric.experiments.results import results
from numeric.experiments.telling import listing, unfinished
from numeric.experiments.transferring import TASKS, Asked
from numeric.experiments.watching import watched


def tasks() -> Chapter:
    """The tasks that there are."""
    return listing("tasks", TASKS)


def transfer(asked: Asked, task: str, folder: str | None, processes: int | None) -> list[Chapter]:
    """Train sources, and the target from them, as far as the folder has no results yet."""
    chosen = TASKS.get(task)
    where = Path(folder or f"runs/transfer-{task}-{Path(asked.target).stem.replace(':', '-')}")
    try:
        with results(where) as kept, watched(where) as progress:
            done = partial(
                carried_out, results=kept, processes=processes or cores(), progress=progress
            )
            return [Chapter("transfers", (chosen.told(asked, where, done),))]
    except Interrupted as error:
        return unfinished("transfers", error)
