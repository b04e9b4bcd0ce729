"""A training in its folder: written after each epoch, read again to go on.

``checkpoint.safetensors`` is the truth: parameters, buffers, what the optimiser remembers, and, in
its header, the epochs that are done.  It is replaced in one step.  ``log.jsonl`` and
``weights.safetensors`` are made from it; ``best.safetensors`` is written before it, so that it is
never older than the best epoch of the log.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import derive
from numeric.data import Preprocessing, opened, partition
from numeric.emission.dialect import Dialect
from numeric.networks import Network, parsed, read
from numeric.networks.network import Array
from numeric.networks.torch_names import torch_arrays
from numeric.targets import TARGETS
from numeric.training import files
from numeric.training.computing import computed
from numeric.training.folder import BEST, LOG, RUN, STATE, TORCH, WEIGHTS
from numeric.training.preparing import check_logits, optimiser_of
from numeric.training.recipe import Recipe
from numeric.training.state import Epoch, Training
from numeric.training.streams import stream

SLOT = "optimiser/"


def begun(training: Training, folder: Path) -> None:
    """Write what the training is: all that is needed to repeat it."""
    files.written(folder / RUN, (json.dumps(description(training), indent=2) + "\n").encode())


def description(training: Training) -> dict[str, Any]:
    """All that is needed to repeat a training, of which JSON can be made."""
    network = training.network
    return {
        "title": training.title,
        "data": training.source,
        "classes": list(training.parts.train.classes),
        "images": {
            name: len(getattr(training.parts, name)) for name in ("train", "validation", "test")
        },
        "network": network.text,
        "recipe": training.recipe.data,
        "preprocessing": training.preprocessing.record(),
        "target": network.target,
        "threads": network.threads,
        "device": network.place.device,
        "dtype": str(network.dtype),
        "layers": computed(network, training.recipe.batch),
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """What computes: results may differ in their last bits with another version."""
    found = {"python": platform.python_version(), "derive": derive.__version__}
    found |= {"numpy": np.__version__, "machine": platform.machine()}
    try:
        from numba import __version__ as numba  # local: an extra
    except ImportError:
        return found
    return {**found, "numba": numba}


def saved(training: Training, folder: Path) -> None:
    """Write what the training has come to, in an order in which it may be killed anywhere."""
    arrays = training.network.arrays
    last, best = training.epochs[-1] if training.epochs else None, training.best
    if last is not None and last is best and training.test_accuracy is None:
        files.written(folder / BEST, packed(arrays, {"epoch": str(last.epoch)}))
    told = {"epochs": [e.data for e in training.epochs], "steps": training.optimiser.number}
    told |= {"test_accuracy": training.test_accuracy}
    slots = {SLOT + name: array for name, array in training.optimiser.arrays.items()}
    files.written(folder / STATE, packed({**arrays, **slots}, {"training": json.dumps(told)}))
    shown(training, folder)


def shown(training: Training, folder: Path) -> None:
    """Write what is made from the checkpoint: the weights alone, and the log."""
    files.written(folder / WEIGHTS, packed(training.network.arrays))
    rows = [epoch.data for epoch in training.epochs]
    if rows and training.test_accuracy is not None:
        rows[-1]["test_accuracy"] = training.test_accuracy
    files.written(folder / LOG, "".join(json.dumps(row) + "\n" for row in rows).encode())


def restored(folder: Path) -> Training:
    """The training of a folder, where its last checkpoint left it.

    ``ValueError`` where files are missing or damaged.
    """
    told = _told(folder)
    try:
        recipe = Recipe.of(told["recipe"])
        found = opened(told["data"])
        parts = partition(found, stream(recipe.seed, "parts"))
        counts = {name: len(getattr(parts, name)) for name in told["images"]}
        if counts != told["images"] or list(parts.train.classes) != told["classes"]:
            raise ValueError(f"the data of {told['data']!r} have changed since the run began")
        shape, _ = parsed(told["network"])
        if shape != parts.train.shape:
            raise ValueError(f"the images of {told['data']!r} have another shape by now")
        arrays, state = _state(folder, told, recipe)
        own = {name: array for name, array in arrays.items() if not name.startswith(SLOT)}
        how = (told["target"], told["threads"], told["device"])
        network = read(told["network"], own, *how)
        check_logits(network, len(told["classes"]))
        optimiser = optimiser_of(recipe, network)
        slots = {n.removeprefix(SLOT): a for n, a in arrays.items() if n.startswith(SLOT)}
        _check_slots(slots, network)
        optimiser.restore(slots, state["steps"])
        epochs = [Epoch(**row) for row in state["epochs"]]
        preprocessing = Preprocessing.of_record(told["preprocessing"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{RUN} or {STATE} in {str(folder)!r} is damaged: {error}") from None
    return Training(
        told["title"],
        told["data"],
        network,
        parts,
        preprocessing,
        recipe,
        optimiser,
        epochs,
        state["test_accuracy"],
    )


def _check_slots(slots: Mapping[str, Array], network: Network) -> None:
    """What the optimiser remembers is of the shapes of the parameters."""
    for full, array in slots.items():
        name = full.partition("/")[2]
        parameter = network.parameters.get(name)
        if parameter is None or array.shape != parameter.shape:
            raise ValueError(f"the checkpoint is damaged: {full} fits no parameter")


def trained(folder: Path, which: str = WEIGHTS) -> tuple[Network, Preprocessing, tuple[str, ...]]:
    """The network of a folder with its weights (or the ``best`` ones), how images are prepared for
    it, and its classes; no data set is opened.

    The network computes on NumPy's arrays, whatever it was trained with.
    """
    told = _told(folder)
    arrays, _ = unpacked(folder / which)
    try:
        network = read(told["network"], arrays, _on_numpy(told["target"]), told["threads"])
        return network, Preprocessing.of_record(told["preprocessing"]), tuple(told["classes"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"{str(folder / RUN)!r} is damaged: {error}") from None


def _on_numpy(target: str | None) -> str | None:
    """The target, if it computes on NumPy's arrays and all it needs is installed; else the usual
    one.
    """
    dialect = None if target is None else TARGETS.get(target).DIALECT
    if dialect is None or not dialect.library.startswith(Dialect.library):
        return None
    try:
        dialect.available()
    except ValueError:
        return None
    return target


def _told(folder: Path) -> dict[str, Any]:
    if not (folder / RUN).exists():
        raise ValueError(f"{str(folder)!r} holds no run: it has no {RUN}")
    try:
        found = json.loads(files.read(folder / RUN))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{str(folder / RUN)!r} is damaged: {error}") from None
    if not isinstance(found, dict):
        raise ValueError(f"{str(folder / RUN)!r} is damaged: it holds no object")
    return found


def _state(
    folder: Path, told: Mapping[str, Any], recipe: Recipe
) -> tuple[dict[str, Array], dict[str, Any]]:
    """The arrays and the records of the last checkpoint; before the first those of the start."""
    if (folder / STATE).exists():
        arrays, header = unpacked(folder / STATE)
        if "training" not in header:
            raise ValueError(f"{str(folder / STATE)!r} is damaged: it does not say of what epoch")
        return arrays, json.loads(header["training"])
    from numeric.initialisations import initial  # local: seldom needed

    shape, nodes = parsed(told["network"])
    assert shape is not None
    rng = stream(recipe.seed, "weights")
    weights = initial(nodes, shape, rng, recipe.initial, np.dtype(told["dtype"]))
    first = Network(nodes, shape, weights)
    return first.arrays, {"epochs": [], "steps": 0, "test_accuracy": None}


def torch_named(training: Training, folder: Path) -> None:
    """Write the weights once more, as a state dict of PyTorch's."""
    files.written(folder / TORCH, packed(torch_arrays(training.network), {}))


def packed(arrays: Mapping[str, Array], told: Mapping[str, str] | None = None) -> bytes:
    """Arrays as a safetensors file has them, with what its header says.

    The same makes the same bytes as long as one thing is told: several stand in any order.
    """
    from safetensors.numpy import save  # local: start-up time

    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    content: bytes = save(whole, dict(told) if told else None)
    return content


def unpacked(path: Path) -> tuple[dict[str, Array], dict[str, str]]:
    """The arrays of a safetensors file, and what its header says; ``ValueError`` if damaged."""
    from safetensors import SafetensorError, safe_open  # local: start-up time

    if not path.exists():
        raise ValueError(f"there is no {str(path)!r}")
    try:
        with files.told(path, "read"), safe_open(path, "numpy") as opened:
            arrays = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
            return arrays, dict(opened.metadata() or {})
    except SafetensorError as error:
        raise ValueError(f"{str(path)!r} is damaged: {error}") from None
