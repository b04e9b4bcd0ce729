"""What must hold of the code of a layer: one module a property, discovered.

Each module has

- ``PRIORITY``: properties are tried in this order, the cheap ones first;
- ``NAME``: the property in a few words;
- ``applies(layer)``: nothing, or why the property says nothing about this layer;
- ``examine(trial)``: the failure, or None; its docstring states the property and its tolerance.
  It raises ``Skipped`` where a single case says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Protocol

from derive.plugins import Plugins

if TYPE_CHECKING:
    from derive.language.definition import Layer
    from verify.trying.subject import Failure
    from verify.trying.trial import Trial


@dataclass(frozen=True)
class Property:
    """One property; ``statement`` is its docstring."""

    name: str
    statement: str
    applies: Callable[[Layer], str]
    examine: Callable[[Trial], Failure | None]


class Module(Protocol):
    """A module of this package: the smallest ``PRIORITY`` is tried first."""

    PRIORITY: int
    NAME: str

    def applies(self, layer: Layer) -> str: ...
    def examine(self, trial: Trial) -> Failure | None: ...


MODULES: Plugins[Module] = Plugins(__name__, Module, "property")


@cache
def properties() -> tuple[Property, ...]:
    """All properties, the cheap ones first."""
    return tuple(
        Property(m.NAME, m.examine.__doc__ or "", m.applies, m.examine) for m in MODULES.all()
    )
