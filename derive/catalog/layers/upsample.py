"""Images enlarged by a whole factor."""

from __future__ import annotations

from derive.catalog.normalisation import channelled
from derive.catalog.options import Definition, OptionError, Value, one, word

SUMMARY = "y[n, c, r < s*H] = x[n, c, r//s]"


#: PyTorch's names for what is linear along every axis, by the number of axes
_LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}


def notation(
    dims: int = 2, scale_factor: Value = 2, mode: str = "nearest", align_corners: bool = False
) -> Definition:
    """Shapes: x[N, C, H, W] → y[N, C, s·H, s·W], with ``dims`` spatial axes.

    ``mode`` is ``nearest`` or ``linear`` (``bilinear``, ``trilinear``): between the two nearest
    entries along each axis, whose places are (r + ½)/s − ½, or with ``align_corners``
    r·(H − 1)/(s·H − 1), so that first and last entries stay where they are, as in PyTorch.
    """
    sizes, indices = channelled(dims, least=1)
    spatial = list(zip(sizes[2:], indices[2:], strict=True))
    own = _LINEAR.get(dims, "linear")
    found = word("mode", mode, list(dict.fromkeys(["nearest", "linear", own])))
    if align_corners and found == "nearest":
        raise OptionError("align_corners goes with mode linear")
    right, where = f"x[{', '.join([*indices[:2], *(f'{r}//s' for r in indices[2:])])}]", ""
    if found != "nearest":
        where = f" where {', '.join(f'{h} >= 1' for h in sizes[2:])}"
        right = _between(indices[:2], spatial, align_corners)
    outputs = ", ".join([*indices[:2], *(f"{r} < s*{h}" for h, r in spatial)])
    return Definition(
        f"upsample(x[{', '.join(sizes)}]; s=2){where}:\n    y[{outputs}] = {right}",
        {"scale_factor": {"s": one("scale_factor", scale_factor, 1)}},
    )


def _between(first: list[str], spatial: list[tuple[str, str]], align_corners: bool) -> str:
    """The two nearest entries along each axis, weighted by how near they are."""
    offsets = ["a", "b", *(f"a{n}" for n in range(3, len(spatial) + 1))][: len(spatial)]
    at, weights = [], []
    for (h, r), a in zip(spatial, offsets, strict=True):
        number, divisor = f"(2*{r} + 1 - s)", "(2*s)"
        if align_corners:
            number, divisor = f"({r}*({h} - 1))", f"max(s*{h} - 1, 1)"
        at.append(f"min(max({number}//{divisor} + {a}, 0), {h} - 1)")
        weights.append(f"(1 - {a} + (2*{a} - 1)*({number}%{divisor})/{divisor})")
    ranges = ", ".join(f"{a} < 2" for a in offsets)
    return f"sum[{ranges}] {'*'.join(weights)}*x[{', '.join([*first, *at])}]"
