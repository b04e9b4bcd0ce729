"""Single steps: an identity is accepted with its side conditions and refused without them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sympy import Add, Basic, Expr, Integer, Mul, Pow

import derive
from derive.domains import Decision
from derive.engine.record import Step
from derive.language.terms import (
    AtMost,
    Between,
    Delta,
    Divides,
    Entry,
    FloorDiv,
    Index,
    Iverson,
    Parameter,
    Partial,
    Same,
    Size,
    total,
)
from verify.checker.steps import Refusal, check_change, replay
from verify.checker.structure import check_target
from verify.checker.values import Setting

ZERO, ONE = Integer(0), Integer(1)
N, M, G = Size("N"), Size("M"), Parameter("G")
i, j, p, q = Index("i"), Index("j"), Index("i'"), Index("q")
x, k = Entry("x", i), Entry("k", i)
LAYER = derive.parse("f(x[N], k[N], z[M], t[N] int < N; s=1, p=0): y[i] = x[i]*k[i]")
SETTING = Setting(LAYER, Entry("x", p), (("g", "y"),))
S, PAD = Parameter("s"), Parameter("p")


def step(rule: str, old: Basic, new: Basic, *conditions: Any, around: Basic | None = None) -> Step:
    """A step from ``old`` to ``new``; ``around`` is a product that the old one is a factor of."""
    before = old if around is None else Mul(old, around)
    place = () if around is None else (before.args.index(old),)
    after = (
        new
        if around is None
        else before.func(*(new if n == place[0] else a for n, a in enumerate(before.args)))
    )
    decisions = tuple(Decision(c, True, "islpy") for c in conditions)
    return Step(rule, before, after, place, old, new, decisions)


def inside(example: Step, *ranges: Any) -> Step:
    """The step in a sum of the expression times an entry of z."""
    body = Mul(example.old, Entry("z", ranges[0][0]))
    place = (0, body.args.index(example.old))
    before, after = (
        ranged(Mul(part, Entry("z", ranges[0][0])), *ranges) for part in (example.old, example.new)
    )
    return replace(example, before=before, after=after, position=place)


def accepts(example: Step) -> bool:
    try:
        check_change(example)
        return all(o.holds for o in replay(example, SETTING, "step 1"))
    except Refusal:
        return False


def ranged(body: Expr, *ranges: Any) -> Expr:
    return total(body, [(i, ZERO if lo == 0 else lo, hi) for i, lo, hi in ranges])


g = Entry("g", i)
HALF = FloorDiv(p + PAD, S)

#: what is wrong, or right, with a step: (accepted, step)
STEPS = {
    "factor out of a sum that may be empty": (
        False,
        step("move a factor out of Σ", ranged(x / N, (i, 0, N)), ranged(x, (i, 0, N)) / N),
    ),
    "factor out of a sum": (
        True,
        step("move a factor out of Σ", ranged(x * S, (i, 0, N)), ranged(x, (i, 0, N)) * S),
    ),
    "guard dropped on the word of one without a value": (
        False,
        step(
            "drop a redundant guard",
            Iverson(AtMost(ONE, M)),
            Integer(1),
            AtMost(ONE, M),
            around=Iverson(AtMost(ONE, FloorDiv(M + 7, M))),
        ),
    ),
    "guard dropped on the word of another": (
        True,
        step(
            "drop a redundant guard",
            Iverson(AtMost(ONE, M)),
            Integer(1),
            AtMost(ONE, M),
            around=Iverson(AtMost(Integer(2), M)),
        ),
    ),
    "guard dropped without a reason": (
        False,
        step("drop a redundant guard", Iverson(AtMost(ONE, M)), Integer(1), AtMost(ONE, M)),
    ),
    "derivative by an entry at a summed index": (
        False,
        step(
            "linearity over Σ",
            Partial(ranged(Entry("x", p), (p, 0, N)), Entry("x", p)),
            ranged(Partial(Entry("x", p), Entry("x", p)), (p, 0, N)),
        ),
    ),
    "indices captured when a factor moves in": (
        False,
        step(
            "move a factor into Σ",
            Mul(x, ranged(Delta(i, p) * k, (i, 0, N))),
            ranged(x * Delta(i, p) * k, (i, 0, N)),
        ),
    ),
    "indices renamed when a factor moves in": (
        True,
        step(
            "move a factor into Σ",
            Mul(x, ranged(Delta(i, p) * k, (i, 0, N))),
            ranged(x * Delta(j, p) * Entry("k", j), (j, 0, N)),
        ),
    ),
    "collapse without divisibility": (
        False,
        step(
            "collapse δ",
            ranged(Delta(S * i - PAD, p) * g, (i, 0, N)),
            Iverson(Between(ZERO, HALF, N)) * Entry("g", HALF),
            AtMost(ONE, S),
        ),
    ),
    "collapse": (
        True,
        step(
            "collapse δ",
            ranged(Delta(S * i - PAD, p) * g, (i, 0, N)),
            Iverson(Between(ZERO, HALF, N)) * Iverson(Divides(S, p + PAD)) * Entry("g", HALF),
            AtMost(ONE, S),
        ),
    ),
    "collapse by a coefficient that may be zero": (
        False,
        step(
            "collapse δ",
            ranged(Delta(PAD * i, p) * g, (i, 0, N)),
            Iverson(Between(ZERO, FloorDiv(p, PAD), N))
            * Iverson(Divides(PAD, p))
            * Entry("g", FloorDiv(p, PAD)),
            AtMost(ONE, PAD),
        ),
    ),
    "collapse to a value that divides by a size": (
        False,
        step(
            "collapse δ",
            ranged(Delta(i, FloorDiv(Integer(7), M)) * g, (i, 0, N)),
            Iverson(Between(ZERO, FloorDiv(Integer(7), M), N))
            * Entry("g", FloorDiv(Integer(7), M)),
            AtMost(ONE, M),
        ),
    ),
    "guard turned into a range that is larger": (
        False,
        step(
            "a guard becomes the range",
            ranged(Iverson(Between(ZERO, i + 1, M)) * g, (i, 0, N)),
            ranged(Entry("g", j - 1), (j, 0, M)),
            Between(ZERO, j - 1, N),
        ),
    ),
    "flip of an index that bounds another": (
        False,
        step(
            "reindex (flip)",
            ranged(g * Entry("z", j), (i, 0, N), (j, 0, i)),
            ranged(Entry("g", N - 1 - i) * Entry("z", j), (i, 0, N), (j, 0, i)),
            Between(ZERO, N - 1 - i, N),
        ),
    ),
    "constant counted over a range that may be reversed": (
        False,
        step("count a constant", ranged(S, (i, N, M)), (M - N) * S, AtMost(N, M)),
    ),
    "index of a longer axis taken for 0": (
        False,
        step("an axis of length one", Entry("x", p), Entry("x", 0)),
    ),
    "power with a table's entry as exponent": (
        False,
        step(
            "power rule",
            Partial(Pow(Entry("x", i), Entry("t", i)), Entry("x", p)),
            Entry("t", i)
            * Pow(Entry("x", i), Entry("t", i) - 1)
            * Partial(Entry("x", i), Entry("x", p)),
        ),
    ),
    "quotient that cancels": (
        False,
        step("multiply out", Integer(1), Add(Mul(Add(M, 1), Pow(M, -1)), -Pow(M, -1))),
    ),
    "block of numbers of another size": (
        False,
        step(
            "same block",
            Iverson(Between(ZERO, q - S * FloorDiv(p, Integer(2)), S)),
            Iverson(Same(FloorDiv(q, S + 1), FloorDiv(p, Integer(2)))),
            AtMost(ONE, S),
        ),
    ),
    "index of the result hidden by a sum": (
        False,
        inside(
            step("drop a redundant guard", Iverson(Between(ZERO, p, N)), ONE, Between(ZERO, p, N)),
            (p, 0, M),
        ),
    ),
    "index of the result": (
        True,
        inside(
            step("drop a redundant guard", Iverson(Between(ZERO, p, N)), ONE, Between(ZERO, p, N)),
            (q, 0, M),
        ),
    ),
    "bound that uses an index bound further in": (
        False,
        step(
            "exchange sums",
            ranged(ranged(Delta(i, p) * g, (i, 0, j)) * Entry("z", j), (j, 0, M)),
            ranged(Delta(i, p) * g * Entry("z", j), (i, 0, j), (j, 0, M)),
        ),
    ),
}


@pytest.mark.parametrize("name", STEPS)
def test_steps_are_judged_by_their_side_conditions(name: str) -> None:
    accepted, example = STEPS[name]
    assert accepts(example) == accepted


def test_a_condition_that_is_not_needed_is_refused() -> None:
    _, good = STEPS["collapse"]
    more = Decision(AtMost(Integer(0), N), True, "arithmetic")
    assert not accepts(replace(good, conditions=(*good.conditions, more)))
    assert not accepts(replace(good, conditions=()))


@pytest.mark.parametrize(
    ("target", "accepted"),
    [
        (Entry("x", p), True),
        (Entry("x", i), False),
        (Entry("x", Index("s")), False),
        (Entry("x", p, q), False),
        (Entry("x", N), False),
    ],
)
def test_the_indices_of_a_gradient_are_new_ones(target: Entry, accepted: bool) -> None:
    try:
        check_target(LAYER, target)
    except Refusal:
        assert not accepted
    else:
        assert accepted
