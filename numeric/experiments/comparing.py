"""What a comparison of ``comparisons`` is, and what its modules share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from derive.plugins import Plugins
from numeric.experiments.plan import Plan, Record
from numeric.training.state import Training

#: figures by variant: one record a seed
Table = dict[str, list[Record]]


@dataclass(frozen=True)
class Expected:
    """A claim: the ``measure`` of ``more`` exceeds that of ``less``, in words ``says``."""

    measure: str
    more: str
    less: str
    says: str


class Comparison(Protocol):
    """A module of ``comparisons``.

    ``MEASURES`` are the columns of its table: names of figures, with their headings.
    """

    SUMMARY: str
    VARIANTS: tuple[str, ...]
    MEASURES: Mapping[str, str]
    EXPECTED: tuple[Expected, ...]
    EPOCHS: int
    SEEDS: int

    def plan(self, variant: str, shape: tuple[int, ...], classes: int) -> Plan:
        """What is trained; ``ValueError`` for images that it makes no sense for."""
        ...

    def measured(self, training: Training, place: Path) -> Record:
        """The figures of a training; files may be written under names that begin as ``place``."""
        ...

    def table(self, found: Table, place: Callable[[str, int], Path]) -> Table:
        """What is told, of the figures of all trainings."""
        ...


COMPARISONS: Plugins[Comparison] = Plugins(
    "numeric.experiments.comparisons", Comparison, "comparison"
)


def as_found(found: Table, place: Callable[[str, int], Path]) -> Table:
    """A table of what was trained."""
    return found


def replaced(layers: Sequence[Any], word: str, other: str) -> list[Any]:
    """The lines with one catalog word in place of another."""
    return [other if line == word else line for line in layers]


def without(layers: Sequence[Any], *words: str) -> list[Any]:
    """The lines but those of these catalog words."""
    return [line for line in layers if line.partition("(")[0] not in words]


def normed(layers: Sequence[str]) -> list[str]:
    """The lines with batch-norm after each convolution."""
    pairs = ([line, "batchnorm"] if line.startswith("conv(") else [line] for line in layers)
    return [line for pair in pairs for line in pair]
