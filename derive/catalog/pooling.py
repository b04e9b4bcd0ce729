"""What pools: the window along each axis, where it begins, and how many windows there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from derive.catalog.options import OptionError, Settings, Value
from derive.catalog.windows import Padding, Spatial, padding_of


@dataclass(frozen=True)
class Axis:
    """The names along one axis: size, indices, stride, dilation, kernel size, padding.

    ``d`` is empty where the layer knows no dilation.
    """

    h: str
    r: str
    a: str
    s: str
    d: str
    k: str
    lo: str
    hi: str

    @property
    def pad(self) -> str:
        return self.lo if self.lo == self.hi else f"({self.lo}, {self.hi})"

    @property
    def span(self) -> str:
        """How far a window reaches from its first entry to behind its last."""
        return f"({self.d}*({self.k} - 1) + 1)" if self.d else self.k

    @property
    def start(self) -> str:
        """Where the window begins."""
        return f"{self.s}*{self.r} - ({self.lo})"

    @property
    def position(self) -> str:
        """What the window reads."""
        return f"{self.start} + {f'{self.d}*' if self.d else ''}{self.a}"

    @property
    def rounded_up(self) -> str:
        """The output size, where no window may begin beyond the image and the padding before it."""
        length = f"{self.h} + ({self.lo}) + ({self.hi})"
        windows = f"({length} - {self.span} + {self.s} - 1)//{self.s} + 1"
        return f"{self.r} < min({windows}, ({self.h} + ({self.lo}) - 1)//{self.s} + 1)"


@dataclass(frozen=True)
class Pooling:
    """Windows over an image, and what the names in their texts stand for."""

    axes: list[Axis]
    kernels: Settings
    strides: Settings
    dilations: Settings
    padding: Padding
    ceil_mode: bool

    @property
    def outputs(self) -> str:
        """The output indices, with their sizes where they are not the largest that fit."""
        return ", ".join(axis.rounded_up if self.ceil_mode else axis.r for axis in self.axes)

    @property
    def ranges(self) -> str:
        """The indices of a window."""
        return ", ".join(f"{axis.a} < {axis.k}" for axis in self.axes)

    @property
    def positions(self) -> str:
        """What a window reads."""
        return ", ".join(axis.position for axis in self.axes)

    def padded(self, fill: str = "") -> str:
        """The axes of the image; where sizes are rounded up, windows may reach beyond all of it."""
        pads = ("all" if self.ceil_mode else axis.pad for axis in self.axes)
        return ", ".join(f"{a.h} pad {p}{fill}" for a, p in zip(self.axes, pads, strict=True))

    def is_padded(self, axis: Axis) -> bool:
        """Whether there is padding by numbers or names along an axis."""
        return bool(self._sides(axis))

    def _sides(self, axis: Axis) -> Settings:
        sides = dict.fromkeys((axis.lo, axis.hi))
        return {s: v for s in sides if (v := self.padding.settings.get(s, 0)) != 0}

    def requirements(self, axis: Axis) -> Iterator[str]:
        """Padding is at most half the kernel, as in PyTorch, so that windows meet the image."""
        sides = self._sides(axis)
        kernel = self.kernels[axis.k]
        widest = max((v for v in sides.values() if isinstance(v, int)), default=0)
        if isinstance(kernel, int) and 2 * widest > kernel:
            raise OptionError(
                "padding must be at most half the kernel size, as in PyTorch:"
                f" {widest} is more than half of {kernel}"
            )
        if isinstance(kernel, str) and widest:
            yield f"{2 * widest} <= {axis.k}"
        yield from (f"2*{side} <= {axis.k}" for side, v in sides.items() if isinstance(v, str))


def pooling(
    dims: int,
    kernel_size: Value | None,
    stride: Value | None,
    padding: object,
    dilation: Value | None,
    ceil_mode: bool,
) -> Pooling:
    """Read the options that pooling layers share, PyTorch's names and meanings.

    The kernel size stays symbolic (K1, K2) unless given, the stride is the kernel size then;
    without a dilation (None) there is none.
    """
    names = Spatial(dims)
    kernel = names.numbered("K") if kernel_size is None else kernel_size
    kernels = names.given("kernel_size", "K", kernel, 1)
    strides = {} if stride is None else names.given("stride", "s", stride, 1)
    dilations = {} if dilation is None else names.given("dilation", "d", dilation, 1)
    steps = strides or kernels
    spreads = list(dilations) or [""] * names.dims
    rows = zip(spreads, kernels, strict=True)
    spans = [f"{d}*({k} - 1)" if d else f"({k} - 1)" for d, k in rows]
    pads = padding_of(names, padding, steps.values(), spans)
    axes = [
        Axis(*row)
        for row in zip(
            names.sizes, names.outputs, names.offsets, steps, spreads, kernels, pads.lows,
            pads.highs, strict=True,
        )
    ]  # fmt: skip
    return Pooling(axes, kernels, strides, dilations, pads, ceil_mode)
