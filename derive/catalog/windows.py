"""Names along the spatial axes of an image, and windows that slide over it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from derive.catalog.options import Definition, OptionError, Settings, one, per_axis

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
    """The text of the padding before and after each axis, and what the names in it stand for.

    ``lengths`` are the output sizes where the text has to say them, else empty.
    """

    lows: list[str]
    highs: list[str]
    settings: Settings
    lengths: list[str]


def padding_of(
    names: Spatial, padding: object, strides: Iterable[tuple[str, int | str]], spans: Sequence[str]
) -> Padding:
    """Padding in PyTorch's forms: one value, one an axis, a pair an axis, ``same`` or ``valid``.

    It is p1, p2, … on both sides, or p1, p2, … before and q1, q2, … after.  ``same`` gives ⌈H/s⌉
    entries for H, by padding what the last window reaches beyond the image, the smaller half of it
    before (SAME_UPPER in ONNX); ``strides`` are names with their values, ``spans`` how far a window
    reaches beyond its first entry.
    """
    inferred = [""] * names.dims
    before, after = names.numbered("p"), names.numbered("q")
    word = padding.lower() if isinstance(padding, str) else ""
    if word == "same":
        steps = [name if isinstance(value, str) else f"{value}" for name, value in strides]
        rows = list(zip(names.sizes, steps, spans, strict=True))
        missing = [_missing(h, s, span) for h, s, span in rows]
        # under a symbolic stride the size is not inferred from reads, so it is said
        lengths = ["" if s.isdecimal() else _windows(h, s) for h, s, _ in rows]
        lows, highs = [f"{m}//2" for m in missing], [f"{m} - {m}//2" for m in missing]
        return Padding(lows, highs, {}, lengths)
    if isinstance(padding, list | tuple) and any(isinstance(p, list | tuple) for p in padding):
        pairs = [p for p in padding if isinstance(p, list | tuple) and len(p) == 2]
        if not len(pairs) == len(padding) == names.dims:
            raise OptionError("asymmetric padding is one pair (before, after) for each axis")
        values = [one("padding", p, 0) for side in zip(*pairs, strict=True) for p in side]
        return Padding(before, after, dict(zip(before + after, values, strict=True)), inferred)
    symmetric = names.given("padding", "p", 0 if word == "valid" else padding, 0)
    return Padding(before, before, symmetric, inferred)


def _windows(size: str, stride: str) -> str:
    """How many windows begin at 0, s, 2·s, … below a size."""
    return f"(({size} + {stride} - 1)//{stride})"


def _missing(size: str, stride: str, span: str) -> str:
    """How many entries an axis lacks for these windows."""
    if stride == "1":
        return span
    return f"max(({_windows(size, stride)} - 1)*{stride} + {span} + 1 - {size}, 0)"


def _span(dilation: str, kernel: str) -> str:
    return f"{dilation}*({kernel} - 1)" if dilation else f"({kernel} - 1)"


@dataclass(frozen=True)
class WindowAxis:
    """The names along one axis: size, indices, stride, dilation, kernel size, padding.

    ``d`` is empty where the layer knows no dilation, ``length`` where the output size is inferred.
    """

    h: str
    r: str
    a: str
    s: str
    d: str
    k: str
    lo: str
    hi: str
    length: str

    @property
    def target(self) -> str:
        """The output index, with its size where that has to be said."""
        return f"{self.r} < {self.length}" if self.length else self.r

    @property
    def pad(self) -> str:
        return self.lo if self.lo == self.hi else f"({self.lo}, {self.hi})"

    @property
    def span(self) -> str:
        """How far a window reaches beyond its first entry."""
        return _span(self.d, self.k)

    @property
    def start(self) -> str:
        """Where the window begins."""
        return f"{self.s}*{self.r} - ({self.lo})"

    @property
    def position(self) -> str:
        """What the window reads."""
        return f"{self.start} + {f'{self.d}*' if self.d else ''}{self.a}"

    @property
    def rounded_down(self) -> str:
        """The output size as it is inferred from reads that are inside the padded image."""
        length = f"{self.h} + ({self.lo}) + ({self.hi})"
        return f"{self.r} < ({length} - ({self.span} + 1))//{self.s} + 1"

    @property
    def rounded_up(self) -> str:
        """The output size, where no window may begin beyond the image and the padding before it."""
        length = f"{self.h} + ({self.lo}) + ({self.hi})"
        windows = f"({length} - ({self.span} + 1) + {self.s} - 1)//{self.s} + 1"
        return f"{self.r} < min({windows}, ({self.h} + ({self.lo}) - 1)//{self.s} + 1)"


@dataclass(frozen=True)
class Windows:
    """Windows that slide over an image, and what the names in their texts stand for.

    ``options`` has stride, dilation and padding, those that were asked for.
    """

    spatial: Spatial
    axes: list[WindowAxis]
    options: dict[str, Settings]

    @property
    def positions(self) -> str:
        """What a window reads."""
        return ", ".join(axis.position for axis in self.axes)

    @property
    def targets(self) -> list[str]:
        """The output indices."""
        return [axis.target for axis in self.axes]

    @property
    def outputs(self) -> list[str]:
        """The output indices with their sizes, for reads that tell none."""
        return [axis.rounded_down for axis in self.axes]

    def continued(self, formula: str) -> str:
        """What a window reads of an image that goes on outside, by a formula in u and h."""
        return ", ".join(formula.format(u=axis.position, h=axis.h) for axis in self.axes)

    def stuffed(self, stuffing: Sequence[str]) -> tuple[str, list[str]]:
        """What a window reads of an image with u − 1 zeros between its entries; the outputs."""
        rows = list(zip(self.axes, stuffing, strict=True))
        wide = [replace(axis, h=f"(({axis.h} - 1)*{u} + 1)") for axis, u in rows]
        positions = ", ".join(f"({axis.position})/{u}" for axis, u in rows)
        return positions, [axis.rounded_down for axis in wide]

    def needed(self, formula: str) -> str:
        """What that needs, by a formula in the length h and the padding p."""
        sides = [(axis.h, p) for axis in self.axes for p in dict.fromkeys((axis.lo, axis.hi))]
        return ", ".join(dict.fromkeys(formula.format(h=h, p=f"({p})") for h, p in sides))

    @property
    def padded(self) -> str:
        """The axes of the image."""
        return ", ".join(f"{axis.h} pad {axis.pad}" for axis in self.axes)


def windows(
    names: Spatial, kernels: Settings, strides: Settings, dilations: Settings, padding: object
) -> Windows:
    """Windows whose options stand for numbers or names, with padding in PyTorch's forms.

    Without strides they are the kernel sizes, without dilations there are none.
    """
    sizes = names.numbered("K")
    steps, spreads = list(strides) or sizes, list(dilations) or [""] * names.dims
    spans = [_span(d, k) for d, k in zip(spreads, sizes, strict=True)]
    pads = padding_of(names, padding, (strides or kernels).items(), spans)
    columns = (names.sizes, names.outputs, names.offsets, steps, spreads, sizes)
    told = (pads.lows, pads.highs, pads.lengths)
    axes = [WindowAxis(*row) for row in zip(*columns, *told, strict=True)]
    options = {"stride": strides, "dilation": dilations, "padding": pads.settings}
    return Windows(names, axes, options)


def elementwise(name: str, function: str, dims: int) -> Definition:
    """``y[r, c] = function(x[r, c])`` for a tensor with ``dims`` axes."""
    names = Spatial(dims)
    sizes, indices = ", ".join(names.sizes), ", ".join(names.outputs)
    return Definition(f"{name}(x[{sizes}]):\n    y[{indices}] = {function}(x[{indices}])")
