"""Images enlarged by a whole factor."""

from __future__ import annotations

from derive.catalog.normalisation import channelled
from derive.catalog.options import Definition, Value, one, word

SUMMARY = "y[n, c, r < s*H] = x[n, c, r//s]"


def notation(dims: int = 2, scale_factor: Value = 2, mode: str = "nearest") -> Definition:
    """Shapes: x[N, C, H, W] → y[N, C, s·H, s·W], with ``dims`` spatial axes.

    ``mode`` is ``nearest`` or ``linear``: between the two nearest entries along each axis, whose
    places are (r + ½)/s − ½, as in PyTorch without aligned corners.
    """
    sizes, indices = channelled(dims, least=1)
    spatial = list(zip(sizes[2:], indices[2:], strict=True))
    found = word("mode", mode, ["nearest", "linear"])
    x = [*indices[:2], *(f"{r}//s" for r in indices[2:])]
    right, where = f"x[{', '.join(x)}]", ""
    if found == "linear":
        where = f" where {', '.join(f'{h} >= 1' for h in sizes[2:])}"
        offsets = ["a", "b", *(f"a{n}" for n in range(3, dims + 1))][:dims]
        # the place of r is (2r + 1 − s)/(2s): its floor, and what is left of it as a share
        places = [f"(2*{r} + 1 - s)//(2*s)" for r in indices[2:]]
        shares = [f"((2*{r} + 1 - s)%(2*s))/(2*s)" for r in indices[2:]]
        x[2:] = [
            f"min(max({p} + {a}, 0), {h} - 1)"
            for p, a, h in zip(places, offsets, sizes[2:], strict=True)
        ]
        weights = [f"(1 - {a} + (2*{a} - 1)*{f})" for a, f in zip(offsets, shares, strict=True)]
        ranges = ", ".join(f"{a} < 2" for a in offsets)
        right = f"sum[{ranges}] {'*'.join(weights)}*x[{', '.join(x)}]"
    outputs = ", ".join([*indices[:2], *(f"{r} < s*{h}" for h, r in spatial)])
    return Definition(
        f"upsample(x[{', '.join(sizes)}]; s=2){where}:\n    y[{outputs}] = {right}",
        {"scale_factor": {"s": one("scale_factor", scale_factor, 1)}},
    )
