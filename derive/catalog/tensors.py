"""Names along the axes of a tensor: batch, channels, then the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from derive.catalog.options import Definition, OptionError

_MOST = 8
_FIRST = ("N", "C", "H", "W")


@dataclass(frozen=True)
class Axes:
    """The axes of a tensor with ``dims`` of them: N, C, H, W; where there are more, H1, H2, …"""

    dims: int

    def __post_init__(self) -> None:
        whole = isinstance(self.dims, int) and not isinstance(self.dims, bool)
        if not whole or not 0 <= self.dims <= _MOST:
            raise OptionError(f"dims must be between 0 and {_MOST}, not {self.dims!r}")

    @property
    def sizes(self) -> list[str]:
        if self.dims <= len(_FIRST):
            return list(_FIRST[: self.dims])
        return ["N", "C", *(f"H{axis}" for axis in range(1, self.dims - 1))]

    @property
    def indices(self) -> list[str]:
        return [size.lower() for size in self.sizes]

    def place(self, axis: int) -> int:
        """The place of an axis, which may be counted from −1 backwards."""
        if isinstance(axis, bool) or not isinstance(axis, int):
            raise OptionError(f"axis must be a whole number, not {axis!r}")
        if not self.dims:
            raise OptionError("a single number has no axis: dims must be 1 or more")
        if not -self.dims <= axis < self.dims:
            raise OptionError(f"axis must be between {-self.dims} and {self.dims - 1}, not {axis}")
        return axis % self.dims

    def some(self) -> Axes:
        """The axes, of which there must be one."""
        self.place(-1)
        return self

    def declared(self, tensor: str) -> str:
        """``x[N, C]``."""
        return f"{tensor}[{', '.join(self.sizes)}]"

    def read(self, tensor: str, others: Mapping[int, str] = {}) -> str:
        """``x[n, c]``, with other indices at some places."""
        indices = [others.get(place, index) for place, index in enumerate(self.indices)]
        return f"{tensor}[{', '.join(indices)}]" if indices else tensor


def digits(merged: str, sizes: Sequence[str]) -> list[str]:
    """The indices that a merged one stands for, in row-major order: ``m//(C*H)``, ``m//H%C``, …"""
    found = []
    for axis, size in enumerate(sizes):
        later = sizes[axis + 1 :]
        place = f"{merged}//({'*'.join(later)})" if later else merged
        found.append(place if axis == 0 else f"{place}%{size}")
    return found


def along_axis(name: str, dims: int, axis: int, right: str) -> Definition:
    """``y[n, c] = …`` of the entries along an axis: ``{x}`` is the entry, ``{j}`` the j-th one."""
    axes = Axes(dims)
    j = axes.read("x", {axes.place(axis): "j"})
    right = right.format(x=axes.read("x"), j=j)
    return Definition(f"{name}({axes.declared('x')}):\n    {axes.read('y')} = {right}")


def entrywise(name: str, dims: int, right: str, hyperparameters: str = "") -> Definition:
    """``y[n, c] = …`` of one entry of x, which stands as ``{x}`` on the right-hand side."""
    axes = Axes(dims)
    header = "; ".join([axes.declared("x"), *([hyperparameters] if hyperparameters else [])])
    return Definition(f"{name}({header}):\n    {axes.read('y')} = {right.format(x=axes.read('x'))}")
