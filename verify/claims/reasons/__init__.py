"""Typical mistakes, one family a module, discovered.

Each module has ``PRIORITY`` (smaller is suspected first) and ``suspects(scene)``, which yields the
wrong gradients that the mistake leads to, with words for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Protocol

from derive.plugins import Plugins
from verify.claims.scene import Scene, Suspect


class Family(Protocol):
    """A module of this package: the smallest ``PRIORITY`` is suspected first."""

    PRIORITY: int

    def suspects(self, scene: Scene) -> Iterator[Suspect]: ...


FAMILIES: Plugins[Family] = Plugins(__name__, Family, "family of mistakes")


@cache
def families() -> tuple[Family, ...]:
    """All families, the ones that are suspected first first."""
    return tuple(FAMILIES.all())


def suspects(scene: Scene) -> Iterator[Suspect]:
    """All wrong gradients that some typical mistake leads to."""
    for family in families():
        yield from family.suspects(scene)
