"""The target compiled: every layer like the arrays, in machine numbers and in exact ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import derive
import numeric
from derive.language.terms import Choose, mapped
from numeric.compiled import fusion, joining, lifting, merging, nests
from numeric.examination import examination
from numeric.generation import forward_alone, generated, generated_keeping
from numeric.program import reads
from tests.suites import quick

numba: Any = pytest.importorskip("numba")

#: places and scatters, sums with guards, functions
LAYERS: dict[str, dict[str, Any]] = {
    "maxpool": {"kernel_size": 3, "stride": 2, "padding": 1},
    "lrn": {},
    "silu": {},
}


@pytest.mark.parametrize("name", quick(LAYERS, []))
def test_all_properties_hold(name: str) -> None:
    found = examination(derive.layer(name, **LAYERS[name]), "compiled", 10)
    assert found.word == "tested", found


def test_a_maximum_pool_beside_arrays() -> None:
    layer = derive.layer("maxpool", kernel_size=3, stride=2, padding=1)
    draw = np.random.default_rng(0)
    x = draw.integers(-2, 3, (2, 3, 9, 8)).astype(np.float32)
    x[0, 0, 3, 3], x[1, 1, 4, 4], x[1, 2, 0, 0] = np.nan, np.inf, -np.inf
    slow, fast = (numeric.compile(layer, target=t) for t in ("arrays", "compiled"))
    y = slow.forward(x=x)
    g = draw.standard_normal(y.shape).astype(np.float32)
    for threads in (1, 3):
        np.testing.assert_array_equal(fast.forward(x=x, threads=threads), y)
        dx = fast.backward(g, x=x, threads=threads)["x"]
        np.testing.assert_allclose(dx, slow.backward(g, x=x)["x"], 1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32, np.int64])
def test_the_largest_of_many(dtype: type) -> None:
    """Where ranks are compared: signs, infinities, NaN of both signs."""
    x = np.random.default_rng(4).integers(-9, 9, (8, 40)).astype(dtype)
    if np.dtype(dtype).kind == "f":
        x[1, 3], x[2, 5], x[3], x[4, 7], x[5, 9] = np.inf, -np.inf, -np.inf, np.nan, -np.nan
        x[6], x[6, 1], x[7] = -0.0, 0.0, -abs(x[7]) - 0.5
    layer = derive.parse("f(x[N, C]): y[n] = max[c < C] x[n, c]")
    slow, fast = (numeric.compile(layer, target=t) for t in ("arrays", "compiled"))
    y = slow.forward(x=x)
    np.testing.assert_array_equal(fast.forward(x=x), y)
    g = np.ones_like(y)
    np.testing.assert_array_equal(fast.backward(g, x=x)["x"], slow.backward(g, x=x)["x"])


FUNCTIONS = ["exp", "expm1", "tanh", "sigmoid", "erf", "erfc"]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", quick(FUNCTIONS, ["exp"]))
def test_functions_are_right_to_the_last_places(name: str, dtype: type) -> None:
    """To three units in the last place; erfc to five and what its argument's rounding costs."""
    import mpmath

    draw = np.random.default_rng(1)
    u = np.concatenate([
        draw.uniform(-110, 95, 300), draw.uniform(-750, 720, 100), draw.standard_normal(300),
        1e-3 * draw.standard_normal(100), [0, np.inf, -np.inf, np.nan],
    ]).astype(dtype)  # fmt: skip
    layer = derive.parse(f"f(x[N]): y[i] = {name}(x[i])")
    y = numeric.compile(layer, target="compiled").forward(x=u)
    assert y.dtype == dtype
    true = {"sigmoid": lambda v: 1 / (1 + mpmath.exp(-v))}.get(name) or getattr(mpmath, name)
    with mpmath.workdps(400 if name == "sigmoid" else 40):
        for at, found in zip(u, y, strict=True):
            if np.isnan(at):
                assert np.isnan(found)
                continue
            expected = true(mpmath.mpf(float(at)))
            with np.errstate(over="ignore"):
                nearest = dtype(float(expected))
            if abs(nearest) < np.finfo(dtype).tiny or np.isinf(nearest):
                assert found == nearest or abs(found) < 2 * np.finfo(dtype).tiny
                continue
            units = 5 + 2 * float(at) ** 2 if name == "erfc" else 3
            assert abs(mpmath.mpf(float(found)) - expected) <= units * np.spacing(abs(nearest)), at


