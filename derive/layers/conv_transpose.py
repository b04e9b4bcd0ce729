"""Transposed convolution: what the gradient of a convolution with respect to its input computes."""

from __future__ import annotations

from derive.catalog import Definition, OptionError, Value, at_least, declared, per_axis, window

SUMMARY = "y[q, t] = sum[a, b] x[(q+p-a)/s, (t+p-b)/s]*k[a, b]"


def notation(
    dims: int = 2,
    channels: bool = False,
    stride: Value = 1,
    padding: Value = 0,
    output_padding: Value = 0,
    dilation: Value = 1,
    groups: int | str = 1,
    bias: bool | None = None,
    kernel_size: Value | None = None,
) -> Definition:
    """Shapes: x[H, W], k[K1, K2]; with ``channels`` x[N, C, H, W], k[C, O/groups, K1, K2], b[O].

    Source: Dumoulin & Visin, A guide to convolution arithmetic for deep learning (2016), chapter 4.
    """
    slide = window(dims, stride, per_axis("padding", padding, dims), dilation, kernel_size)
    names = slide.spatial
    values = dict(slide.values)
    extra = per_axis("output_padding", output_padding, dims)
    at_least("output_padding", extra, 0)
    values |= dict(zip(names.numbered("e"), extra, strict=True))
    bias = channels if bias is None else bias
    if not channels and groups != 1:
        raise OptionError("groups need channels: add channels (on the command line: --channels)")
    rows = list(
        zip(
            names.sizes,
            names.numbered("s"),
            slide.lows,
            names.numbered("d"),
            slide.kernels,
            names.numbered("e"),
            names.outputs,
            names.offsets,
            strict=True,
        )
    )
    sized = [
        f"{r} < ({h}-1)*{s} - 2*{p} + {d}*({k}-1) + {e} + 1" for h, s, p, d, k, e, r, _ in rows
    ]
    positions = [f"({r} + {p} - {d}*{a})/{s}" for _, s, p, d, _, _, r, a in rows]
    axes = [f"{h} pad all" for h in names.sizes]
    offsets = ", ".join(names.offsets)
    if channels:
        values["G"] = groups
        grouped = groups != 1
        channel = "o//(O//G)*(C//G) + i" if grouped else "i"
        x = f"x[N, C, {', '.join(axes)}]"
        k = f"k[C, {'O//G' if grouped else 'O'}, {', '.join(slide.kernels)}]"
        kernel = f"k[{channel}, {'o%(O//G)' if grouped else 'o'}, {offsets}]"
        index = "i < C//G" if grouped else "i"
        read = f"sum[{index}, {offsets}] x[n, {channel}, {', '.join(positions)}]*{kernel}"
        left = f"y[n, o{' < O' if grouped else ''}, {', '.join(sized)}]"
    else:
        x, k = f"x[{', '.join(axes)}]", f"k[{', '.join(slide.kernels)}]"
        read = f"sum[{offsets}] x[{', '.join(positions)}]*k[{offsets}]"
        left = f"y[{', '.join(sized)}]"
    tensors = [x, k]
    if bias:
        tensors.append("b[O]" if channels else "b[]")
        read = f"{'b[o]' if channels else 'b[]'} + {read}"
    header = declared(values, {"s": 1, "d": 1, "p": 0, "e": 0, "G": 1})
    text = f"conv_transpose({', '.join(tensors)}; {header}):\n    {left} = {read}"
    return Definition(text, values)
