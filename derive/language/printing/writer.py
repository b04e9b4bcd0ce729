"""From SymPy expressions to laid-out formulas: one function a kind of node, in any style.

The functions, in the modules of this folder, register themselves for the type of node they write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sympy import Basic, Expr

from derive.language.printing.layout import Doc
from derive.language.printing.style import Level, Piece, Unicode
from derive.language.terms import Both, Condition, Divides
from derive.plugins import run_all

Rule = Callable[[Any, "Writer"], Piece]

_RULES: dict[type[Basic], Rule] = {}


def writes(*kinds: type[Basic]) -> Callable[[Rule], Rule]:
    """Register a function as the one that writes nodes of these kinds."""

    def register(function: Rule) -> Rule:
        for kind in kinds:
            _RULES[kind] = function
        return function

    return register


@cache
def _rules() -> dict[type[Basic], Rule]:
    run_all(__package__)
    return _RULES


@dataclass(frozen=True)
class Writer:
    """A style, and what the surroundings say.

    ``tight`` leaves out the spaces around + and −, as inside ``x[r+a]``; ``exact`` are the
    quotients known to leave no remainder, because a guard beside them says so.
    """

    style: Unicode
    tight: bool = False
    exact: frozenset[tuple[Expr, Expr]] = frozenset()

    def tightened(self) -> Writer:
        """The writer for the indices of a read."""
        return replace(self, tight=True)

    def packed(self) -> Writer:
        """The writer for ranges, conditions and integers that stand in no read."""
        return self.tightened() if self.style.packs else self

    def rounding(self) -> Writer:
        """The writer for ranges, exponents and what is rounded: no quotient there looks exact."""
        return replace(self.packed(), exact=frozenset())

    def knowing(self, conditions: Iterable[Basic]) -> Writer:
        """The writer for what stands beside guards with these conditions."""
        if self.style.literal:
            return self
        known = {(c.args[1], c.args[0]) for c in _parts(conditions) if isinstance(c, Divides)}
        return replace(self, exact=self.exact | known) if known - self.exact else self

    def piece(self, expr: Basic) -> Piece:
        """The expression, with what its surroundings must know to parenthesise it."""
        rules = _rules()
        return next(rules[k] for k in type(expr).__mro__ if k in rules)(expr, self)

    def doc(self, expr: Basic, level: Level = Level.LOOSE, last: bool = True) -> Doc:
        """The expression, parenthesised unless it holds together at that level.

        ``last`` says that no factor follows, so that an open formula such as Σ… needs no
        parentheses.
        """
        return self.style.closed(self.piece(expr), level, last)


def _parts(conditions: Iterable[Basic]) -> Iterable[Condition]:
    for condition in conditions:
        if isinstance(condition, Both):
            yield from _parts(condition.args)
        elif isinstance(condition, Condition):
            yield condition
