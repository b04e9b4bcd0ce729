"""Steps that lower a loss, by its gradients: one module a method, discovered.

Each module has ``SUMMARY``, its one-line description; ``OPTIONS``, its options with their defaults,
``decay`` among them; ``SLOTS``, the names of what it remembers of each parameter, arrays of the
parameter's shape that are 0 at first; and ``step``, which changes a parameter and its slots in
place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol

import numpy as np

from derive.plugins import Plugins
from numeric.worded import worded

Array = np.ndarray[Any, Any]
Arrays = dict[str, Array]


class Method(Protocol):
    """A module of this package."""

    SUMMARY: str
    OPTIONS: Mapping[str, float]
    SLOTS: tuple[str, ...]

    def step(
        self,
        parameter: Array,
        gradient: Array,
        slots: Mapping[str, Array],
        rate: float,
        number: int,
        **options: float,
    ) -> None:
        """One step, the ``number``-th from 1."""
        ...


OPTIMISERS: Plugins[Method] = Plugins(__name__, Method, "optimiser")


class Optimiser:
    """A method with its options, written as ``nesterov(momentum=0.9, decay=5e-4)``.

    ``decayed`` are the parameters that weight decay is for; of the others (biases, the scales of
    norms) it would only take away what they are there for.  ``slots`` and ``number`` are all that
    it remembers.
    """

    def __init__(self, text: str, decayed: Collection[str]) -> None:
        self.method, self.options = worded(text, OPTIMISERS)
        self.decayed = frozenset(decayed)
        self.slots: dict[str, Arrays] = {}
        self.number = 0

    def step(self, parameters: Arrays, gradients: Mapping[str, Array], rate: float) -> None:
        """Change, in place, the parameters that there are gradients for."""
        self.number += 1
        for name, gradient in gradients.items():
            slots = self.slots.get(name)
            if slots is None:
                slots = {slot: np.zeros_like(parameters[name]) for slot in self.method.SLOTS}
                self.slots[name] = slots
            decay = self.options["decay"] if name in self.decayed else 0.0
            options = {**self.options, "decay": decay}
            self.method.step(parameters[name], gradient, slots, rate, self.number, **options)

    @property
    def arrays(self) -> Arrays:
        """What it remembers, under names such as ``velocity/conv1.k``."""
        return {
            f"{slot}/{name}": array
            for name, slots in self.slots.items()
            for slot, array in slots.items()
        }

    def restore(self, arrays: Mapping[str, Array], number: int) -> None:
        """Go on from what ``arrays`` and ``number`` once were."""
        self.number, self.slots = number, {}
        for full, array in arrays.items():
            slot, _, name = full.partition("/")
            self.slots.setdefault(name, {})[slot] = array.copy()


def clipped(gradients: Mapping[str, Array], most: float) -> dict[str, Array]:
    """The gradients, all made shorter alike where together they are longer than ``most``; 0: never.

    Source: Pascanu, Mikolov & Bengio, On the difficulty of training recurrent neural networks
    (2013).
    """
    if not most:
        return dict(gradients)
    length = float(np.sqrt(sum(float(np.vdot(g, g)) for g in gradients.values())))
    if length <= most:
        return dict(gradients)
    return {name: g * (most / length) for name, g in gradients.items()}
