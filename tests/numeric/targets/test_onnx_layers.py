"""Catalog layers on ONNX's node tests: every case of operators that the catalog has, or why not.

Convolutions, average pools and matrix products are in ``test_onnx``.
``python -m pytest -m complete -s tests/numeric/targets/test_onnx_layers.py`` prints for each
operator how many cases ran and why the others did not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import derive
import numeric
from tests.numeric.targets.test_onnx import RTOL, cases, window

onnx: Any = pytest.importorskip("onnx")
pytestmark = pytest.mark.complete

Array = NDArray[Any]


@dataclass(frozen=True)
class Node:
    """One case: attributes, inputs by their place (None: not given), and all outputs."""

    given: Mapping[str, Any]
    inputs: Sequence[Array | None]
    outputs: Sequence[Array]

    @property
    def x(self) -> Array:
        found = self.inputs[0]
        assert found is not None
        return found

    def input(self, place: int) -> Array | None:
        return self.inputs[place] if place < len(self.inputs) else None

    def word(self, name: str, default: str) -> str:
        return str(self.given.get(name, default.encode()).decode())


@dataclass(frozen=True)
class Meant:
    """A layer of the catalog, its options, its tensors by name, and sizes that are told beside."""

    layer: str
    options: Mapping[str, Any]
    tensors: Mapping[str, Array]
    told: Mapping[str, int] = field(default_factory=dict)


class LeftOut(Exception):
    """Why a case is of no layer in the catalog."""


def entrywise(layer: str, **attributes: tuple[str, float]) -> Callable[[Node], Meant]:
    """``attributes``: ONNX's name and default of each option."""

    def meant(node: Node) -> Meant:
        options = {o: node.given.get(name, value) for o, (name, value) in attributes.items()}
        return Meant(layer, {"dims": node.x.ndim, **options}, {"x": node.x})

    return meant


def gelu(node: Node) -> Meant:
    options = {"dims": node.x.ndim, "approximate": node.word("approximate", "none")}
    return Meant("gelu", options, {"x": node.x})


def swish(node: Node) -> Meant:
    if node.given.get("alpha", 1.0) != 1:
        raise LeftOut("a slope inside the sigmoid")
    return Meant("silu", {"dims": node.x.ndim}, {"x": node.x})


def clip(node: Node) -> Meant:
    """relu6 is the only clipping of the catalog."""
    bounds = [None if b is None else float(b) for b in (node.input(1), node.input(2))]
    if bounds != [0.0, 6.0]:
        raise LeftOut("other bounds than 0 and 6")
    return Meant("relu6", {"dims": node.x.ndim}, {"x": node.x})


def along(layer: str) -> Callable[[Node], Meant]:
    def meant(node: Node) -> Meant:
        options = {"dims": node.x.ndim, "axis": node.given.get("axis", -1)}
        return Meant(layer, options, {"x": node.x})

    return meant


def add(node: Node) -> Meant:
    other = node.inputs[1]
    assert other is not None
    if node.x.shape != other.shape:
        raise LeftOut("tensors that are broadcast")
    return Meant("add", {"dims": node.x.ndim}, {"x": node.x, "z": other})


def concat(node: Node) -> Meant:
    if len(node.inputs) != 2:
        raise LeftOut("not two tensors")
    options = {"dims": node.x.ndim, "axis": node.given["axis"]}
    return Meant("concat", options, tensors(node, "xz"))


def tensors(node: Node, names: str) -> dict[str, Array]:
    return {n: a for n, a in zip(names, node.inputs, strict=False) if a is not None}


# --- normalisation --------------------------------------------------------------------------------


def epsilon(node: Node) -> float:
    return float(node.given.get("epsilon", 1e-5))


def batch_norm(node: Node) -> Meant:
    training = bool(node.given.get("training_mode", 0))
    found = dict(zip(("x", "w", "b", "mean", "var"), node.inputs, strict=True))
    options = {"dims": node.x.ndim - 2, "training": training, "eps": epsilon(node)}
    kept = ("x", "w", "b") if training else tuple(found)
    return Meant("batchnorm", options, {n: a for n in kept if (a := found[n]) is not None})


