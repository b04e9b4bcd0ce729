"""Networks that begin with the weights of another: all but the last layer that has any."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from numeric.experiments.plan import Record
from numeric.networks import Network, nodes
from numeric.networks.network import Array, parameter_shapes
from numeric.networks.stages import Stage, bound
from numeric.networks.torch_names import of_torch
from numeric.training import files
from numeric.training.checkpoints import packed, trained, unpacked
from numeric.training.folder import holds_run
from numeric.training.preparing import network_nodes

#: LeNet with batch-norm: what features are tried with where no other network is asked for
FEATURES = (
    "conv(kernel_size=5, padding=same, bias=False) O=16",
    "batchnorm",
    "relu",
    "maxpool(kernel_size=2)",
    "conv(kernel_size=5, padding=same, bias=False) O=32",
    "batchnorm",
    "relu",
    "maxpool(kernel_size=2)",
)


def classifier(classes: int) -> list[str]:
    """The usual network: features, a layer of 128, and a number for each class."""
    return [*FEATURES, "flatten", "linear O=128", "relu", f"linear O={classes}"]


def layers(word: str | None, classes: int) -> list[Any]:
    """The network of a preset, a file, or the usual one, for so many classes."""
    return classifier(classes) if word is None else list(network_nodes(word, classes))


# --- files that weights come from -----------------------------------------------------------------


def is_weights(word: str) -> bool:
    """Whether a source is weights, a run's folder or a file, rather than images."""
    path = Path(word)
    return path.suffix == ".safetensors" or (path.is_dir() and holds_run(path))


def loaded(word: str, network: str | None, shape: tuple[int, ...]) -> Network:
    """The network of a run's folder, or that of the word with the arrays of a file.

    A file has the network's own names, or is a state dict of PyTorch's.
    """
    path = Path(word)
    if path.suffix == ".safetensors":
        return filled(network, shape, unpacked(path)[0], path)
    found = trained(path)[0]
    if found.shape != shape:
        sizes = ("×".join(map(str, s)) for s in (found.shape, shape))
        raise ValueError("{} was trained on images of {}, not {}".format(path, *sizes))
    return found


def filled(
    word: str | None, shape: tuple[int, ...], arrays: Mapping[str, Array], path: Path
) -> Network:
    """A preset, a file's network or the usual one, with these arrays; classes as many as fit."""
    said = "there is no array in it"
    for classes in sorted({array.shape[0] for array in arrays.values() if array.ndim}):
        made = nodes(layers(word, classes))
        shapes = parameter_shapes(bound(made, shape))
        network = Network(made, shape, {n: np.zeros(s, np.float32) for n, s in shapes.items()})
        try:
            own = arrays if set(arrays) == set(network.arrays) else of_torch(network, arrays)
            put(network, own)
        except ValueError as error:
            said = str(error)
            continue
        return network
    raise ValueError(f"{path} does not fit the network {word or 'that transfer has'}: {said}")


def put(network: Network, arrays: Mapping[str, Array]) -> None:
    """Put arrays in place of the network's; ``ValueError`` where their shapes differ."""
    for name, array in arrays.items():
        kind = network.parameters if name in network.parameters else network.buffers
        if kind[name].shape != array.shape:
            raise ValueError(f"{name} has the shape {array.shape}, not {kind[name].shape}")
        kind[name] = np.array(array, kind[name].dtype)


# --- taking over ----------------------------------------------------------------------------------


def head(network: Network) -> Stage:
    """The last layer that learns: what it makes of the features is the task's own."""
    return next(stage for stage in reversed(network.stages) if stage.learnt)


def features(network: Network) -> dict[str, Array]:
    """All arrays but the head's, by name."""
    own = f"{head(network).name}."
    return {name: array for name, array in network.arrays.items() if not name.startswith(own)}


def take_over(network: Network, arrays: Mapping[str, Array]) -> None:
    """Put another network's features into this one; ``ValueError`` where they do not fit."""
    wanted = features(network)
    missing = sorted(set(wanted) - set(arrays))
    if missing:
        raise ValueError(f"the source has no {missing[0]}: it is another network")
    put(network, {name: arrays[name] for name in wanted})


def widen(network: Network, arrays: Mapping[str, Array]) -> None:
    """Put the head of a network of fewer classes into the first rows of this one's."""
    last = head(network)
    for name in map(last.full, last.learnt):
        network.parameters[name][: len(arrays[name])] = arrays[name]


def frozen(network: Network) -> Network:
    """The network whose features stay as they are; the arrays are shared."""
    last = head(network).name
    return network.frozen(stage.name for stage in network.stages if stage.name != last)


def fingerprint(network: Network) -> str:
    """A number that depends on every bit of the features."""
    return digest(features(network))


def digest(arrays: Mapping[str, Array]) -> str:
    """A number that depends on every bit of some arrays, and on their names and types."""
    summed = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        summed.update(f"{name} {array.dtype} {array.shape}".encode() + array.tobytes())
    return summed.hexdigest()[:16]


# --- weights that an experiment keeps -------------------------------------------------------------


def keep(network: Network, path: Path) -> None:
    """Write a network: its arrays, and its text in the header."""
    files.written(path, packed(network.arrays, {"network": network.text}))


def kept(start: Record) -> dict[str, Array]:
    """The arrays that a training starts from."""
    return unpacked(Path(start["file"]))[0]


def text_of(network: Network) -> str:
    """The layers of a network, as a record has them."""
    return "\n".join(network.text.splitlines()[1:]) + "\n"


def with_head(text: str, classes: int) -> str:
    """The network's text with so many outputs of its last layer, a linear one."""
    *rows, last = text.rstrip("\n").splitlines()
    if not re.match(r"(\w+ = )?linear\b", last):
        raise ValueError("the network of a source must end in a linear layer, to be given another")
    return "\n".join([*rows, re.sub(r"\bO=\d+", f"O={classes}", last)]) + "\n"
