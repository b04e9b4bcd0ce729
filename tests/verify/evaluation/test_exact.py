"""Exact evaluation against values worked out by hand and against plain loops."""

from __future__ import annotations

import math
from fractions import Fraction as F
from typing import Any

import pytest
from sympy import Integer, Pow, Rational, exp, log

from derive.language.definition import Axis, Layer, Tensor
from derive.language.terms import (
    AtMost,
    Between,
    Choose,
    Delta,
    Divides,
    Entry,
    ExactQuotient,
    FirstMax,
    FloorDiv,
    Iverson,
    Less,
    Modulo,
    Tuple,
    maximum,
    total,
)
from tests.derive.language.handmade import (
    PADDING,
    STRIDE,
    C,
    H,
    K,
    N,
    R,
    Z,
    a,
    c,
    conv,
    equation,
    i,
    j,
    layer,
    n,
    p,
    q,
    r,
    s,
)
from verify.evaluation.arithmetic import COMPLEX, EXACT, FLOAT, Arithmetic, NotExact
from verify.evaluation.arrays import Array, arrays
from verify.evaluation.dual import DUAL, DUAL_FLOAT
from verify.evaluation.exact import evaluate, evaluate_explicit, evaluate_expression
from verify.evaluation.nodes import EmptyMaximum
from verify.evaluation.precise import PRECISE
from verify.evaluation.readers import OutOfBounds


