"""Statements that are computed together block by block, and what keeps them apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import derive
import numeric
from numeric.emission import rows
from numeric.emission.inplace import into
from numeric.emission.loading import loaded
from numeric.emission.rows import Pass, passes
from numeric.lowering import lowered

LAYERNORM = derive.layer("layernorm", dims=2)


def shape_of(text: str) -> list[list[str]]:
    """The names of the statements of each pass; those outside stand alone, in brackets."""
    made = []
    for part in passes(lowered(derive.parse(text))):
        inside = part.statements if isinstance(part, Pass) else [part]
        names = [s.name for s in inside]
        made.append(names if isinstance(part, Pass) else [f"({names[0]})"])
    return made


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f(x[N, M]): u[i, j] = 2*x[i, j]; y[i, j] = u[i, j] + 1", [["u", "y"]]),
        # a sum over rows is finished only when the pass is
        (
            "f(x[N, M]): m[j] = sum[i] x[i, j]; y[i, j] = x[i, j] - m[j]",
            [["m"], ["y"]],
        ),
        ("f(x[N, M]): m[i] = sum[j] x[i, j]; y[i, j] = x[i, j] - m[i]", [["m", "y"]]),
        # what is read at another row, or whole, is made before
        ("f(x[N, N]): u[i, j] = x[i, j]^2; y[i, j] = u[j, i]", [["u"], ["(y)"]]),
        ("f(x[N], w[N]): y[i] = x[i]*w[i]", [["(y)"]]),
    ],
)
def test_what_is_computed_together(text: str, expected: list[list[str]]) -> None:
    assert shape_of(text) == expected


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("x * y + z", ["np.multiply(x, y, out=t)", "np.add(t, z, out=t)"]),
        ("w * y + z", ["np.multiply(w, y, out=t)", "np.add(t, z, out=t)"]),
        # what has not all entries has no place there
        ("w * v + z", ["np.add(w * v, z, out=t)"]),
        ("np.exp(w) * x", ["np.multiply(np.exp(w), x, out=t)"]),
        ("x * only_where(x > 0, z)", ["only_where(x > 0, z, out=t)", "np.multiply(x, t, out=t)"]),
        ("only_where(x > 0, z + x)", ["only_where(x > 0, z + x, out=t)"]),
        ("np.maximum(x, 0)", ["np.maximum(x, 0, out=t)"]),
        ("np.broadcast_to(x, (3,))", ["t[...] = np.broadcast_to(x, (3,))"]),
        ("-x ** 2", ["np.square(x, out=t)", "np.negative(t, out=t)"]),
        ("x.T + z", ["np.add(x.T, z, out=t)"]),
    ],
)
def test_results_are_written_where_they_belong(text: str, lines: list[str]) -> None:
    assert into("t", text, {"x", "y", "z"}) == lines


def results(source: str, given: Mapping[str, Any]) -> list[Any]:
    module = loaded("blocks", source)
    module.IN_CACHE = 64  # type: ignore[attr-defined]
    y = module.forward(**given)
    return [y, *module.backward(np.cos(y), **given).values()]


def case() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {"x": rng.standard_normal((37, 5)), "w": rng.random(5), "b": rng.random(5)}


def test_blocks_give_what_whole_arrays_give() -> None:
    found = results(numeric.code(LAYERNORM, "fast"), case())
    expected = results(numeric.code(LAYERNORM, "arrays"), case())
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


def test_a_sum_that_is_read_too_early_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_joins", lambda s, made, program: False)
    with pytest.raises(AssertionError):
        test_what_is_computed_together(
            "f(x[N, M]): u[i, j] = 2*x[i, j]; y[i, j] = u[i, j] + 1", [["u", "y"]]
        )


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("dw[...] += ", "dw[...] = "), ("array[low:high]", "array[low : high + 1]")],
)
def test_a_block_that_is_lost_is_noticed(right: str, wrong: str) -> None:
    source = numeric.code(LAYERNORM, "fast")
    assert right in source
    expected = results(source, case())
    found = results(source.replace(right, wrong), case())
    assert not all(np.allclose(a, b) for a, b in zip(found, expected, strict=True))


def test_what_is_the_same_for_all_rows_is_added_entry_by_entry() -> None:
    """The gradient by x does not vary along i."""
    layer = derive.parse("f(x[N], t[M] int < N): m[i < N-1] = x[-i%3]*sum[c < M] t[c]*1/2")
    x, t = np.arange(5.0), np.array([1, 2])
    found, loops = (numeric.compile(layer, target=target) for target in ("arrays", "loops"))
    g = np.ones(4)
    np.testing.assert_allclose(found.backward(g, x=x, t=t)["x"], loops.backward(g, x=x, t=t)["x"])
