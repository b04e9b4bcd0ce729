"""From words to a training: a preset or a file, a data set, a recipe."""

from __future__ import annotations

import os
import runpy
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from numeric.data import SOURCES, Preprocessing, opened, partition
from numeric.initialisations import initial
from numeric.networks import Network, nodes
from numeric.networks.description import Nodes, Shape
from numeric.optimisers import Optimiser
from numeric.presets import PRESETS
from numeric.training.recipe import Recipe
from numeric.training.state import Training
from numeric.training.streams import stream


def prepared(
    word: str,
    source: str,
    given: Mapping[str, Any] | None = None,
    target: str | None = None,
    threads: int | None = None,
    device: str | None = None,
    dtype: Any = np.float32,
) -> Training:
    """The training of a preset, or of the network in a Python file, on a data set or files.

    ``given`` are values of the recipe by name; the others are the preset's for such images.
    ``ValueError`` for what there is not, and where network and images do not fit.
    """
    preset = _preset(word)
    found = opened(source)
    shape, classes = found.train.shape, len(found.train.classes)
    recipe = Recipe().changed({**preset.recipe(shape, len(found.train)), **(given or {})})
    parts = partition(found, stream(recipe.seed, "parts"))
    made = nodes(preset.layers(classes))
    weights = initial(made, shape, stream(recipe.seed, "weights"), recipe.initial, dtype)
    network = Network(made, shape, weights, None, target, threads or os.cpu_count(), device)
    check_logits(network, classes)
    title = f"{Path(word).stem} on {Path(source).stem}"
    preprocessing = Preprocessing.fitted(parts.train)
    optimiser = optimiser_of(recipe, network)
    return Training(title, placed(source), network, parts, preprocessing, recipe, optimiser)


def placed(source: str) -> str:
    """A data set's name, or a path that means the same wherever a run is gone on with."""
    return source if source in SOURCES.names() else str(Path(source).expanduser().resolve())


def optimiser_of(recipe: Recipe, network: Network) -> Optimiser:
    """The recipe's optimiser, with weight decay on the weights alone."""
    weights = {s.full(t) for s in network.stages for t in s.learnt if s.summed_axes(t)}
    return Optimiser(recipe.optimiser, weights)


def check_logits(network: Network, classes: int) -> None:
    """``ValueError`` unless the network ends in a number for each class."""
    output = network.parts[-1].output[1:] if network.parts else network.shape
    if output != (classes,):
        shown = "×".join(map(str, output)) or "a single number"
        raise ValueError(
            f"the network ends in {shown} for an image, and must end in {classes}, a number for"
            f" each class: a last line linear O={classes}"
        )


class OwnNetwork:
    """A Python file with ``layers``: a list, or a function of the number of classes.

    ``RECIPE``, a dictionary, may say how it is trained.  The file is run as any Python program is,
    once.
    """

    def __init__(self, file: str) -> None:
        if not os.access(file, os.R_OK):
            raise ValueError(f"cannot read {file!r}: there is no such file, or it is not readable")
        try:
            self._found = runpy.run_path(file, run_name="network")
        except (Exception, SystemExit) as error:
            raise ValueError(_blamed(file, error)) from None
        if "layers" not in self._found:
            raise ValueError(f"{file!r} has no list of layers called 'layers'")

    def layers(self, classes: int) -> Sequence[Any]:
        """The layers for so many classes."""
        found = self._found["layers"]
        made = found(classes) if callable(found) else found
        if isinstance(made, str):
            return [made]
        return list(made)

    def recipe(self, shape: Shape, images: int) -> Mapping[str, Any]:
        """What the file says of its training."""
        found = self._found.get("RECIPE", {})
        if not isinstance(found, Mapping):
            raise ValueError("RECIPE is a dictionary such as {'epochs': 20, 'rate': 0.05}")
        unknown = set(found) - set(Recipe().data)
        if unknown:
            known = ", ".join(Recipe().data)
            raise ValueError(f"RECIPE has no {min(unknown)!r}; there are: {known}")
        return found


def _blamed(file: str, error: BaseException) -> str:
    """What a person's file raised, and in which of its lines."""
    lines = [at.lineno for at in traceback.extract_tb(error.__traceback__) if at.filename == file]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    where = f"{file!r}, line {line}" if line else repr(file)
    return f"{where}: {type(error).__name__}: {error}"


def _preset(word: str) -> Any:
    return OwnNetwork(word) if word.endswith(".py") else PRESETS.get(word)


def network_nodes(word: str, classes: int) -> Nodes:
    """The layers of a preset or of a file, for so many classes."""
    return nodes(_preset(word).layers(classes))
