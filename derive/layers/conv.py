"""Convolution layer (computed as cross-correlation, as every framework does), in any dimension."""

from __future__ import annotations

from derive.catalog import Definition, OptionError, Value, declared, window

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

    Source: Dumoulin & Visin, A guide to convolution arithmetic for deep learning (2016).
    """
    slide = window(dims, stride, padding, dilation, kernel_size)
    names = slide.spatial
    values = dict(slide.values)
    bias = channels if bias is None else bias
    if not channels and groups != 1:
        raise OptionError("groups need channels: add channels (on the command line: --channels)")
    if isinstance(groups, int) and groups < 1:
        raise OptionError(f"groups must be at least 1, not {groups}")
    out, offsets = ", ".join(names.outputs), ", ".join(names.offsets)
    if channels:
        values["G"] = groups
        per_group = "C" if groups == 1 else "C//G"
        channel = "i" if groups == 1 else "o//(O//G)*(C//G) + i"
        x = f"x[N, C, {', '.join(slide.axes)}]"
        k = f"k[O, {per_group}, {', '.join(slide.kernels)}]"
        read = f"x[n, {channel}, {', '.join(slide.positions)}]*k[o, i, {offsets}]"
        left, summed = f"y[n, o, {out}]", f"sum[i, {offsets}]"
    else:
        x, k = f"x[{', '.join(slide.axes)}]", f"k[{', '.join(slide.kernels)}]"
        read = f"x[{', '.join(slide.positions)}]*k[{offsets}]"
        left, summed = f"y[{out}]", f"sum[{offsets}]"
    tensors = [x, k]
    right = f"{summed} {read}"
    if bias:
        tensors.append("b[O]" if channels else "b[]")
        right = f"{'b[o]' if channels else 'b[]'} + {right}"
    header = declared(values, {"s": 1, "d": 1, "p": 0, "G": 1})
    return Definition(f"conv({', '.join(tensors)}; {header}):\n    {left} = {right}", values)
