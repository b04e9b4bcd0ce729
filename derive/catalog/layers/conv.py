"""Convolution layer (computed as cross-correlation, as every framework does), in any dimension."""

from __future__ import annotations

from derive.catalog.convolutions import convolution
from derive.catalog.options import Definition, OptionError, Value, word
from derive.catalog.outside import CONTINUED, NEEDED

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
    padding_mode: str = "zeros",
    input_dilation: Value = 1,
) -> Definition:
    """Shapes: x[H, W], k[K1, K2]; with ``channels`` x[N, C, H, W], k[O, C/groups, K1, K2], b[O].

    ``padding`` may also be a pair (before, after) for each axis; ``padding_mode`` is ``zeros``,
    ``reflect``, ``replicate`` or ``circular``.  ``input_dilation`` u puts u − 1 zeros between the
    entries of the image (JAX's ``lhs_dilation``).
    Source: Dumoulin & Visin, A guide to convolution arithmetic for deep learning (2016).
    """
    made = convolution(dims, channels, stride, padding, dilation, groups, bias, kernel_size)
    slide, names = made.slide, made.slide.spatial
    found = word("padding_mode", padding_mode, ["zeros", *CONTINUED])
    image, positions, outputs, needed = slide.padded, slide.positions, slide.targets, ""
    if found != "zeros":
        image, positions = ", ".join(names.sizes), slide.continued(CONTINUED[found])
        outputs, needed = slide.outputs, slide.needed(NEEDED[found])
    stuffing = names.given("input_dilation", "u", input_dilation, 1)
    if any(u != 1 for u in stuffing.values()):
        if found != "zeros" or padding == "same":
            raise OptionError("input_dilation needs padding by zeros, in numbers or names")
        slide.options["input_dilation"] = stuffing
        image = ", ".join(f"{h} pad all" for h in names.sizes)
        positions, outputs = slide.stuffed(list(stuffing))
    out, offsets = ", ".join(outputs), ", ".join(names.offsets)
    kernel = ", ".join(names.numbered("K"))
    if not channels:
        tensors = [f"x[{image}]", f"k[{kernel}]"]
        right = f"sum[{offsets}] x[{positions}]*k[{offsets}]"
        return made.layer("conv", tensors, f"y[{out}]", right, needed)
    tensors = [f"x[N, C, {image}]", f"k[O, {made.share('C')}, {kernel}]"]
    read = f"x[n, {made.channel}, {positions}]"
    right = f"sum[i, {offsets}] {read}*k[o, i, {offsets}]"
    return made.layer("conv", tensors, f"y[n, o, {out}]", right, needed)
