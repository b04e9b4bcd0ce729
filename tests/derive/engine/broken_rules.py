"""Rules broken on purpose, and the layers that show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from sympy import Add, Expr, Integer, Mul, Sum

import derive
from derive.engine import recorder
from derive.engine.rules import Rewrite, Rule, rules_by_phase
from derive.engine.scope import Scope
from derive.language.terms import (
    Between,
    Differ,
    Divides,
    Iverson,
    Negation,
    Partial,
    ranges_of,
    total,
)
from tests.derive.engine.test_hard_layers import HARD

LAYERS = [
    "y[r] = sum[a] x[r+a]*k[a]",
    "f(x[H pad p], k[K]; s=2, p=1):\n    y[r] = sum[a] x[s*r + a - p]*k[a]",
    "f(x[H pad all], k[K]):\n    y[r < H] = sum[a] x[2*r + a]*k[a]",
    "f(x[N], k[N]):\n    y[i] = (x[i] + k[i])*(x[i] - 2*k[i])*x[i]^3",
    "f(x[N]):\n    m[] = sum[i] x[i]^2\n    y[i] = x[i]*m[] + m[]",
    "f(x[N, M]):\n    y[n] = max[m] x[n, m]\n"
    "    z[n, m] = if x[n, m] < y[n] then x[n, m] else y[n]^2",
    "f(x[H, W]):\n    y[m < H*W] = x[m//W, m%W]",
    "f(x[N], b[]):\n    y[i] = x[i]*b[] + b[]",
    "f(x[N]):\n    y[i] = sum[2 <= a < 3] x[i]*x[i]*a*[i <= a]",
    "f(x[N pad all], k[N]):\n    y[i < 3] = sum[a] [i <= a]*k[a]*([i <= a]*k[a] + 1)*x[i + a - 1]",
    "f(x[I]):\n    y[i] = sum[a < 2, b <= a] x[i]",
    "f(x[N], w[]):\n    y[] = sum[i < N + 2] [0 <= i - 1 < N]*x[i - 1]*w[]",
    "f(x[H pad all], k[K]; s=1, p=0):\n    y[q < (H-1)*s - 2*p + K] = sum[a] x[(q + p - a)/s]*k[a]",
    *HARD.values(),
]

Break = Callable[[Any, Rewrite], Expr]


def without(kind: type[Any]) -> Break:
    """The result with every guard of a kind taken for true."""
    return lambda term, rewrite: rewrite.new.replace(
        lambda e: isinstance(e, Iverson) and isinstance(e.args[0], kind), lambda e: Integer(1)
    )


def first_only(term: Any, rewrite: Rewrite) -> Expr:
    """A sum without all of its terms but the first."""
    return rewrite.new.args[0] if isinstance(rewrite.new, Add) else rewrite.new


def wider(term: Any, rewrite: Rewrite) -> Expr:
    """Every sum in the result runs one too far."""
    return rewrite.new.replace(
        lambda e: isinstance(e, Sum),
        lambda e: total(e.function, [(i, lo, hi + 1) for i, lo, hi in ranges_of(e)]),
    )


def inner_derivative_lost(term: Any, rewrite: Rewrite) -> Expr:
    factors = [f for f in Mul.make_args(rewrite.new) if isinstance(f, Partial)]
    return Mul(*factors)


def last_maximum(term: Any, rewrite: Rewrite) -> Expr:
    """Every place of the window gets the gradient, as if all were the first maximum."""
    return total(Partial(term.args[0].function, term.args[1]), ranges_of(term.args[0]))


#: rule → ways to break its result
BROKEN: dict[str, list[Break]] = {
    "collapse δ": [without(Between), without(Divides), lambda t, r: -r.new],
    "split a quotient": [without(Between), wider],
    "split a remainder": [without(Between)],
    "product rule": [first_only],
    "linearity over +": [first_only],
    "power rule": [inner_derivative_lost, without(Differ)],
    "constant factor": [inner_derivative_lost],
    "linearity over Σ": [wider],
    "derivative of a choice": [first_only, without(Negation)],
    "derivative of a maximum": [last_maximum],
    "split Σ over +": [first_only],
    "distribute": [first_only],
    "exchange sums": [wider],
    "count a constant": [lambda t, r: r.new + Integer(1), lambda t, r: t.function],
    "count along an inner range": [wider, lambda t, r: 2 * r.new],
    "sum over the multiples": [without(Between), wider],
    "a guard becomes the range": [wider],
    "move a factor out of Σ": [lambda t, r: r.new + Integer(1)],
    "sum of one term": [lambda t, r: Integer(0)],
    "a guard counts once": [lambda t, r: Integer(1)],
    "take a multiple out of a remainder": [lambda t, r: r.new + 1],
    "δ as a guard": [lambda t, r: Integer(1)],
}

FAULTS = [(name, n) for name, breaks in BROKEN.items() for n in range(len(breaks))]


def change_rules(monkeypatch: pytest.MonkeyPatch, change: Callable[[Rule], Rule]) -> None:
    """The engine works with changed rules."""
    table = tuple(
        (phase, {kind: tuple(change(r) for r in rules) for kind, rules in by_kind.items()})
        for phase, by_kind in rules_by_phase()
    )
    monkeypatch.setattr(recorder, "rules_by_phase", lambda: table)


class Fault:
    """A rule that is broken in one way; ``applied`` counts where that changed something."""

    def __init__(self, name: str, number: int) -> None:
        self.name, self.breaks, self.applied = name, BROKEN[name][number], 0

    def __call__(self, rule: Rule) -> Rule:
        def apply(term: Any, scope: Scope) -> Rewrite | None:
            rewrite = rule.apply(term, scope)
            if rewrite is None:
                return None
            new = self.breaks(term, rewrite)
            self.applied += new != rewrite.new
            return replace(rewrite, new=new)

        return replace(rule, apply=apply) if rule.name == self.name else rule


@cache
def layers_by_rule() -> dict[str, list[str]]:
    """Rule → the layers in whose derivations it fires.

    Until it fires a broken rule does what the sound one does: no other layer can show it.
    """
    fired: dict[str, list[str]] = {}

    def watched(rule: Rule) -> Rule:
        def apply(term: Any, scope: Scope) -> Rewrite | None:
            rewrite = rule.apply(term, scope)
            if rewrite is not None:
                firing.add(rule.name)
            return rewrite

        return replace(rule, apply=apply)

    with pytest.MonkeyPatch.context() as monkeypatch:
        change_rules(monkeypatch, watched)
        for text in LAYERS:
            firing: set[str] = set()
            layer = derive.parse(text)
            for tensor in layer.tensors:
                if not tensor.integer:
                    derive.gradient(layer, tensor.name)
            for name in firing:
                fired.setdefault(name, []).append(text)
    return fired
