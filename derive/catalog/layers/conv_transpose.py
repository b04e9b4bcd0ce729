"""Transposed convolution: what the gradient of a convolution with respect to its input computes."""

from __future__ import annotations

from derive.catalog.options import Definition, OptionError, Value, declared, one
from derive.catalog.windows import Window, window

SUMMARY = "y[q, t] = sum[a, b] x[(q+p-a)/s, (t+p-b)/s]*k[a, b]"


def notation(
    dims: int = 2,
    channels: bool = False,
    stride: Value = 1,
    padding: object = 0,
    output_padding: Value = 0,
    dilation: Value = 1,
    groups: int | str = 1,
    bias: bool | None = None,
    kernel_size: Value | None = None,
) -> Definition:
    """Shapes: x[H, W], k[K1, K2]; with ``channels`` x[N, C, H, W], k[C, O/groups, K1, K2], b[O].

    ``padding`` is that of the convolution whose gradient this is, so it crops the output; it may
    also be a pair (before, after) for each axis, or ``same`` under stride 1.
    Source: Dumoulin & Visin, A guide to convolution arithmetic for deep learning (2016), chapter 4.
    """
    slide = window(dims, stride, padding, dilation, kernel_size)
    names, options = slide.spatial, slide.hyperparameters
    options["output_padding"] = names.given("output_padding", "e", output_padding, 0)
    grouped = one("groups", groups, 1) != 1
    if grouped and not channels:
        raise OptionError("groups need channels: add channels (on the command line: --channels)")
    if grouped:
        options["groups"] = {"G": groups}
    axes = [f"{h} pad all" for h in names.sizes]
    offsets, kernels = ", ".join(names.offsets), ", ".join(names.numbered("K"))
    sizes, positions = _sizes(slide), ", ".join(_positions(slide))
    if channels:
        channel = "o//(O//G)*(C//G) + i" if grouped else "i"
        x = f"x[N, C, {', '.join(axes)}]"
        k = f"k[C, {'O//G' if grouped else 'O'}, {kernels}]"
        kernel = f"k[{channel}, {'o%(O//G)' if grouped else 'o'}, {offsets}]"
        index = "i < C//G" if grouped else "i"
        right = f"sum[{index}, {offsets}] x[n, {channel}, {positions}]*{kernel}"
        left = f"y[n, o{' < O' if grouped else ''}, {', '.join(sizes)}]"
    else:
        x, k = f"x[{', '.join(axes)}]", f"k[{kernels}]"
        right = f"sum[{offsets}] x[{positions}]*k[{offsets}]"
        left = f"y[{', '.join(sizes)}]"
    tensors = [x, k]
    if channels if bias is None else bias:
        tensors.append("b[O]" if channels else "b[]")
        right = f"{'b[o]' if channels else 'b[]'} + {right}"
    defaults = {"stride": 1, "dilation": 1, "padding": 0, "output_padding": 0, "groups": 1}
    header = declared(options, defaults)
    text = f"conv_transpose({', '.join(tensors)}; {header}):\n    {left} = {right}"
    return Definition(text, options, slide.sizes)


def _sizes(slide: Window) -> list[str]:
    """The output sizes: those of the image that a convolution would make the input of."""
    names = slide.spatial
    rows = zip(
        names.outputs,
        names.sizes,
        names.numbered("s"),
        slide.padding.lows,
        slide.padding.highs,
        names.numbered("d"),
        names.numbered("K"),
        names.numbered("e"),
        strict=True,
    )
    return [
        f"{r} < ({h}-1)*{s} - ({lo}) - ({hi}) + {d}*({k}-1) + {e} + 1"
        for r, h, s, lo, hi, d, k, e in rows
    ]


def _positions(slide: Window) -> list[str]:
    """The entries of the input that an output entry is computed from: ``(r + p - d*a)/s``."""
    names = slide.spatial
    rows = zip(
        names.outputs,
        slide.padding.lows,
        names.numbered("d"),
        names.offsets,
        names.numbered("s"),
        strict=True,
    )
    return [f"({r} + ({lo}) - {d}*{a})/{s}" for r, lo, d, a, s in rows]
