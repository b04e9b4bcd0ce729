"""What pooling layers share: kernel sizes, rounding, and the text around each window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from derive.catalog.options import Definition, OptionError, Settings, Value, declared
from derive.catalog.windows import Spatial, WindowAxis, Windows, windows


@dataclass(frozen=True)
class Pooling:
    """Windows over an image, with batch and channels or without."""

    slide: Windows
    kernels: Settings
    channels: bool
    ceil_mode: bool

    @property
    def axes(self) -> list[WindowAxis]:
        return self.slide.axes

    @property
    def ranges(self) -> str:
        """The indices of a window."""
        return ", ".join(f"{axis.a} < {axis.k}" for axis in self.axes)

    @property
    def read(self) -> str:
        """What is read at the indices of a window."""
        return f"x[{'n, i, ' if self.channels else ''}{self.slide.positions}]"

    def counts(self, include_pad: bool = True) -> str:
        """How many entries of a window count: those in the image, with its padding or without."""
        return "*".join(self._count(axis, include_pad) for axis in self.axes)

    def _count(self, axis: WindowAxis, include_pad: bool) -> str:
        end = f"{axis.start} + {axis.k}"
        if not include_pad:
            return f"(min({end}, {axis.h}) - max({axis.start}, 0))"
        if not self.ceil_mode:
            return axis.k
        return f"(min({end}, {axis.h} + ({axis.hi})) - ({axis.start}))"

    def is_padded(self, axis: WindowAxis) -> bool:
        """Whether there is padding by numbers or names along an axis."""
        return bool(self._sides(axis))

    def _sides(self, axis: WindowAxis) -> Settings:
        sides = dict.fromkeys((axis.lo, axis.hi))
        padding = self.slide.options["padding"]
        return {s: v for s in sides if (v := padding.get(s, 0)) != 0}

    def requirements(self, axis: WindowAxis) -> Iterator[str]:
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

    def layer(self, name: str, fill: str, right: str, needed: Sequence[str]) -> Definition:
        """The layer with this right-hand side, whose image is padded with ``fill``.

        Where sizes are rounded up, windows may reach beyond all padding.
        """
        pads = ("all" if self.ceil_mode else axis.pad for axis in self.axes)
        image = [f"{a.h} pad {p}{fill}" for a, p in zip(self.axes, pads, strict=True)]
        outputs = [axis.rounded_up if self.ceil_mode else axis.target for axis in self.axes]
        if self.channels:
            image, outputs = ["N", "C", *image], ["n", "i", *outputs]
        options = {"kernel_size": self.kernels, **self.slide.options}
        header = declared(options, {"kernel_size": 2, "stride": 1, "dilation": 1, "padding": 0})
        where = f" where {', '.join(needed)}" if needed else ""
        head = f"{name}(x[{', '.join(image)}]; {header}){where}"
        return Definition(f"{head}:\n    y[{', '.join(outputs)}] = {right}", options)


def pooling(
    dims: int,
    channels: bool,
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
    slide = windows(names, kernels, strides, dilations, padding)
    return Pooling(slide, kernels, channels, ceil_mode)
