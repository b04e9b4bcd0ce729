"""The target ``torch``: tensors in and out, and what ``arrays`` computes, forward and backward.

Skipped where PyTorch is not installed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import derive
import numeric
from derive.language.definition import Layer
from derive.language.functions import ABBREVIATIONS
from numeric.emission.dialect import NAMED
from numeric.emission.embedding import parts
from numeric.targets.torch import DIALECT
from tests.numeric.cases import DESIGN
from tests.numeric.targets.test_layers import CASES
from tests.suites import every

try:
    import torch
except ImportError:
    pytest.skip("PyTorch is not installed (extra torch)", allow_module_level=True)

Shapes = dict[str, tuple[int, ...]]
RNG = np.random.default_rng(0)

#: layers typed in, with shapes: what the catalog does not do
TYPED: dict[str, tuple[str, Shapes]] = {
    "functions": (
        "y[i] = tanh(x[i]) + sigmoid(x[i])*erf(x[i]) + exp(0.044715*x[i]^2) + sin(x[i])*cos(x[i])"
        " + erfc(x[i]) + log1p(x[i]^2) - expm1(x[i])",
        {"x": (5,)},
    ),
    "roots and logarithms": ("y[i] = log(x[i]^2 + 1)/sqrt(2*pi) + sqrt(x[i]^2 + 2)", {"x": (4,)}),
    "functions of numbers": (
        "y[i] = x[i]*sigmoid(1/3) + erf(1/3)*exp(1/7) + sqrt(2) - sigmoid(2)",
        {"x": (4,)},
    ),
    "softmax": ("f(x[N,C]): y[n,c] = exp(x[n,c]) / sum[j] exp(x[n,j])", {"x": (3, 4)}),
    "choice": ("y[i] = if x[i] > 0 then x[i] else 0.1*x[i]", {"x": (6,)}),
    "choice between numbers": ("y[i] = if x[i] > 0 then 0.1 else 1/3", {"x": (6,)}),
    "choice by sizes": (
        "f(x[H], w[K]): y[i < H] = if H < K then x[i] else 2*x[i]",
        {"x": (3,), "w": (4,)},
    ),
    "masks": ("y[i] = [x[i] >= 0]*x[i] + [i > 2] - [not (i == 1 or x[i] < 0)]", {"x": (6,)}),
    "a maximum subtracted": ("y[i] = x[i] - max[j] x[j]", {"x": (5,)}),
    "a maximum of some": ("f(x[H]): y[i < H] = max[j <= i] x[j]", {"x": (5,)}),
    "table": ("f(x[H], t[N] int < H): y[n] = x[t[n]]^2*t[n]", {"x": (4,), "t": (6,)}),
    "embedding": ("f(w[V, D], t[N] int < V): y[n, d] = w[t[n], d]", {"w": (4, 2), "t": (5,)}),
    "a table alone": ("f(t[N] int < 9): y[n] = t[n]/2", {"t": (5,)}),
    "single from a table": ("f(x[H], t[] int < H): y[] = x[t[]]", {"x": (4,), "t": ()}),
    "outside on both sides": ("f(x[H pad all]): y[i < H] = x[i*i - 3]", {"x": (5,)}),
    "divided by a size": (
        "f(x[H pad all], w[K]): y[i < H, j < K] = x[i/K]*w[j]",
        {"x": (5,), "w": (2,)},
    ),
    "squares": ("f(x[H pad all]): y[i < H] = x[i*i]", {"x": (10,)}),
    "fractions of an index": ("f(x[H]): y[i < H] = sum[j < H] x[j]*j/(i+1)", {"x": (5,)}),
    "backwards": ("f(x[H, W]): y[i < H, j < W] = x[H-1-i, j]*x[i, W-1-j]", {"x": (3, 4)}),
    "triangle": ("f(x[H]): y[i < H] = sum[j <= i] x[j]", {"x": (5,)}),
    "least and greatest": ("f(x[H]): y[i < H] = x[min(i+1, H-1)] + x[max(i-1, 0)]", {"x": (5,)}),
    "transposed": ("y[i, j] = x[j, i]", {"x": (2, 3)}),
    "strided": ("y[i] = x[2*i]", {"x": (7,)}),
    "spread": ("f(x[H]): y[i < H, j < 3] = x[i]", {"x": (4,)}),
    "constant": ("f(x[H]): y[i < H, j < 3] = 0.1", {"x": (4,)}),
    "remainders": ("f(x[N, C]): y[m < N*C] = x[m//C, m%C]", {"x": (3, 4)}),
    "single": ("y[] = sum[i] x[i]^2*a[]", {"x": (4,), "a": ()}),
    "single of single": ("f(a[]): y[] = a[]", {"a": ()}),
    "several": ("f(x[H]):\n    y[i < H] = 2*x[i]\n    z = sum[i] x[i]^2", {"x": (4,)}),
    "normalised": (
        "f(x[N,H], w[H]):\n    m[n] = sum[i] x[n,i]/H\n    v[n] = sum[i] (x[n,i] - m[n])^2/H\n"
        "    y[n, i] = (x[n,i] - m[n])/sqrt(v[n] + 0.00001)*w[i]",
        {"x": (3, 4), "w": (4,)},
    ),
    "trace": ("f(x[H, H]): y = sum[i] x[i, i]", {"x": (4, 4)}),
    "batched": ("y[b, i, j] = sum[k] x[b, i, k]*w[b, k, j]", {"x": (2, 3, 4), "w": (2, 4, 2)}),
    "outer": ("y[i, j] = x[i]*w[j]", {"x": (3,), "w": (2,)}),
    "vector": ("y[i] = sum[j] A[i,j]*x[j]", {"A": (3, 4), "x": (4,)}),
    "powers": ("y[i] = x[i]^3 - 2^x[i] + (x[i]^2 + 1)^(-1/2)", {"x": (4,)}),
}

CATALOG = {
    f"{name}-{number}": (derive.layer(name, **options), shapes, parameters)
    for number, (name, options, shapes, parameters) in enumerate(CASES)
}
CONV = derive.layer("conv", channels=True)
MORE: dict[str, tuple[Layer, Shapes, dict[str, int]]] = {
    "relu": (derive.layer("relu"), {"x": (3, 4)}, {}),
    "flatten": (derive.layer("flatten"), {"x": (2, 3, 2, 2)}, {}),
    "maxpool": (
        derive.layer("maxpool", kernel_size=3, stride=2, padding=1, ceil_mode=True),
        {"x": (2, 2, 6, 5)},
        {},
    ),
    "cross_entropy": (derive.layer("cross_entropy"), {"x": (4, 3), "t": (4,)}, {}),
    "no batch": (CONV, {"x": (0, 2, 4, 4), "k": (3, 2, 2, 2), "b": (3,)}, {}),
    "no channels": (CONV, {"x": (1, 0, 4, 4), "k": (3, 0, 2, 2), "b": (3,)}, {}),
    "nothing to embed": (derive.parse(TYPED["embedding"][0]), {"w": (4, 2), "t": (0,)}, {}),
}
ALL = {
    **CATALOG,
    **{n: (derive.parse(text), *rest) for n, (text, *rest) in DESIGN.items()},
    **{n: (derive.parse(text), shapes, {}) for n, (text, shapes) in TYPED.items()},
    **MORE,
}


def drawn(layer: Layer, shapes: Shapes, dtype: str = "float64") -> dict[str, np.ndarray]:
    """Random tensors; tables hold what is inside every bound here."""
    given: dict[str, np.ndarray] = {}
    for tensor in layer.tensors:
        shape = shapes[tensor.name]
        if tensor.integer:
            given[tensor.name] = RNG.integers(0, 3, shape)
        elif dtype.startswith("int"):
            given[tensor.name] = RNG.integers(-9, 9, shape).astype(dtype)
        else:
            given[tensor.name] = np.asarray(RNG.standard_normal(shape)).astype(dtype)
    return given


def both(
    layer: Layer, shapes: Shapes, options: dict[str, int], dtype: str
) -> Iterator[tuple[str, np.ndarray, Any]]:
    """The names of outputs and gradients, with what ``arrays`` and ``torch`` give in that dtype."""
    arrays, tensors = (numeric.compile(layer, target=t) for t in ("arrays", "torch"))
    given = drawn(layer, shapes, dtype)
    converted = {name: torch.from_numpy(array) for name, array in given.items()}
    y, found = arrays.forward(**given, **options), tensors.forward(**converted, **options)
    named, others = (made if isinstance(made, dict) else {"y": made} for made in (y, found))
    for name in named:
        yield name, named[name], others[name]
    if not arrays.gradients:
        return
    g = {n: np.asarray(RNG.integers(-9, 9, a.shape)).astype(a.dtype) for n, a in named.items()}
    h = {name: torch.from_numpy(array) for name, array in g.items()}
    if not isinstance(y, dict):
        g, h = g["y"], h["y"]
    expected, made = (
        arrays.backward(g, **given, **options),
        tensors.backward(h, **converted, **options),
    )
    for name in expected:
        yield f"d{name}", expected[name], made[name]


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
@pytest.mark.parametrize("name", every(3, ALL))
def test_tensors_hold_what_arrays_hold(name: str) -> None:
    for dtype, tolerance in (("float64", 1e-12), ("float32", 1e-4)):
        for key, expected, found in both(*ALL[name], dtype):
            assert isinstance(found, torch.Tensor), key
            assert str(found.dtype) == f"torch.{expected.dtype}", key
            assert tuple(found.shape) == expected.shape, key
            np.testing.assert_allclose(found.numpy(), expected, tolerance, tolerance, err_msg=key)


@pytest.mark.parametrize("dtype", ["int64", "int32"])
@pytest.mark.parametrize("name", every(2, CATALOG))
def test_integers_are_exact(name: str, dtype: str) -> None:
    for key, expected, found in both(*CATALOG[name], dtype):
        assert str(found.dtype) == f"torch.{expected.dtype}", key
        if expected.dtype.kind == "i":
            np.testing.assert_array_equal(found.numpy(), expected, err_msg=key)


# --- manners ------------------------------------------------------------------------------------

LAYER = derive.layer("conv", channels=True, stride=2, padding=1, groups=2)
SHAPES: Shapes = {"x": (2, 4, 5, 4), "k": (6, 2, 3, 2), "b": (6,)}


def tensors(dtype: Any = None) -> dict[str, Any]:
    return {n: torch.ones(shape, dtype=dtype or torch.float64) for n, shape in SHAPES.items()}


def test_wrong_shapes_are_refused_in_the_words_of_the_other_targets() -> None:
    arrays, kernel = (numeric.compile(LAYER, target=t) for t in ("arrays", "torch"))
    cases = [(n, s) for n in SHAPES for s in ((3,), (6, 4, 3, 2), (1, 3, 5, 4), (5,))]
    refused = 0
    for name, shape in cases:
        given = {**tensors(), name: torch.ones(shape, dtype=torch.float64)}
        try:
            arrays.forward(**{n: t.numpy() for n, t in given.items()})
        except ValueError as error:
            refused += 1
            with pytest.raises(ValueError, match=re.escape(str(error))):
                kernel.forward(**given)
    assert refused >= 9
    y = kernel.forward(**tensors())
    with pytest.raises(ValueError, match=r"g: expected shape .* = \(2, 6, 3, 3\), given \(1, 6, 3"):
        kernel.backward(y[:1], **tensors())


def test_tables_hold_integers_in_range_and_windows_fit() -> None:
    kernel = numeric.compile(derive.layer("cross_entropy"), target="torch")
    x = torch.ones(2, 3)
    with pytest.raises(ValueError, match=r"t is a table of integers, but its dtype is float32"):
        kernel.forward(x=x, t=torch.zeros(2))
    for wrong in (3, -1):
        with pytest.raises(ValueError, match=rf"t holds {wrong}; its entries must be in 0 … 2"):
            kernel.forward(x=x, t=torch.tensor([0, wrong]))
    assert kernel.forward(x=x, t=torch.tensor([0, 2], dtype=torch.int32)).dtype == torch.float32
    pool = numeric.compile(derive.layer("maxpool"), target="torch")
    with pytest.raises(ValueError, match=r"the window must fit\), which fails for K1 = 4, H = 3"):
        pool.forward(x=torch.ones(1, 1, 3, 3), K1=4)


def test_a_fixed_dtype_refuses_every_other() -> None:
    for wanted in ("float32", torch.float32):
        kernel = numeric.compile(LAYER, dtype=wanted, target="torch")
        assert kernel.forward(**tensors(torch.float32)).dtype == torch.float32
        given = {**tensors(torch.float32), "k": tensors()["k"]}
        with pytest.raises(ValueError, match=r"^k: expected dtype float32, given float64$"):
            kernel.forward(**given)
    with pytest.raises(ValueError, match="PyTorch has no dtype 'float31'"):
        numeric.compile(LAYER, dtype="float31", target="torch")


def test_dtypes_mix_as_everywhere_and_half_precision_stays() -> None:
    kernel = numeric.compile(LAYER, target="torch")
    mixed = {**tensors(torch.float32), "k": tensors()["k"]}
    assert kernel.forward(**mixed).dtype == torch.float64
    for dtype in (torch.bfloat16, torch.float16, torch.complex64):
        assert kernel.forward(**tensors(dtype)).dtype == dtype
    plain = numeric.compile(derive.parse("y[i] = x[i]*a[]"), target="torch")
    assert plain.forward(x=torch.ones(2), a=0.5).dtype == torch.float32
    assert plain.forward(x=torch.ones(2, dtype=torch.int32), a=0.5).dtype == torch.float64
    assert plain.forward(x=torch.ones(2, dtype=torch.bool), a=True).dtype == torch.int64


def test_only_tensors_on_one_device_are_taken() -> None:
    kernel = numeric.compile(LAYER, target="torch")
    with pytest.raises(ValueError, match="tensors must be PyTorch's, not of type ndarray"):
        kernel.forward(**{**tensors(), "k": np.ones(SHAPES["k"])})
    with pytest.raises(ValueError, match="tensors must be on one device, not on cpu, meta"):
        kernel.forward(**{**tensors(), "k": tensors()["k"].to("meta")})


@pytest.mark.parametrize("name", [n for n in ALL if "t" not in ALL[n][1]])
def test_nothing_leaves_the_device(name: str) -> None:
    """On ``meta`` there are shapes and dtypes alone: whatever were made elsewhere is refused."""
    layer, shapes, options = ALL[name]
    given = {n: torch.from_numpy(a).to("meta") for n, a in drawn(layer, shapes).items()}
    kernel = numeric.compile(layer, target="torch")
    try:
        y = kernel.forward(**given, **options)
        grads = kernel.backward(y, **given, **options)
    except RuntimeError as error:
        assert "meta" in str(error) and name not in CATALOG
        pytest.skip("reads at computed places are checked, and here they have no values")
    made = [*(y.values() if isinstance(y, dict) else [y]), *grads.values()]
    assert {(str(a.device), a.dtype) for a in made} == {("meta", torch.float64)}


@pytest.mark.parametrize("name", ALL)
def test_inputs_are_left_alone_and_no_result_shares_memory_or_records_a_gradient(name: str) -> None:
    layer, shapes, options = ALL[name]
    kernel = numeric.compile(layer, target="torch")
    given = {n: torch.from_numpy(a) for n, a in drawn(layer, shapes).items()}
    before = {n: a.clone() for n, a in given.items()}
    for name, tensor in given.items():
        if tensor.is_floating_point():
            given[name] = tensor.requires_grad_()
    y = kernel.forward(**given, **options)
    made = list(y.values()) if isinstance(y, dict) else [y]
    if kernel.gradients:
        made += kernel.backward(y, **given, **options).values()
    assert not any(array.requires_grad for array in made)
    for n, tensor in given.items():
        assert torch.equal(tensor, before[n])
        memory = tensor.untyped_storage().data_ptr()
        assert not tensor.numel() or all(a.untyped_storage().data_ptr() != memory for a in made)


def test_layouts_do_not_matter() -> None:
    kernel = numeric.compile(LAYER, target="torch")
    given = {n: torch.from_numpy(a) for n, a in drawn(LAYER, SHAPES).items()}
    odd = {n: t.mT.contiguous().mT if t.ndim > 1 else t for n, t in given.items()}
    odd["b"] = torch.stack([given["b"], given["b"]], 1)[:, 1]
    y = kernel.forward(**given)
    torch.testing.assert_close(kernel.forward(**odd), y)
    for name, gradient in kernel.backward(y, **given).items():
        torch.testing.assert_close(kernel.backward(y.mT.contiguous().mT, **odd)[name], gradient)


def test_gradients_are_those_of_autograd() -> None:
    """PyTorch's own convolution and its own gradients."""
    given = {n: torch.from_numpy(a).requires_grad_() for n, a in drawn(LAYER, SHAPES).items()}
    y = torch.nn.functional.conv2d(*given.values(), stride=2, padding=1, groups=2)
    kernel = numeric.compile(LAYER, target="torch")
    torch.testing.assert_close(kernel.forward(**given), y.detach())
    g = torch.linspace(-1, 1, y.numel(), dtype=y.dtype).reshape(y.shape)
    found = kernel.backward(g, **given)
    for name, gradient in zip(given, torch.autograd.grad(y, list(given.values()), g), strict=True):
        torch.testing.assert_close(found[name], gradient)


