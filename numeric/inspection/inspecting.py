"""A trained network looked at from the inside, as it is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from derive.presentation.blocks import Chapter, Code, Told
from numeric.data.sets import Array
from numeric.initialisations import initial
from numeric.inspection.images import Run
from numeric.inspection.judging import probabilities
from numeric.inspection.letters import grey, side_by_side
from numeric.inspection.seeing import Maps, feature_maps, kernels, saliency
from numeric.networks import Network
from numeric.tables import table
from numeric.training.state import Training
from numeric.training.streams import stream

#: layers whose kernels are 1×1 have no pattern to look at
SMALLEST = 2


@dataclass(frozen=True)
class Subject:
    """The image that is looked at: ``pixels`` [C, H, W] as read, and ``given`` to the network."""

    title: str
    pixels: Array
    given: Array


@dataclass(frozen=True)
class Inspection:
    """What was found: kernels by layer, before and after training, and of the image the answer,
    the maps and the gradient of the answer's logit.
    """

    subject: Subject
    kernels: list[tuple[str, Array, Array]]
    maps: list[Maps]
    answer: Array
    gradient: Array

    @property
    def chosen(self) -> int:
        return int(self.answer.argmax())


def examined(run: Run, training: Training, subject: Subject) -> Inspection:
    """The run's network, and what it sees in the image."""
    network = run.network
    answer = probabilities(network, subject.given)
    gradient = saliency(network, subject.given, answer.argmax(1))
    before = dict(kernels(untrained(training)))
    found = [
        (name, before[name], after)
        for name, after in kernels(network)
        if min(after.shape[2:]) >= SMALLEST
    ]
    seen = list(feature_maps(network, subject.given))
    return Inspection(subject, found, seen, answer[0], gradient[0])


def untrained(training: Training) -> Network:
    """The network before the first step, which follows from the seed."""
    network, recipe = training.network, training.recipe
    rng = stream(recipe.seed, "weights")
    weights = initial(network.nodes, network.shape, rng, recipe.initial, network.dtype)
    return Network(network.nodes, network.shape, weights)


# --- telling --------------------------------------------------------------------------------------


def told(run: Run, found: Inspection, folder: Path) -> Chapter:
    """What was found as a chapter; the pictures are in the folder."""
    text = "\n\n".join(_said(run, found, folder))
    records = [_record(run, found, folder)]
    return Chapter("inspections", (Told(lambda: [Code(text)], lambda: records),))


def _said(run: Run, found: Inspection, folder: Path) -> Iterator[str]:
    yield f"{run.folder}: {found.subject.title}"
    if found.kernels:
        name, before, after = found.kernels[0]
        yield f"kernels of {name} before training:\n\n{side_by_side(list(before[:, 0]))}"
        yield f"and after:\n\n{side_by_side(list(after[:, 0]))}"
        yield _moved(found)
    yield _looked_at(run, found)
    yield _layers(found)
    names = [*(["layers.png"] if found.kernels else []), "maps.png", "saliency.png"]
    yield f"pictures: {', '.join(f'{folder}/{name}' for name in names)}"


def _moved(found: Inspection) -> str:
    """How far training has moved the kernels."""
    rows = [
        [
            name,
            _times(after.shape),
            f"{_norm(before):.2f}",
            f"{_norm(after):.2f}",
            _angle(before, after),
        ]
        for name, before, after in found.kernels
    ]
    return table(["kernels", "shape", "norm before", "after", "turned by"], rows)


def _looked_at(run: Run, found: Inspection) -> str:
    """The image beside the magnitude of its gradient."""
    magnitude = np.abs(found.gradient).max(0)
    both = side_by_side([grey(found.subject.pixels), magnitude], ["the image", "|∂logit/∂image|"])
    return f"the answer: {answer(run, found)}\n\n{both}"


def answer(run: Run, found: Inspection) -> str:
    """The likeliest class, and how likely it is."""
    return f"{run.classes[found.chosen]}, {found.answer[found.chosen]:.1%}"


def _layers(found: Inspection) -> str:
    """What the layers make of the image."""
    rows = [
        [
            layer.name,
            _times(layer.values.shape),
            f"{layer.values.mean():.3f}",
            f"{layer.values.max():.3f}",
            f"{(layer.values == 0).mean():.0%}",
            f"{(layer.values.reshape(len(layer.values), -1) == 0).all(1).sum()}",
        ]
        for layer in found.maps
    ]
    return table(["layer", "maps", "mean", "largest", "zeros", "maps of zeros"], rows)


def _norm(values: Array) -> float:
    return float(np.linalg.norm(values))


def _angle(before: Array, after: Array) -> str:
    """The angle between kernels as vectors."""
    cosine = float(np.vdot(before, after)) / ((_norm(before) * _norm(after)) or 1.0)
    return f"{np.degrees(np.arccos(np.clip(cosine, -1, 1))):.0f}°"


def _times(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape))


def _record(run: Run, found: Inspection, folder: Path) -> dict[str, Any]:
    return {
        "run": str(run.folder),
        "image": found.subject.title,
        "answer": run.classes[found.chosen],
        "probabilities": dict(zip(run.classes, map(float, found.answer), strict=True)),
        "saliency": np.abs(found.gradient).max(0).tolist(),
        "kernels": [
            {"layer": name, "norm_before": _norm(before), "norm_after": _norm(after)}
            for name, before, after in found.kernels
        ],
        "layers": [{"name": layer.name, "shape": [*layer.values.shape]} for layer in found.maps],
        "folder": str(folder),
    }
