"""Packages whose modules are entries of a kind: one module a data set, one module a preset."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType


def names(package: ModuleType) -> list[str]:
    """The names of all entries, sorted."""
    return sorted(m.name for m in pkgutil.iter_modules(package.__path__))


def entry(package: ModuleType, name: str, kind: str) -> ModuleType:
    """The module of an entry; ``ValueError`` lists the entries there are."""
    known = names(package)
    if name not in known:
        raise ValueError(f"there is no {kind} {name!r}; there are: {', '.join(known)}")
    return importlib.import_module(f"{package.__name__}.{name}")
