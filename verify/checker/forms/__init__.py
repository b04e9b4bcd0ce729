"""Which results deserve which name, by theme; modules here are discovered.

A *form* is a name with the kind of formula it stands for and a test of the data: which tensors are
read at which indices.  That the formula equals the result is shown in ``verify.checker.named``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from derive.engine.instances import Instance
from derive.plugins import run_all

Test: TypeAlias = Callable[[Instance], bool]


@dataclass(frozen=True)
class DeservedName:
    """The kind a name belongs to, and what the data must be.

    ``sign`` is that of the summed index in sliding coordinates.
    """

    kind: str
    sign: int
    deserved: Test


_FORMS: dict[str, DeservedName] = {}


def form(name: str, kind: str | None = None, sign: int = 1) -> Callable[[Test], Test]:
    """Register a function as the test of that name; the kind is the name unless given."""

    def register(test: Test) -> Test:
        _FORMS[name] = DeservedName(kind or name, sign, test)
        return test

    return register


@cache
def forms() -> dict[str, DeservedName]:
    """All forms by name."""
    run_all(__name__)
    return dict(sorted(_FORMS.items()))
