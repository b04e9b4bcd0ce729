"""What ``derive train`` does and tells."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from derive.plugins import Plugins
from derive.presentation.blocks import Chapter, Definitions, Heading, Told
from numeric.training.checkpoints import torch_named
from numeric.training.loop import Moment, Progress
from numeric.training.reporting import told
from numeric.training.running import Asked, run


def trained(
    asked: Mapping[str, Any],
    folder: str | None,
    resume: bool,
    given: Mapping[str, Any],
    torch_names: bool = False,
) -> list[Chapter]:
    """Train, and tell what it came to; pictures are written into the folder at the end.

    With ``torch_names``, the weights once more, as PyTorch calls them.
    """
    with bar() as (progress, named):
        place = None if folder is None else Path(folder)
        ended = run(Asked(**asked, given=given), place, resume, progress, named)
    if torch_names:
        torch_named(ended.training, ended.folder)
    if ended.training.test_accuracy is not None:
        from numeric.training.pictures import drawn  # local: start-up time

        drawn(ended.training, ended.folder)
    return [told(ended)]


def listing() -> list[Chapter]:
    """What a training can be put together of."""
    from numeric.augmentation import AUGMENTATIONS  # local: start-up time
    from numeric.data import SOURCES  # local: start-up time
    from numeric.initialisations import INITIALISATIONS  # local: start-up time
    from numeric.optimisers import OPTIMISERS  # local: start-up time
    from numeric.presets import PRESETS  # local: start-up time
    from numeric.schedules import SCHEDULES  # local: start-up time

    kinds: dict[str, Plugins[Any]] = {
        "presets": PRESETS,
        "data sets": SOURCES,
        "optimisers": OPTIMISERS,
        "schedules": SCHEDULES,
        "augmentations": AUGMENTATIONS,
        "initialisations": INITIALISATIONS,
    }
    return [Chapter(title, (_listed(title, known),)) for title, known in kinds.items()]


def _listed(title: str, known: Plugins[Any]) -> Told:
    summaries = {_shown(name, known): known.get(name).SUMMARY for name in known.names()}
    entries = tuple((name, (words,)) for name, words in summaries.items())
    records = [{"name": name, "summary": words} for name, words in summaries.items()]
    return Told(lambda: [Heading((title,), 1), Definitions(entries)], lambda: records)


def _shown(name: str, known: Plugins[Any]) -> str:
    """The name, with the options it takes and their defaults."""
    options = getattr(known.get(name), "OPTIONS", {})
    written = ", ".join(f"{option}={value:.4g}" for option, value in options.items())
    return f"{name}({written})" if written else name


@contextmanager
def bar() -> Iterator[tuple[Progress, Any]]:
    """What is told while a training goes on, on a terminal and nowhere else."""
    if not (sys.stderr and sys.stderr.isatty()):
        yield lambda moment: None, lambda folder: None
        return
    from rich.console import Console  # local: only on a terminal
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    columns = (
        TextColumn("epoch {task.fields[epoch]}"),
        BarColumn(),
        TextColumn("{task.fields[told]}"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=console, transient=True) as shown:
        task = shown.add_task("training", epoch=1, told="code is generated for the first step")

        def moved(moment: Moment) -> None:
            shown.update(
                task,
                completed=moment.done,
                total=moment.total,
                epoch=moment.epoch,
                told=f"loss {moment.loss:.4f}  accuracy {moment.accuracy:.1%}"
                f"  {moment.images_per_second:.0f} images/s",
            )

        yield moved, lambda folder: console.print(f"writing into {folder}", highlight=False)