def test_exact_numbers_run_as_python() -> None:
    from fractions import Fraction

    layer = derive.layer("avgpool", dims=1, kernel_size=3)
    x = np.array([[[Fraction(1, 3), Fraction(1, 6), 1, 2, 3, 4]]], dtype=object)
    y = numeric.compile(layer, target="compiled").forward(x=x)
    assert y.tolist() == [[[Fraction(1, 2), 3]]]


def test_arrays_that_only_move_entries_are_not_made() -> None:
    layer = derive.layer("maxpool", kernel_size=3, stride=2, padding=1)
    program = generated(layer, "arrays").forward.program
    assert program is not None and len(program.statements) > 1
    (nest,) = fusion.fused(program)
    assert isinstance(nest, fusion.Nest)
    assert [str(n) for _, n in nest.axes] == ["N", "C", "H_out", "W_out"]
    assert len(merging.merged(nest, program.extents).axes) == 3


ROWS = {
    "softmax": "f(x[N, C]): e[n, c] = exp(x[n, c]); y[n, c] = e[n, c] / sum[k] e[n, k]",
    "of all rows": "f(x[N], A[N, N]): e[n] = exp(x[n]); y[n] = sum[k] A[n, k]*e[k]",
}


def joints(layer: Any) -> list[tuple[int, set[str]]]:
    """How many nests are in each loop, and the arrays of which there are only rows."""
    program = generated(layer, "compiled").forward.program
    assert program is not None
    parts = joining.joined(fusion.fused(program), program)
    return [(len(p.nests), set(p.local)) for p in parts if isinstance(p, joining.Joint)]


def test_what_is_made_of_a_row_is_read_in_the_same_loop() -> None:
    (whole,) = joints(derive.layer("layernorm", dims=2))
    assert whole[0] == 3
    assert len(whole[1]) == 2
    assert [n for n, _ in joints(derive.parse(ROWS["of all rows"]))] == [1, 1]


@pytest.mark.parametrize("text", ROWS.values(), ids=list(ROWS))
def test_joined_loops_beside_arrays(text: str) -> None:
    assert not beside_arrays(text)


def beside_arrays(text: str) -> bool:
    """Whether the target computes something else than the arrays."""
    layer = derive.parse(text)
    draw = np.random.default_rng(3)
    given = {t.name: draw.standard_normal([7] * len(t.axes)) for t in layer.tensors}
    slow, fast = (numeric.compile(layer, target=t) for t in ("arrays", "compiled"))
    return not np.allclose(fast.forward(**given, threads=2), slow.forward(**given))


def test_loops_that_read_other_rows_must_not_be_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    clear_caches()
    monkeypatch.setattr(joining, "_is_row", lambda entry, index: True)
    try:
        assert beside_arrays(ROWS["of all rows"])
    finally:
        clear_caches()


#: w[t[i]] is known in front of the loop over j; whether it exists, its loops do not say
IN_FRONT = "f(x[N], t[N] int < M, w[M], v[M]): y[i] = sum[j < M] exp(x[i]*w[t[i]]^2*v[j])"


def read_in_front(array: str) -> bool:
    """Whether an array is read where a variable gets its value."""
    text = generated(derive.parse(IN_FRONT), "compiled").text
    return any(f"{array}[" in line for line in text.splitlines() if " known1 = " in line)


def test_nothing_is_read_in_front_of_a_loop_that_may_be_empty() -> None:
    assert read_in_front("x")
    assert not read_in_front("w")


