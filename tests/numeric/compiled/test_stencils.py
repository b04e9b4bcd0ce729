"""Windows that slide by one, in planes: beside naive loops, with borders, NaN and infinities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import derive
import numeric
from derive.language.definition import Layer
from numeric.compiled import neighbours, stencils
from numeric.compiled.fusion import Nest, fused
from numeric.compiled.merging import merged
from numeric.generation import generated
from tests.numeric.targets.test_compiled import clear_caches

pytest.importorskip("numba")

SLIDING: dict[str, tuple[Layer, tuple[int, ...]]] = {
    "maxima with borders": (
        derive.layer("maxpool", kernel_size=3, stride=1, padding=1), (2, 3, 7, 5),
    ),
    "spread maxima": (
        derive.layer("maxpool", kernel_size=(2, 3), stride=1, dilation=(3, 2)), (2, 1, 9, 8),
    ),
    "means": (derive.layer("avgpool", kernel_size=(3, 2), stride=1), (2, 2, 6, 9)),
    "rows": (derive.layer("maxpool", dims=1, kernel_size=4, stride=1, padding=2), (3, 2, 11)),
    "volumes": (
        derive.layer("maxpool", dims=3, kernel_size=2, stride=1, padding=1), (2, 1, 4, 3, 5),
    ),
    "channels": (derive.layer("lrn", size=3), (2, 6, 3, 4)),
    "one place": (derive.layer("maxpool", kernel_size=3, stride=1), (1, 1, 3, 3)),
    "reads on one side": (
        derive.parse("f(x[N, H pad 2], w[2]): y[n, r < H] = max[a<2] (w[a] + x[n, r-a])"), (3, 9),
    ),
}  # fmt: skip


def nests(layer: Layer) -> Iterator[Nest]:
    """The nests of the forward pass."""
    program = generated(layer, "compiled").forward.program
    assert program is not None
    for part in fused(program):
        if isinstance(part, Nest):
            yield merged(part, program.extents)


def arrays(layer: Layer, shape: tuple[int, ...], dtype: Any) -> dict[str, Any]:
    """Small integers, so that sums are exact and maxima meet."""
    draw = np.random.default_rng(5)
    return {
        t.name: draw.integers(-3, 4, shape if t.name == "x" else (2,)).astype(dtype)
        for t in layer.tensors
    }


def differs(layer: Layer, shape: tuple[int, ...], dtype: Any = object) -> bool:
    """Whether planes give something else than naive loops, forward or backward, kept or not.

    Loops over exact numbers run as Python does, which takes less time than to compile them.
    """
    given = arrays(layer, shape, dtype)
    slow, fast = (numeric.compile(layer, target=t) for t in ("loops", "compiled"))
    y = slow.forward(**given)
    g = np.random.default_rng(6).integers(-3, 4, np.shape(y)).astype(dtype)
    found, kept = fast.forward_keeping(**given, threads=2)
    pairs = [(fast.forward(**given), y), (found, y)]
    truth = slow.backward(g, **given)
    for made in (fast.backward(g, **given, threads=2), fast.backward(g, kept=kept, **given)):
        pairs += [(made[name], truth[name]) for name in truth]
    close = (np.allclose(np.float64(a), np.float64(b), 1e-5, 1e-5) for a, b in pairs)
    return not all(close)


@pytest.mark.parametrize("name", SLIDING)
def test_planes_beside_naive_loops(name: str) -> None:
    layer, shape = SLIDING[name]
    assert any(stencils.stencil_of(nest) for nest in nests(layer)), "no planes are made"
    assert not differs(layer, shape)


@pytest.mark.complete
def test_machine_code() -> None:
    layer = derive.layer("maxpool", kernel_size=3, stride=1, padding=1)
    assert not differs(layer, (2, 3, 7, 5), np.float32)


def test_many_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planes that hold two rows: what lies between bands is read by both."""
    monkeypatch.setattr(neighbours, "PLANE", 14)
    layer = derive.parse("f(x[N, H pad 1, W pad 1]): y[n, r, c] = max[a<3, b<3] x[n, r+a-1, c+b-1]")
    clear_caches()
    try:
        assert "14 // max" in numeric.compile(layer, target="compiled").source
        assert not differs(layer, (2, 7, 5))
    finally:
        clear_caches()


@pytest.mark.complete
def test_nan_and_infinities() -> None:
    layer = derive.layer("maxpool", kernel_size=3, stride=1, padding=1)
    x = np.random.default_rng(7).integers(-3, 4, (2, 2, 6, 7)).astype(np.float32)
    x[0, 0, 2, 3], x[0, 1, 0, 0], x[1, 0, 5, 6], x[1, 1] = np.nan, np.inf, -np.inf, -np.inf
    slow, fast = (numeric.compile(layer, target=t) for t in ("arrays", "compiled"))
    y, kept = fast.forward_keeping(x=x)
    np.testing.assert_array_equal(y, slow.forward(x=x))
    g = np.ones_like(y)
    g[0, 0, 0, 0] = np.nan
    dx = slow.backward(g, x=x)["x"]
    np.testing.assert_array_equal(fast.backward(g, kept=kept, x=x)["x"], dx)


def test_windows_with_a_stride_are_no_stencils() -> None:
    for nest in nests(derive.layer("maxpool", kernel_size=3, stride=2)):
        assert stencils.stencil_of(nest) is None


SABOTAGE = {
    "no borders": ("_there", lambda self, plane, axis: ("0", str(self._lengths[axis]))),
    "no distance": ("_away", lambda self, neighbour: f"{self._place}"),
    "rows are not filled": ("_fill", lambda self, plane: "7"),
}


def is_noticed(layer: Layer, shape: tuple[int, ...]) -> bool:
    """Whether results differ, or there are none."""
    try:
        return differs(layer, shape)
    except IndexError:
        return True


@pytest.mark.parametrize("name", SABOTAGE)
def test_sabotage(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of these makes the comparison fail."""
    monkeypatch.setattr(neighbours.NeighbourLines, *SABOTAGE[name])
    layer = derive.parse(
        "f(x[N, H pad 1, W pad (0, 1)]): y[n, r<H, c<W-1] = sum[a<3, b<3] x[n, r + a - 1, c + b]"
    )
    clear_caches()
    try:
        assert is_noticed(layer, (2, 5, 6))
    finally:
        clear_caches()
