"""Parameters under the names that PyTorch has for them, and back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np

from numeric.networks.network import Array, Network, Parameters
from numeric.networks.stages import Stage

#: PyTorch's names of a layer's tensors, by those of the catalog; what is there is known by its word
WORDS: Mapping[str, Mapping[str, str]] = {
    "conv": {"k": "weight", "b": "bias"},
    "conv_transpose": {"k": "weight", "b": "bias"},
    "linear": {"w": "weight", "b": "bias"},
    "batchnorm": {"w": "weight", "b": "bias", "mean": "running_mean", "var": "running_var"},
    "groupnorm": {"w": "weight", "b": "bias"},
    "instancenorm": {"w": "weight", "b": "bias"},
    "layernorm": {"w": "weight", "b": "bias"},
    "rmsnorm": {"w": "weight"},
}
#: what PyTorch counts, and no evaluation needs
COUNTED = "num_batches_tracked"


def torch_arrays(network: Network) -> Parameters:
    """A state dict of modules called as the network's layers are: ``conv1.weight``.

    ``torch.nn.Sequential(OrderedDict(conv1=…, …))`` takes it.  ``ValueError`` for a layer whose
    parameters PyTorch has no names for.
    """
    found: Parameters = {}
    for stage in _stages(network):
        own = (*stage.learnt, *stage.buffers)
        unknown = set(own) - set(WORDS.get(stage.layer.name, {}))
        if unknown:
            raise ValueError(f"PyTorch has no name for {stage.full(min(unknown))}")
        names = WORDS[stage.layer.name]
        found |= {f"{stage.name}.{names[t]}": network.arrays[stage.full(t)] for t in own}
        found |= {f"{stage.name}.{COUNTED}": np.array(0)} if stage.buffers else {}
    return found


def of_torch(network: Network, state: Mapping[str, Array]) -> Parameters:
    """The arrays of a state dict under the names that they have in the network.

    A module belongs to a layer if its tensors have that layer's names and shapes; of several that
    are alike the first, by number and alphabet, belongs to the first layer.  ``ValueError`` names a
    layer without a module, and modules that are left over.
    """
    modules = _modules(state)
    found: Parameters = {}
    for stage in _stages(network):
        wanted = _wanted(stage)
        fits = [m for m, own in modules.items() if _shapes(own) == wanted]
        if not fits:
            shapes = ", ".join(f"{name} {[*shape]}" for name, shape in wanted.items())
            raise ValueError(f"no module of the state dict fits {stage.name}, which has {shapes}")
        own = modules.pop(fits[0])
        names = WORDS[stage.layer.name]
        found |= {stage.full(t): own[names[t]] for t in (*stage.learnt, *stage.buffers)}
    if modules:
        raise ValueError(f"the network has no layer for {', '.join(modules)}")
    return found


def _stages(network: Network) -> Iterator[Stage]:
    """The layers that have arrays."""
    return (stage for stage in network.stages if stage.learnt or stage.buffers)


def _wanted(stage: Stage) -> dict[str, tuple[int, ...]]:
    names = WORDS.get(stage.layer.name, {})
    shapes = {**stage.shapes, **stage.buffer_shapes}
    own = (*stage.learnt, *stage.buffers)
    return {names.get(t, t): shapes[t] for t in own}


def _shapes(module: Mapping[str, Array]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(array.shape) for name, array in module.items()}


def _modules(state: Mapping[str, Array]) -> dict[str, dict[str, Array]]:
    """The tensors of each module, the modules in order."""
    found: dict[str, dict[str, Array]] = {}
    for name in sorted(state, key=_natural):
        module, _, tensor = name.rpartition(".")
        if tensor != COUNTED:
            found.setdefault(module, {})[tensor] = state[name]
    return found


def _natural(name: str) -> list[tuple[int, str]]:
    """Numbers by their size: layer2 before layer10."""
    parts = re.split(r"(\d+)", name)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]
