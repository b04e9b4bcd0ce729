"""What slides over an image: names along the spatial axes, and the options they come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from derive.catalog.options import OptionError, Settings, Value, one, per_axis

MOST_DIMS = 8


@dataclass(frozen=True)
class Spatial:
    """Names along the spatial axes, as the lecture has them in one and two dimensions."""

    dims: int

    def __post_init__(self) -> None:
        whole = isinstance(self.dims, int) and not isinstance(self.dims, bool)
        if not whole or not 1 <= self.dims <= MOST_DIMS:
            raise OptionError(f"dims must be between 1 and {MOST_DIMS}, not {self.dims!r}")

    def _names(self, two: str, many: str) -> list[str]:
        if self.dims <= 2:
            return list(two[: self.dims])
        return [f"{many}{axis}" for axis in range(1, self.dims + 1)]

    @property
    def sizes(self) -> list[str]:
        return self._names("HW", "H")

    @property
    def outputs(self) -> list[str]:
        return self._names("rc", "r")

    @property
    def offsets(self) -> list[str]:
        return self._names("ab", "a")

    def numbered(self, letter: str) -> list[str]:
        """K alone in one dimension, else K1, K2, …"""
        if self.dims == 1:
            return [letter]
        return [f"{letter}{axis}" for axis in range(1, self.dims + 1)]

    def given(self, option: str, letter: str, value: object, minimum: int) -> Settings:
        """What the names s1, s2, … of an option stand for, ``value`` being one or one an axis."""
        values = per_axis(option, value, self.dims, minimum)
        return dict(zip(self.numbered(letter), values, strict=True))


@dataclass(frozen=True)
class Padding:
    """The text of the padding before and after each axis, and what the names in it stand for."""

    lows: list[str]
    highs: list[str]
    settings: Settings


def padding_of(
    names: Spatial, padding: object, strides: Iterable[int | str], spans: Sequence[str]
) -> Padding:
    """Padding in PyTorch's forms: one value, one an axis, a pair an axis, ``same`` or ``valid``.

    It is p1, p2, … on both sides, or p1, p2, … before and q1, q2, … after; ``same`` keeps the
    image's size by padding what a window reaches beyond its first entry, its ``spans``.
    """
    before, after = names.numbered("p"), names.numbered("q")
    if padding == "same":
        if any(s != 1 for s in strides):
            raise OptionError("padding 'same' needs stride 1")
        return Padding([f"{s}//2" for s in spans], [f"{s} - {s}//2" for s in spans], {})
    if isinstance(padding, list | tuple) and any(isinstance(p, list | tuple) for p in padding):
        pairs = [p for p in padding if isinstance(p, list | tuple) and len(p) == 2]
        if not len(pairs) == len(padding) == names.dims:
            raise OptionError("asymmetric padding is one pair (before, after) for each axis")
        values = [one("padding", p, 0) for side in zip(*pairs, strict=True) for p in side]
        return Padding(before, after, dict(zip(before + after, values, strict=True)))
    symmetric = names.given("padding", "p", 0 if padding == "valid" else padding, 0)
    return Padding(before, before, symmetric)


@dataclass(frozen=True)
class Window:
    """A kernel that slides over the image: its padding, and what its options stand for."""

    spatial: Spatial
    padding: Padding
    hyperparameters: dict[str, Settings]
    sizes: dict[str, Settings]

    @property
    def axes(self) -> list[str]:
        """The padded spatial axes of the input, ``H pad p1``."""
        pads = zip(self.spatial.sizes, self.padding.lows, self.padding.highs, strict=True)
        return [f"{h} pad {lo}" if lo == hi else f"{h} pad ({lo}, {hi})" for h, lo, hi in pads]

    @property
    def positions(self) -> list[str]:
        """What the window reads: ``s1*r + d1*a - p1``."""
        names = self.spatial
        rows = zip(
            names.numbered("s"),
            names.outputs,
            names.numbered("d"),
            names.offsets,
            self.padding.lows,
            strict=True,
        )
        return [f"{s}*{r} + {d}*{a} - ({lo})" for s, r, d, a, lo in rows]


def window(
    dims: int, stride: Value, padding: object, dilation: Value, kernel_size: Value | None
) -> Window:
    """Read the options that convolutions share, PyTorch's names and meanings."""
    names = Spatial(dims)
    strides = names.given("stride", "s", stride, 1)
    dilations = names.given("dilation", "d", dilation, 1)
    kernels = {} if kernel_size is None else names.given("kernel_size", "K", kernel_size, 1)
    rows = zip(names.numbered("d"), names.numbered("K"), strict=True)
    spans = [f"{d}*({k} - 1)" for d, k in rows]
    pads = padding_of(names, padding, strides.values(), spans)
    options = {"stride": strides, "dilation": dilations, "padding": pads.settings}
    return Window(names, pads, options, {"kernel_size": kernels})
