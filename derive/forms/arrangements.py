"""Rearrangements that show a result as forms are written, each a recorded step.

The engine has other aims: it leaves constants and products as they were written, takes multiples
out of quotients, and leaves guards that fix an index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from sympy import Add, Basic, Expr, Integer, Sum

from derive.engine.record import Step
from derive.engine.recorder import places, rebuilt
from derive.engine.rules import Rewrite
from derive.engine.rules.reindex import fix, fixed
from derive.engine.rules.sums import move_out
from derive.engine.scope import Scope
from derive.language.integers import expanded
from derive.language.substitution import integral
from derive.language.terms import Between, Divides, FloorDiv, Index, Iverson, Same, subterms

Change = Callable[[Any, Scope], Rewrite | None]


def arrangements(scope: Scope) -> Iterator[tuple[Step, ...]]:
    """The steps to each way of writing the expression that is worth looking at, itself first.

    A sum of several terms is no named form however it is written.
    """
    yield ()
    if scope.root.is_Add:
        return
    steps: list[Step] = []
    for name, kind, change in _CHANGES:
        while (step := _applied(name, kind, change, scope)) is not None:
            steps.append(step)
            scope = replace(scope, root=step.after)
    if steps:
        yield tuple(steps)


def _applied(name: str, kind: type[Basic], change: Change, scope: Scope) -> Step | None:
    """One application of a change, at the outermost, leftmost place where it applies."""
    for path, node in places(scope.root):
        rewrite = change(node, replace(scope, path=path)) if isinstance(node, kind) else None
        if rewrite is not None:
            after = rebuilt(scope.root, path, rewrite.new)
            why = (rewrite.conditions, rewrite.note)
            return Step(name, scope.root, after, path, node, rewrite.new, *why)
    return None


def _multiply_out(term: Expr, scope: Scope) -> Rewrite | None:
    """d·(k − 1) = d·k − d in an index.  Terminates: fewer sums below products."""
    new = expanded(term) if integral(term) else term
    return Rewrite(new) if new != term else None


def _into_quotient(term: Add, scope: Scope) -> Rewrite | None:
    """q + e // D = (D·q + e) // D, for D ≥ 1, where a guard says that D divides D·q + e.

    Terminates: fewer terms beside quotients.
    """
    quotients = [t for t in term.args if isinstance(t, FloorDiv)]
    if len(quotients) != 1:
        return None
    rest, divisor = quotients[0].args
    numerator = expanded(divisor * (term - quotients[0]) + rest)
    if Iverson(Divides(divisor, numerator)) not in subterms(scope.root):
        return None
    positive = scope.positive(divisor)
    return Rewrite(FloorDiv(numerator, divisor), (positive,)) if positive is not None else None


def _small_quotient(term: FloorDiv, scope: Scope) -> Rewrite | None:
    """v // D = 0 where 0 ≤ v < D, for an index v in an equation that fixes an index of a sum."""
    number, divisor = term.args
    if not isinstance(number, Index) or not scope.within(Same) or not _fixes(scope):
        return None
    decision = scope.decide(Between(Integer(0), number, divisor))
    return Rewrite(Integer(0), (decision,)) if decision.holds else None


def _fixes(scope: Scope) -> bool:
    return any(isinstance(node, Sum) and fixed(node) for _, node in places(scope.root))


_CHANGES: tuple[tuple[str, type[Basic], Change], ...] = (
    ("move a factor out of Σ", Sum, move_out),
    ("multiply out", Expr, _multiply_out),
    ("put a multiple into a quotient", Add, _into_quotient),
    ("a small number's quotient", FloorDiv, _small_quotient),
    ("a guard fixes an index", Sum, fix),
)
