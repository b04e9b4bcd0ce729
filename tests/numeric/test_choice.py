"""Which target a call is handed to: by shape, by the model, and only where there is a choice."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest

import derive
import numeric
from numeric import choice
from numeric.choice import ChoosingKernel, estimated
from numeric.generation import generated
from numeric.kernel import Kernel

pytest.importorskip("numba", reason="Numba is not installed (extra jit)")

SMALL, LARGE = (2, 3, 8, 8), (64, 32, 28, 28)


def kernel(name: str = "maxpool", **options: Any) -> ChoosingKernel:
    made = numeric.compile(derive.layer(name, **options))
    assert isinstance(made, ChoosingKernel)
    return made


def test_large_calls_are_handed_to_compiled_loops() -> None:
    pool = kernel()
    for shape, target in ((SMALL, "fast"), (LARGE, "compiled"), (SMALL, "fast")):
        assert pool._for({"x": np.broadcast_to(np.float32(0), shape)}).target == target


def test_both_targets_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, x = kernel(), np.random.default_rng(0).standard_normal(SMALL)
    y, kept = pool.forward_keeping(x=x)
    dx = pool.backward(y, x=x, kept=kept)["x"]
    monkeypatch.setattr(choice, "WORTH", 0.0)
    assert pool._for({"x": x}).target == "compiled"
    np.testing.assert_array_equal(pool.forward(x=x), y)
    np.testing.assert_array_equal(pool.backward(y, x=x, kept=pool.forward_keeping(x=x)[1])["x"], dx)
    np.testing.assert_array_equal(pool.backward(y, x=x)["x"], dx)


def test_what_is_estimated_slower_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(choice.RATES, "operation", (0.1e-9, 9e-9))
    relu = kernel("relu")
    assert relu._for({"x": np.broadcast_to(np.float32(0), (8192, 8192))}).target == "fast"


def test_the_plan_says_what_is_taken_and_why() -> None:
    pool = kernel()
    assert "handed to the target compiled" in pool.explain
    sizes = {"N": 64, "C": 32, "H": 28, "W": 28, "K1": 2, "K2": 2}
    large, small = pool.plan_for(sizes), pool.plan_for({**sizes, "N": 1, "C": 1})
    assert "forward and all gradients by the target compiled:\n  fast " in large
    assert "forward and all gradients by the target fast:\n  fast " in small


def test_the_model_counts_entries() -> None:
    layer = derive.layer("relu", dims=1)
    programs = [f.program for f in generated(layer, "fast").functions if f.program is not None]
    (size,) = layer.sizes
    once, twice = (estimated(programs, {size: n}) for n in (10**6, 2 * 10**6))
    for a, b in zip(once, twice, strict=True):
        assert a < b < 2 * a


def test_other_ranks_and_networks_choose_too() -> None:
    big = np.broadcast_to(np.float32(0), (4096, 4096))
    assert kernel("relu", dims=1)._for({"x": big}).target == "compiled"
    assert kernel("relu")._for({"x": np.float32(1)}).target == "fast"
    network = numeric.compile(derive.compose("gelu(gelu(x))"))
    assert network._for({"x": big}).target == "compiled"


def test_a_target_that_is_named_is_kept_to() -> None:
    for target in ("fast", "arrays", "compiled"):
        pinned = numeric.compile(derive.layer("maxpool"), target=target)
        assert type(pinned) is Kernel and pinned.target == target


def test_without_numba_there_is_no_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(numeric, "find_spec", lambda n: None if n == "numba" else found(n))
    assert numeric.compile(derive.layer("maxpool")).target == "fast"
    assert type(numeric.compile(derive.layer("maxpool"))) is Kernel
