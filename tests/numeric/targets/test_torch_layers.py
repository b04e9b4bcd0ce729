"""Catalog layers on PyTorch's own sample inputs: forward and gradients; what is left out, and why.

``python -m pytest -m "complete or not complete" -s tests/numeric/targets/test_torch_layers.py``
prints for each operator how many samples ran.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pytest

import derive
import numeric
from derive.language.terms import AtMost
from tests.suites import quick

torch: Any = pytest.importorskip("torch")


class Meant(NamedTuple):
    """A layer of the catalog, its options, its tensors by name, and what stays symbolic in it."""

    layer: str
    options: dict[str, Any]
    tensors: dict[str, Any]
    told: Mapping[str, int] = {}


class LeftOut(Exception):
    """Why a sample is of no layer in the catalog."""


def entrywise(layer: str, *known: str, **fixed: Any) -> Callable[..., Meant]:
    def meant(x: Any, *args: Any, **options: Any) -> Meant:
        found = dict(zip(known, args, strict=False)) | options
        found.pop("inplace", None)
        if found.pop("threshold", 20) < 20:
            raise LeftOut("a threshold under which the function jumps")
        return Meant(layer, {"dims": x.ndim, **fixed, **found}, {"x": x})

    return meant


def along(layer: str) -> Callable[..., Meant]:
    def meant(x: Any, axis: int, **options: Any) -> Meant:
        if not x.ndim:
            raise LeftOut("a softmax of a single number")
        return Meant(layer, {"dims": x.ndim, "axis": axis}, {"x": x})

    return meant


def pair(layer: str) -> Callable[..., Meant]:
    def meant(x: Any, t: Any, **options: Any) -> Meant:
        if x.shape != t.shape:
            raise LeftOut("targets that are broadcast")
        if options.keys() & {"weight", "pos_weight"}:
            raise LeftOut("weights of entries")
        return Meant(layer, {"dims": x.ndim, **options}, {"x": x, "t": t})

    return meant


def channels(x: Any, weight: Any, bias: Any) -> dict[str, Any]:
    ones = torch.ones(x.shape[1], dtype=x.dtype)
    return {
        "x": x,
        "w": ones if weight is None else weight,
        "b": 0 * ones if bias is None else bias,
    }


def batch_norm(
    x: Any, mean: Any, var: Any, weight: Any = None, bias: Any = None, *more: Any, **options: Any
) -> Meant:
    if x.ndim < 2:
        raise LeftOut("a batch without channels")
    training = options.get("training", False)
    eps = options.get("eps", 1e-5)
    tensors = channels(x, weight, bias) | ({} if training else {"mean": mean, "var": var})
    return Meant("batchnorm", {"dims": x.ndim - 2, "training": training, "eps": eps}, tensors)


def instance_norm(x: Any, **options: Any) -> Meant:
    tensors = channels(x, options.get("weight"), options.get("bias"))
    if not options.get("use_input_stats", True):
        raise LeftOut("running statistics: that is batchnorm with training=False")
    return Meant("instancenorm", {"dims": x.ndim - 2, "eps": options.get("eps", 1e-5)}, tensors)


def group_norm(
    x: Any, groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Meant:
    options = {"dims": x.ndim - 2, "groups": groups, "eps": eps}
    return Meant("groupnorm", options, channels(x, weight, bias))


def last_axis(layer: str) -> Callable[..., Meant]:
    def meant(x: Any, shape: Any, *learnt: Any, **options: Any) -> Meant:
        if len(shape) != 1:
            raise LeftOut("statistics over several axes: flatten them first")
        found = dict(zip(("w", "b"), learnt, strict=False))
        ones = torch.ones(shape, dtype=x.dtype)
        tensors = {"x": x, "w": ones if found.get("w") is None else found["w"]}
        if layer == "layernorm":
            tensors["b"] = 0 * ones if found.get("b") is None else found["b"]
        given = {"eps": options["eps"]} if options.get("eps") is not None else {}
        if layer == "rmsnorm" and not given:
            given = {"eps": float(np.finfo(np.float64).eps)}
        return Meant(layer, {"dims": x.ndim, **given}, tensors)

    return meant


def response_norm(x: Any, size: int, **options: Any) -> Meant:
    return Meant("lrn", {"dims": x.ndim - 2, "size": size, **options}, {"x": x})


def cross_entropy(x: Any, t: Any, **options: Any) -> Meant:
    if x.ndim < 2:
        raise LeftOut("logits without a batch")
    ignored = options.pop("ignore_index", None)
    if ignored is not None and (ignored < 0 or t.is_floating_point()):
        if not t.is_floating_point() and (t == ignored).any():
            raise LeftOut("a target that is no class number, and ignored")
        ignored = None
    weight = options.pop("weight", None)
    found = {"dims": x.ndim - 2, "ignore_index": ignored, "weight": weight is not None, **options}
    found["probabilities"] = t.is_floating_point()
    return Meant(
        "cross_entropy", found, {"x": x, "t": t} | ({} if weight is None else {"w": weight})
    )


def adaptive(layer: str, dims: int) -> Callable[..., Meant]:
    def meant(x: Any, size: Any, indices: bool = False) -> Meant:
        if x.ndim != dims + 2:
            raise LeftOut("an image without a batch")
        if indices:
            raise LeftOut("the places of maxima, too")
        sizes = size if isinstance(size, tuple) else (size,) * dims
        found = [n if s is None else s for s, n in zip(sizes, x.shape[2:], strict=True)]
        return Meant(layer, {"dims": dims, "output_size": tuple(found)}, {"x": x})

    return meant


def resized(x: Any, size: Any = None, **options: Any) -> Meant:
    """To a given size, or by a whole factor; a factor that is made anew from sizes is a size."""
    factor, again = options.pop("scale_factor", None), options.pop("recompute_scale_factor", None)
    mode, corners = options.pop("mode", "nearest"), bool(options.pop("align_corners", None))
    dims = x.ndim - 2
    if size is None and again:
        size = tuple(int(n * factor) for n in x.shape[2:])
    if size is None and (factor != int(factor) or factor < 1):
        raise LeftOut("no whole factor, or a smaller image, and places by the factor")
    names = [f"E{n}" if dims > 1 else "E" for n in range(1, dims + 1)]
    wanted = {"scale_factor": "s"} if size is None else {"output_size": names}
    told = {"s": int(factor)} if size is None else dict(zip(names, size, strict=True))
    wanted |= {"dims": dims, "mode": mode, "align_corners": corners}
    return Meant("upsample", wanted, {"x": x}, told)


def attention(q: Any, k: Any, v: Any, **options: Any) -> Meant:
    if options.get("dropout_p") or options.get("attn_mask") is not None:
        raise LeftOut("dropout or a mask inside attention")
    if options.get("enable_gqa") or len({t.shape[:-2] for t in (q, k, v)}) > 1:
        raise LeftOut("heads that are shared or broadcast")
    causal = options.get("is_causal", False)
    return Meant("attention", {"dims": q.ndim, "causal": causal}, {"q": q, "k": k, "v": v})


OPERATORS: dict[str, Callable[..., Meant]] = {
    "relu": entrywise("relu"),
    "relu6": entrywise("relu6"),
    "leaky_relu": entrywise("leaky_relu", "negative_slope"),
    "elu": entrywise("elu", "alpha"),
    "silu": entrywise("silu"),
    "gelu": entrywise("gelu"),
    "softplus": entrywise("softplus", "beta"),
    "tanh": entrywise("tanh"),
    "sigmoid": entrywise("sigmoid"),
    "softmax": along("softmax"),
    "log_softmax": along("log_softmax"),
    "batch_norm": batch_norm,
    "instance_norm": instance_norm,
    "group_norm": group_norm,
    "layer_norm": last_axis("layernorm"),
    "rms_norm": last_axis("rmsnorm"),
    "local_response_norm": response_norm,
    "mse_loss": pair("mse"),
    "huber_loss": pair("huber"),
    "binary_cross_entropy_with_logits": pair("bce"),
    "cross_entropy": cross_entropy,
    "adaptive_avg_pool1d": adaptive("adaptive_avgpool", 1),
    "adaptive_avg_pool2d": adaptive("adaptive_avgpool", 2),
    "adaptive_avg_pool3d": adaptive("adaptive_avgpool", 3),
    "adaptive_max_pool2d": adaptive("adaptive_maxpool", 2),
    "interpolate bicubic": resized,
    "pixel_shuffle": lambda x, **o: Meant("pixel_shuffle", o, {"x": x}),
    "scaled_dot_product_attention": attention,
}
#: what changes no value of the layer
RUNNING = ("dtype", "momentum", "running_mean", "running_var")
QUICK = ["softplus"]


def close(found: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-9)


def outcome(meant: Callable[..., Meant], op: Any, sample: Any) -> str:
    """``right``, or why the sample is left out; anything else fails."""
    x = sample.input.detach()
    if x.dtype != torch.float64:
        return "another type"
    named = {
        n: v
        for n, v in sample.kwargs.items()
        if n not in ("dtype", "momentum", "running_mean", "running_var")
    }
    try:
        found = meant(x, *sample.args, **named)
    except LeftOut as why:
        return str(why)
    y = op(sample.input, *sample.args, **sample.kwargs)
    try:
        layer = derive.layer(found.layer, **found.options)
    except derive.catalog.OptionError as why:
        return f"refused: {why}"
    given = {n: t.detach().numpy() for n, t in found.tensors.items()}
    kernel = numeric.compile(layer)
    empty = any(0 in a.shape for a in given.values())
    if empty and any(isinstance(c, AtMost) for c in layer.requirements):
        return "empty tensors that the layer refuses"
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(
            kernel.forward(**given, **found.told), y.detach().numpy(), rtol=1e-9, atol=1e-9
        )
        if not y.requires_grad:
            return "right, forward only"
        g = torch.linspace(-1, 1, y.numel(), dtype=y.dtype).reshape(y.shape)
        (expected,) = torch.autograd.grad(y, [sample.input], g)
        first = next(iter(given))
        gradient = kernel.backward(g.numpy(), wrt=[first], **given, **found.told)[first]
        close(gradient, expected.numpy())
    return "right, empty" if empty else "right"


@pytest.mark.parametrize("name", quick(OPERATORS, QUICK))
def test_samples_of_an_operator(name: str) -> None:
    from torch.testing._internal.common_methods_invocations import op_db

    found: Counter[str] = Counter()
    word, _, variant = name.partition(" ")
    known = (op for op in op_db if op.name in (word, f"nn.functional.{word}"))
    for op in (op for op in known if variant in ("", op.variant_test_name)):
        torch.manual_seed(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for sample in op.sample_inputs("cpu", torch.float64, requires_grad=True):
                found[outcome(OPERATORS[name], op, sample)] += 1
        break
    print(f"{name}: {dict(found)}")
    assert found
