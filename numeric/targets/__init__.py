"""Targets of code generation: one module a target, discovered.

Each module has ``SUMMARY``, its one-line description, and a function
``body(layer, output names, names, comment) -> Body``: the lines that compute the outputs from the
layer's tensors, whose sizes are known by then.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from numeric.program import Program

#: the derivation's step behind a read, a guard or a sum of an equation, as a comment; or nothing
Comment = Callable[[str, str], str]


@dataclass(frozen=True)
class Body:
    """The lines of a function, what they call from ``numeric.support``, and how they came about.

    ``explanation`` is what there is to say beyond the array program, if the lines come from one;
    ``library`` are the templates of ``numeric.fast`` that they call.
    """

    lines: tuple[str, ...]
    helpers: tuple[str, ...]
    explanation: str = ""
    program: Program | None = None
    library: tuple[str, ...] = ()


def names() -> list[str]:
    """The names of all targets, sorted."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__))


def module(name: str) -> ModuleType:
    """The module of a target; ``ValueError`` lists the targets there are."""
    if name not in names():
        raise ValueError(f"there is no target {name!r}; there are: {', '.join(names())}")
    return importlib.import_module(f"{__name__}.{name}")