def instance_norm(node: Node) -> Meant:
    options = {"dims": node.x.ndim - 2, "eps": epsilon(node)}
    return Meant("instancenorm", options, tensors(node, "xwb"))


def group_norm(node: Node) -> Meant:
    options = {"dims": node.x.ndim - 2, "groups": node.given["num_groups"], "eps": epsilon(node)}
    return Meant("groupnorm", options, tensors(node, "xwb"))


def last_axes(layer: str) -> Callable[[Node], Meant]:
    """Statistics over several last axes are those over one of the same entries."""

    def meant(node: Node) -> Meant:
        axis = node.given.get("axis", -1) % node.x.ndim
        rows, length = node.x.shape[:axis], prod(node.x.shape[axis:])
        found = tensors(node, "xwb")
        found = {n: a.reshape(length) for n, a in found.items() if n != "x"}
        found["x"] = node.x.reshape(*rows, length)
        return Meant(layer, {"dims": len(rows) + 1, "eps": epsilon(node)}, found)

    return meant


def response_norm(node: Node) -> Meant:
    options = {
        "dims": node.x.ndim - 2,
        "size": node.given["size"],
        "alpha": node.given.get("alpha", 1e-4),
        "beta": node.given.get("beta", 0.75),
        "k": node.given.get("bias", 1.0),
    }
    return Meant("lrn", options, {"x": node.x})


# --- windows --------------------------------------------------------------------------------------


def pool(layer: str, *known: str) -> Callable[[Node], Meant]:
    """``known``: the options beside kernel, stride and ceil_mode that the layer has."""

    def meant(node: Node) -> Meant:
        kernel = node.given["kernel_shape"]
        options = window(dict(node.given), node.x.shape[2:], kernel)
        options |= {"kernel_size": tuple(kernel), "ceil_mode": bool(node.given.get("ceil_mode"))}
        if "dilation" not in known and set(options.pop("dilation")) != {1}:
            raise LeftOut("no dilation in the catalog")
        padding = options["padding"]
        if "padding" not in known:
            del options["padding"]
            if any(map(any, padding)):
                raise LeftOut("no padding in the catalog")
        elif any(2 * max(p) > k for p, k in zip(padding, kernel, strict=True)):
            raise LeftOut("padding wider than half the kernel, as PyTorch refuses")
        x = node.x
        if layer == "lp_pool":
            options["norm_type"] = node.given.get("p", 2)
            x = np.abs(x)  # of negative entries PyTorch takes odd powers, ONNX those of |x|
        if node.given.get("storage_order"):
            raise LeftOut("places of maxima in another order")
        return Meant(layer, options, {"x": x})

    return meant


def global_max(node: Node) -> Meant:
    options = {"dims": node.x.ndim - 2, "output_size": 1}
    return Meant("adaptive_maxpool", options, {"x": node.x})


def padded(node: Node) -> Meant:
    amounts, value, axes = (node.input(place) for place in (1, 2, 3))
    rank = node.x.ndim
    assert amounts is not None
    if axes is not None:
        raise LeftOut("padding of some axes by number")
    if value is not None and float(value) != 0:
        raise LeftOut("padding with another value than 0")
    mode = node.word("mode", "constant")
    mode = {"edge": "replicate", "wrap": "circular"}.get(mode, mode)
    first, *others = {int(n) for place, n in enumerate(amounts) if place % rank > 1}
    if others or amounts[:2].any() or amounts[rank : rank + 2].any():
        raise LeftOut("not the same on all sides of an image")
    return Meant("pad", {"dims": rank - 2, "padding": first, "mode": mode}, {"x": node.x})


