"""Packages whose modules are entries of a kind: one module a layer, a rule, a format, a target.

Adding an entry is adding a file; what it must contain is the protocol of its kind.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache
from typing import Generic, TypeVar, cast

Kind = TypeVar("Kind")


def modules(package: str) -> list[str]:
    """The names of a package's modules, sorted; none of them is run."""
    return list(_listed(tuple(importlib.import_module(package).__path__)))


@cache
def _listed(folders: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(m.name for m in pkgutil.iter_modules(folders)))


def run_all(package: str) -> None:
    """Import every module of a package: those of rules and identities register what they define."""
    for name in modules(package):
        importlib.import_module(f"{package}.{name}")


def meant(word: str, known: Sequence[str]) -> str:
    """``; did you mean 'conv'?`` where a known word is near."""
    from difflib import get_close_matches  # local: start-up time

    near = [k for k in known if k.lower() == word.lower()] or get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


class Plugins(Generic[Kind]):
    """The modules of ``package``, each with the members of the protocol ``Kind``.

    ``noun`` is what messages call an entry.
    """

    def __init__(self, package: str, protocol: type, noun: str) -> None:
        self.package, self.noun = package, noun
        named = {*vars(protocol), *getattr(protocol, "__annotations__", {})}
        self._members = {n for n in named if not n.startswith("_")}

    def names(self) -> list[str]:
        """The names of all entries, sorted."""
        return modules(self.package)

    def module_of(self, name: str) -> str:
        """The module's name of an entry that is there."""
        return name

    def check(self, name: str) -> None:
        """Raise ``ValueError`` for a name without an entry; it lists the entries there are."""
        known = self.names()
        if name not in known:
            there = f"there are: {', '.join(known)}{meant(name, known)}"
            raise ValueError(f"there is no {self.noun} {name!r}; {there}")

    def get(self, name: str) -> Kind:
        """The entry of that name; ``ValueError`` where there is none."""
        self.check(name)
        module = importlib.import_module(f"{self.package}.{self.module_of(name)}")
        missing = sorted(m for m in self._members if not hasattr(module, m))
        if missing:
            raise TypeError(f"{module.__file__} is no {self.noun}: it lacks {', '.join(missing)}")
        return cast(Kind, module)

    def all(self) -> list[Kind]:
        """All entries: the smallest ``PRIORITY`` first, then by name."""
        return sorted(map(self.get, self.names()), key=lambda m: getattr(m, "PRIORITY", 0))
