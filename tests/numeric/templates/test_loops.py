"""Algorithms that are compiled loops, against the plain sum: exactly."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

import derive
import numeric
from numeric.templates.correlation import computable
from numeric.templates.geometry import CorrelationProblem, for_signature
from tests.numeric.templates.bounds import bound
from tests.numeric.templates.problems import drawn, plain
from tests.suites import quick

pytest.importorskip("numba")
from numeric.templates.loops import layout, plane_products, planes

CASES = 260
ALGORITHMS: dict[str, tuple[Any, Any]] = {
    "planes": (planes.planes, planes.planes_cost),
    "plane products": (plane_products.plane_products, plane_products.plane_products_cost),
}


def wrong(name: str, kinds: str = "every") -> Counter[bool]:
    """How many cases are computed rightly and wrongly."""
    run, cost = ALGORITHMS[name]
    found: Counter[bool] = Counter()
    for problem in map(drawn, range(CASES)):
        asked = kinds in ("every", problem.out.dtype)
        if asked and computable(problem) and not cost(problem)[1]:
            problem.out[...] = 99
            run(problem)
            found[not np.array_equal(problem.out, plain(problem))] += 1
    return found


@pytest.mark.parametrize("name", ALGORITHMS)
@pytest.mark.parametrize("kinds", quick(["float32", "every"], ["float32"]))
def test_loops_compute_the_sum(name: str, kinds: str) -> None:
    """For numbers of one kind alone in the quick suite: each has to be compiled for."""
    found = wrong(name, kinds)
    assert found[False] > 15
    assert not found[True]


@pytest.mark.parametrize("name", ALGORITHMS)
def test_errors_on_random_floats_stay_within_the_bound(name: str) -> None:
    rng = np.random.default_rng(5)
    x = rng.standard_normal((3, 2, 4, 24, 21)).astype(np.float32)
    k = rng.standard_normal((3, 5, 4, 3, 3)).astype(np.float32)
    out, one = np.zeros((3, 2, 5, 24, 21), np.float32), (1, 1)
    problem = CorrelationProblem(out, x, k, None, one, one, one, one, 2)
    wide = [a.astype(np.float64) for a in (out, x, k)]
    exact = plain(problem._replace(out=wide[0], signal=wide[1], kernel=wide[2]))
    ALGORITHMS[name][0](problem)
    assert np.max(np.abs(out - exact)) <= bound(name, problem)


@pytest.mark.complete
@pytest.mark.parametrize("name", ALGORITHMS)
def test_small_blocks_meet_at_their_borders(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planes, "PLANES", 16)
    monkeypatch.setattr(plane_products, "PAIR", 8)
    for_signature.cache_clear()
    assert not wrong(name)[True]
    for_signature.cache_clear()


def test_the_same_bits_with_the_same_threads() -> None:
    draw = np.random.default_rng(0)
    x, g = (draw.standard_normal((8, 6, 9, 9)).astype(np.float32) for _ in range(2))
    layer = derive.layer("conv", channels=True, padding=1, groups=3, bias=False)
    kernel = numeric.compile(layer, target="compiled")
    k = draw.standard_normal((6, 2, 3, 3)).astype(np.float32)
    first = kernel.backward(g, x=x, k=k, threads=2)
    for name, again in kernel.backward(g, x=x, k=k, threads=2).items():
        np.testing.assert_array_equal(again, first[name])


def test_the_target_chooses_loops_for_depthwise_layers() -> None:
    layer = derive.layer("conv", channels=True, padding=1, groups=64, bias=False)
    kernel = numeric.compile(layer, target="compiled")
    x, k = np.zeros((16, 64, 32, 32), np.float32), np.zeros((64, 1, 3, 3), np.float32)
    tables = kernel.plan(x, x=x, k=k).split("\n\n")
    best = [table.splitlines()[1].split("  ")[1] for table in tables]
    assert best == ["planes", "planes", "plane products"]


def test_other_numbers_are_refused() -> None:
    one = (1, 1)
    x, k = np.ones((1, 1, 1, 4, 4), np.complex64), np.ones((1, 1, 1, 3, 3), np.complex64)
    problem = CorrelationProblem(
        np.ones((1, 1, 1, 2, 2), np.complex64), x, k, None, one, one, (0, 0), one, 1
    )
    assert all("not compiled" in cost(problem)[1] for _, cost in ALGORITHMS.values())


# --- sabotage: what is broken must be noticed ----------------------------------------------------


def late(axis: Any) -> Any:
    """The last entry of each phase is not copied."""
    return [(phase, first, count - 1) for phase, first, count in PIECES(axis)]


def early(axis: Any) -> Any:
    """Taps begin one entry too early."""
    return layout.PlaneAxis(*AXIS(axis))._replace(lower=axis.lower - 1)


def early_stuffed(axis: Any, stuffing: int) -> Any:
    """The same of signals that may be stuffed."""
    made = layout.stuffed_axis(axis, stuffing)
    return made._replace(lower=made.lower - 1)


PIECES, AXIS = layout.pieces_of, layout.plane_axis
PARTS, TAPS = layout.parts_in, layout.taps_at
FAULTS: dict[str, tuple[Any, str, Any]] = {
    "entries left out": (layout, "pieces_of", late),
    "places read too late": (planes, "stuffed_axis", early_stuffed),
    "taps read too late": (plane_products, "plane_axis", early),
    "taps nowhere": (planes, "parts_in", lambda *given: [*map(unshifted, PARTS(*given))]),
    "taps of other places": (layout, "taps_at", lambda axis, s, place: TAPS(axis, s, place + 1)),
    "places nowhere": (plane_products, "layout", lambda axes: unshifted(layout.layout(axes))),
}


def unshifted(laid: Any) -> Any:
    """All shifts are the first one: inside of memory, since machine code checks nothing."""
    return laid._replace(shifts=laid.shifts * 0)


@pytest.mark.parametrize("fault", quick(FAULTS, []))
def test_a_fault_is_noticed(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, name, broken = FAULTS[fault]
    monkeypatch.setattr(where, name, broken)
    for_signature.cache_clear()
    assert any(wrong(algorithm, "float32")[True] for algorithm in ALGORITHMS)
    for_signature.cache_clear()
