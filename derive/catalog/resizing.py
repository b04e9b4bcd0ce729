"""Images brought to another size: what an entry between those of the image is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class ResizedAxis:
    """An axis of length h, an index r of the output, and the output's length.

    The output has ``more`` entries for ``few`` of the image; ``own`` numbers the axis where there
    are several.
    """

    h: str
    r: str
    length: str
    few: str
    more: str
    own: str

    @property
    def target(self) -> str:
        return f"{self.r} < {self.length}"

    @property
    def nearest(self) -> str:
        """The entry at or before r·few/more."""
        return f"{self.r}*{self.few}//{self.more}"

    def place(self, align_corners: bool) -> tuple[str, str]:
        """Where the r-th entry lies between those of the image: a number, what it is divided by.

        (r + ½)·few/more − ½, or r·(h − 1)/(length − 1).
        """
        if align_corners:
            return f"({self.r}*({self.h} - 1))", f"max({self.length} - 1, 1)"
        return f"((2*{self.r} + 1)*{self.few} - {self.more})", f"(2*{self.more})"


@dataclass(frozen=True)
class Between:
    """The image at places between its entries: equations that come before, and a right-hand side.

    Outside the image its border goes on.
    """

    before: str
    right: str


def between_two(axes: Sequence[ResizedAxis], first: Sequence[str], align_corners: bool) -> Between:
    """The two nearest entries along each axis, weighted by how near they are."""
    offsets = ["a", "b", *(f"a{n}" for n in range(3, len(axes) + 1))]
    at, weights, ranges = [], [], []
    for axis, a in zip(axes, offsets, strict=False):
        number, divisor = axis.place(align_corners)
        at.append(f"min(max({number}//{divisor} + {a}, 0), {axis.h} - 1)")
        weights.append(f"(1 - {a} + (2*{a} - 1)*({number}%{divisor})/{divisor})")
        ranges.append(f"{a} < 2")
    return Between("", _summed(ranges, weights, [*first, *at]))


def among_four(axes: Sequence[ResizedAxis], first: Sequence[str], align_corners: bool) -> Between:
    """Two entries on either side along each axis: on side a, at a distance u, the nearest (b = 0)
    and the one behind it, with weights w.

    Source: Keys, Cubic convolution interpolation for digital image processing (1981), with −¾ for
    the slope at 1.
    """
    before, at, weights, ranges = "", [], [], []
    for axis in axes:
        a, b, u, w = (f"{name}{axis.own}" for name in "abuw")
        number, divisor = axis.place(align_corners)
        near = f"{u}[{axis.r}, {a}]"
        before += (
            f"    {u}[{axis.target}, {a} < 2] = {a} + (1 - 2*{a})*({number}%{divisor})/{divisor};\n"
            f"    {w}[{axis.target}, {a} < 2, {b} < 2] = if {b} == 0"
            f" then (5*{near}/4 - 9/4)*{near}^2 + 1 else -3*{near}*(1 - {near})^2/4;\n"
        )
        at.append(f"min(max({number}//{divisor} + {a} + (2*{a} - 1)*{b}, 0), {axis.h} - 1)")
        weights.append(f"{w}[{axis.r}, {a}, {b}]")
        ranges.append(f"{a} < 2, {b} < 2")
    return Between(before, _summed(ranges, weights, [*first, *at]))


def _summed(ranges: Sequence[str], weights: Sequence[str], at: Sequence[str]) -> str:
    return f"sum[{', '.join(ranges)}] {'*'.join(weights)}*x[{', '.join(at)}]"
