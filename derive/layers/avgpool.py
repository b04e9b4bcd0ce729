"""Average pooling, in any dimension."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from derive.options import Definition, OptionError, Settings, Value, declared
from derive.window import Padding, Spatial, padding_of

SUMMARY = "y[n, c, r] = sum[a<K] x[n, c, s*r+a]/K"


def notation(
    dims: int = 2,
    channels: bool = True,
    kernel_size: Value | None = None,
    stride: Value | None = None,
    padding: object = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Definition:
    """Shapes: x[N, C, H, W] → y[N, C, R, S]; without ``channels`` x[H, W].

    ``kernel_size`` stays symbolic (K1, K2) unless given, ``stride`` is the kernel size then;
    ``ceil_mode`` and ``count_include_pad`` mean what they mean in PyTorch's ``avg_pool``, and as
    there padding is at most half the kernel.  ``padding`` may also be a pair (before, after) for
    each axis, or ``same`` under stride 1.
    """
    names = Spatial(dims)
    kernel = names.numbered("K") if kernel_size is None else kernel_size
    kernels = names.given("kernel_size", "K", kernel, 1)
    strides = {} if stride is None else names.given("stride", "s", stride, 1)
    steps = strides or kernels
    pads = padding_of(names, padding, steps.values(), [f"({k} - 1)" for k in kernels])
    axes = [
        _Axis(*row)
        for row in zip(
            names.sizes, names.outputs, names.offsets, steps, kernels, pads.lows, pads.highs,
            strict=True,
        )
    ]  # fmt: skip
    needed = [c for axis in axes for c in _requirements(axis, kernels, pads, count_include_pad)]
    counts = "*".join(axis.count(ceil_mode, count_include_pad) for axis in axes)
    padded = ", ".join(f"{axis.h} pad {'all' if ceil_mode else axis.pad}" for axis in axes)
    outputs = ", ".join(axis.rounded_up if ceil_mode else axis.r for axis in axes)
    ranges = ", ".join(f"{axis.a} < {axis.k}" for axis in axes)
    positions = ", ".join(f"{axis.start} + {axis.a}" for axis in axes)
    sizes, outer = ("N, C, ", "n, i, ") if channels else ("", "")
    options = {"kernel_size": kernels, "stride": strides, "padding": pads.settings}
    header = declared(options, {"kernel_size": 2, "stride": 1, "padding": 0})
    where = f" where {', '.join(needed)}" if needed else ""
    text = (
        f"avgpool(x[{sizes}{padded}]; {header}){where}:\n"
        f"    y[{outer}{outputs}] = sum[{ranges}] x[{outer}{positions}]/({counts})"
    )
    return Definition(text, options)


@dataclass(frozen=True)
class _Axis:
    """The names along one axis: size, indices, stride, kernel size, padding before and after."""

    h: str
    r: str
    a: str
    s: str
    k: str
    lo: str
    hi: str

    @property
    def pad(self) -> str:
        return self.lo if self.lo == self.hi else f"({self.lo}, {self.hi})"

    @property
    def start(self) -> str:
        """Where the window begins."""
        return f"{self.s}*{self.r} - ({self.lo})"

    @property
    def rounded_up(self) -> str:
        """The output size, where no window may begin beyond the image and the padding before it."""
        length = f"{self.h} + ({self.lo}) + ({self.hi})"
        windows = f"({length} - {self.k} + {self.s} - 1)//{self.s} + 1"
        return f"{self.r} < min({windows}, ({self.h} + ({self.lo}) - 1)//{self.s} + 1)"

    def count(self, ceil_mode: bool, count_include_pad: bool) -> str:
        """How many entries of the window count along this axis."""
        end = f"{self.start} + {self.k}"
        if not count_include_pad:
            return f"(min({end}, {self.h}) - max({self.start}, 0))"
        if not ceil_mode:
            return self.k
        return f"(min({end}, {self.h} + ({self.hi})) - ({self.start}))"


def _requirements(
    axis: _Axis, kernels: Settings, pads: Padding, count_include_pad: bool
) -> Iterator[str]:
    """Padding is at most half the kernel, so that every window meets the image.

    A window that counts only the image's entries would else divide by zero; so it would in an
    empty image, which PyTorch does not take either.
    """
    sides = {s: v for s in (axis.lo, axis.hi) if (v := pads.settings.get(s, 0)) != 0}
    kernel = kernels[axis.k]
    widest = max((v for v in sides.values() if isinstance(v, int)), default=0)
    if isinstance(kernel, int) and 2 * widest > kernel:
        raise OptionError(
            "padding must be at most half the kernel size, as in PyTorch:"
            f" {widest} is more than half of {kernel}"
        )
    if isinstance(kernel, str) and widest:
        yield f"{2 * widest} <= {axis.k}"
    yield from (f"2*{side} <= {axis.k}" for side, v in sides.items() if isinstance(v, str))
    if sides and not count_include_pad:
        yield f"1 <= {axis.h}"
