"""What inspection shows as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from numeric import figures
from numeric.data import DataSet
from numeric.data.sets import Array
from numeric.inspection.judging import Judgement
from numeric.inspection.seeing import Maps
from numeric.training import files

#: how many mistakes, maps of a layer, and kernels are drawn
MISTAKES, MAPS, KERNELS = 24, 16, 32
COLUMNS = 8
#: half the room, in inches, for words between rows of pictures
TITLE = 0.09


def written(folder: Path, name: str, figure: Any) -> None:
    """Put a picture into a folder, which is made if need be."""
    with files.told(folder):
        folder.mkdir(parents=True, exist_ok=True)
    files.written(folder / name, figures.png(figure))


def confusion(classes: Sequence[str], found: Judgement) -> Any:
    """The confusion matrix, each row by its share, and the counts where there is room."""
    counts = found.confusion
    side = max(4.0, 0.45 * len(classes) + 1.5)
    figure, axis = figures.axes(1, 1, (side, side))
    shares = counts / np.maximum(1, counts.sum(1, keepdims=True))
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    places = range(len(classes))
    axis.set_xticks(places, classes, rotation=90 if max(map(len, classes)) > 2 else 0)
    axis.set_yticks(places, classes)
    axis.set(xlabel="taken for", ylabel="true class")
    axis.set_title(f"accuracy {found.accuracy:.1%} ± {found.standard_error:.1%}")
    if len(classes) <= 20:
        for row, column in np.argwhere(counts):
            colour = "white" if shares[row, column] > 0.5 else "black"
            text = str(counts[row, column])
            axis.text(column, row, text, ha="center", va="center", color=colour, fontsize=8)
    return figure


def mistakes(data: DataSet, found: Judgement) -> Any:
    """The most confident mistakes, each with what it is taken for and how surely."""
    chosen = found.mistakes[:MISTAKES]
    captions = [
        f"{data.classes[data.labels[n]]} as {data.classes[found.chosen[n]]}\n"
        f"{found.answers[n, found.chosen[n]]:.0%}"
        for n in chosen
    ]
    return _gallery([data.images[n] for n in chosen], captions)


def _gallery(images: Sequence[Array], captions: Sequence[str]) -> Any:
    rows = max(1, -(-len(images) // COLUMNS))
    figure, axes = figures.axes(rows, COLUMNS, (1.25 * COLUMNS, 1.6 * rows), squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, image, caption in zip(axes.flat, images, captions, strict=False):
        show(axis, image)
        axis.set_title(caption, fontsize=8)
    return figure


def show(axis: Any, image: Array) -> None:
    """An image [C, H, W] from its darkest to its brightest value, in colour if it has three."""
    low, high = float(image.min()), float(image.max())
    scaled = (image.astype(float) - low) / ((high - low) or 1)
    if len(image) == 3:
        axis.imshow(np.moveaxis(scaled, 0, 2))
    else:
        axis.imshow(scaled.mean(0), cmap="gray", vmin=0, vmax=1)
    axis.set_axis_off()


def kernels(layers: Sequence[tuple[str, Array, Array]]) -> Any:
    """For each layer its kernels of the first channel, before training above those after it."""
    count = min(KERNELS, max(len(after) for _, _, after in layers))
    size = (max(4.0, 0.45 * count), 1.3 * len(layers) + 0.4)
    figure, axes = figures.axes(2 * len(layers), count, size, squeeze=False)
    figure.get_layout_engine().set(h_pad=TITLE)
    for axis in axes.flat:
        axis.set_axis_off()
    for at, (name, before, after) in enumerate(layers):
        for row, found in ((2 * at, before), (2 * at + 1, after)):
            for axis, kernel in zip(axes[row], found[:, 0], strict=False):
                extreme = float(np.abs(kernel).max()) or 1.0
                axis.imshow(kernel, cmap="RdBu_r", vmin=-extreme, vmax=extreme)
        _named(axes[2 * at][0], name)
    title = "kernels before (above) and after training, of the first channel; red is positive"
    figure.suptitle(title, fontsize=8)
    return figure


def maps(image: Array, layers: Sequence[Maps]) -> Any:
    """The image, and under it what each layer makes of it, each map by its own range."""
    count = min(MAPS, max(len(layer.values) for layer in layers))
    rows = len(layers) + 1
    figure, axes = figures.axes(rows, count, (0.62 * count + 0.4, 0.8 * rows), squeeze=False)
    figure.get_layout_engine().set(h_pad=TITLE)
    for axis in axes.flat:
        axis.set_axis_off()
    show(axes[0][0], image)
    _named(axes[0][0], "image")
    for row, layer in zip(axes[1:], layers, strict=True):
        for axis, values in zip(row, layer.values, strict=False):
            axis.imshow(values, cmap="viridis")
        height, width = layer.values.shape[1:]
        _named(row[0], f"{layer.name}: {len(layer.values)} maps of {height}×{width}")
    return figure


def saliency(image: Array, gradient: Array, answer: str) -> Any:
    """The image beside the magnitude of its gradient, the largest of the channels'."""
    figure, (left, right) = figures.axes(1, 2, (6.4, 3.4))
    show(left, image)
    left.set_title(f"taken for {answer}", fontsize=9)
    drawn = right.imshow(np.abs(gradient).max(0), cmap="inferno")
    right.set_axis_off()
    right.set_title("|∂logit/∂pixel|", fontsize=9)
    figure.colorbar(drawn, ax=right, shrink=0.8)
    return figure


def _named(axis: Any, words: str) -> None:
    """Words above a row of small pictures, which take no room from their columns."""
    place = {"transform": axis.transAxes, "va": "bottom", "fontsize": 7}
    axis.text(0, 1.06, words, **place).set_in_layout(False)
