"""What a training came to, as it is told."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from derive.presentation.blocks import Chapter, Code, Told
from numeric.networks.network import Array
from numeric.training.folder import BEST, WEIGHTS
from numeric.training.running import Ended
from numeric.training.state import Epoch, Training
from verify.verdict import INTERRUPTED

HEADINGS = ("epoch", "loss", "accuracy", "validation", "images/s", "seconds")
BARS, SHADES = "▁▂▃▄▅▆▇█", " ░▒▓█"
#: how many kernels and how many columns of a curve are shown in text
KERNELS, COLUMNS = 8, 60


def told(ended: Ended) -> Chapter:
    """The training as a chapter; its status says whether it came to its end."""
    status = 1 if ended.failed else INTERRUPTED if ended.stopped else 0
    records = [_record(ended)]
    return Chapter("trainings", (Told(lambda: [Code(report(ended), "")], lambda: records, status),))


def _record(ended: Ended) -> dict[str, Any]:
    training = ended.training
    return {
        "title": training.title,
        "folder": str(ended.folder),
        "recipe": training.recipe.data,
        "epochs": [epoch.data for epoch in training.epochs],
        "best_epoch": training.best.epoch if training.best else None,
        "test_accuracy": training.test_accuracy,
        "standard_error": None if training.test_accuracy is None else training.standard_error,
        "stopped": ended.stopped or None,
    }


def report(ended: Ended) -> str:
    """What was trained on what, a line an epoch, and what it came to."""
    training = ended.training
    rows = [HEADINGS, *(_row(epoch) for epoch in training.epochs)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = ["  ".join(f"{c:>{w}}" for c, w in zip(r, widths, strict=True)) for r in rows]
    parts = ["\n".join(heading(training)), "\n".join(table), *_pictures(training)]
    return "\n\n".join([*parts, "\n".join(_summary(ended))]) + "\n"


def heading(training: Training) -> list[str]:
    """What is trained on what, and how."""
    parts, recipe = training.parts, training.recipe
    shape = "×".join(map(str, parts.train.shape))
    count = sum(array.size for array in training.network.parameters.values())
    lines = [
        f"{training.title}: {count:,} parameters, seed {recipe.seed}",
        f"{len(parts.train):,} images to train on, {len(parts.validation):,} to choose by,"
        f" {len(parts.test):,} to test on; {shape}, {len(parts.train.classes)} classes",
        f"{recipe.optimiser}, {recipe.batch} images a batch, learning rate {recipe.rate:g},"
        f" {recipe.schedule}",
    ]
    more = [f"changed by {', '.join(recipe.augment)}"] if recipe.augment else []
    more += [f"gradients clipped at {recipe.clip:g}"] if recipe.clip else []
    more += [f"labels smoothed by {recipe.smoothing:g}"] if recipe.smoothing else []
    return [*lines, *([", ".join(more)] if more else [])]


def _row(epoch: Epoch) -> tuple[str, ...]:
    return (
        str(epoch.epoch),
        f"{epoch.loss:.4f}" if epoch.loss < 1000 else f"{epoch.loss:.1e}",
        f"{epoch.accuracy:.1%}",
        f"{epoch.validation_accuracy:.1%}",
        f"{epoch.images_per_second:.0f}",
        f"{epoch.seconds:.1f}",
    )


def _summary(ended: Ended) -> Iterator[str]:
    """The final weights on the test images: not the best of several, which would flatter them."""
    training, folder = ended.training, str(ended.folder)
    best, last = training.best, training.epochs[-1] if training.epochs else None
    if training.test_accuracy is not None:
        took = sum(epoch.seconds for epoch in training.epochs)
        yield (
            f"test accuracy {training.test_accuracy:.1%} ± {training.standard_error:.1%} (standard"
            f" error, {len(training.parts.test):,} images) in {took:.1f} seconds"
        )
    if best is not None and last is not None:
        yield (
            f"largest validation accuracy {best.validation_accuracy:.1%} after epoch {best.epoch}"
        )
        yield (
            f"weights after epoch {last.epoch}: {folder}/{WEIGHTS}; after epoch {best.epoch}:"
            f" {folder}/{BEST}"
        )
    if not ended.stopped:
        return
    yield ended.stopped
    if last is not None:
        yield f"the checkpoint of epoch {last.epoch} is whole"
    if not ended.failed:
        yield f"to go on: derive train --resume -o {shlex.quote(folder)}"


# --- pictures made of letters ---------------------------------------------------------------------


def _pictures(training: Training) -> Iterator[str]:
    if len(training.epochs) > 1:
        loss = curve([epoch.loss for epoch in training.epochs])
        validation = curve([epoch.validation_accuracy for epoch in training.epochs])
        yield f"loss        {loss}\nvalidation  {validation}"
    kernels = first_kernels(training.network)
    if kernels is not None and training.epochs:
        yield "\n".join(shaded(kernels))


def curve(values: Sequence[float]) -> str:
    """Numbers as bars of different heights; of many the last of each stretch."""
    chosen = np.array(values)[
        np.linspace(0, len(values) - 1, min(len(values), COLUMNS)).astype(int)
    ]
    low, high = float(chosen.min()), float(chosen.max())
    heights = (chosen - low) / ((high - low) or 1) * (len(BARS) - 1)
    return f"{''.join(BARS[round(h)] for h in heights)}  {values[0]:.3g} → {values[-1]:.3g}"


def first_kernels(network: Any) -> Array | None:
    """The kernels [O, K1, K2] of the first convolution, of its first channel; None without one."""
    for stage in network.stages:
        if stage.layer.name == "conv":
            kernels: Array = network.parameters[stage.full("k")]
            return kernels[:, 0]
    return None


def shaded(kernels: Array) -> Iterator[str]:
    """The first kernels side by side, darker where weights are larger, each by its own range."""
    shown = kernels[:KERNELS]
    low, high = (f(shown, axis=(1, 2), keepdims=True) for f in (np.min, np.max))
    levels = ((shown - low) / np.where(high > low, high - low, 1) * (len(SHADES) - 1)).round()
    for row in range(shown.shape[1]):
        cells = ("".join(2 * SHADES[int(level)] for level in kernel[row]) for kernel in levels)
        yield "  ".join(cells).rstrip()
