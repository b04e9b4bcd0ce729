"""Windows of unequal lengths that divide an image into a given number of parts."""

from __future__ import annotations

from derive.catalog.options import Definition, Value
from derive.catalog.windows import Spatial


def adaptive(
    name: str, kind: str, dims: int, channels: bool, output_size: Value | None
) -> Definition:
    """``kind`` is ``max``, or ``sum`` for a mean over each window."""
    names = Spatial(dims)
    letters = names.numbered("E")
    settings = names.given("output_size", "E", letters if output_size is None else output_size, 1)
    axes = list(zip(names.sizes, names.outputs, names.offsets, letters, strict=True))
    low = {h: f"{r}*{h}//{e}" for h, r, _, e in axes}
    high = {h: f"(({r} + 1)*{h} + {e} - 1)//{e}" for h, r, _, e in axes}
    ranges = ", ".join(f"{low[h]} <= {a} < {high[h]}" for h, _, a, _ in axes)
    count = "*".join(f"({high[h]} - {low[h]})" for h, *_ in axes)
    batch, first = (["N", "C"], ["n", "i"]) if channels else ([], [])
    read = f"x[{', '.join([*first, *names.offsets])}]"
    right = f"{kind}[{ranges}] {read}" + (f"/({count})" if kind == "sum" else "")
    outputs = ", ".join([*first, *(f"{r} < {e}" for _, r, _, e in axes)])
    header = f"x[{', '.join([*batch, *names.sizes])}]; {', '.join(f'{e}=1' for e in letters)}"
    where = ", ".join(f"{h} >= 1" for h in names.sizes)
    text = f"{name}({header}) where {where}:\n    y[{outputs}] = {right}"
    return Definition(text, {"output_size": settings})
