"""Statements that are computed together block by block, and what keeps them apart."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pytest

import derive
import numeric
from numeric.emission import blocks, rows
from numeric.emission.inplace import into
from numeric.emission.loading import loaded
from numeric.emission.regrouped import regrouped
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


def test_values_and_places_of_windows_are_found_together() -> None:
    kernel = numeric.compile(derive.layer("maxpool", kernel_size=2), target="fast")
    kept = kernel._keeping.forward.text
    assert "window_winners(" in kept and "window_maxima(" not in kept
    assert "window_maxima(" in kernel.source


def test_what_is_one_entry_of_a_line_is_added_there() -> None:
    """The place is computed, outside for some rows, and along the first axis as well."""
    text = "f(x[N, M], t[N] int): y[n, c] = x[n, c]*2 + [t[n] - 1 = c]*x[n, 0]"
    across = "f(x[N, M], t[M] int): y[n, c] = x[n, c]*2 + [t[c] - 1 = n]*3"
    x = np.arange(1.0, 13.0).reshape(3, 4)
    for layer, t in ((derive.parse(text), [0, 2, 9]), (derive.parse(across), [1, 0, 3, 9])):
        fast, loops = (numeric.compile(layer, target=target) for target in ("fast", "loops"))
        assert ("add_single(" in fast.source) == (layer.tensors[1].axes[0].size.name == "N")
        found, expected = (kernel.forward(x=x, t=np.array(t)) for kernel in (fast, loops))
        np.testing.assert_array_equal(found, expected)
        assert not np.array_equal(expected, 2 * x)


def test_what_is_only_copied_is_computed_under_the_copy_s_name() -> None:
    source = numeric.code(derive.layer("embedding"), "fast")
    assert "taken(w, t, 0, out=y)" in source
    layer = derive.parse(
        "f(w[V, E], t[N] int < V): u[n, e] = w[t[n], e]; y[n, e] = u[n, e] + u[n, 0]"
    )
    w, t = np.arange(12.0).reshape(4, 3), np.array([3, 0, 3])
    found = numeric.compile(layer, target="fast").forward(w=w, t=t)
    np.testing.assert_array_equal(found, w[t] + w[t][:, :1])


@pytest.mark.parametrize(
    ("module", "name", "wrong"),
    [
        (blocks, "singled_out", lambda right, *given: (right(*given)[0], [])),
        (blocks, "without_copies", lambda right, *given: right(given[0], ())[:-1]),
        (blocks, "into", lambda right, *given: right(*given)[:1]),
    ],
)
def test_lines_that_are_lost_are_noticed(
    module: Any, name: str, wrong: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        "f(x[N, M], t[N] int): u[n, c] = x[n, c]*2 + x[n, 0];"
        " y[n, c] = u[n, c]*3 + u[n, c]^2 + [t[n] = c]*x[n, 0]"
    )
    given = {"x": np.arange(1.0, 7.0).reshape(2, 3), "t": np.array([2, 0])}
    expected = numeric.compile(derive.parse(text), target="loops").forward(**given)
    found = numeric.compile(derive.parse(text), target="fast").forward(**given)
    np.testing.assert_array_equal(found, expected)
    monkeypatch.setattr(module, name, partial(wrong, getattr(module, name)))
    fresh = derive.parse(text.replace("f(", f"f_{name.strip('_')}("))
    with pytest.raises((AssertionError, NameError, SyntaxError)):
        out = np.full_like(expected, np.nan)
        found = numeric.compile(fresh, target="fast").forward(**given, out=out)
        np.testing.assert_array_equal(found, expected)


def test_a_product_that_a_sum_needs_as_well_is_made_once() -> None:
    """Of layer-norm's gradients g·w is read by the sum and by dx; what is read is what is said."""
    kernel = numeric.compile(LAYERNORM, target="fast")
    assert kernel._keeping.together is not None
    text = kernel._keeping.together.text
    assert "dx_sum2_factor = w * g" in text and "# dx_sum2_factor[n', c] = g[n', c]·w[c]" in text
    assert "np.subtract(dx_sum2_factor, dx, out=dx)" in text


@pytest.mark.parametrize(
    ("text", "grouped"),
    [
        ("s[i] = sum[j] a[i, j]*w[j]*b[i, j]; y[i, j] = b[i, j]*w[j] + s[i]*a[i, j]", True),
        ("s[i] = sum[j] a[i, j]*w[j]*b[i, j]; y[i, j] = b[i, j]*v[j] + s[i]*a[i, j]", False),
        ("s[i] = sum[j] a[i, j]*w[j]*b[i, j]; y[i, j] = b[i, j]*w[i] + s[i]*a[i, j]", False),
    ],
)
def test_products_of_other_entries_are_left_alone(text: str, grouped: bool) -> None:
    tensors = {"a": "a[N, N]", "b": "b[N, N]", "w": "w[N]", "v": "v[N]"}
    read = {name: shape for name, shape in tensors.items() if f"{name}[" in text}
    layer = derive.parse(f"f({', '.join(read.values())}): {text}")
    rng = np.random.default_rng(0)
    given = {n: rng.integers(-9, 9, (4,) * (1 + (n in "ab"))).astype(float) for n in read}
    fast, loops = (numeric.compile(layer, target=target) for target in ("fast", "loops"))
    np.testing.assert_array_equal(fast.forward(**given), loops.forward(**given))
    made = next(p for p in passes(lowered(layer)) if isinstance(p, Pass))
    assert (regrouped(made.blocks) != made.blocks) == grouped
