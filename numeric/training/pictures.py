"""A training as pictures: its curves, and the first kernels before and after."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from numeric.figures import axes, png
from numeric.initialisations import initial
from numeric.networks import Network
from numeric.networks.network import Array
from numeric.training import files
from numeric.training.reporting import first_kernels
from numeric.training.state import Training
from numeric.training.streams import stream

CURVES, KERNELS = "curves.png", "kernels.png"
#: how many kernels are shown
MOST = 32


def drawn(training: Training, folder: Path) -> None:
    """Write the pictures into the run's folder."""
    files.written(folder / CURVES, png(curves(training)))
    after = first_kernels(training.network)
    if after is not None:
        files.written(folder / KERNELS, png(kernels(untrained_kernels(training), after)))


def untrained_kernels(training: Training) -> Array:
    """The first kernels before the first step: they follow from the seed."""
    network, recipe = training.network, training.recipe
    rng = stream(recipe.seed, "weights")
    weights = initial(network.nodes, network.shape, rng, recipe.initial, network.dtype)
    found = first_kernels(Network(network.nodes, network.shape, weights))
    assert found is not None
    return found


def curves(training: Training) -> Any:
    """Loss, and accuracy in training and validation, by epoch."""
    figure, (left, right) = axes(1, 2, (9, 3.5))
    numbers = [e.epoch for e in training.epochs]
    left.plot(numbers, [e.loss for e in training.epochs], color="black")
    left.set(xlabel="epoch", ylabel="loss", title="training loss")
    right.plot(numbers, [100 * e.accuracy for e in training.epochs], "--", label="training")
    judged = [100 * e.validation_accuracy for e in training.epochs]
    right.plot(numbers, judged, label="validation")
    if training.test_accuracy is not None:
        test, error = 100 * training.test_accuracy, 100 * training.standard_error
        right.errorbar(numbers[-1:], [test], [error], fmt="o", color="black", label="test")
    right.set(xlabel="epoch", ylabel="accuracy, %", title="accuracy")
    right.legend()
    for chart in (left, right):
        chart.xaxis.get_major_locator().set_params(integer=True)
    return figure


def kernels(before: Array, after: Array) -> Any:
    """The first kernels [O, K1, K2], those before the training above those after it."""
    count = min(MOST, len(after))
    figure, cells = axes(2, count, (max(3.0, 0.6 * count), 1.8), squeeze=False)
    for row, found in zip(cells, (before, after), strict=True):
        for cell, kernel in zip(row, found[:count], strict=True):
            extreme = float(np.abs(kernel).max()) or 1.0
            cell.imshow(kernel, cmap="RdBu_r", vmin=-extreme, vmax=extreme)
            cell.set_axis_off()
    figure.suptitle("first kernels before (above) and after training; red is positive", fontsize=8)
    return figure
