"""Output formats: one module a format, discovered.

Each module has a function ``render(derivations, detail) -> str``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from derive.plugins import Plugins

if TYPE_CHECKING:
    from derive.engine.record import Derivation

#: how much is told: landmarks only, every rule once, or every single application
DETAILS = ("brief", "default", "full")


class Format(Protocol):
    """A module of this package."""

    def render(self, derivations: Sequence[Derivation], detail: str) -> str: ...


FORMATS: Plugins[Format] = Plugins(__name__, Format, "format")


def names() -> list[str]:
    """The names of all formats, sorted."""
    return FORMATS.names()


def render(derivations: Sequence[Derivation], format: str, detail: str = "default") -> str:
    """Derivations of one or several layers in the format of that name."""
    if detail not in DETAILS:
        raise ValueError(f"there is no detail {detail!r}; choose from: {', '.join(DETAILS)}")
    return FORMATS.get(format).render(derivations, detail)
