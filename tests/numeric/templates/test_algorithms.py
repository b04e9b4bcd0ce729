"""Every algorithm of the fast templates against the plain sum: exactly, or within its bound."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

import derive
import numeric
from numeric.emission.loading import loaded
from numeric.templates import sharing, windows
from numeric.templates.algorithms import (
    channels_last,
    columns,
    contraction,
    inner_products,
    winograd,
)
from numeric.templates.correlation import candidates, computable, solve
from numeric.templates.geometry import CorrelationProblem, aligned
from numeric.templates.sharing import idle
from tests.numeric.templates.bounds import bound
from tests.numeric.templates.problems import allowed, drawn, plain, poisoned
from tests.suites import quick

CASES = 260


def wrong(cases: range, only: str = "") -> list[tuple[int, str]]:
    """The cases and algorithms, of those named so, whose result is not what it should be."""
    found = []
    for case in cases:
        problem = drawn(case)
        if not computable(problem):
            continue
        expected = plain(problem)
        for candidate in candidates(problem):
            if candidate.refused or only not in candidate.name:
                continue
            problem.out[...] = 99
            candidate.run(problem)
            if not np.all(np.abs(problem.out - expected) <= allowed(candidate.name, problem)):
                found.append((case, candidate.name))
    return found


def test_every_algorithm_computes_the_sum() -> None:
    assert wrong(range(CASES)) == []


@pytest.mark.complete
def test_small_blocks_in_memory_that_is_watched() -> None:
    """Nothing is read that was not written before, and blocks meet at their borders."""
    module: Any = loaded("templates", numeric.code(derive.layer("conv", channels=True), "fast"))
    module.BLOCK, module.memory = 1 << 6, poisoned
    for case in range(CASES):
        problem = drawn(case)
        if computable(problem):
            expected = plain(problem)
            for candidate in module.candidates(problem):
                if not candidate.refused:
                    problem.out[...] = 99
                    with np.errstate(invalid="ignore"):
                        candidate.run(problem)
                    room = allowed(candidate.name, problem)
                    assert np.all(np.abs(problem.out - expected) <= room), (case, candidate.name)


def test_the_cases_reach_every_algorithm() -> None:
    problems = [p for p in map(drawn, range(CASES)) if computable(p)]
    names = Counter(c.name for p in problems for c in candidates(p) if not c.refused)
    assert len(names) == len(candidates(problems[0]))
    assert min(names.values()) >= 2, names


def test_what_is_chosen_computes_the_sum_and_writes_every_entry() -> None:
    """Also for empty arrays, of which there is an addend or zero."""
    for case in range(CASES):
        problem = drawn(case)
        problem.out[...] = 99
        solve(problem)
        name = candidates(problem)[0].name if computable(problem) else ""
        room = allowed(name, problem)
        np.testing.assert_allclose(problem.out, plain(problem), atol=room, rtol=0)


@pytest.mark.parametrize("taps", [3, 5])
def test_errors_on_random_floats_stay_within_the_bounds(taps: int) -> None:
    """The bounds are worst cases: what is seen is some hundred times less."""
    rng = np.random.default_rng(taps)
    x = rng.standard_normal((1, 2, 8, 24, 21)).astype(np.float32)
    k = rng.standard_normal((1, 6, 8, taps, taps)).astype(np.float32)
    g = rng.standard_normal((1, 6, 2, 24, 21)).astype(np.float32)
    y = np.zeros((1, 2, 6, 24, 21), np.float32)
    dk = np.zeros((1, 8, 6, taps, taps), np.float32)
    axes = ((1, 1), (1, 1), (taps // 2, taps // 2), (1, 1))
    for problem in (
        CorrelationProblem(y, x, k, None, *axes, 2),
        CorrelationProblem(dk, x.swapaxes(1, 2), g, None, *axes, 2),
    ):
        wide = [a.astype(np.float64) for a in (problem.out, problem.signal, problem.kernel)]
        exact = plain(problem._replace(out=wide[0], signal=wide[1], kernel=wide[2]))
        for candidate in candidates(problem):
            if not candidate.refused:
                candidate.run(problem)
                error = np.max(np.abs(problem.out - exact))
                assert error <= bound(candidate.name, problem), candidate.name
                assert error < 1e-4 * np.max(np.abs(exact)), candidate.name


def test_only_float32_is_done_with_amplified_errors() -> None:
    for dtype in (np.float64, np.int32, np.int64, np.complex64, object):
        x, k = np.ones((1, 8, 4, 32, 32), dtype), np.ones((1, 4, 4, 3, 3), dtype)
        out, one = np.empty((1, 8, 4, 32, 32), dtype), (1, 1)
        problem = CorrelationProblem(out, x, k, None, one, one, one, one, 1)
        refused = {c.name for c in candidates(problem) if c.refused}
        assert {"winograd", "winograd contraction"} <= refused


# --- sabotage: what is broken must be noticed ----------------------------------------------------


def test_a_wrong_constant_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel, data, result = winograd.WINOGRAD[4, 3]
    broken = ((4, 0, -5, 0, 1, 0), (0, -4, -4, 1, 1, 0), (0, 4, -4, -1, 1, 0), *data[3:5])
    broken = (*broken, (0, 4, 0, -4, 0, 1))
    monkeypatch.setitem(winograd.WINOGRAD, (4, 3), (kernel, broken, result))
    winograd.banded.cache_clear()
    found = wrong(range(CASES), "winograd")
    winograd.banded.cache_clear()
    assert {name for _, name in found} == {"winograd", "winograd contraction"}


def _off_by_one(axes: Any, at: Any) -> Any:
    """Places or taps that read one entry too early, where several are chosen."""
    return [a._replace(lower=a.lower + 1) for a in windows.at_places(axes, at)]


def _tap_off_by_one(axes: Any, at: Any) -> Any:
    return [a._replace(lower=a.lower + 1) for a in windows.at_taps(axes, at)]


def _one_more(sizes: Any, at: Any) -> int:
    """Runs that end one entry too early."""
    return windows.flat_index(sizes, at) + 1


def _no_zeros(place: Any, inner: Any, source: Any) -> None:
    """What was in the memory before stays around the entries."""
    for border in place.borders:
        border.fill(3)
    np.copyto(inner, source)


def _late(size: int, count: int, step: int, shift: int) -> tuple[slice, slice]:
    """The first of what belongs together is left out."""
    i, entries = aligned(size, count, step, shift)
    some = i.stop > i.start
    return slice(i.start + some, i.stop), slice(entries.start + some * step, entries.stop, step)


def _early(size: int, count: int, step: int, shift: int) -> tuple[slice, slice]:
    """The last one is left out."""
    i, entries = aligned(size, count, step, shift)
    some = i.stop > i.start
    return slice(i.start, i.stop - some), slice(entries.start, entries.stop - some * step, step)


FAULTS: list[tuple[Any, str, Any, set[str]]] = [
    (inner_products, "flat_index", _one_more, {"inner products"}),
    (windows, "aligned", _early, {"rows", "shifting"}),
    (windows, "aligned", _late, {"rows", "shifting"}),
    (columns, "at_places", _off_by_one, {"columns"}),
    (columns, "refilled", _no_zeros, {"columns"}),
    (channels_last, "at_places", _off_by_one, {"channels last"}),
    (channels_last, "refilled", _no_zeros, {"channels last"}),
    (contraction, "at_taps", _tap_off_by_one, {"contraction"}),
    (contraction, "refilled", _no_zeros, {"contraction"}),
    (inner_products, "refilled", _no_zeros, {"inner products"}),
    (winograd, "aligned", _early, {"winograd", "winograd contraction"}),
]


@pytest.mark.parametrize("fault", quick(FAULTS, FAULTS[:1]))
def test_a_fault_in_what_is_read_is_noticed(
    fault: tuple[Any, str, Any, set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, name, broken, algorithms = fault
    monkeypatch.setattr(module, name, broken)
    idle().clear()
    found = wrong(range(CASES))
    idle().clear()
    assert {name for _, name in found} - {"parting"} == algorithms


@pytest.mark.complete
def test_memory_is_taken_back_and_bounded() -> None:
    """Plans of many shapes on the same memory, each computed again after others have used it."""
    idle().clear()
    problems = [p for p in map(drawn, range(CASES)) if computable(p)]
    for _ in range(2):
        for problem in problems:
            problem.out[...] = 99
            solve(problem._replace(threads=2))
            name = candidates(problem._replace(threads=2))[0].name
            room = allowed(name, problem)
            assert np.all(np.abs(problem.out - plain(problem)) <= room), name
    assert len(idle()) <= 2
    assert all(len(held.plans) <= sharing.PLANS for held in idle())


def test_buffers_of_numpy_are_left_as_they_were() -> None:
    before = np.getbufsize()
    problem = next(p for p in map(drawn, range(CASES)) if computable(p))
    solve(problem)
    with pytest.raises(ZeroDivisionError), sharing.small_buffers():
        raise ZeroDivisionError
    assert np.getbufsize() == before != sharing.BUFFER
