"""Images enlarged by a whole factor, or brought to a given size."""

from __future__ import annotations

from derive.catalog.normalisation import channelled
from derive.catalog.options import (
    Definition,
    OptionError,
    Settings,
    Value,
    declared,
    one,
    per_axis,
    word,
)
from derive.catalog.resizing import Between, ResizedAxis, among_four, between_two

SUMMARY = "y[n, c, r < s*H] = x[n, c, r//s]"

#: PyTorch's names for what is linear, and cubic, along every axis, by the number of axes
_OWN = {2: ("bilinear", "bicubic"), 3: ("trilinear",)}


def notation(
    dims: int = 2,
    scale_factor: Value = 2,
    mode: str = "nearest",
    align_corners: bool = False,
    output_size: Value | None = None,
) -> Definition:
    """Shapes: x[N, C, H, W] → y[N, C, s·H, s·W], or with an ``output_size`` y[N, C, E1, E2].

    ``dims`` counts the spatial axes.  ``mode`` is ``nearest``, ``linear`` (``bilinear``,
    ``trilinear``): between the two nearest entries along each axis, or ``cubic`` (``bicubic``):
    among the nearest four.  Places are (r + ½)/s − ½, or with ``align_corners``
    r·(H − 1)/(s·H − 1), so that first and last entries stay where they are, as in PyTorch;
    with an ``output_size`` s is E/H.
    """
    sizes, indices = channelled(dims, least=1)
    found = word("mode", mode, ["nearest", "linear", "cubic", *_OWN.get(dims, ())])
    if align_corners and found == "nearest":
        raise OptionError("align_corners goes with the modes linear and cubic")
    if output_size is not None and scale_factor != 2:
        raise OptionError("an image has a scale_factor or an output_size, not both")
    given: dict[str, Settings] = {"scale_factor": {"s": one("scale_factor", scale_factor, 1)}}
    numbers = [""] if dims == 1 else [f"{n}" for n in range(1, dims + 1)]
    rows = list(zip(sizes[2:], indices[2:], numbers, strict=True))
    if output_size is None:
        axes = [ResizedAxis(h, r, f"s*{h}", "1", "s", own) for h, r, own in rows]
    else:
        axes = [ResizedAxis(h, r, f"E{own}", h, f"E{own}", own) for h, r, own in rows]
        values = per_axis("output_size", output_size, dims, 1)
        given = {"output_size": {a.length: n for a, n in zip(axes, values, strict=True)}}
    if found == "nearest":
        made = Between("", f"x[{', '.join([*indices[:2], *(axis.nearest for axis in axes)])}]")
    else:
        between = among_four if found.endswith("cubic") else between_two
        made = between(axes, indices[:2], align_corners)
    filled = found != "nearest" or output_size is not None
    where = f" where {', '.join(f'{h} >= 1' for h in sizes[2:])}" if filled else ""
    header = f"x[{', '.join(sizes)}]; {declared(given, {'scale_factor': 2, 'output_size': 1})}"
    outputs = ", ".join([*indices[:2], *(axis.target for axis in axes)])
    text = f"upsample({header}){where}:\n{made.before}    y[{outputs}] = {made.right}"
    return Definition(text, given)
