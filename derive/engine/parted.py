"""What a derivation has to say of a layer that was put together from parts."""

from __future__ import annotations

from abc import ABC, abstractmethod

from derive.engine.record import Derivation


class InParts(ABC):
    """A derivation whose adjoints were derived part by part.

    The adjoint of what several parts may read is derived in a layer of these parts alone, a view;
    what only one part knows goes with it.
    """

    @abstractmethod
    def locals(self) -> tuple[Derivation, ...]:
        """The derivations in views, each after those that it takes upstream gradients from."""
