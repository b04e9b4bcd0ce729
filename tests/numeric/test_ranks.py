"""Kernels of entrywise layers on tensors of any rank, in any memory."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive
import numeric
from derive.language.entrywise import EVERY_RANK, of_rank
from numeric.emission.dialect import NUMPY
from numeric.examination import examination
from numeric.kernel import Kernel
from numeric.ranks import view
from tests.numeric.cases import TARGETS
from tests.suites import quick

#: layers, and the same written for one axis
LAYERS = {
    "typed": (derive.parse("y[i, j] = x[i, j]*exp(x[i, j])"), "y[i] = x[i]*exp(x[i])"),
    "gate": (
        derive.parse("s[n, c] = sigmoid(x[n, c])\ny[n, c] = x[n, c]*s[n, c]*z[n, c]"),
        "y[i] = x[i]*sigmoid(x[i])*z[i]",
    ),
    "numbers": (derive.parse("y = x*z + x^2"), "y[i] = x[i]*z[i] + x[i]^2"),
    "table": (
        derive.parse("f(x[N, C, H], t[N, C, H] int < 5): y[n, c, h] = x[n, c, h]*t[n, c, h]"),
        "f(x[N], t[N] int < 5): y[n] = x[n]*t[n]",
    ),
    "chain": (
        derive.compose("relu(add(silu(x), z))"),
        "u[i] = x[i]*sigmoid(x[i]) + z[i]\ny[i] = if 0 < u[i] then u[i] else 0",
    ),
    "two": (
        derive.parse("y[i] = x[i]*z[i]\nw[i] = x[i] - z[i]"),
        "y[i] = x[i]*z[i]\nw[i] = x[i] - z[i]",
    ),
}
#: how an array lies in memory, by a letter an axis
MEMORY = {"gaps": np.s_[::2], "backwards": np.s_[::-1], "plain": np.s_[:]}


@st.composite
def arrays(draw: st.DrawFn, count: int) -> list[np.ndarray]:
    """Arrays of one shape of up to five axes, each in its own memory."""
    shape = draw(st.lists(st.sampled_from([0, 1, 2, 3]), max_size=5))
    found = []
    for seed in range(count):
        ways = [MEMORY[draw(st.sampled_from(sorted(MEMORY)))] for _ in shape]
        order = draw(st.permutations(range(len(shape))))
        lengths = [
            n * 2 if way == MEMORY["gaps"] else n for n, way in zip(shape, ways, strict=True)
        ]
        whole = np.random.default_rng(seed).integers(-3, 4, [lengths[axis] for axis in order]) / 4
        found.append(whole.transpose(np.argsort(order))[tuple(ways)])
    return found


def outcome(kernel: Kernel, given: dict[str, Any], g: Any) -> dict[str, np.ndarray]:
    """All outputs and gradients; the upstream gradients are the same for all outputs."""
    names = [e.name for e in kernel.layer.outputs]
    made = kernel.forward(**given)
    upstream = g if len(names) == 1 else dict.fromkeys(names, g)
    outputs = made if isinstance(made, dict) else {names[0]: made}
    gradients = kernel.backward(upstream, **given)
    return {**outputs, **{f"d{name}": a for name, a in gradients.items()}}


@pytest.mark.parametrize("target", quick(TARGETS, ["arrays"]))
@settings(max_examples=settings.default.max_examples // 2)
@given(data=st.data())
def test_tensors_of_every_rank_are_computed_entry_by_entry(
    target: str, data: st.DataObject
) -> None:
    layer, text = LAYERS[data.draw(st.sampled_from(sorted(LAYERS)))]
    kernel = numeric.compile(layer, target=target)
    oracle = numeric.compile(derive.parse(text), target="loops")
    *tensors, g = data.draw(arrays(len(layer.tensors) + 1))
    named = {t.name: a for t, a in zip(layer.tensors, tensors, strict=True)}
    named = {n: (a > 0) * 2 if n == "t" else a for n, a in named.items()}
    found = outcome(kernel, named, g)
    flat = {n: a.reshape(-1) for n, a in named.items()}
    for what, right in outcome(oracle, flat, g.reshape(-1)).items():
        np.testing.assert_allclose(found[what], right.reshape(g.shape), rtol=1e-14, atol=1e-15)
    assert not any(np.shares_memory(a, b) for a in found.values() for b in (*named.values(), g))


@pytest.mark.complete
@settings(max_examples=settings.default.max_examples // 4)
@given(tensors=arrays(2))
def test_entries_are_viewed_and_come_back_where_they_were(tensors: list[np.ndarray]) -> None:
    for rank in range(1, 4):
        layer = of_rank(derive.layer("add"), rank)
        seen = view(layer, dict(zip("xz", tensors, strict=True)), NUMPY)
        if seen is not None and tensors[0].ndim:
            for array in tensors:
                inner = seen.into(array, NUMPY)
                assert inner.ndim == rank
                np.testing.assert_array_equal(seen.back(inner, NUMPY), array)


@pytest.mark.parametrize(
    ("made", "copied"),
    [
        (lambda a: a, False),
        (lambda a: a.T, False),
        (lambda a: a.transpose(0, 3, 1, 2), False),
        (lambda a: a[:, :, ::2], False),
        (lambda a: a[::-1, 1:], False),
        (lambda a: a[0], False),
        (lambda a: a[:, ::2, ::2, ::2], True),
    ],
)
def test_nothing_is_copied_where_memory_has_a_view(made: Any, copied: bool) -> None:
    array = made(np.zeros((4, 5, 6, 7)))
    seen = view(derive.layer("relu"), {"x": array}, NUMPY)
    assert seen is not None
    assert np.shares_memory(seen.into(array, NUMPY), array) != copied


@pytest.mark.parametrize("target", quick(TARGETS, ["arrays"]))
def test_types_are_those_of_the_layer_s_own_rank(target: str) -> None:
    kernel = numeric.compile(derive.layer("add"), target=target)
    for dtype in ("float32", "float64", "int32"):
        x = np.ones((2, 1, 2), dtype)
        assert kernel.forward(x, x).dtype == dtype
        assert kernel.backward(x, x, x)["z"].dtype == dtype
    assert kernel.forward(np.float32(1), 2.5).dtype == "float32"
    assert kernel.forward(1, 2).dtype == "int64" and kernel.forward(1, 2.5) == 3.5
    assert kernel.forward([[[1, 2]]], [[[3, 4]]]).tolist() == [[[4, 6]]]
    single = numeric.compile(derive.layer("add"), target=target, dtype="float32")
    for shape in ((), (3,), (1, 2, 3)):
        with pytest.raises(ValueError, match="x: expected dtype float32, given float64"):
            single.forward(np.ones(shape), np.ones(shape))


@pytest.mark.parametrize("target", quick(TARGETS, ["arrays"]))
@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ((2, 3, 4), (2, 3, 5), "z: expected shape (2, 3, 4), that of x, given (2, 3, 5)"),
        ((1, 2, 3), (2, 3), "x: expected shape (2, 3), that of z, given (1, 2, 3)"),
        ((), (2,), "z: expected shape (), that of x, given (2,)"),
        ((3,), (), "z: expected shape (3,), that of x, given ()"),
        ((6,), (1, 6, 1), "z: expected shape (6,), that of x, given (1, 6, 1)"),
        ((2, 3), (3, 2), "z: expected shape (N, C) = (2, 3), given (3, 2)"),
    ],
)
def test_tensors_must_have_one_shape(
    target: str, one: tuple[int, ...], other: tuple[int, ...], words: str
) -> None:
    kernel = numeric.compile(derive.layer("add"), target=target)
    with pytest.raises(ValueError, match=re.escape(words)):
        kernel.forward(np.ones(one), np.ones(other))
    with pytest.raises(ValueError, match="expected shape"):
        kernel.backward(np.ones(other), np.ones(one), np.ones(one))


@pytest.mark.complete
def test_layers_that_are_not_entrywise_keep_their_rank() -> None:
    for name in ("softmax", "mse"):
        kernel = numeric.compile(derive.layer(name))
        with pytest.raises(ValueError, match="x: expected shape"):
            kernel.forward(**{t.name: np.ones((2, 3, 4)) for t in kernel.layer.tensors})


def test_what_is_known_of_every_rank_is_said() -> None:
    layer = derive.layer("relu", dims=1)
    assert EVERY_RANK in numeric.compile(layer).explain
    assert EVERY_RANK not in numeric.compile(derive.layer("softmax", dims=1)).explain


@pytest.mark.complete
def test_the_properties_hold_of_kernels_that_take_every_rank() -> None:
    for name in ("gate", "numbers"):
        layer, _ = LAYERS[name]
        assert examination(layer, None, 10).word == "tested"
