"""The deciders of integer conditions: known questions, and random ones against brute force."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sympy import Add, Expr, Integer, Mul, Pow, Symbol

from derive.domains import Undecided, decide, smallest
from derive.language.terms import (
    AtMost,
    Between,
    Both,
    Condition,
    Differ,
    Divides,
    Either,
    Entry,
    FirstMax,
    FloorDiv,
    Greatest,
    Index,
    Least,
    Less,
    Modulo,
    Negation,
    Parameter,
    RealParameter,
    Same,
    Size,
    maximum,
)

Z, ONE = Integer(0), Integer(1)
C, E, G, H, K, N, O, R, W = (Size(n) for n in "CEGHKNORW")  # noqa: E741
d, p, s = (Parameter(n) for n in "dps")
a, c, h, i, m, n, o, q, r, w = (Index(name) for name in "achimnoqrw")
ORDER = (N, C, O, H, W, K, E, s, p, d, G)
FIVES = [Integer(k) for k in range(6)]


# --- a reference: evaluation at one point ------------------------------------------------------


def value(e: Expr, at: dict[Symbol, int]) -> int:
    """The value of an integer expression; ZeroDivisionError where it has none."""
    if e in at:
        return at[e]
    if isinstance(e, Integer):
        return int(e)
    args = [value(arg, at) for arg in e.args]
    if isinstance(e, Add):
        return sum(args)
    if isinstance(e, Mul):
        return args[0] * value(Mul(*e.args[1:]), at)
    if isinstance(e, Pow):
        return args[0] ** args[1]
    if isinstance(e, FloorDiv):
        return args[0] // args[1]
    if isinstance(e, Modulo):
        return args[0] % args[1]
    return max(args) if isinstance(e, Greatest) else min(args)


def true(c: Condition, at: dict[Symbol, int], positive: bool = True) -> bool:
    """Whether a condition, or its negation, holds at a point and is defined there."""
    if isinstance(c, Negation):
        return true(c.args[0], at, not positive)
    if isinstance(c, Both | Either):
        parts = [true(part, at, positive) for part in c.args]
        return all(parts) if isinstance(c, Both) == positive else any(parts)
    try:
        x, y, *rest = [value(arg, at) for arg in c.args]
    except ZeroDivisionError:
        return False
    relations = {
        Between: lambda: x <= y < rest[0],
        Divides: lambda: y % x == 0 if x else y == 0,
        Less: lambda: x < y,
        AtMost: lambda: x <= y,
        Same: lambda: x == y,
        Differ: lambda: x != y,
    }
    return relations[type(c)]() == positive


# --- known questions ---------------------------------------------------------------------------


def convolution(s: Expr, p: Expr, d: Expr, size: Expr) -> tuple[Condition, list[Condition]]:
    """In bounds: the read of one axis of a convolution whose output has that size."""
    lowest = [(s, 1), (d, 1), (p, 0), (K, 1), (H, 0)]
    assume = [
        Between(Z, r, R),
        Same(R, Greatest(Z, size)),
        Between(Z, a, K),
        *(AtMost(Integer(lo), e) for e, lo in lowest if isinstance(e, Symbol)),
    ]
    return Between(-p, s * r + d * a - p, H + p), assume


def floor_size(s: Expr, p: Expr, d: Expr) -> Expr:
    return FloorDiv(H + 2 * p - d * (K - 1) - 1, s) + 1


@pytest.mark.parametrize("s", [s, ONE, FIVES[2], FIVES[3]])
@pytest.mark.parametrize("p", [p, Z, FIVES[2]])
@pytest.mark.parametrize("d", [d, ONE, FIVES[3]])
def test_convolution_reads_inside(s: Expr, p: Expr, d: Expr) -> None:
    goal, assume = convolution(s, p, d, floor_size(s, p, d))
    decision = decide(goal, assume, ORDER)
    assert decision.holds is True
    assert decision.decider in ("islpy", "z3")


@pytest.mark.parametrize(
    ("s", "p", "d", "size", "point"),
    [
        (ONE, Z, ONE, H, {H: 1, K: 2, R: 1, a: 1, r: 0}),
        (ONE, Z, ONE, H - K + 2, {H: 0, K: 1, R: 1, a: 0, r: 0}),
        (FIVES[3], Z, ONE, FloorDiv(H - K, FIVES[3]) + 2, {H: 0, K: 1, R: 1, a: 0, r: 0}),
        (FIVES[2], ONE, ONE, FloorDiv(H + 2 - K, FIVES[2]) + 2, {H: 0, K: 1, R: 2, a: 0, r: 1}),
        (s, p, d, floor_size(s, p, d) + 1, {H: 0, K: 1, s: 1, p: 0, d: 1, R: 1, a: 0, r: 0}),
        (s, p, ONE, floor_size(ONE, p, ONE), {H: 0, K: 1, s: 2, p: 1, R: 2, a: 0, r: 1}),
    ],
)
def test_wrong_sizes_have_a_smallest_counterexample(
    s: Expr, p: Expr, d: Expr, size: Expr, point: dict[Symbol, int]
) -> None:
    goal, assume = convolution(s, p, d, size)
    decision = decide(goal, assume, ORDER)
    assert decision.holds is False
    assert dict(decision.counterexample or ()) == point
    assert all(true(c, point) for c in assume)
    assert not true(goal, point)


def test_the_smallest_size_may_exceed_the_first_overlap() -> None:
    """Stride three, one row too many only where the remainder is one or two."""
    size = FloorDiv(H - K + 2, FIVES[3]) + 1
    goal, assume = convolution(FIVES[3], Z, ONE, size)
    decision = decide(goal, [*assume, AtMost(K, H), Less(Integer(4), H)], ORDER)
    assert decision.holds is False
    assert dict(decision.counterexample or ()) == {H: 5, K: 1, R: 3, r: 2, a: 0}


GROUPED = FloorDiv(o, FloorDiv(O, G)) * FloorDiv(C, G) + i
GROUPS = [Between(Z, o, O), Between(Z, i, FloorDiv(C, G)), AtMost(ONE, G), Divides(G, C)]


def test_groups() -> None:
    assert decide(Between(Z, GROUPED, C), [*GROUPS, Divides(G, O)], ORDER).holds is True


def test_groups_that_do_not_divide_the_outputs() -> None:
    decision = decide(Between(Z, GROUPED, C), GROUPS, ORDER)
    assert decision.holds is False
    assert dict(decision.counterexample or ()) == {C: 2, O: 1, G: 2, o: 0, i: 0}


FLAT = [Between(Z, m, C * H * W)]
BOX = [Between(Z, c, C), Between(Z, h, H), Between(Z, w, W)]


@pytest.mark.parametrize(
    ("goal", "assume"),
    [
        (Between(Z, FloorDiv(m, H * W), C), FLAT),
        (Between(Z, Modulo(FloorDiv(m, W), H), H), FLAT),
        (Between(Z, Modulo(m, W), W), FLAT),
        (Between(Z, c * H * W + h * W + w, C * H * W), BOX),
        (Same(FloorDiv(h * W + w, W), h), BOX),
        (Same(Modulo(h * W + w, W), w), BOX),
        (Less(h * W + w, H * W), BOX),
        (
            Same(s * FloorDiv(q + p - d * a, s), q + p - d * a),
            [Divides(s, q + p - d * a), Less(Z, s)],
        ),
        (Same(s * FloorDiv(s * r, s), s * r), [AtMost(ONE, s)]),
        (Divides(s, s * r), []),
        (Divides(s, s * r + d), [Divides(s, d)]),
        (AtMost(Z, Pow(i, 2)), []),
        (Between(Z, Modulo(i, Integer(7)), Integer(7)), []),
        (Less(Modulo(i, s), s), [Less(Z, s)]),
        (Same(Least(H, W), H + W - Greatest(H, W)), []),
        (Same(H, Integer(3)), [Between(Integer(3), H, Integer(4))]),
        (Either(Less(i, Z), AtMost(Z, i)), []),
        (Both(), []),
        (AtMost(Z, H), []),
    ],
)
def test_true(goal: Condition, assume: list[Condition]) -> None:
    assert decide(goal, assume, ORDER).holds is True


def test_adaptive_pooling() -> None:
    lo, hi = FloorDiv(r * H, E), FloorDiv((r + 1) * H + E - 1, E)
    assume = [Between(Z, r, E), AtMost(ONE, E)]
    inside = decide(Between(Z, i, H), [*assume, AtMost(lo, i), Less(i, hi)], ORDER)
    assert inside.holds is True
    assert decide(Less(lo, hi), [*assume, AtMost(ONE, H)], ORDER).holds is True
    empty = decide(Less(lo, hi), assume, ORDER)
    assert (empty.holds, dict(empty.counterexample or ())) == (False, {H: 0, E: 1, r: 0})


def test_ceil_mode_reads_beyond_the_padding() -> None:
    """A last window that sticks out: at stride 2, where the rows do not fill the windows."""
    ceiled = FloorDiv(H - K + 1, FIVES[2]) + 1
    goal, assume = convolution(FIVES[2], Z, ONE, ceiled)
    decision = decide(goal, [*assume, AtMost(K, H)], ORDER)
    assert decision.holds is False
    assert dict(decision.counterexample or ()) == {H: 2, K: 1, R: 2, a: 0, r: 1}


# --- points ------------------------------------------------------------------------------------


def test_smallest_prefers_the_sum_of_sizes_then_the_order() -> None:
    conditions = [Less(Z, H), Less(Z, W), AtMost(Integer(5), H + W)]
    assert smallest(conditions) == ((H, 1), (W, 4))
    assert smallest(conditions, (W, H)) == ((W, 1), (H, 4))
    assert smallest([Less(H, Z)]) is None
    assert smallest([]) == ()


def test_parts_without_common_unknowns_count_too() -> None:
    assert decide(Less(i, Z), [Less(H, Z)]).holds is True
    decision = decide(Less(Z, H), [Between(Z, i, N), AtMost(Integer(2), p)])
    assert dict(decision.counterexample or ()) == {H: 0, N: 1, p: 2, i: 0}


def test_unknowns_without_a_least_value() -> None:
    assert smallest([Less(i, Integer(5))]) == ((i, 0),)
    assert smallest([Less(i, Integer(-5))]) == ((i, -6),)
    assert smallest([Less(i * p, Integer(5))]) == ((p, 0), (i, 0))


def test_defined_sizes_do_not_count() -> None:
    conditions = [Same(R, 10 - H), AtMost(Z, H)]
    assert smallest(conditions) == ((R, 10), (H, 0))


# --- division by zero --------------------------------------------------------------------------


def test_undefined_comparisons_do_not_hold() -> None:
    goal = Same(FloorDiv(i, p), FloorDiv(i, p))
    assert decide(goal, [AtMost(ONE, p)]).holds is True
    assert dict(decide(goal, [AtMost(Z, p)]).counterexample or ()) == {p: 0, i: 0}
    assert decide(Differ(p, Z), [Negation(Same(Modulo(i, p), ONE))]).holds is True
    assert decide(Negation(Divides(Z, i)), [Differ(i, Z)]).holds is True
    assert decide(Same(FloorDiv(i, Z), Z)).holds is False


# --- tensors -----------------------------------------------------------------------------------


def test_entries_of_integer_tensors_are_unknowns() -> None:
    t = Entry("t", n)
    bounded = [Between(Z, t, C)]
    assert decide(Between(Z, t, C), bounded).holds is True
    assert decide(Between(Z, t + 1, C + 1), bounded).holds is True
    decision = decide(Between(Z, t + 1, C), bounded)
    assert dict(decision.counterexample or ()) == {C: 1, t: 0}


def test_equal_indices_mean_equal_entries() -> None:
    t, u = Entry("t", n), Entry("t", m)
    bounded = [Between(Z, t, C), Between(Z, u, C)]
    assert decide(Same(t, u), [*bounded, Same(n, m)]).holds is True
    assert decide(Same(t, u), bounded).holds is False


def test_real_values_are_left_out() -> None:
    x = Entry("x", i)
    positive = Less(Z, x)
    assert decide(AtMost(ONE, x), [positive]).holds is None
    assert decide(positive, [positive]).holds is True
    assert decide(Between(Z, i, H), [Both(positive, Between(Z, i, H))]).holds is True
    assert decide(Less(i, H), [positive]).holds is False
    assert decide(Less(i, H), [positive, Less(x, Z)]).holds is None
    assert decide(Less(Z, RealParameter("eps"))).holds is None
    first = FirstMax(i, maximum(x, [(i, Z, H)]))
    assert decide(first).holds is None
    assert decide(first, [first]).holds is True
    with pytest.raises(Undecided):
        smallest([first])


# --- random questions --------------------------------------------------------------------------

UNKNOWNS = (H, W, p, i, a)
BOUNDS = [Between(Z, u, Integer(3)) for u in UNKNOWNS[:3]] + [
    Between(Integer(-2), u, Integer(2)) for u in UNKNOWNS[3:]
]
GRID = sorted(
    (dict(zip(UNKNOWNS, v, strict=True)) for v in product(*[range(3)] * 3, *[range(-2, 2)] * 2)),
    key=lambda at: (at[H] + at[W], *at.values()),
)


def expressions(products: bool) -> st.SearchStrategy[Expr]:
    leaves = st.sampled_from(UNKNOWNS) | st.integers(-3, 3).map(Integer)
    number = st.sampled_from([Integer(k) for k in (-3, -2, 2, 3)])

    def larger(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        factor = inner if products else number
        return st.one_of(
            st.builds(Add, inner, inner),
            st.builds(Mul, factor, inner),
            st.builds(FloorDiv, inner, factor),
            st.builds(Modulo, inner, factor),
            st.builds(Greatest, inner, inner),
            st.builds(Least, inner, inner),
        )

    return st.recursive(leaves, larger, max_leaves=4)


def conditions(products: bool) -> st.SearchStrategy[Condition]:
    e = expressions(products)
    m = e if products else st.sampled_from([Integer(2), Integer(3)])
    leaves = st.one_of(
        st.builds(Between, e, e, e),
        st.builds(Divides, m, e),
        *(st.builds(kind, e, e) for kind in (Less, AtMost, Same, Differ)),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(Both, inner, inner),
            st.builds(Either, inner, inner),
            st.builds(Negation, inner),
        ),
        max_leaves=3,
    )


def compare_with_grid(goal: Condition, assume: list[Condition]) -> None:
    """Inside a box, brute force knows the answer and the smallest counterexample."""
    decision = decide(goal, [*assume, *BOUNDS], UNKNOWNS)
    if decision.holds is None:
        return
    admitted = [at for at in GRID if all(true(c, at) for c in assume)]
    failing = next((at for at in admitted if not true(goal, at)), None)
    if failing is None:
        assert decision.holds is True
    else:
        assert decision.holds is False
        assert decision.counterexample == tuple(failing.items())
    first = admitted[0] if admitted else None
    assert smallest([*assume, *BOUNDS], UNKNOWNS) == (None if first is None else (*first.items(),))


def compare_with_points(goal: Condition, assume: list[Condition]) -> None:
    """Without a box: what is true is true on the grid, and a counterexample is one."""
    decision = decide(goal, assume, UNKNOWNS)
    failing = [at for at in GRID if all(true(c, at) for c in assume) and not true(goal, at)]
    if decision.holds is True:
        assert not failing
    if decision.holds is False:
        at = dict(decision.counterexample or ())
        assert all(true(c, at) for c in assume)
        assert not true(goal, at)
        assert not failing or at.get(H, 0) + at.get(W, 0) <= failing[0][H] + failing[0][W]


SEARCH = settings(suppress_health_check=list(HealthCheck))


@SEARCH
@given(conditions(False), st.lists(conditions(False), max_size=2))
def test_linear_questions_in_a_box(goal: Condition, assume: list[Condition]) -> None:
    compare_with_grid(goal, assume)


@settings(SEARCH, max_examples=settings.default.max_examples // 2)
@given(conditions(False), st.lists(conditions(False), max_size=2))
def test_linear_questions_at_large(goal: Condition, assume: list[Condition]) -> None:
    compare_with_points(goal, assume)


@SEARCH
@given(conditions(True), st.lists(conditions(True), max_size=2))
def test_questions_with_products_in_a_box(goal: Condition, assume: list[Condition]) -> None:
    compare_with_grid(goal, assume)


@settings(SEARCH, max_examples=settings.default.max_examples // 10)
@given(conditions(True), st.lists(conditions(True), max_size=1))
def test_questions_with_products_at_large(goal: Condition, assume: list[Condition]) -> None:
    compare_with_points(goal, assume)
