"""Padding of images."""

from __future__ import annotations

from derive.catalog.normalisation import channelled
from derive.catalog.options import Definition, Value, one, word
from derive.catalog.outside import CONTINUED, NEEDED

SUMMARY = "y[n, c, r < H+2*p] = x[n, c, r-p], with zeros, or the image continued, outside"


def notation(dims: int = 2, padding: Value = 1, mode: str = "constant") -> Definition:
    """Shapes: x[N, C, H, W] → y[N, C, H+2p, W+2p], with ``dims`` spatial axes.

    ``mode`` is ``constant`` (zeros), ``reflect``, ``replicate`` or ``circular``, as in PyTorch; as
    there, what is reflected or continued is at least as long as the padding.
    """
    sizes, indices = channelled(dims, least=1)
    found = word("mode", mode, ["constant", *CONTINUED])
    at = CONTINUED.get(found, "{u}")
    spatial = list(zip(sizes[2:], indices[2:], strict=True))
    reads = ", ".join([*indices[:2], *(at.format(u=f"{r} - p", h=h) for h, r in spatial)])
    pads = " pad p" if found == "constant" else ""
    image = ", ".join([*sizes[:2], *(f"{h}{pads}" for h in sizes[2:])])
    outputs = ", ".join([*indices[:2], *(f"{r} < {h} + 2*p" for h, r in spatial)])
    needed = ", ".join(NEEDED.get(found, "").format(h=h, p="p") for h in sizes[2:])
    where = f" where {needed}" if found != "constant" else ""
    return Definition(
        f"pad(x[{image}]; p=1 >= 0){where}:\n    y[{outputs}] = x[{reads}]",
        {"padding": {"p": one("padding", padding, 0)}},
    )
