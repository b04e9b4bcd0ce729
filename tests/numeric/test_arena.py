"""Results in the caller's arrays and in memory that is used again: equal, and nothing hidden."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import derive
import numeric
from derive.language.definition import Layer
from numeric import arena as arenas
from numeric.arena import Arena

RNG = np.random.default_rng(0)
CONV = derive.layer("conv", channels=True, padding=1)
NORM = derive.layer("layernorm")
RELU = derive.layer("relu")
NETWORK = derive.compose(
    "linear(flatten(relu(conv(relu(conv(x, k1, b1; channels, padding=1)), k2, b2; channels,"
    " padding=1))), w, c)"
)


def drawn(**shapes: tuple[int, ...]) -> dict[str, Any]:
    return {name: RNG.standard_normal(shape) for name, shape in shapes.items()}


CASES: list[tuple[Layer, dict[str, Any]]] = [
    (CONV, drawn(x=(2, 3, 6, 5), k=(4, 3, 3, 3), b=(4,))),
    (NORM, drawn(x=(7, 5), w=(5,), b=(5,))),
    (RELU, drawn(x=(3, 4, 5))),
    (NETWORK, drawn(x=(2, 2, 4, 4), k1=(2, 2, 3, 3), b1=(2,), k2=(2, 2, 3, 3), b2=(2,), w=(3, 32),
                    c=(3,))),
]  # fmt: skip


def results(kernel: Any, given: dict[str, Any], g: Any, **more: Any) -> list[Any]:
    y, kept = kernel.forward_keeping(**given, **more)
    return [y, *kernel.backward(g, kept=kept, **given, **more).values()]


@pytest.mark.parametrize("target", ["fast", "arrays"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].name)
def test_results_are_the_same_in_an_arena(case: tuple[Layer, Any], target: str) -> None:
    layer, given = case
    kernel = numeric.compile(layer, target=target)
    g = np.cos(kernel.forward(**given))
    expected = results(kernel, given, g)
    arena, sizes = Arena(least=0), []
    for _ in range(3):
        arena.reset()
        found = results(kernel, given, g, arena=arena)
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_array_equal(one, other)
        sizes.append(arena.nbytes)
    assert sizes[0] == sizes[1] == sizes[2]
    assert (sizes[0] > 0) == (target == "fast")
    assert not any(np.shares_memory(a, b) for k, a in enumerate(found) for b in found[:k])


def test_memory_that_is_given_too_early_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An arena that gives the same memory twice before it is reset."""
    right = Arena.empty

    def wrong(self: Arena, name: str, shape: Any, dtype: Any) -> Any:
        self.reset()
        return right(self, name, shape, dtype)

    monkeypatch.setattr(Arena, "empty", wrong)
    with pytest.raises(AssertionError):
        test_results_are_the_same_in_an_arena(CASES[3], "fast")


def test_an_arena_gives_arrays_of_any_shape_and_type() -> None:
    arena = Arena(least=0)
    for shape, dtype in [((2, 3), np.float32), ((0, 3), float), ((), np.int64), ((9,), complex)]:
        for _ in range(2):
            arena.reset()
            made = arena.empty("y", shape, dtype)
            assert made.shape == shape and made.dtype == dtype
            made[...] = 1
    assert arena.empty("y", (2,), object).dtype == object
    small, large = (Arena(least=100).empty("y", (n,), np.uint8) for n in (99, 100))
    assert small.base is None and large.base is not None


@pytest.mark.parametrize("target", ["fast", "loops"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].name)
def test_results_go_where_they_are_wanted(case: tuple[Layer, Any], target: str) -> None:
    layer, given = case
    if target == "loops" and layer is NETWORK:
        return
    kernel = numeric.compile(layer, target=target)
    expected = kernel.forward(**given)
    out = np.full_like(expected, np.nan)
    assert kernel.forward(**given, out=out) is out
    np.testing.assert_array_equal(out, expected)
    g = np.cos(expected)
    grads = kernel.backward(g, **given)
    outs = {name: np.full_like(a, np.nan) for name, a in grads.items()}
    found = kernel.backward(g, **given, out=outs)
    for name, gradient in grads.items():
        assert found[name] is outs[name]
        np.testing.assert_array_equal(outs[name], gradient)


def test_nothing_is_copied_where_a_result_can_be_made_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layer, given = CASES[0]
    kernel = numeric.compile(layer, target="fast")
    out = np.empty_like(kernel.forward(**given))
    made: list[Any] = []
    monkeypatch.setattr(
        arenas, "filled", lambda name, target, found: made.append(found is target) or target
    )
    kernel.forward(**given, out=out)
    kernel.forward(**given, out=out.transpose(0, 1, 3, 2).copy().transpose(0, 1, 3, 2))
    assert made == [True, False]


def test_an_array_that_is_read_is_filled_at_the_end() -> None:
    layer = derive.parse("f(x[N, N]): y[i, j] = x[i, j] + x[j, i]*x[i, i]")
    kernel, x = numeric.compile(layer, target="fast"), RNG.standard_normal((5, 5))
    expected = kernel.forward(x=x)
    np.testing.assert_array_equal(kernel.forward(x=x, out=x), expected)
    np.testing.assert_array_equal(x, expected)


@pytest.mark.parametrize(
    ("out", "message"),
    [
        (np.empty((2, 3)), "expected an array of shape"),
        (np.empty((3, 4, 5), np.float32), "expected dtype float64"),
        ([1.0], "expected an array of shape"),
        ({"z": np.empty((3, 4, 5))}, "one array for each result: y"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(out: Any, message: str) -> None:
    kernel = numeric.compile(RELU, target="fast")
    with pytest.raises(ValueError, match=message):
        kernel.forward(x=np.ones((3, 4, 5)), out=out)
