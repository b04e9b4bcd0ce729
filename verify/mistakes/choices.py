"""Some of several things that may be wrong together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, combinations
from typing import TypeVar

Item = TypeVar("Item")


def all_then_fewer(items: Sequence[Item]) -> Iterator[tuple[Item, ...]]:
    """All items together, then every choice of one item less, and so on."""
    return chain.from_iterable(combinations(items, n) for n in range(len(items), 0, -1))