@pytest.mark.parametrize("name", NAMED)
def test_a_function_is_pytorchs_or_a_helper_of_the_targets_own(name: str) -> None:
    """The helpers for NumPy, which are found after the target's own, compute with arrays."""
    if name in DIALECT.functions:
        library, word = DIALECT.functions[name].split(".")
        assert library == "torch" and hasattr(torch, word)
    else:
        assert not hasattr(torch, name) and name in parts(DIALECT.helpers[:1])


@pytest.mark.parametrize("name", dict.fromkeys([*NAMED, *ABBREVIATIONS]))
def test_every_function_of_the_table_is_computed(name: str) -> None:
    """Of tensors and of fixed numbers, forward and backward."""
    layer = derive.parse(f"y[i] = {name}(x[i]^2 + 1/2) + x[i]*{name}(1/3)")
    for key, expected, found in both(layer, {"x": (7,)}, {}, "float64"):
        assert isinstance(found, torch.Tensor) and found.dtype == torch.float64, key
        np.testing.assert_allclose(found.numpy(), expected, 1e-13, 1e-13, err_msg=key)


def test_a_module_needs_pytorch_only() -> None:
    text = numeric.code(LAYER, "torch")
    imported = {line.split()[1] for line in text.splitlines() if re.match("import |from ", line)}
    assert imported <= {"functools", "itertools", "math", "operator", "torch"}
    assert "np." not in text and "cpu" not in text and "numeric" not in text
    assert max(map(len, text.splitlines())) <= 100


def test_entrywise_layers_take_tensors_of_every_rank_where_they_are() -> None:
    kernel = numeric.compile(derive.layer("add"), target="torch")
    whole = torch.arange(48, dtype=torch.float32).reshape(2, 3, 4, 2)
    others = (whole.permute(0, 3, 1, 2), whole[:, ::2, ::2], whole[:, :0], whole[0, 0, 0, 0])
    for x in (whole, *others):
        y = kernel.forward(x, x)
        assert y.dtype == torch.float32 and torch.equal(y, 2 * x)
        assert torch.equal(kernel.backward(y, x, x)["z"], y)
    assert kernel.forward(whole.to("meta"), whole.to("meta")).shape == whole.shape
    assert kernel.forward(torch.tensor(1.0), 2).dtype == torch.float32
    with pytest.raises(ValueError, match="tensors must be PyTorch's, not of type ndarray"):
        kernel.forward(whole.numpy(), whole.numpy())
    with pytest.raises(ValueError, match=re.escape("z: expected shape (2, 3, 4, 2), that of x")):
        kernel.forward(whole, whole[0])
