"""Typical mistakes, one family a module, discovered.

Each module has ``PRIORITY`` (smaller is suspected first) and ``suspects(scene)``, which yields the
wrong gradients that the mistake leads to, with words for it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from types import ModuleType

from verify.claims.scene import Scene, Suspect


@cache
def families() -> tuple[ModuleType, ...]:
    """All families, the ones that are suspected first first."""
    found = [
        importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
    ]
    return tuple(sorted(found, key=lambda m: (m.PRIORITY, m.__name__)))


def suspects(scene: Scene) -> Iterator[Suspect]:
    """All wrong gradients that some typical mistake leads to."""
    for family in families():
        yield from family.suspects(scene)
