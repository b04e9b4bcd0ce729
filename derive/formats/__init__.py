"""Output formats: one module a format, discovered.

Each module has a function ``render(derivations, detail) -> str``.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derive.derivation import Derivation

#: how much is told: landmarks only, every rule once, or every single application
DETAILS = ("brief", "default", "full")


def names() -> list[str]:
    """The names of all formats, sorted."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__))


def render(derivations: Sequence[Derivation], format: str, detail: str = "default") -> str:
    """Derivations of one or several layers in the format of that name."""
    if format not in names():
        raise ValueError(f"there is no format {format!r}; the formats are: {', '.join(names())}")
    if detail not in DETAILS:
        raise ValueError(f"there is no detail {detail!r}; choose from: {', '.join(DETAILS)}")
    module = importlib.import_module(f"{__name__}.{format}")
    return str(module.render(derivations, detail))
