"""What one derivation is about, and what an identity asks for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sympy import Integer

from derive.language.definition import Layer
from derive.language.terms import Between, Condition, Entry, Range


@dataclass(frozen=True)
class Setting:
    """What is known everywhere in the derivation of ∂L/∂``target``: the layer and free indices.

    ``upstream`` says of each adjoint's name which tensor it belongs to.
    """

    layer: Layer
    target: Entry
    upstream: tuple[tuple[str, str], ...]

    @cached_property
    def ranges(self) -> tuple[Range, ...]:
        """The ranges of the target's indices: its tensor's shape."""
        axes = zip(self.target.at, self.layer.shape(self.target.tensor), strict=True)
        return tuple((i, Integer(0), n) for i, n in axes)

    @cached_property
    def assumptions(self) -> tuple[Condition, ...]:
        """Domains of sizes and hyperparameters, and the ranges of the target's indices."""
        return (*self.layer.domain, *(Between(lo, i, hi) for i, lo, hi in self.ranges))

    def shape(self, tensor: str) -> tuple[Any, ...]:
        """The sizes of a tensor's axes; an upstream gradient has those of what it belongs to."""
        return self.layer.shape(dict(self.upstream).get(tensor, tensor))


@dataclass(frozen=True)
class Need:
    """A side condition, to be shown at a place and ``under`` further conditions.

    ``stated``: the step itself has to say so; else the checker sees to it alone.
    """

    condition: Condition
    under: tuple[Condition, ...] = ()
    stated: bool = True
