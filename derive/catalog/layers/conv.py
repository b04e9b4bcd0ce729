"""Convolution layer (computed as cross-correlation, as every framework does), in any dimension."""

from __future__ import annotations

from derive.catalog.options import Definition, OptionError, Value, declared, one
from derive.catalog.windows import window

SUMMARY = "y[r, c] = sum[a, b] x[r+a, c+b]*k[a, b]"


def notation(
    dims: int = 2,
    channels: bool = False,
    stride: Value = 1,
    padding: object = 0,
    dilation: Value = 1,
    groups: int | str = 1,
    bias: bool | None = None,
    kernel_size: Value | None = None,
) -> Definition:
    """Shapes: x[H, W], k[K1, K2]; with ``channels`` x[N, C, H, W], k[O, C/groups, K1, K2], b[O].

    ``padding`` may also be a pair (before, after) for each axis.
    Source: Dumoulin & Visin, A guide to convolution arithmetic for deep learning (2016).
    """
    slide = window(dims, stride, padding, dilation, kernel_size)
    names, options = slide.spatial, slide.hyperparameters
    grouped = one("groups", groups, 1) != 1
    if grouped and not channels:
        raise OptionError("groups need channels: add channels (on the command line: --channels)")
    if grouped:
        options["groups"] = {"G": groups}
    out, offsets = ", ".join(names.outputs), ", ".join(names.offsets)
    kernel = ", ".join(names.numbered("K"))
    if channels:
        channel = "o//(O//G)*(C//G) + i" if grouped else "i"
        x = f"x[N, C, {', '.join(slide.axes)}]"
        k = f"k[O, {'C//G' if grouped else 'C'}, {kernel}]"
        read = f"x[n, {channel}, {', '.join(slide.positions)}]*k[o, i, {offsets}]"
        left, summed = f"y[n, o, {out}]", f"sum[i, {offsets}]"
    else:
        x, k = f"x[{', '.join(slide.axes)}]", f"k[{kernel}]"
        read = f"x[{', '.join(slide.positions)}]*k[{offsets}]"
        left, summed = f"y[{out}]", f"sum[{offsets}]"
    tensors = [x, k]
    right = f"{summed} {read}"
    if channels if bias is None else bias:
        tensors.append("b[O]" if channels else "b[]")
        right = f"{'b[o]' if channels else 'b[]'} + {right}"
    header = declared(options, {"stride": 1, "dilation": 1, "padding": 0, "groups": 1})
    text = f"conv({', '.join(tensors)}; {header}):\n    {left} = {right}"
    return Definition(text, options, slide.sizes)
