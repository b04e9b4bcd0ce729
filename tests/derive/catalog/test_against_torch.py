"""Values and gradients of catalog layers and their options are PyTorch's; derivations *checked*."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

import derive
import numeric
import verify
from derive.catalog import OptionError
from tests.suites import every

torch = pytest.importorskip("torch")
F = torch.nn.functional

X = {"x": (3, 4)}
IMAGE = {"x": (2, 4, 5, 6)}
NORM = {**IMAGE, "w": (4,), "b": (4,)}
CONV = {**IMAGE, "k": (3, 4, 3, 2), "b": (3,)}
PAIR = {"x": (3, 4), "t": (3, 4)}
ATTENTION = {"q": (4, 3), "k": (5, 3), "v": (5, 2)}


def by_channel(v: Any) -> Any:
    return v[:, None, None]


Case = tuple[str, dict[str, Any], Mapping[str, tuple[int, ...]], Callable[..., Any]]
CASES: list[Case] = [
    ("sigmoid", {}, X, lambda x: torch.sigmoid(x)),
    ("sigmoid", {"dims": 4}, IMAGE, lambda x: torch.sigmoid(x)),
    ("tanh", {}, X, lambda x: torch.tanh(x)),
    ("silu", {}, X, lambda x: F.silu(x)),
    ("relu6", {}, X, lambda x: F.relu6(x)),
    ("leaky_relu", {}, X, lambda x: F.leaky_relu(x)),
    ("leaky_relu", {"negative_slope": 0.2}, X, lambda x: F.leaky_relu(x, 0.2)),
    ("elu", {}, X, lambda x: F.elu(x)),
    ("elu", {"alpha": 1.5}, X, lambda x: F.elu(x, 1.5)),
    ("softplus", {}, X, lambda x: F.softplus(x)),
    ("softplus", {"beta": 2}, X, lambda x: F.softplus(x, 2)),
    ("gelu", {}, X, lambda x: F.gelu(x)),
    ("gelu", {"approximate": "tanh"}, X, lambda x: F.gelu(x, approximate="tanh")),
    ("softmax", {}, X, lambda x: F.softmax(x, 1)),
    ("softmax", {"axis": 0}, X, lambda x: F.softmax(x, 0)),
    ("softmax", {"dims": 4, "axis": 1}, IMAGE, lambda x: F.softmax(x, 1)),
    ("log_softmax", {}, X, lambda x: F.log_softmax(x, 1)),
    ("log_softmax", {"dims": 4, "axis": -3}, IMAGE, lambda x: F.log_softmax(x, 1)),
    ("batchnorm", {}, NORM, lambda x, w, b: F.batch_norm(x, None, None, w, b, True)),
    (
        "batchnorm",
        {"dims": 0, "eps": 0.01},
        {"x": (5, 3), "w": (3,), "b": (3,)},
        lambda x, w, b: F.batch_norm(x, None, None, w, b, True, eps=0.01),
    ),
    (
        "batchnorm",
        {"training": False},
        {**NORM, "mean": (4,), "var": (4,)},
        lambda x, w, b, mean, var: (
            (x - by_channel(mean)) / by_channel(var + 1e-5).sqrt() * by_channel(w) + by_channel(b)
        ),
    ),
    ("instancenorm", {}, NORM, lambda x, w, b: F.instance_norm(x, weight=w, bias=b)),
    ("groupnorm", {"groups": 2}, NORM, lambda x, w, b: F.group_norm(x, 2, w, b)),
    (
        "layernorm",
        {"dims": 3},
        {"x": (2, 3, 4), "w": (4,), "b": (4,)},
        lambda x, w, b: F.layer_norm(x, (4,), w, b),
    ),
    ("rmsnorm", {}, {"x": (3, 4), "w": (4,)}, lambda x, w: F.rms_norm(x, (4,), w, 2.0**-23)),
    ("lrn", {}, IMAGE, lambda x: F.local_response_norm(x, 5)),
    ("lrn", {"size": 2, "alpha": 0.5}, IMAGE, lambda x: F.local_response_norm(x, 2, alpha=0.5)),
    ("mse", {}, PAIR, lambda x, t: F.mse_loss(x, t)),
    ("mse", {"reduction": "sum"}, PAIR, lambda x, t: F.mse_loss(x, t, reduction="sum")),
    ("mse", {"reduction": "none"}, PAIR, lambda x, t: F.mse_loss(x, t, reduction="none")),
    ("bce", {}, PAIR, lambda x, t: F.binary_cross_entropy_with_logits(x, t)),
    ("huber", {}, PAIR, lambda x, t: F.huber_loss(x, t)),
    ("huber", {"delta": 0.3}, PAIR, lambda x, t: F.huber_loss(x, t, delta=0.3)),
    ("dropout", {"p": 0.25}, {"x": (3, 4), "mask": (3, 4)}, lambda x, mask: x * mask / 0.75),
    ("attention", {}, ATTENTION, lambda q, k, v: F.scaled_dot_product_attention(q, k, v)),
    (
        "attention",
        {"causal": True},
        ATTENTION,
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True),
    ),
    *(
        (
            "conv",
            {"channels": True, "padding": 2, "stride": stride, "padding_mode": mode},
            CONV,
            lambda x, k, b, m=mode, s=stride: F.conv2d(F.pad(x, (2,) * 4, m), k, b, s),
        )
        for mode in ("reflect", "replicate", "circular")
        for stride in (1, 2)
    ),
    (
        "avgpool",
        {"kernel_size": 3, "stride": 2, "padding": 1, "divisor_override": 5},
        IMAGE,
        lambda x: F.avg_pool2d(x, 3, 2, 1, divisor_override=5),
    ),
    (
        "linear",
        {"dims": 4},
        {"x": (2, 3, 4, 5), "w": (3, 5), "b": (3,)},
        lambda x, w, b: F.linear(x, w, b),
    ),
    ("matmul", {"dims": 3}, {"A": (2, 3, 4), "B": (2, 4, 5)}, lambda A, B: A @ B),
    ("matmul", {"dims": 4}, {"A": (2, 1, 3, 4), "B": (2, 1, 4, 5)}, lambda A, B: A @ B),
    ("global_avgpool", {}, IMAGE, lambda x: x.mean((2, 3))),
    (
        "adaptive_avgpool",
        {"output_size": (2, 3)},
        IMAGE,
        lambda x: F.adaptive_avg_pool2d(x, (2, 3)),
    ),
    ("adaptive_avgpool", {"output_size": 7}, IMAGE, lambda x: F.adaptive_avg_pool2d(x, 7)),
    (
        "adaptive_maxpool",
        {"output_size": (2, 3)},
        IMAGE,
        lambda x: F.adaptive_max_pool2d(x, (2, 3)),
    ),
    ("lp_pool", {"kernel_size": 2}, IMAGE, lambda x: F.lp_pool2d(x, 2, 2)),
    (
        "lp_pool",
        {"kernel_size": 3, "stride": 2, "norm_type": 4},
        IMAGE,
        lambda x: F.lp_pool2d(x, 4, 3, 2),
    ),
    (
        "lp_pool",
        {"kernel_size": 3, "stride": 2, "norm_type": 4, "ceil_mode": True},
        IMAGE,
        lambda x: F.lp_pool2d(x, 4, 3, 2, ceil_mode=True),
    ),
    (
        "reshape",
        {"dims": 3, "shape": (2, -1, 3)},
        {"x": (4, 3, 2)},
        lambda x: x.reshape(2, -1, 3),
    ),
    ("reshape", {"shape": (4, 3)}, {"x": (2, 6)}, lambda x: x.reshape(4, 3)),
    ("reshape", {"dims": 3, "shape": -1}, {"x": (2, 3, 2)}, lambda x: x.reshape(-1)),
    ("add", {}, {"x": (3, 4), "z": (3, 4)}, lambda x, z: x + z),
    ("concat", {}, {"x": (3, 4), "z": (3, 2)}, lambda x, z: torch.cat((x, z), 1)),
    (
        "concat",
        {"dims": 4, "axis": -2},
        {"x": (2, 4, 5, 6), "z": (2, 4, 1, 6)},
        lambda x, z: torch.cat((x, z), 2),
    ),
    ("pixel_shuffle", {"upscale_factor": 2}, IMAGE, lambda x: F.pixel_shuffle(x, 2)),
    ("pad", {"padding": 2}, IMAGE, lambda x: F.pad(x, (2, 2, 2, 2))),
    *(
        ("pad", {"padding": 2, "mode": mode}, IMAGE, lambda x, m=mode: F.pad(x, (2,) * 4, m))
        for mode in ("reflect", "replicate", "circular")
    ),
    ("upsample", {"scale_factor": 3}, IMAGE, lambda x: F.interpolate(x, scale_factor=3)),
    (
        "upsample",
        {"scale_factor": 3, "mode": "linear"},
        IMAGE,
        lambda x: F.interpolate(x, scale_factor=3, mode="bilinear"),
    ),
    (
        "upsample",
        {"dims": 1, "mode": "linear"},
        {"x": (2, 3, 4)},
        lambda x: F.interpolate(x, scale_factor=2, mode="linear"),
    ),
    *(
        (
            "upsample",
            {"dims": 1, "mode": "linear", "align_corners": True, "scale_factor": s},
            {"x": (2, 3, h)},
            lambda x, s=s: F.interpolate(x, scale_factor=s, mode="linear", align_corners=True),
        )
        for s, h in ((3, 4), (1, 1))
    ),
    *(
        (
            "upsample",
            {"mode": "bicubic", "align_corners": corners, "scale_factor": s},
            {"x": (2, 2, *shape)},
            lambda x, s=s, c=corners: F.interpolate(
                x, scale_factor=s, mode="bicubic", align_corners=c
            ),
        )
        for corners, s, shape in ((False, 2, (4, 3)), (True, 3, (1, 2)))
    ),
    *(
        (
            "upsample",
            {"mode": mode, "output_size": size, "align_corners": corners},
            IMAGE,
            lambda x, m=mode, n=size, c=corners: F.interpolate(
                x, size=n, mode=m, align_corners=c if m != "nearest" else None
            ),
        )
        for mode, corners, size in (
            ("nearest", False, (3, 7)),
            ("bilinear", True, (1, 5)),
            ("bicubic", False, (3, 7)),
        )
    ),
]


def drawn(name: str, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Numbers that suit the tensor: a mask of zeros and ones, a variance, else any."""
    if name == "mask":
        return rng.integers(0, 2, shape).astype(float)
    return rng.random(shape) + 0.5 if name == "var" else 3 * rng.standard_normal(shape)