def test_reading_in_front_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    clear_caches()
    monkeypatch.setattr(lifting.Lifting, "is_inside", lambda lifting, entry: True)
    try:
        assert read_in_front("w")
    finally:
        clear_caches()


def unguarded(term: Any, held: Any = ()) -> Any:
    """The branches where guards hold."""
    if isinstance(term, Choose):
        return unguarded(term.args[1])
    return mapped(unguarded, term)


#: places of the target that are broken, each so that some layer is computed wrongly
FAULTS: dict[str, tuple[Any, str, Any]] = {
    "guards left out": (fusion, "_without", unguarded),
    "everything held in front": (lifting.Lifting, "is_known", lambda lifting, part: True),
    "any loops made one": (merging, "_lie_together", lambda pair, nest, extents: True),
    "places counted backwards": (
        nests, "flat", lambda places, lengths: -reads.flat(places, lengths),
    ),
}  # fmt: skip


def differs(name: str, options: dict[str, Any]) -> bool:
    """Whether the target computes something else than the arrays, or nothing."""
    layer = derive.layer(name, **options)
    draw = np.random.default_rng(2)
    shapes = {"x": (2, 6, 5, 4), "w": (6,), "b": (6,)}
    given = {t.name: draw.standard_normal(shapes[t.name]) for t in layer.tensors}
    slow, fast = (numeric.compile(layer, target=t) for t in ("arrays", "compiled"))
    y = slow.forward(**given)
    try:
        if not np.allclose(fast.forward(**given), y):
            return True
        found = fast.backward(y, **given)
    except (IndexError, ValueError, numba.errors.NumbaError, NameError):
        return True
    return any(not np.allclose(found[n], d) for n, d in slow.backward(y, **given).items())


@pytest.mark.complete
@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_noticed(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """None of these layers differs, and with the fault one of them does."""
    layers = [("maxpool", {"padding": 1, "kernel_size": 3}), ("lrn", {}), ("batchnorm", {})]
    where, name, wrong = FAULTS[fault]
    assert not any(differs(*layer) for layer in layers[:1])
    clear_caches()
    monkeypatch.setattr(where, name, wrong)
    try:
        assert any(differs(*layer) for layer in layers)
    finally:
        clear_caches()


def clear_caches() -> None:
    generated.cache_clear()
    generated_keeping.cache_clear()
    forward_alone.cache_clear()


def test_error_functions_and_bells_share_an_exponential() -> None:
    """exp(−u²) beside erf(u) or erfc(u) is computed once, and is what it was."""
    layer = derive.parse("f(x[N]): y[i] = x[i]*exp(-4*x[i]^2)*erf(2*x[i]) + exp(-x[i]^2/2)")
    fast = numeric.compile(layer, target="compiled")
    assert fast.forward(x=np.float64([])).shape == (0,)
    loops = fast.source.partition("def f_y_loops")[2].partition("\ndef ")[0]
    assert loops.count("scalar_bell") == 1 and loops.count("scalar_exp") == 1
    x = np.linspace(-2, 2, 41)
    slow = numeric.compile(layer, target="loops").forward(x=x)
    np.testing.assert_allclose(fast.forward(x=x), slow, 1e-12, 1e-300)


@pytest.mark.parametrize("beta", [0.75, -0.25, 1.5, 3.0, 0.0, 0.7, 4.25])
def test_powers_that_a_caller_says(beta: float) -> None:
    """Quarters by square roots, others by pow; at 0, NaN and infinity as NumPy has it."""
    layer = derive.parse("f(x[N]; beta real = 1): y[i] = x[i]^beta")
    x = np.array([0.3, 1.0, 7.5, 0.0, np.inf, np.nan, 1e-30, 1e30])
    with np.errstate(all="ignore"):
        y = numeric.compile(layer, target="compiled").forward(x=x, beta=beta)
        np.testing.assert_allclose(y, x**beta, 1e-12)
