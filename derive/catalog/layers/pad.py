"""Padding of images."""

from __future__ import annotations

from derive.catalog.normalisation import channelled
from derive.catalog.options import Definition, Value, one, word

SUMMARY = "y[n, c, r < H+2*p] = x[n, c, r-p], with zeros, or the image continued, outside"

#: where an entry outside is read, by the mode
MODES = {
    "constant": "{r} - p",
    "replicate": "min(max({r} - p, 0), {h} - 1)",
    "circular": "({r} - p)%{h}",
    "reflect": "{h} - 1 - max({h} - 1 - max({r} - p, p - {r}), max({r} - p, p - {r}) + 1 - {h})",
}


def notation(dims: int = 2, padding: Value = 1, mode: str = "constant") -> Definition:
    """Shapes: x[N, C, H, W] → y[N, C, H+2p, W+2p], with ``dims`` spatial axes.

    ``mode`` is ``constant`` (zeros), ``reflect``, ``replicate`` or ``circular``, as in PyTorch; as
    there, what is reflected or continued is at least as long as the padding.
    """
    sizes, indices = channelled(dims, least=1)
    at = MODES[word("mode", mode, list(MODES))]
    spatial = list(zip(sizes[2:], indices[2:], strict=True))
    reads = ", ".join([*indices[:2], *(at.format(r=r, h=h) for h, r in spatial)])
    pads = " pad p" if mode == "constant" else ""
    image = ", ".join([*sizes[:2], *(f"{h}{pads}" for h in sizes[2:])])
    outputs = ", ".join([*indices[:2], *(f"{r} < {h} + 2*p" for h, r in spatial)])
    least = {"constant": "", "replicate": "{h} >= 1", "circular": "p <= {h}, {h} >= 1"}
    needed = ", ".join(least.get(mode, "p < {h}").format(h=h) for h in sizes[2:])
    where = f" where {needed}" if mode != "constant" else ""
    return Definition(
        f"padded(x[{image}]; p=1 >= 0){where}:\n    y[{outputs}] = x[{reads}]",
        {"padding": {"p": one("padding", padding, 0)}},
    )
