"""A training from its folder's first file to its last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numeric.training import checkpoints, loop
from numeric.training import folder as folders
from numeric.training.checkpoints import begun, restored, saved
from numeric.training.loop import Diverged, Progress
from numeric.training.preparing import placed, prepared
from numeric.training.state import Training


@dataclass(frozen=True)
class Asked:
    """What a training is asked for: of what, on what, and how it differs from the usual recipe.

    What is None is not said.
    """

    word: str | None = None
    source: str | None = None
    given: Mapping[str, Any] | None = None
    target: str | None = None
    threads: int | None = None
    device: str | None = None


@dataclass(frozen=True)
class Ended:
    """What a training came to; ``stopped`` says why it did not come to its end."""

    training: Training
    folder: Path
    stopped: str = ""
    failed: bool = False


def run(
    asked: Asked,
    folder: Path | None,
    resume: bool,
    progress: Progress = lambda moment: None,
    named: Callable[[Path], None] = lambda folder: None,
) -> Ended:
    """Train, in a folder or a fresh one; with ``resume`` from where that folder's run stands.

    ``ValueError`` where that makes no sense, and where a file cannot be written: what was written
    before is whole then.
    """
    if resume and folder is None:
        raise ValueError("--resume needs the folder of a run: -o DIR")
    begin = None if resume and folder and folders.holds_run(folder) else _begin(asked, folder)
    place = folder or folders.fresh(begin.title if begin else "run")
    with folders.held(place):
        named(place)
        folders.tidied(place)
        if begin is None:
            training = restored(place)
            _check_same(asked, training)
        else:
            if folders.holds_run(place):
                raise ValueError(
                    f"{str(place)!r} holds a run: --resume goes on with it; else choose another -o"
                )
            training = begin
            begun(training, place)
        return _to_the_end(training, place, progress)


def _begin(asked: Asked, folder: Path | None) -> Training:
    if asked.word is None or asked.source is None:
        where = f"; {str(folder)!r} holds no run that could be resumed" if folder else ""
        raise ValueError(f"say what to train on what: derive train lenet --data digits{where}")
    how = (asked.target, asked.threads, asked.device)
    return prepared(asked.word, asked.source, asked.given, *how)


def _check_same(asked: Asked, training: Training) -> None:
    """A run that is resumed stays what it was."""
    network, told = training.network, training.recipe.data
    wanted = training.recipe.changed(asked.given or {}).data
    pairs = {name: (told[name], wanted[name]) for name in told}
    said = {
        "target": (network.target, asked.target),
        "threads": (network.threads, asked.threads),
        "device": (network.place.device, asked.device),
        "data": (training.source, placed(asked.source) if asked.source else None),
        "network": (training.title.partition(" on ")[0], asked.word and Path(asked.word).stem),
    }
    pairs |= {name: pair for name, pair in said.items() if pair[1] is not None}
    for name, (was, now) in pairs.items():
        if was != now:
            raise ValueError(
                f"the run was begun with {name} {was}, not {now}: leave that out, or begin another"
            )


def _to_the_end(training: Training, folder: Path, progress: Progress) -> Ended:
    """All epochs that are left, each with a checkpoint; then the test images, once."""
    if training.test_accuracy is not None:
        checkpoints.shown(training, folder)
        return Ended(training, folder)
    done = len(training.epochs)
    try:
        for epoch in loop.epochs(training, progress):
            saved(training, folder)
            done = epoch.epoch
        tested = training.prepared(training.parts.test)
        training.test_accuracy = training.classifier.accuracy(tested)
        saved(training, folder)
    except Diverged as error:
        return Ended(training, folder, str(error), failed=True)
    except KeyboardInterrupt:
        training.epochs = training.epochs[:done]  # the last one may not have been written
        every = training.recipe.epochs
        return Ended(training, folder, f"interrupted after {done} of {every} epochs")
    return Ended(training, folder)
