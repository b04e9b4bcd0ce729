"""Generated code against PyTorch, forward and every gradient, on PyTorch's own sample inputs.

Skipped where PyTorch is not installed.  ``OpInfo`` is what PyTorch tests its operators with; its
module is private, so a PyTorch that has moved it skips too.  Convolutions run the text of the
committed modules, with hyperparameters given at the call; pooling and ``same`` padding are compiled
as they come.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

import derive
import numeric
from numeric import regenerate
from numeric.kernel import Kernel
from tests.suites import quick

torch: Any = pytest.importorskip("torch")
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same'")

CONVOLUTIONS = [f"{name}{n}d" for name in ("conv", "conv_transpose") for n in (1, 2, 3)]
POOLINGS = {f"avg_pool{n}d": n for n in (1, 2, 3)}
#: the order in which ``avg_pool`` takes what may be given by position
POOLING = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override")


def samples(name: str) -> Iterator[tuple[Any, list[Any], dict[str, Any]]]:
    """PyTorch's sample inputs for an operator: the input, the other arguments, the options."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            from torch.testing._internal.common_methods_invocations import op_db
        except ImportError:
            pytest.skip("this PyTorch has no OpInfo where it is expected")
    for op in op_db:
        if op.name == f"nn.functional.{name}":
            torch.manual_seed(0)
            for sample in op.sample_inputs("cpu", torch.float64, requires_grad=True):
                yield sample.input, list(sample.args), dict(sample.kwargs)


def gradients(y: Any, g: Any, tensors: dict[str, Any]) -> dict[str, np.ndarray]:
    """PyTorch's own, zero where nothing depends on a tensor."""
    made = torch.autograd.grad(y, list(tensors.values()), g, allow_unused=True)
    pairs = zip(tensors.items(), made, strict=True)
    return {n: np.zeros(t.shape) if d is None else d.numpy() for (n, t), d in pairs}


def compare(kernel: Kernel, options: dict[str, int], y: Any, tensors: dict[str, Any]) -> None:
    """The output ``y`` and the gradients by the tensors are the kernel's."""
    given = {name: t.detach().numpy() for name, t in tensors.items()}
    close(kernel.forward(**given, **options), y.detach().numpy())
    g = torch.linspace(-1, 1, y.numel(), dtype=y.dtype).reshape(y.shape)
    found = kernel.backward(g.numpy(), **given, **options)
    for name, expected in gradients(y, g, tensors).items():
        close(found[name], expected)


def close(found: np.ndarray, expected: np.ndarray) -> None:
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


def per_axis(value: Any, dims: int) -> list[int]:
    """PyTorch takes a number for all axes, bare or alone in a tuple, or one an axis."""
    values = list(value) if isinstance(value, tuple | list) else [value]
    return values * dims if len(values) == 1 else values


@cache
def committed(name: str) -> Kernel:
    layer, options = regenerate.CATALOG[name]
    return numeric.compile(derive.layer(layer, **options))


def hyperparameters(options: dict[str, Any], dims: int) -> dict[str, int]:
    """PyTorch's options by the names of the committed modules: s1, p2, G, …"""
    letters = {"stride": "s", "padding": "p", "dilation": "d", "output_padding": "e"}
    found = {"G": options.pop("groups", 1)}
    for name, value in options.items():
        for axis, number in enumerate(per_axis(value, dims), 1):
            found[letters[name] + ("" if dims == 1 else str(axis))] = number
    return found


def whole(operator: str, x: Any, k: Any, b: Any, options: dict[str, Any]) -> dict[str, Any]:
    """The tensors with a batch and a bias: an image alone is a batch of one, no bias is zero."""
    dims = k.ndim - 2
    if b is None:
        y = getattr(torch.nn.functional, operator)(x, k, None, **options)
        b = torch.zeros(y.shape[-dims - 1], dtype=x.dtype)
    x = x if x.ndim == dims + 2 else x[None]
    return {name: t.detach().requires_grad_() for name, t in (("x", x), ("k", k), ("b", b))}


def convolution(operator: str, tensors: dict[str, Any], **options: Any) -> None:
    """The output and the gradients of one sample."""
    y = getattr(torch.nn.functional, operator)(*tensors.values(), **options)
    compare(*kernel_of(operator, options), y, tensors)


def kernel_of(operator: str, options: dict[str, Any]) -> tuple[Kernel, dict[str, int]]:
    """A kernel for the options, and the hyperparameters it is called with."""
    name, dims = operator[:-2], int(operator[-2])
    if options.get("padding") == "same":
        layer = derive.layer(name, dims=dims, channels=True, bias=True, **options)
        return numeric.compile(layer), {}
    numbers = {n: v for n, v in options.items() if v != "valid"}
    return committed(f"{name}{dims}"), hyperparameters(numbers, dims)


@pytest.mark.parametrize("operator", quick(CONVOLUTIONS, ["conv2d"]))
def test_convolutions(operator: str) -> None:
    count = 0
    for x, (k, b), options in samples(operator):
        tensors = whole(operator, x, k, b, options)
        convolution(operator, tensors, **options)
        count += 1
    assert count >= 10


@pytest.mark.parametrize("operator", quick(POOLINGS, ["avg_pool2d"]))
def test_average_pooling(operator: str) -> None:
    dims, count = POOLINGS[operator], 0
    for x, args, given in samples(operator):
        y = getattr(torch.nn.functional, operator)(x, *args, **given)
        options = dict(zip(POOLING, args, strict=False)) | given
        if options.get("stride") == ():
            del options["stride"]
        for name in ("kernel_size", "stride", "padding"):
            if name in options:
                options[name] = tuple(per_axis(options[name], dims))
        layer = derive.layer("avgpool", dims=dims, **options)
        compare(numeric.compile(layer), {}, y, {"x": x})
        count += 1
    assert count >= 2


def test_linear() -> None:
    count = 0
    for x, (w, *rest), _ in samples("linear"):
        y = torch.nn.functional.linear(x, w, *rest)
        b = rest[0] if rest else torch.zeros(len(w), dtype=x.dtype, requires_grad=True)
        rows = x.reshape(-1, x.shape[-1])
        made = torch.nn.functional.linear(rows, w, b)
        close(made.detach().reshape(y.shape).numpy(), y.detach().numpy())
        compare(committed("linear"), {}, made, {"x": rows, "w": w, "b": b})
        count += 1
    assert count >= 10


def test_empty_batches() -> None:
    """PyTorch's samples have them for pooling and linear only."""
    x, k, b = (torch.ones(n, dtype=torch.float64) for n in ((0, 2, 5, 4), (3, 2, 3, 2), 3))
    options = {"stride": 2, "padding": 1}
    convolution("conv2d", whole("conv2d", x, k, b, options), **options)


def test_a_wrong_option_is_noticed() -> None:
    """Sabotage: PyTorch dilates, the kernel does not."""
    x, (k, b), options = next(s for s in samples("conv1d") if "dilation" in s[2])
    tensors = whole("conv1d", x, k, b, options)
    y = torch.nn.functional.conv1d(*tensors.values(), **options)
    kernel, numbers = kernel_of("conv1d", {**options, "dilation": 1})
    with pytest.raises(AssertionError):
        compare(kernel, numbers, y, tensors)
