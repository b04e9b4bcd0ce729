"""Finding catalog layers and turning their options into notation text.  Imports nothing heavy."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType

from derive import layers

#: what a hyperparameter may be given as: a number, a symbol's name, or one of either per axis
Value = int | str | Sequence[int | str]


@dataclass(frozen=True)
class Definition:
    """Notation text, and what its hyperparameters are replaced by: numbers or other names."""

    text: str
    values: dict[str, int | str] = field(default_factory=dict)


class OptionError(ValueError):
    """An unknown layer, an option the layer does not have, or a value it cannot take."""


def names() -> list[str]:
    """The names of all catalog layers, sorted."""
    return sorted(m.name for m in pkgutil.iter_modules(layers.__path__))


def module(name: str) -> ModuleType:
    """The module of a catalog layer."""
    if name not in names():
        raise OptionError(f"there is no layer {name!r}; the catalog has: {', '.join(names())}")
    return importlib.import_module(f"derive.layers.{name}")


def summary(name: str) -> str:
    """The layer's one-line definition."""
    return str(module(name).SUMMARY)


def options(name: str) -> dict[str, inspect.Parameter]:
    """The options of a catalog layer, in order, with their defaults."""
    return dict(inspect.signature(module(name).notation).parameters)


def definition(name: str, **given: object) -> Definition:
    """The notation text of a catalog layer under the given options."""
    known = options(name)
    unknown = [o for o in given if o not in known]
    if unknown:
        raise OptionError(
            f"{name} has no option {unknown[0]!r}; its options are: {', '.join(known)}"
        )
    result: Definition = module(name).notation(**given)
    return result


def per_axis(option: str, value: Value, dims: int) -> list[int | str]:
    """One value an axis: a single one is repeated, a sequence must have one for each axis."""
    if isinstance(value, int | str):
        return [value] * dims
    values = list(value)
    if len(values) != dims:
        raise OptionError(f"{option} has {len(values)} values for {dims} axes; give one or {dims}")
    return values


def at_least(option: str, values: Sequence[int | str], minimum: int) -> None:
    """Refuse numbers below the smallest value that makes sense."""
    for value in values:
        if isinstance(value, int) and value < minimum:
            raise OptionError(f"{option} must be at least {minimum}, not {value}")


@dataclass(frozen=True)
class Spatial:
    """Names along the spatial axes, as the lecture has them in one and two dimensions."""

    dims: int

    def __post_init__(self) -> None:
        if not 1 <= self.dims <= 8:
            raise OptionError(f"dims must be between 1 and 8, not {self.dims}")

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


@dataclass(frozen=True)
class Window:
    """What slides over the image: per axis the stride, dilation, kernel size and padding."""

    spatial: Spatial
    values: dict[str, int | str]
    kernels: list[str]
    lows: list[str]
    highs: list[str]

    @property
    def axes(self) -> list[str]:
        """The padded spatial axes of the input, ``H pad p1``."""
        return [
            f"{h} pad {lo}" if lo == hi else f"{h} pad ({lo}, {hi})"
            for h, lo, hi in zip(self.spatial.sizes, self.lows, self.highs, strict=True)
        ]

    @property
    def positions(self) -> list[str]:
        """What the window reads: ``s1*r + d1*a - p1``."""
        names = self.spatial
        rows = zip(
            names.numbered("s"),
            names.outputs,
            names.numbered("d"),
            names.offsets,
            self.lows,
            strict=True,
        )
        return [f"{s}*{r} + {d}*{a} - ({lo})" for s, r, d, a, lo in rows]


def window(
    dims: int, stride: Value, padding: object, dilation: Value, kernel_size: Value | None
) -> Window:
    """Read the options that convolutions and pools share, PyTorch's names and meanings."""
    spatial = Spatial(dims)
    strides, dilations = per_axis("stride", stride, dims), per_axis("dilation", dilation, dims)
    at_least("stride", strides, 1)
    at_least("dilation", dilations, 1)
    kernels = spatial.numbered("K")
    if kernel_size is not None:
        given = per_axis("kernel_size", kernel_size, dims)
        at_least("kernel_size", given, 1)
        kernels = [str(k) for k in given]
    values: dict[str, int | str] = dict(zip(spatial.numbered("s"), strides, strict=True))
    values |= dict(zip(spatial.numbered("d"), dilations, strict=True))
    lows, highs = _padding(spatial, padding, strides, kernels, values)
    return Window(spatial, values, kernels, lows, highs)


def _padding(
    spatial: Spatial,
    padding: object,
    strides: Sequence[int | str],
    kernels: Sequence[str],
    values: dict[str, int | str],
) -> tuple[list[str], list[str]]:
    """The text of the padding before and after each axis; symmetric padding becomes p1, p2, …"""
    names = spatial.numbered("p")
    if padding == "valid":
        padding = 0
    if padding == "same":
        if any(s != 1 for s in strides):
            raise OptionError("padding 'same' needs stride 1, as in PyTorch")
        spans = [f"{d}*({k} - 1)" for d, k in zip(spatial.numbered("d"), kernels, strict=True)]
        return [f"{span}//2" for span in spans], [f"{span} - {span}//2" for span in spans]
    if isinstance(padding, Sequence) and any(isinstance(p, tuple | list) for p in padding):
        if len(padding) != spatial.dims or not all(
            isinstance(p, tuple | list) and len(p) == 2 for p in padding
        ):
            raise OptionError("asymmetric padding is one pair (before, after) for each axis")
        flat = [p for pair in padding for p in pair]
        at_least("padding", flat, 0)
        return [str(lo) for lo, _ in padding], [str(hi) for _, hi in padding]
    if not isinstance(padding, int | str | Sequence):
        raise OptionError(f"padding must be a number, a name, 'same' or 'valid', not {padding!r}")
    paddings = per_axis("padding", padding, spatial.dims)
    at_least("padding", paddings, 0)
    values |= dict(zip(names, paddings, strict=True))
    return names, names


def declared(values: dict[str, int | str], defaults: dict[str, int]) -> str:
    """The header's hyperparameters, ``s1=1, p1=0``, for the names in ``values``."""
    return ", ".join(f"{name}={defaults[name[0]]}" for name in values)
