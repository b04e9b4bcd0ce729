"""What must hold of the code of a layer: one module a property, discovered.

Each module has

- ``PRIORITY``: properties are tried in this order, the cheap ones first;
- ``NAME``: the property in a few words;
- ``applies(layer)``: nothing, or why the property says nothing about this layer;
- ``examine(trial)``: the failure, or None; its docstring states the property and its tolerance.
  It raises ``Skipped`` where a single case says nothing.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derive.definition import Layer
    from verify.testing.subject import Failure
    from verify.testing.trial import Trial


@dataclass(frozen=True)
class Property:
    """One property; ``statement`` is its docstring."""

    name: str
    statement: str
    applies: Callable[[Layer], str]
    examine: Callable[[Trial], Failure | None]


@cache
def properties() -> tuple[Property, ...]:
    """All properties, the cheap ones first."""
    found = [
        importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
    ]
    found.sort(key=lambda m: m.PRIORITY)
    return tuple(Property(m.NAME, m.examine.__doc__ or "", m.applies, m.examine) for m in found)
