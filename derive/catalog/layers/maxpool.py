"""Maximum pooling, in any dimension."""

from __future__ import annotations

from derive.catalog.options import Definition, Value
from derive.catalog.pooling import pooling

SUMMARY = "y[n, c, r] = max[a<K] x[n, c, s*r+d*a]"


def notation(
    dims: int = 2,
    channels: bool = True,
    kernel_size: Value | None = None,
    stride: Value | None = None,
    padding: object = 0,
    dilation: Value = 1,
    ceil_mode: bool = False,
) -> Definition:
    """Shapes: x[N, C, H, W] → y[N, C, R, S]; without ``channels`` x[H, W].

    The options mean what they mean in PyTorch's ``max_pool``: ``kernel_size`` stays symbolic
    (K1, K2) unless given, ``stride`` is the kernel size then, the padding is −∞ and at most half
    the kernel.  ``padding`` may also be a pair (before, after) for each axis, or ``same``.  Of
    several largest entries in a window the first receives the gradient.
    """
    pool = pooling(dims, channels, kernel_size, stride, padding, dilation, ceil_mode)
    needed = [c for axis in pool.axes for c in pool.requirements(axis)]
    return pool.layer("maxpool", " by -inf", f"max[{pool.ranges}] {pool.read}", needed)
