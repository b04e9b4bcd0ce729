"""Named rewrite rules, by theme: one module a theme, discovered, never listed.

A rule is a function from a subterm and its ``Scope`` to a ``Rewrite`` or None (not applicable
here).  Its docstring states the identity, the side conditions, and why it cannot go on for ever.
Rules do not choose when they are tried; their ``phase`` says how urgent they are and
``derive.engine.reverse`` does the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Any

from sympy import Basic

from derive.domains import Decision
from derive.engine.scope import Scope
from derive.plugins import run_all


class Phase(IntEnum):
    """How urgent a rule is: a rule is tried only where no rule of an earlier phase applies.

    The phases after ``POLISH`` make a closed form of a result (``derive.engine.closing``).
    """

    DIFFERENTIATE = 1
    SIMPLIFY = 2
    COLLAPSE = 3
    ARRANGE = 4
    SETTLE = 5
    TIDY = 6
    POLISH = 7
    UNFOLD = 8
    FOLD = 9
    GATHER = 10


@dataclass(frozen=True)
class Rewrite:
    """What a rule makes of a subterm, the side conditions it decided, and a sentence about it."""

    new: Basic
    conditions: tuple[Decision, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Rule:
    """A named rule: the phase it belongs to and the type of subterm it looks at."""

    name: str
    phase: Phase
    on: type[Basic]
    apply: Callable[[Any, Scope], Rewrite | None]


_RULES: list[Rule] = []


def rule(
    name: str, phase: Phase, on: type[Basic]
) -> Callable[[Callable[[Any, Scope], Rewrite | None]], Callable[[Any, Scope], Rewrite | None]]:
    """Register a function as the rule of that name."""

    def register(
        function: Callable[[Any, Scope], Rewrite | None],
    ) -> Callable[[Any, Scope], Rewrite | None]:
        _RULES.append(Rule(name, phase, on, function))
        return function

    return register


@cache
def rules_by_phase() -> tuple[tuple[Phase, dict[type[Basic], tuple[Rule, ...]]], ...]:
    """All rules in this package, most urgent phase first, by the type of subterm they look at."""
    run_all(__name__)
    table = []
    for phase in Phase:
        chosen = sorted((r for r in _RULES if r.phase == phase), key=lambda r: r.name)
        kinds = dict.fromkeys(r.on for r in chosen)
        table.append((phase, {kind: tuple(r for r in chosen if r.on is kind) for kind in kinds}))
    return tuple(table)