@pytest.mark.parametrize("case", every(9, CASES), ids=lambda c: f"{c[0]} {c[1]}")
def test_values_and_gradients_are_pytorchs(case: Case) -> None:
    name, options, shapes, function = case
    rng = np.random.default_rng(0)
    given = {n: drawn(n, shape, rng) for n, shape in shapes.items()}
    tensors = {n: torch.tensor(a, requires_grad=True) for n, a in given.items()}
    y = function(**tensors)
    g = rng.standard_normal(tuple(y.shape))
    y.backward(torch.tensor(g))
    kernel = numeric.compile(derive.layer(name, **options))
    np.testing.assert_allclose(kernel.forward(**given), y.detach().numpy(), rtol=1e-9, atol=1e-12)
    for wrt, gradient in kernel.backward(g, **given).items():
        expected = tensors[wrt].grad.numpy()
        np.testing.assert_allclose(gradient, expected, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("case", every(9, CASES), ids=lambda c: f"{c[0]} {c[1]}")
def test_derivations_are_checked(case: Case) -> None:
    name, options, shapes, _ = case
    layer = derive.layer(name, **options)
    assert all(verify.check(derive.gradient(layer, n)).word == "checked" for n in shapes)


@pytest.mark.parametrize(
    "options",
    every(
        6,
        [
            {},
            {"dims": 1},
            {"dims": 2, "reduction": "none"},
            {"weight": True},
            {"weight": True, "reduction": "sum"},
            {"ignore_index": 2},
            {"ignore_index": 0, "weight": True},
            {"label_smoothing": 0.1},
            {"label_smoothing": 0.1, "weight": True},
            {"label_smoothing": 0.2, "ignore_index": 1, "weight": True, "dims": 1},
            {"probabilities": True},
            {"probabilities": True, "weight": True},
            {"probabilities": True, "label_smoothing": 0.1, "weight": True, "dims": 1},
        ],
    ),
    ids=str,
)
def test_cross_entropy_is_pytorchs(options: dict[str, Any]) -> None:
    rng = np.random.default_rng(0)
    spatial = (3, 2)[: options.get("dims", 0)]
    x, w = rng.standard_normal((4, 5, *spatial)), rng.random(5) + 0.5
    t: Any = rng.integers(0, 5, (4, *spatial))
    if options.get("probabilities"):
        t = rng.dirichlet(np.ones(5), (4, *spatial))
        t = np.moveaxis(t, -1, 1)
    named = {n: v for n, v in options.items() if n not in ("dims", "weight", "probabilities")}
    named |= {"weight": torch.tensor(w)} if options.get("weight") else {}
    logits = torch.tensor(x, requires_grad=True)
    y = F.cross_entropy(logits, torch.tensor(t), **named)
    g = rng.standard_normal(tuple(y.shape))
    y.backward(torch.tensor(g))
    layer = derive.layer("cross_entropy", **options)
    given = {"x": x, "t": t} | ({"w": w} if options.get("weight") else {})
    kernel = numeric.compile(layer)
    np.testing.assert_allclose(kernel.forward(**given), y.detach().numpy(), rtol=1e-9)
    found = kernel.backward(g, wrt=["x"], **given)["x"]
    np.testing.assert_allclose(found, logits.grad.numpy(), rtol=1e-8, atol=1e-12)
    assert verify.check(derive.gradient(layer, "x")).word == "checked"


@pytest.mark.parametrize(
    ("name", "options", "function"),
    [
        ("relu", {}, lambda x: F.relu(x)),
        ("relu6", {}, lambda x: F.relu6(x)),
        ("leaky_relu", {"negative_slope": 0.25}, lambda x: F.leaky_relu(x, 0.25)),
        ("elu", {"alpha": 1.5}, lambda x: F.elu(x, 1.5)),
        ("huber", {"reduction": "none"}, lambda x: F.huber_loss(x, 0 * x, reduction="none")),
    ],
)
def test_kinks_are_taken_as_pytorch_takes_them(
    name: str, options: dict[str, Any], function: Callable[..., Any]
) -> None:
    x = np.array([[-6.0, -1.0, -0.0, 0.0, 1.0, 6.0]])
    tensor = torch.tensor(x, requires_grad=True)
    function(tensor).backward(torch.ones_like(tensor))
    given = {"x": x} | ({"t": 0 * x} if name == "huber" else {})
    kernel = numeric.compile(derive.layer(name, **options))
    found = kernel.backward(np.ones_like(x), wrt=["x"], **given)["x"]
    np.testing.assert_array_equal(found, tensor.grad.numpy())


def test_an_image_is_resized_in_one_way() -> None:
    for options, words in (
        ({"output_size": 3, "scale_factor": 3}, "scale_factor or an output_size, not both"),
        ({"align_corners": True}, "align_corners goes with the modes linear and cubic"),
        ({"dims": 1, "mode": "bicubic"}, "mode must be one of nearest, linear, cubic, not"),
        ({"output_size": (1, 2, 3)}, "output_size has 3 values for 2 axes"),
    ):
        with pytest.raises(OptionError, match=words):
            derive.layer("upsample", **options)
