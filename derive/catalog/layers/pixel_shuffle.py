"""Channels rearranged into finer images."""

from __future__ import annotations

from derive.catalog.options import Definition, Value, one

SUMMARY = "y[n, c, r, q] = x[n, (c*s + r%s)*s + q%s, r//s, q//s]"


def notation(upscale_factor: Value = "s") -> Definition:
    """Shapes: x[N, C, H, W] → y[N, C/s², s·H, s·W]; s² divides C.

    ``upscale_factor`` s stays symbolic unless given.
    Source: Shi et al., Real-time single image and video super-resolution (2016).
    """
    factor = one("upscale_factor", upscale_factor, 1)
    return Definition(
        "pixel_shuffle(x[N, C, H, W]; s=2) where s*s divides C:\n"
        "    y[n, c < C//(s*s), r < s*H, q < s*W] ="
        " x[n, (c*s + r%s)*s + q%s, r//s, q//s]",
        {"upscale_factor": {"s": factor}},
    )
