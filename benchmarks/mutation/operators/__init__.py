"""Kinds of mistakes in Python text: one module a kind, discovered.

Each module has ``NAME``; ``of_expression(node)``, all wrong expressions that may stand in the place
of a right one; ``of_statement(statement, bound)``, all wrong statements, where ``bound`` are the
names that have a value before it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from derive.plugins import Plugins

#: the attribute of a tuple whose elements may stand in any order
UNORDERED = "unordered"


@dataclass(frozen=True)
class Change:
    """What stands in the place of an expression, or of a statement; ``words`` say it."""

    node: ast.expr | None = None
    words: str = ""
    statements: tuple[ast.stmt, ...] = ()


@dataclass(frozen=True)
class Operator:
    """One kind of mistake."""

    name: str
    of_expression: Callable[[ast.expr], Iterator[Change]]
    of_statement: Callable[[ast.stmt, frozenset[str]], Iterator[Change]]


class Module(Protocol):
    """A module of this package; it may have ``of_expression``, ``of_statement`` or both."""

    NAME: str


MODULES: Plugins[Module] = Plugins(__name__, Module, "kind of mutant")


@cache
def _nothing(*_: object) -> Iterator[Any]:
    """What an operator makes of nodes that it leaves alone."""
    return iter(())


def operators() -> tuple[Operator, ...]:
    """All kinds, by name."""
    found = []
    for module in MODULES.all():
        found.append(
            Operator(
                module.NAME,
                getattr(module, "of_expression", _nothing),
                getattr(module, "of_statement", _nothing),
            )
        )
    return tuple(found)