def resized(node: Node) -> Meant:
    """To sizes, or by whole factors, from the half-pixel or the corner places."""
    mode = node.word("mode", "nearest")
    where = node.word("coordinate_transformation_mode", "half_pixel")
    if node.given.get("antialias") or node.given.get("nearest_mode"):
        raise LeftOut("antialiasing, or another rounding")
    if where not in ("half_pixel", "align_corners") or (mode, where) == (
        "nearest",
        "align_corners",
    ):
        raise LeftOut(f"places by {where}")
    if node.given.get("cubic_coeff_a", -0.75) != -0.75 or node.given.get("exclude_outside"):
        raise LeftOut("other weights")
    if node.word("keep_aspect_ratio_policy", "stretch") != "stretch":
        raise LeftOut("a ratio that is kept")
    rank, sizes = node.x.ndim, node.input(3)
    axes = [int(axis) for axis in node.given.get("axes", range(rank))]
    scales = node.input(1 if len(node.inputs) == 2 else 2)
    if sizes is None:
        assert scales is not None
        if any(f < 1 or f != int(f) for f in scales):
            raise LeftOut("no whole factor, or a smaller image")
        sizes = np.array([node.x.shape[n] * int(f) for n, f in zip(axes, scales, strict=True)])
    elif mode == "nearest":
        raise LeftOut("the nearest by another rounding")
    lengths = dict(zip(axes, map(int, sizes), strict=True))
    if any(lengths.get(n, node.x.shape[n]) != node.x.shape[n] for n in (0, 1)):
        raise LeftOut("more channels, or a larger batch")
    wanted = tuple(lengths.get(n, node.x.shape[n]) for n in range(2, rank))
    options = {"dims": rank - 2, "output_size": wanted, "mode": mode}
    if mode != "nearest":
        options["align_corners"] = where == "align_corners"
    return Meant("upsample", options, {"x": node.x})


# --- places ---------------------------------------------------------------------------------------


def shuffled(node: Node) -> Meant:
    if node.word("mode", "DCR") != "CRD":
        raise LeftOut("depth before columns: another order of channels than PyTorch's")
    return Meant("pixel_shuffle", {"upscale_factor": node.given["blocksize"]}, {"x": node.x})


def flattened(node: Node) -> Meant:
    """The axes before the place are one to the layer, which wants two or more behind it."""
    axis = node.given.get("axis", 1) % node.x.ndim
    rest = node.x.shape[axis:]
    rest = rest if len(rest) > 1 else (*rest, 1)
    x = node.x.reshape(prod(node.x.shape[:axis]), *rest)
    return Meant("flatten", {"dims": len(rest) - 1}, {"x": x})


def reshaped(node: Node) -> Meant:
    """One layer for each number of axes: their lengths are left open, and told."""
    shape = node.outputs[0].shape
    if 0 in shape:
        raise LeftOut("axes of length 0 in shape")
    told = {f"E{axis + 1}": n for axis, n in enumerate(shape)}
    return Meant("reshape", {"dims": node.x.ndim, "shape": tuple(told)}, {"x": node.x}, told)


def gathered(node: Node) -> Meant:
    indices = node.inputs[1]
    assert indices is not None
    if node.given.get("axis", 0) or node.x.ndim != 2 or indices.ndim != 1:
        raise LeftOut("not rows of a table")
    return Meant("embedding", {}, {"w": node.x, "t": indices})


# --- losses, dropout, attention -------------------------------------------------------------------


def cross_entropy(node: Node) -> Meant:
    x, t, weight = node.x, node.inputs[1], node.input(2)
    assert t is not None
    ignored = node.given.get("ignore_index")
    if ignored is not None and not 0 <= ignored < x.shape[1]:
        if (t == ignored).any():
            raise LeftOut("a target that is no class number, and ignored")
        ignored = None
    options = {
        "dims": x.ndim - 2,
        "reduction": node.word("reduction", "mean"),
        "ignore_index": ignored,
        "weight": weight is not None,
    }
    given = {"x": x, "t": t.astype(np.int64)}
    return Meant("cross_entropy", options, given if weight is None else {**given, "w": weight})


def dropout(node: Node) -> Meant:
    """What is kept is read off the second output; not in training everything is."""
    ratio, training = node.input(1), node.input(2)
    share = float(node.given.get("ratio", 0.5) if ratio is None else ratio)
    if training is None or not bool(training):
        mask, share = np.ones_like(node.x), 0.0
    elif len(node.outputs) < 2:
        raise LeftOut("the mask is not told")
    else:
        mask = node.outputs[1].astype(node.x.dtype)
    return Meant("dropout", {"dims": node.x.ndim, "p": share}, {"x": node.x, "mask": mask})


