"""Average pooling, in any dimension."""

from __future__ import annotations

from collections.abc import Iterator

from derive.catalog.options import TOO_LARGE, Definition, OptionError, Value, one
from derive.catalog.pooling import Pooling, pooling
from derive.catalog.windows import WindowAxis

SUMMARY = "y[n, c, r] = sum[a<K] x[n, c, s*r+a]/K"


def notation(
    dims: int = 2,
    channels: bool = True,
    kernel_size: Value | None = None,
    stride: Value | None = None,
    padding: object = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Definition:
    """Shapes: x[N, C, H, W] → y[N, C, R, S]; without ``channels`` x[H, W].

    ``kernel_size`` stays symbolic (K1, K2) unless given, ``stride`` is the kernel size then;
    ``ceil_mode`` and ``count_include_pad`` mean what they mean in PyTorch's ``avg_pool``, and as
    there padding is at most half the kernel; sums are divided by ``divisor_override`` if it is
    given.  ``padding`` may also be a pair (before, after) for each axis, or ``same``.
    """
    pool = pooling(dims, channels, kernel_size, stride, padding, None, ceil_mode)
    if divisor_override is not None:
        divisor = one("divisor_override", divisor_override, -TOO_LARGE)
        if divisor == 0:
            raise OptionError("divisor_override must not be 0")
        needed = [c for axis in pool.axes for c in pool.requirements(axis)]
        return pool.layer("avgpool", "", f"sum[{pool.ranges}] {pool.read}/({divisor})", needed)
    needed = [c for axis in pool.axes for c in _requirements(pool, axis, count_include_pad)]
    counts = pool.counts(count_include_pad)
    return pool.layer("avgpool", "", f"sum[{pool.ranges}] {pool.read}/({counts})", needed)


def _requirements(pool: Pooling, axis: WindowAxis, count_include_pad: bool) -> Iterator[str]:
    """Those of every pooling layer, and that nothing is divided by zero.

    A window that counts only the image's entries would divide by zero in an empty image, which
    PyTorch does not take either.
    """
    yield from pool.requirements(axis)
    if pool.is_padded(axis) and not count_include_pad:
        yield f"1 <= {axis.h}"
