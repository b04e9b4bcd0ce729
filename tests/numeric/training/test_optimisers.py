"""Optimisers and schedules, by hand; their state; clipping."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numeric.optimisers import OPTIMISERS, Optimiser, clipped
from numeric.schedules import SCHEDULES, schedule

RNG = np.random.default_rng(0)


def walked(text: str, gradients: list[float], decayed: tuple[str, ...] = ()) -> list[float]:
    """The places of one parameter that begins at 8, with a rate of 1/2."""
    optimiser, w = Optimiser(text, decayed), {"w": np.array([8.0], np.float32)}
    places = []
    for gradient in gradients:
        optimiser.step(w, {"w": np.array([gradient], np.float32)}, 0.5)
        assert w["w"].dtype == np.float32
        places.append(float(w["w"][0]))
    return places


def test_momentum_by_hand() -> None:
    assert walked("sgd(momentum=0.75)", [4, 0, -8]) == [6, 4.5, 7.375]


def test_nesterov_by_hand() -> None:
    """v = 4, 2, −7; steps of (g + v/2)/2."""
    assert walked("nesterov(momentum=0.5)", [4, 0, -8]) == [5, 4.5, 10.25]


def test_adam_by_hand() -> None:
    """A constant gradient: every step is as long as the rate."""
    assert walked("adam", [3, 3, 3]) == pytest.approx([7.5, 7, 6.5], abs=1e-6)
    mean, square = 0.1 * 2 * 0.9 - 0.1, 0.001 * 4 * 0.999 + 0.001
    second = 0.5 * mean / (1 - 0.9**2) / sqrt(square / (1 - 0.999**2))
    assert walked("adam", [2, -1]) == pytest.approx([7.5, 7.5 - second], abs=1e-5)


def test_decay_is_for_weights_alone() -> None:
    assert walked("sgd(momentum=0, decay=0.25)", [0.0], ("w",)) == [7.0]
    assert walked("nesterov(momentum=0, decay=0.25)", [0.0], ("w",)) == [7.0]
    assert walked("adamw(decay=0.25)", [0.0], ("w",)) == [7.0]
    assert walked("adam(decay=0.25)", [0.0], ("w",)) == pytest.approx([7.5])
    for word in OPTIMISERS.names():
        assert walked(f"{word}(decay=0.25)", [0.0]) == [8.0]


@pytest.mark.parametrize("word", OPTIMISERS.names())
def test_state_is_restored_bit_for_bit(word: str) -> None:
    begun = {"a": RNG.standard_normal((3, 2)), "b": RNG.standard_normal(2)}
    steps = [{n: RNG.standard_normal(a.shape) for n, a in begun.items()} for _ in range(6)]
    whole, parts = ({n: a.copy() for n, a in begun.items()} for _ in range(2))
    first, once = Optimiser(word, ["a"]), Optimiser(word, ["a"])
    for gradients in steps:
        once.step(whole, gradients, 0.1)
    for gradients in steps[:3]:
        first.step(parts, gradients, 0.1)
    second = Optimiser(word, ["a"])
    second.restore(first.arrays, first.number)
    for gradients in steps[3:]:
        second.step(parts, gradients, 0.1)
    assert all((whole[n] == parts[n]).all() for n in begun)
    assert {n: a.tobytes() for n, a in once.arrays.items()} == {
        n: a.tobytes() for n, a in second.arrays.items()
    }


def test_frozen_parameters_are_left_alone() -> None:
    w = {"w": np.ones(2), "frozen": np.ones(2)}
    Optimiser("sgd", []).step(w, {"w": np.ones(2)}, 0.1)
    assert (w["frozen"] == 1).all() and (w["w"] != 1).all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sdg", "there is no optimiser 'sdg'; there are: .*did you mean 'sgd'"),
        ("sgd(momentun=0.9)", "optimiser sgd has no option 'momentun'"),
        ("sgd(momentum=fast)", "is no option"),
        ("sgd(momentum=-1)", "must be a number of at least 0"),
        ("sgd(momentum=nan)", "must be a number of at least 0"),
        ("sgd(momentum=0.9", "is no optimiser"),
    ],
)
def test_what_is_no_optimiser(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Optimiser(text, [])


# --- schedules ------------------------------------------------------------------------------------


@given(st.sampled_from(SCHEDULES.names()), st.floats(0, 1, exclude_max=True))
def test_factors_are_shares(word: str, done: float) -> None:
    assert 0 <= schedule(word)(done) <= 1


def test_schedules_by_hand() -> None:
    assert [schedule("step(every=0.25, gamma=0.5)")(d) for d in (0, 0.24, 0.25, 0.8)] == [
        1,
        1,
        0.5,
        0.125,
    ]
    cosine = schedule("cosine(warmup=0.5)")
    assert [cosine(d) for d in (0, 0.25, 0.5)] == [0, 0.5, 1]
    assert cosine(0.75) == pytest.approx(0.5)
    cycle = schedule("onecycle(warmup=0.5, start=0.5)")
    assert [cycle(d) for d in (0, 0.25, 0.5)] == pytest.approx([0.5, 0.75, 1])
    assert schedule("constant")(0.9) == 1


@pytest.mark.parametrize(
    "text", ["step(every=0)", "step(every=2)", "cosine(warmup=1)", "onecycle(warmup=0)"]
)
def test_schedules_that_make_no_sense(text: str) -> None:
    with pytest.raises(ValueError, match="share of all steps"):
        schedule(text)(0.5)


# --- clipping -------------------------------------------------------------------------------------


def test_clipping_shortens_all_alike() -> None:
    g = {"a": np.array([3.0]), "b": np.array([[4.0]])}
    found = clipped(g, 2.5)
    assert found["a"].tolist() == [1.5] and found["b"].tolist() == [[2.0]]
    assert all(clipped(g, most)["a"] is g["a"] for most in (0, 5.0, 6.0))
