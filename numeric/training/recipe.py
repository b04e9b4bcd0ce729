"""How a network is trained: everything that is chosen, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from math import isfinite
from typing import Any

from numeric.augmentation import AUGMENTATIONS
from numeric.initialisations import INITIALISATIONS
from numeric.optimisers import OPTIMISERS
from numeric.schedules import SCHEDULES
from numeric.worded import whole


@dataclass(frozen=True)
class Recipe:
    """``epochs`` passes, ``batch`` images a step; the largest learning ``rate`` and its
    ``schedule``; the ``optimiser``; ``clip``, how long all gradients together may be (0: any
    length); label ``smoothing``; ``augment``, random changes of the training images; ``initial``,
    how weights are drawn; ``seed`` of everything random.

    ``ValueError`` for what there is not, and for numbers that make no sense.
    """

    epochs: int = 30
    batch: int = 32
    rate: float = 0.05
    optimiser: str = "nesterov(decay=5e-4)"
    schedule: str = "onecycle"
    clip: float = 0.0
    smoothing: float = 0.0
    augment: tuple[str, ...] = ()
    initial: str = "he"
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("epochs", 1), ("batch", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, not {getattr(self, name)}")
        if not (self.rate > 0 and isfinite(self.rate)):
            raise ValueError(f"the learning rate must be positive, not {self.rate}")
        if not (self.clip >= 0 and isfinite(self.clip)):
            raise ValueError(f"clip must be a length, or 0 for none, not {self.clip}")
        if not 0 <= self.smoothing < 1:
            raise ValueError(f"smoothing must be in 0 ≤ smoothing < 1, not {self.smoothing}")
        INITIALISATIONS.check(self.initial)
        written = {
            "optimiser": whole(self.optimiser, OPTIMISERS),
            "schedule": whole(self.schedule, SCHEDULES),
            "augment": tuple(whole(text, AUGMENTATIONS) for text in self.augment),
        }
        for name, value in written.items():
            object.__setattr__(self, name, value)

    def changed(self, given: Mapping[str, Any]) -> Recipe:
        """The recipe with other values by name."""
        return replace(self, **given)

    @property
    def data(self) -> dict[str, Any]:
        """All of it, of which JSON can be made."""
        return asdict(self)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Recipe:
        """The recipe that ``data`` was made from; ``ValueError`` for anything else."""
        kinds = {f.name: f.type for f in fields(cls)}
        if set(data) != set(kinds):
            raise ValueError(f"a recipe has {', '.join(kinds)}, not {', '.join(data)}")
        return cls(**{**data, "augment": tuple(data["augment"])})