def attention(node: Node) -> Meant:
    q, k, v, *more = node.inputs
    assert q is not None and k is not None and v is not None
    if any(m is not None for m in more):
        raise LeftOut("a mask, or keys and values of before")
    if node.given.keys() - {"is_causal"}:
        raise LeftOut("a scale, a cap or heads of its own")
    if q.ndim != 4 or q.shape[:2] != k.shape[:2]:
        raise LeftOut("heads in one axis, shared or broadcast")
    options = {"dims": 4, "causal": bool(node.given.get("is_causal"))}
    return Meant("attention", options, {"q": q, "k": k, "v": v})


OPERATORS: dict[str, tuple[Callable[[Node], Meant], int]] = {
    "Relu": (entrywise("relu"), 1),
    "LeakyRelu": (entrywise("leaky_relu", negative_slope=("alpha", 0.01)), 3),
    "Elu": (entrywise("elu", alpha=("alpha", 1.0)), 3),
    "Sigmoid": (entrywise("sigmoid"), 2),
    "Tanh": (entrywise("tanh"), 2),
    "Softplus": (entrywise("softplus"), 2),
    "Gelu": (gelu, 4),
    "Swish": (swish, 1),
    "Clip": (clip, 0),
    "Softmax": (along("softmax"), 7),
    "LogSoftmax": (along("log_softmax"), 7),
    "Add": (add, 1),
    "Concat": (concat, 12),
    "BatchNormalization": (batch_norm, 4),
    "InstanceNormalization": (instance_norm, 2),
    "GroupNormalization": (group_norm, 2),
    "LayerNormalization": (last_axes("layernorm"), 19),
    "RMSNormalization": (last_axes("rmsnorm"), 19),
    "LRN": (response_norm, 2),
    "MaxPool": (pool("maxpool", "padding", "dilation"), 16),
    "GlobalMaxPool": (global_max, 2),
    "LpPool": (pool("lp_pool"), 3),
    "Pad": (padded, 3),
    "Resize": (resized, 9),
    "Upsample": (resized, 1),
    "DepthToSpace": (shuffled, 1),
    "Flatten": (flattened, 9),
    "Reshape": (reshaped, 9),
    "Gather": (gathered, 0),
    "SoftmaxCrossEntropyLoss": (cross_entropy, 28),
    "Dropout": (dropout, 9),
    "Attention": (attention, 5),
}


def nodes(operator: str) -> list[tuple[str, Node]]:
    """All cases of a single node of an operator, by name."""
    found = []
    for case in cases():
        single = case.model.graph.node
        if len(single) == 1 and single[0].op_type == operator and single[0].domain == "":
            (node,) = single
            given = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            arrays, outputs = case.data_sets[0]
            named = dict(zip([n for n in node.input if n], map(np.asarray, arrays), strict=True))
            inputs = [named.get(n) for n in node.input]
            found.append((case.name, Node(given, inputs, [np.asarray(o) for o in outputs])))
    return found


def outcome(name: str, meant: Callable[[Node], Meant], node: Node) -> str:
    """``right``, or why the case is left out; anything else fails."""
    if node.x.dtype.kind not in "fi" or node.x.dtype.itemsize < 4:
        return f"numbers of another type: {node.x.dtype}"
    try:
        found = meant(node)
    except LeftOut as why:
        return str(why)
    kernel = numeric.compile(derive.layer(found.layer, **found.options))
    y, expected = kernel.forward(**found.tensors, **found.told), node.outputs[0]
    assert y.dtype == expected.dtype, name
    assert y.size == expected.size and (y.shape == expected.shape or found.layer in MERGED), name
    np.testing.assert_allclose(
        y.reshape(expected.shape), expected, rtol=RTOL, atol=1e-5, err_msg=name
    )
    return "right"


#: layers to which several axes of ONNX's are one
MERGED = ("layernorm", "rmsnorm")


@pytest.mark.parametrize("operator", OPERATORS)
def test_cases_of_an_operator(operator: str) -> None:
    meant, least = OPERATORS[operator]
    found: Counter[str] = Counter()
    for name, node in nodes(operator):
        with np.errstate(all="ignore"):
            found[outcome(name, meant, node)] += 1
    print(f"{operator}: {dict(found)}")
    assert found["right"] >= least