def conv_by_loops(x: list[int], k: list[int], stride: int, padding: int) -> tuple[int, ...]:
    padded = [0] * padding + x + [0] * padding
    size = max(0, (len(padded) - len(k)) // stride + 1)
    return tuple(
        sum(padded[stride * row + tap] * k[tap] for tap in range(len(k))) for row in range(size)
    )


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize("length", [0, 1, 5, 6])
def test_conv_equals_loops(stride: int, padding: int, length: int) -> None:
    x, k = [3 * v - 4 for v in range(length)], [2, -1, 5]
    values = arrays({"x": Array((length,), tuple(x)), "k": k})
    hyper = {"s": stride, "p": padding}
    expected = conv_by_loops(x, k, stride, padding)
    assert evaluate(conv(), values, hyper)["y"].nested() == expected
    assert evaluate_explicit(conv(), values, hyper)["y"].nested() == expected


def test_transposed_conv_reads_zero_where_the_quotient_fails() -> None:
    at = q + p - a
    written = total(Entry("x", ExactQuotient(at, s)) * Entry("k", a), [(a, Z, K)])
    inside = Iverson(Between(Z, FloorDiv(at, s), H))
    read = Iverson(Divides(s, at)) * inside * Entry("x", FloorDiv(at, s))
    explicit = total(read * Entry("k", a), [(a, Z, K)])
    transposed = layer(
        {"x": (Axis(H, unbounded=True),), "k": (K,)},
        equation("y", (q,), (R,), written, explicit),
        hyper=(STRIDE, PADDING),
        definitions=((R, (H - 1) * s - 2 * p + K),),
    )
    x, k, stride, padding = [1, 2, -3], [5, 7, 11], 2, 1
    full = [0] * ((len(x) - 1) * stride + len(k))
    for row, value in enumerate(x):
        for tap, weight in enumerate(k):
            full[stride * row + tap] += value * weight
    expected = tuple(full[padding : len(full) - padding])
    values, hyper = arrays({"x": x, "k": k}), {"s": stride, "p": padding}
    assert evaluate(transposed, values, hyper)["y"].nested() == expected
    assert evaluate_explicit(transposed, values, hyper)["y"].nested() == expected


def maxpool() -> Layer:
    from derive.language.terms import MINUS_INFINITY

    written = maximum(Entry("x", 2 * r + a - 1), [(a, Z, Integer(3))])
    return layer(
        {"x": (Axis(H, unbounded=True, fill=MINUS_INFINITY),)},
        equation("y", (r,), (R,), written),
        definitions=((R, FloorDiv(H - 1, Integer(2)) + 1),),
    )


def test_maxpool_over_padding_by_minus_infinity() -> None:
    y = evaluate(maxpool(), arrays({"x": [-5, -7, -2, -9]}))["y"]
    assert y.nested() == (-5, -2)


def test_first_of_equal_maxima() -> None:
    body = Entry("x", i, j)
    best = maximum(body, [(i, Z, H), (j, Z, K)])
    written = Iverson(FirstMax(Tuple(q, r), best))
    first = layer({"x": (H, K)}, equation("y", (q, r), (H, K), written))
    y = evaluate(first, arrays({"x": [[1, 7, 3], [7, 7, 0]]}))["y"]
    assert y.nested() == ((0, 1, 0), (0, 0, 0))


def test_maximum_over_an_empty_range_is_refused() -> None:
    written = maximum(Entry("x", i), [(i, Z, H)])
    whole = layer({"x": (H,)}, equation("y", (), (), written))
    assert evaluate(whole, arrays({"x": [4, 9]}))["y"].nested() == 9
    with pytest.raises(EmptyMaximum):
        evaluate(whole, arrays({"x": []}))


def test_sum_over_an_empty_range_is_zero() -> None:
    written = total(Entry("x", i), [(i, Integer(2), H)])
    tail = layer({"x": (H,)}, equation("y", (), (), written))
    assert evaluate(tail, arrays({"x": [1]}))["y"].nested() == 0
    assert evaluate(tail, arrays({"x": [1, 2, 3, 4]}))["y"].nested() == 7


def test_bounds_may_use_outer_indices_and_names_may_be_bound_again() -> None:
    inner = total(Entry("x", i), [(i, Z, Integer(2))])
    written = total(Entry("x", i) * inner * Entry("x", i), [(j, Z, H), (i, Z, j)])
    nested = layer({"x": (H,)}, equation("y", (), (), written))
    x = [1, 2, 3]
    expected = sum(x[u] * (x[0] + x[1]) * x[u] for v in range(3) for u in range(v))
    assert evaluate(nested, arrays({"x": x}))["y"].nested() == expected


def test_reads_outside_name_the_place() -> None:
    off = layer({"x": (H,)}, equation("y", (r,), (H,), Entry("x", r + 1)))
    with pytest.raises(OutOfBounds, match=r"x\[2\] is outside x, whose shape is \(2,\)") as error:
        evaluate(off, arrays({"x": [1, 2]}))
    assert (error.value.tensor, error.value.index, error.value.shape) == ("x", (2,), (2,))
    behind = layer({"x": (H,)}, equation("y", (r,), (H,), Entry("x", r - 1)))
    with pytest.raises(OutOfBounds):
        evaluate(behind, arrays({"x": [1, 2]}))


def test_padding_is_as_wide_as_declared_and_no_wider() -> None:
    axis = Axis(H, Integer(1), Integer(2), fill=Integer(9))
    wide = layer({"x": (axis,)}, equation("y", (r,), (H + 3,), Entry("x", r - 1)))
    assert evaluate(wide, arrays({"x": [4, 5]}))["y"].nested() == (9, 4, 5, 9, 9)
    wider = layer({"x": (axis,)}, equation("y", (r,), (H + 4,), Entry("x", r - 1)))
    with pytest.raises(OutOfBounds):
        evaluate(wider, arrays({"x": [4, 5]}))
    with pytest.raises(OutOfBounds):
        evaluate_explicit(wide, arrays({"x": [4, 5]}))


def test_a_zero_guard_hides_what_it_multiplies() -> None:
    guard = Iverson(Between(Z, r + 1, H))
    undefined = guard * Entry("x", r + 1) * Pow(Entry("x", r + 1), -1)
    shift = layer({"x": (H,)}, equation("y", (r,), (H,), undefined))
    assert evaluate(shift, arrays({"x": [1, 2, 5]}))["y"].nested() == (1, 1, 0)
    squared = layer({"x": (H,)}, equation("y", (r,), (H,), guard * guard * Entry("x", r + 1)))
    assert evaluate(squared, arrays({"x": [1, 2, 5]}))["y"].nested() == (2, 5, 0)


def test_a_failing_guard_settles_it_though_another_is_undefined() -> None:
    positive = Iverson(Less(Z, Entry("x", r + 1)))
    never = Iverson(Less(Entry("x", r), Z))
    both = layer({"x": (H,)}, equation("y", (r,), (H,), positive * never))
    assert evaluate(both, arrays({"x": [1, 2]}))["y"].nested() == (0, 0)
    alone = layer({"x": (H,)}, equation("y", (r,), (H,), positive))
    with pytest.raises(OutOfBounds):
        evaluate(alone, arrays({"x": [1, 2]}))


def test_only_the_chosen_branch_is_read() -> None:
    written = Choose(AtMost(H - 1, r), Integer(-1), Entry("x", r + 1))
    choice = layer({"x": (H,)}, equation("y", (r,), (H,), written))
    assert evaluate(choice, arrays({"x": [1, 2, 3]}))["y"].nested() == (2, 3, -1)


def test_floor_and_modulo_follow_python() -> None:
    written = 100 * FloorDiv(r - 3, Integer(2)) + Modulo(r - 3, Integer(2))
    floors = layer({}, equation("y", (r,), (Integer(6),), written))
    expected = tuple(100 * (v // 2) + v % 2 for v in range(-3, 3))
    assert evaluate(floors, {})["y"].nested() == expected


def test_a_table_scatters() -> None:
    table = Tensor("t", (Axis(N),), integer=True, below=C)
    values = Tensor("x", (Axis(N),))
    written = total(Delta(c, Entry("t", n)) * Entry("x", n), [(n, Z, N)])
    scatter = Layer("scatter", (values, table), (), (), (equation("y", (c,), (C,), written),))
    given = arrays({"x": [F(1, 2), 3, 4], "t": [2, 0, 2]})
    assert evaluate(scatter, given, sizes={"C": 4})["y"].nested() == (3, 0, F(9, 2), 0)
    with pytest.raises(ValueError, match="t holds 2; its entries must be in 0 … 1"):
        evaluate(scatter, given, sizes={"C": 2})
    with pytest.raises(ValueError, match="no tensor determines the size C"):
        evaluate(scatter, given)


def test_intermediates_in_any_order_and_exact_division() -> None:
    mean = equation("m", (), (), total(Entry("x", i), [(i, Z, N)]) * Pow(N, -1))
    centred = equation("y", (i,), (N,), Entry("x", i) - Entry("m"))
    norm = layer({"x": (N,)}, centred, mean)
    results = evaluate(norm, arrays({"x": [1, 2, 4]}))
    assert results["m"].nested() == F(7, 3)
    assert results["y"].nested() == (F(-4, 3), F(-1, 3), F(5, 3))
    assert list(results) == ["y", "m"]


def test_functions_need_floats() -> None:
    written = log(total(exp(Entry("x", i)), [(i, Z, N)]))
    softmax = layer({"x": (N,)}, equation("y", (), (), written))
    with pytest.raises(NotExact, match="evaluate over floats"):
        evaluate(softmax, arrays({"x": [1, 2]}))
    y = evaluate(softmax, arrays({"x": [1.0, 2.0]}), arithmetic=FLOAT)["y"].nested()
    assert math.isclose(y, math.log(math.exp(1) + math.exp(2)))
    step = evaluate(softmax, arrays({"x": [1 + 1e-20j, 2.0]}), arithmetic=COMPLEX)["y"].nested()
    assert math.isclose(step.imag / 1e-20, math.exp(1) / (math.exp(1) + math.exp(2)))


def test_roots_are_exact_where_they_are_rational() -> None:
    root = layer({"x": (N,)}, equation("y", (i,), (N,), Pow(Entry("x", i), Rational(-1, 2))))
    assert evaluate(root, arrays({"x": [F(4, 9), 25]}))["y"].nested() == (F(3, 2), F(1, 5))
    with pytest.raises(NotExact, match="not rational"):
        evaluate(root, arrays({"x": [2]}))
    with pytest.raises(ZeroDivisionError):
        evaluate(root, arrays({"x": [0]}))


@pytest.mark.parametrize("arithmetic", [EXACT, FLOAT, PRECISE, DUAL, DUAL_FLOAT])
@pytest.mark.parametrize("base", [-1, F(-4, 9), -2.0])
def test_a_root_of_a_negative_number_is_not_real(arithmetic: Arithmetic, base: Any) -> None:
    root = layer({"x": (N,)}, equation("y", (i,), (N,), Pow(Entry("x", i), Rational(1, 2))))
    with pytest.raises(NotExact, match="not real"):
        evaluate(root, arrays({"x": [base]}), arithmetic=arithmetic)


def test_one_expression_at_one_place() -> None:
    expr = total(Entry("x", r + a) * Entry("k", a), [(a, Z, K)])
    given = arrays({"x": [1, 2, 3], "k": [10, 100]})
    assert evaluate_expression(expr, conv(), given, {r: 1, K: 2}) == 320
    assert evaluate_expression(expr, conv(), given, {r: 0, K: 2}, arithmetic=EXACT) == 210


def test_arrays() -> None:
    cube = Array.build((2, 1, 2), lambda u, v, w: (u, v, w))
    assert cube[1, 0, 1] == (1, 0, 1)
    assert Array.of([[1, 2], [3, 4]]).nested() == ((1, 2), (3, 4))
    assert Array.of(7).nested() == 7
    assert Array((0, 3), ()).nested() == ()
    with pytest.raises(IndexError):
        Array.of([1])[-1]
    with pytest.raises(ValueError):
        Array.of([[1], [2, 3]])
    with pytest.raises(ValueError):
        Array((2,), (1,))
