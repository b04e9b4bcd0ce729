"""A training as a table."""

from __future__ import annotations

from collections.abc import Sequence

from numeric.training.loop import Epoch, Run

HEADINGS = ("epoch", "loss", "train", "test", "seconds")


def report(run: Run, epochs: Sequence[Epoch]) -> str:
    """What was trained on what, a line an epoch, and the accuracy at the end."""
    rows = [HEADINGS, *(_row(epoch) for epoch in epochs)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = ["  ".join(f"{c:>{w}}" for c, w in zip(r, widths, strict=True)) for r in rows]
    return "\n".join([*_heading(run), "", *table, "", _summary(run, epochs)]) + "\n"


def _heading(run: Run) -> list[str]:
    settings, parts = run.settings, run.split
    shape = "×".join(map(str, parts.train.shape))
    count = sum(array.size for array in run.classifier.network.parameters.values())
    return [
        f"{run.title}: {count:,} parameters, seed {settings.seed}",
        f"{len(parts.train):,} images to train on, {len(parts.test):,} held out to test on;"
        f" {shape}, {len(parts.train.classes)} classes",
        f"SGD, {settings.batch} images a batch, learning rate {settings.rate:g},"
        f" momentum {settings.momentum:g}",
    ]


def _row(epoch: Epoch) -> tuple[str, ...]:
    return (
        str(epoch.number),
        f"{epoch.loss:.4f}" if epoch.loss < 1000 else f"{epoch.loss:.1e}",
        f"{epoch.train:.1%}",
        f"{epoch.test:.1%}",
        f"{epoch.seconds:.1f}",
    )


def _summary(run: Run, epochs: Sequence[Epoch]) -> str:
    """The last epoch's accuracy: the last, not the best, which would be chosen by the test set."""
    wanted = run.settings.epochs
    stopped = "" if len(epochs) == wanted else f"interrupted after {len(epochs)} of {wanted} epochs"
    if not epochs:
        return stopped
    took = sum(epoch.seconds for epoch in epochs)
    text = f"test accuracy {epochs[-1].test:.1%} in {took:.1f} seconds"
    return f"{text}, {stopped}" if stopped else text
