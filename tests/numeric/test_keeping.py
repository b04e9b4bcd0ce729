"""What forward keeps: chosen from the derivation, and backward is the same with it or without."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import Tuple

import derive
import numeric
from derive import catalog
from derive.language.terms import Entry, FirstMax, Index, Size
from numeric.examination import keeping_code_of, subject_of
from numeric.generation import generated_keeping
from numeric.kernel import Kernel
from numeric.program.places import first_place, place_of
from tests.derive.composition.texts import LENET, TEXTS
from tests.suites import quick
from verify.trying.emitted.examination import examined

KEPT: dict[str, tuple[str, ...]] = {
    "attention": ("p",),
    "batchnorm": ("m", "v"),
    "groupnorm": ("m", "v"),
    "instancenorm": ("m", "v"),
    "layernorm": ("m", "v"),
    "log_softmax": ("y",),
    "lrn": ("q",),
    "maxpool": ("y_first",),
    "rmsnorm": ("q",),
    "softmax": ("y",),
}
POOLS: list[dict[str, Any]] = [
    {"kernel_size": 3, "stride": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
    {"kernel_size": 2, "dilation": 2},
]


def kept_of(layer: derive.Layer) -> tuple[str, ...]:
    return generated_keeping(layer, "arrays").names


@pytest.mark.parametrize(
    "name", quick(catalog.names(), ["batchnorm", "maxpool", "softmax", "relu", "conv", "sigmoid"])
)
def test_what_is_kept(name: str) -> None:
    assert kept_of(derive.layer(name)) == KEPT.get(name, ())


@pytest.mark.parametrize("options", POOLS)
def test_places_of_windows_of_every_kind_are_kept(options: dict[str, Any]) -> None:
    assert kept_of(derive.layer("maxpool", **options)) == ("y_first",)


@pytest.mark.parametrize("target", ["arrays", "fast"])
@pytest.mark.parametrize("name", quick(KEPT, ["maxpool"]))
def test_all_properties_hold_with_what_is_kept(name: str, target: str) -> None:
    layer = derive.layer(name)
    kernel = numeric.compile(layer, target=target)
    found = examined(subject_of(layer), keeping_code_of(kernel), 10, 0, lambda done, total: None)
    assert found.word == "tested", found


def test_a_layer_of_ones_own_keeps_what_its_gradient_reads() -> None:
    layer = derive.parse("s[n] = sum[c] x[n, c]^2\ny[n, c] = x[n, c]*s[n]")
    kernel = numeric.compile(layer)
    x = np.arange(6.0).reshape(2, 3)
    y, kept = kernel.forward_keeping(x=x)
    np.testing.assert_array_equal(kept["s"], [5, 50])
    np.testing.assert_array_equal(y, kernel.forward(x=x))
    np.testing.assert_allclose(
        kernel.backward(y, x=x, kept=kept)["x"], kernel.backward(y, x=x)["x"], rtol=1e-14
    )
    assert "forward keeps s for ∂L/∂x" in kernel.explain


@pytest.mark.parametrize("target", ["loops", "arrays", "fast"])
def test_a_maximum_within_a_sum_is_not_kept(target: str) -> None:
    """As in the gradient of a pooling: its place depends on the term of the sum."""
    layer = derive.gradient(derive.layer("maxpool", dims=1, kernel_size=3, padding=1), "x").layer
    kernel = numeric.compile(layer, target=target)
    rng = np.random.default_rng(0)
    given = {"x": rng.standard_normal((1, 2, 7)), "g": rng.standard_normal((1, 2, 3))}
    y, kept = kernel.forward_keeping(**given)
    np.testing.assert_array_equal(y, kernel.forward(**given))
    g = rng.standard_normal(y.shape)
    with_kept, without = (kernel.backward(g, kept=k, **given) for k in (kept, None))
    np.testing.assert_array_equal(with_kept["g"], without["g"])


def test_only_the_number_of_a_place_is_read_as_one() -> None:
    i, a, n = Index("i"), Index("a"), Size("N")
    body = Entry("x", i + a)
    number = first_place(body, [(a, n)])
    assert place_of(number) == (body, ((a, n),))
    chosen = number.atoms(FirstMax).pop()
    elsewhere = FirstMax(Tuple(a + 1), chosen.args[1])
    assert place_of(number.xreplace({chosen: elsewhere})) is None
    assert place_of(number + 1) is None


def test_what_is_kept_is_what_is_read() -> None:
    """Another mean gives another gradient: nothing is computed a second time."""
    kernel = numeric.compile(derive.layer("layernorm"))
    given = {"x": np.arange(8.0).reshape(2, 4) ** 2, "w": np.ones(4), "b": np.zeros(4)}
    y, kept = kernel.forward_keeping(**given)
    right = kernel.backward(y, kept=kept, **given)["x"]
    wrong = kernel.backward(y, kept={**kept, "m": kept["m"] + 1}, **given)["x"]
    assert np.abs(right - wrong).max() > 1e-3


@pytest.mark.parametrize("name", ["batchnorm", "attention"])
def test_gradients_that_share_something_are_computed_together(name: str) -> None:
    """As each by itself, and where an output has no entries, too."""
    kernel, draw = numeric.compile(derive.layer(name)), np.random.default_rng(4)
    assert kernel._keeping.together is not None
    for many in (3, 0):
        shapes = {"x": (many, 2, 3, 2), "w": (2,), "b": (2,)}
        if name == "attention":
            shapes = {"q": (2, 3), "k": (many + 1, 3), "v": (many + 1, many)}
        given = {n: draw.standard_normal(s) for n, s in shapes.items()}
        with np.errstate(invalid="ignore", divide="ignore"):
            y, kept = kernel.forward_keeping(**given)
            every = kernel.backward(y, kept=kept, **given)
            assert list(every) == list(shapes)
            for wrt, array in every.items():
                one = kernel.backward(y, kept=kept, wrt=wrt, **given)[wrt]
                np.testing.assert_allclose(array, one, rtol=1e-9, atol=1e-13)


def test_what_shares_nothing_is_not_put_together() -> None:
    for name in ("conv", "softmax", "linear"):
        assert generated_keeping(derive.layer(name), "arrays").together is None


def test_numbers_and_empty_arrays_keep_nothing_that_harms() -> None:
    pool = numeric.compile(derive.layer("maxpool"))
    y, kept = pool.forward_keeping(x=np.zeros((0, 2, 4, 4)))
    assert pool.backward(y, x=np.zeros((0, 2, 4, 4)), kept=kept)["x"].shape == (0, 2, 4, 4)
    relu = numeric.compile(derive.layer("relu"))
    assert relu.forward_keeping(x=np.float64(3)) == (3, {})
    assert relu.backward(2.0, x=np.float64(3), kept={})["x"] == 2


NETWORKS: dict[str, dict[str, tuple[int, ...]]] = {
    "lenet": {
        "x": (2, 1, 14, 14), "k1": (2, 1, 5, 5), "b1": (2,), "k2": (3, 2, 5, 5), "b2": (3,),
        "w1": (4, 3), "c1": (4,), "w2": (3, 4), "c2": (3,), "t": (2,),
    },
    "norms": {
        "x": (2, 2, 4, 3), "k": (3, 2, 2, 2), "w1": (3,), "b1": (3,), "w2": (3,), "b2": (3,),
    },
    "shared": {"A": (3, 3)},
    "loss": {"x": (3, 2), "w": (4, 2), "b": (4,), "t": (3, 4)},
}  # fmt: skip


@pytest.mark.parametrize("name", quick(NETWORKS, ["lenet"]))
def test_a_network_keeps_what_its_layers_read_of_one_another(name: str) -> None:
    """Of arrays of which only the shape counts there are no entries."""
    layer, draw = derive.compose({**TEXTS, "lenet": LENET}[name]), np.random.default_rng(2)
    given: dict[str, Any] = {n: draw.standard_normal(s) for n, s in NETWORKS[name].items()}
    if name == "lenet":
        given["t"] = np.array([0, 2])
    kernel = numeric.compile(layer)
    y, kept = kernel.forward_keeping(**given)
    np.testing.assert_allclose(y, kernel.forward(**given), rtol=1e-12)
    g = draw.standard_normal(np.shape(y))
    again, from_kept = kernel.backward(g, **given), kernel.backward(g, kept=kept, **given)
    for wrt, array in again.items():
        np.testing.assert_allclose(from_kept[wrt], array, rtol=1e-9, atol=1e-12)
    for at, array in kept.items():
        changed = kernel.backward(g, kept={**kept, at: array * 0}, **given)
        used = any(np.any(changed[w] != from_kept[w]) for w in again)
        assert used != (0 in array.strides), at


@pytest.mark.parametrize("kept", [{}, {"m": np.zeros(4)}, {"m": 0, "v": 0, "other": 0}])
def test_something_else_is_refused(kept: dict[str, Any]) -> None:
    kernel: Kernel = numeric.compile(derive.layer("layernorm"))
    x, w = np.ones((2, 4)), np.ones(4)
    with pytest.raises(ValueError, match="forward_keeping gave: m, v"):
        kernel.backward(x, x=x, w=w, b=w, kept=kept)


def test_places_outside_their_window_are_refused() -> None:
    kernel = numeric.compile(derive.layer("maxpool"))
    x = np.ones((1, 1, 4, 4))
    y, kept = kernel.forward_keeping(x=x)
    with pytest.raises(ValueError, match="y_first holds 4"):
        kernel.backward(y, x=x, kept={"y_first": kept["y_first"] + 4})
