"""Transposed convolution: what the gradient of a convolution with respect to its input computes."""

from __future__ import annotations

from derive.catalog.convolutions import convolution
from derive.catalog.options import Definition, OptionError, Value
from derive.catalog.windows import WindowAxis

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
    output_size: Value | None = None,
) -> Definition:
    """Shapes: x[H, W], k[K1, K2]; with ``channels`` x[N, C, H, W], k[C, O/groups, K1, K2], b[O].

    ``padding`` is that of the convolution whose gradient this is, so it crops the output; it may
    also be a pair (before, after) for each axis, or ``same`` under stride 1.  ``output_size`` says
    which of the images that the convolution would make x of is meant, as ``output_padding`` does.
    Source: Dumoulin & Visin, A guide to convolution arithmetic for deep learning (2016), chapter 4.
    """
    made = convolution(dims, channels, stride, padding, dilation, groups, bias, kernel_size)
    names, axes = made.slide.spatial, made.slide.axes
    if padding == "same" and any(s != 1 for s in made.slide.options["stride"].values()):
        raise OptionError("padding 'same' needs stride 1")
    needed, lengths = "", [_length(axis) for axis in axes]
    if output_size is None:
        extra = names.given("output_padding", "e", output_padding, 0)
        made.slide.options["output_padding"] = extra
        lengths = [f"{least} + {e} + 1" for least, e in zip(lengths, extra, strict=True)]
    elif output_padding != 0:
        raise OptionError("output_size and output_padding say the same: give one of them")
    else:
        asked = names.given("output_size", "E", output_size, 1)
        made.slide.options["output_size"] = asked
        rows = list(zip(lengths, asked, axes, strict=True))
        needed = ", ".join(f"{least} + 1 <= {e}, {e} <= {least} + {a.s}" for least, e, a in rows)
        lengths = list(asked)
    image = ", ".join(f"{h} pad all" for h in names.sizes)
    offsets, kernels = ", ".join(names.offsets), ", ".join(names.numbered("K"))
    sizes = ", ".join(f"{axis.r} < {n}" for axis, n in zip(axes, lengths, strict=True))
    positions = ", ".join(map(_position, axes))
    if not channels:
        right = f"sum[{offsets}] x[{positions}]*k[{offsets}]"
        tensors = [f"x[{image}]", f"k[{kernels}]"]
        return made.layer("conv_transpose", tensors, f"y[{sizes}]", right, needed)
    tensors = [f"x[N, C, {image}]", f"k[C, {made.share('O')}, {kernels}]"]
    kernel = f"k[{made.channel}, {'o%(O//G)' if made.grouped else 'o'}, {offsets}]"
    index = "i < C//G" if made.grouped else "i"
    right = f"sum[{index}, {offsets}] x[n, {made.channel}, {positions}]*{kernel}"
    left = f"y[n, o{' < O' if made.grouped else ''}, {sizes}]"
    return made.layer("conv_transpose", tensors, left, right, needed)


def _length(axis: WindowAxis) -> str:
    """The last entry of the smallest image that a convolution would make the input of."""
    return f"({axis.h}-1)*{axis.s} - ({axis.lo}) - ({axis.hi}) + {axis.span}"


def _position(axis: WindowAxis) -> str:
    """The entry of the input that an output entry is computed from."""
    return f"({axis.r} + ({axis.lo}) - {axis.d}*{axis.a})/{axis.s}"
