"""Requirements that nobody writes because the equations imply them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sympy import Basic, Expr

from derive.language.definition import Axis, Equation, Hyperparameter, Minima, Tensor
from derive.language.notation.output_sizes import coordinates, needed_sizes
from derive.language.notation.sites import sites
from derive.language.terms import (
    ONE,
    AtMost,
    Condition,
    Divides,
    Entry,
    FloorDiv,
    MaxOver,
    Parameter,
    Size,
    ranges_of,
    subterms,
)


def implied(
    tensors: Sequence[Tensor],
    hyperparameters: Sequence[Hyperparameter],
    equations: Sequence[Equation],
    axes: Mapping[str, tuple[Axis, ...]],
) -> list[Condition]:
    """Exact quotients of sizes, and sizes that must not be zero, in order of appearance."""
    least = {h.symbol: h.minimum for h in hyperparameters}
    found: dict[Condition, None] = {}
    for tensor in tensors:
        for axis in tensor.axes:
            found.update(dict.fromkeys(_exact(axis.size)))
    for equation in equations:
        for entry in (e for e in subterms(equation.written) if isinstance(e, Entry)):
            for place in entry.indices:
                found.update(dict.fromkeys(_exact(place)))
        found.update(dict.fromkeys(_limiting(equation, axes)))
        found.update(dict.fromkeys(_maximised(equation, least)))
    return list(found)


def _exact(expr: Basic) -> Iterator[Condition]:
    """A size divided by a hyperparameter is divided exactly."""
    for part in subterms(expr):
        if isinstance(part, FloorDiv):
            size, divisor = part.args
            if isinstance(size, Size) and isinstance(divisor, Parameter):
                yield Divides(divisor, size)


def _limiting(equation: Equation, axes: Mapping[str, tuple[Axis, ...]]) -> Iterator[Condition]:
    """The kernel size K whose last entry limits an output size is at least 1."""
    pairs = zip(equation.indices, equation.given, strict=True)
    inferred = [i for i, given in pairs if not given]
    if not inferred:
        return
    found = list(sites(equation.written))
    for index in inferred:
        for coordinate in coordinates(index, (), found, axes):
            for size in needed_sizes(coordinate, index):
                yield AtMost(ONE, size)


def _maximised(equation: Equation, least: Minima) -> Iterator[Condition]:
    """A maximum runs over at least one index, wherever the equation has an entry."""
    for part in subterms(equation.written):
        if isinstance(part, MaxOver):
            for _, low, high in ranges_of(part):
                if low == 0 and may_be_zero(high, least) and high not in equation.extents:
                    yield AtMost(ONE, high)


def may_be_zero(size: Expr, least: Minima) -> bool:
    """Whether a plain size or hyperparameter is not known to be at least 1 by its kind."""
    if isinstance(size, Parameter):
        minimum = least.get(size)
        return minimum is None or minimum < 1
    return isinstance(size, Size)
