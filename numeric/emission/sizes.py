"""Which sizes the shapes of tensors tell, and how."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sympy import Expr

from derive.language.definition import Layer, Tensor
from derive.language.integers import affine
from derive.language.terms import Divides, FloorDiv, Greatest, Same, Size, symbols_of
from numeric.program.reads import ONE, ZERO


def given_sizes(layer: Layer) -> tuple[Size, ...]:
    """The sizes that a caller has to give, since no tensor's shape determines them."""
    known = {*standing_alone(layer), *promised(layer)}
    while True:
        solved = {s for _, _, s, _ in solvable(layer, known, len(layer.tensors))}
        if solved <= known:
            break
        known |= solved
    return tuple(s for s in layer.sizes if s not in known)


def standing_alone(layer: Layer) -> list[Size]:
    """The sizes that are the length of an axis."""
    return [a.size for t in layer.tensors for a in t.axes if isinstance(a.size, Size)]


def promised(layer: Layer) -> dict[Size, Expr]:
    """Sizes that a requirement defines, R = max(0, …): an output's, now on an input's axis."""
    return {
        c.args[0]: c.args[1]
        for c in layer.requirements
        if isinstance(c, Same) and isinstance(c.args[0], Size) and isinstance(c.args[1], Greatest)
    }


def sizes_in(lengths: Iterable[Expr]) -> set[Size]:
    """The sizes that occur in the lengths of axes."""
    return {s for n in lengths for s in symbols_of(n) if isinstance(s, Size)}


def solvable(
    layer: Layer, known: set[Size], count: int
) -> Iterator[tuple[Tensor, int, Size, tuple[Expr, Expr, Expr]]]:
    """Axes of the first tensors whose length tells an unknown size: (length − rest)/slope·factor.

    It must be the only unknown one, and stand in an expression.
    """
    for tensor in layer.tensors[:count]:
        for place, axis in enumerate(tensor.axes):
            unknown = sizes_in([axis.size]) - known
            if len(unknown) == 1 and not isinstance(axis.size, Size):
                (size,) = unknown
                parts = _inverse(axis.size, size, layer)
                if parts is not None:
                    yield tensor, place, size, parts


def _inverse(length: Expr, size: Size, layer: Layer) -> tuple[Expr, Expr, Expr] | None:
    """Slope, rest and factor for slope·size + rest, or for size//m where m divides the size."""
    if isinstance(length, FloorDiv) and length.args[0] == size:
        divides = Divides(length.args[1], size)
        return (ONE, ZERO, length.args[1]) if divides in layer.requirements else None
    parts = affine(length, size)
    return None if parts is None or parts[0] == 0 else (*parts, ONE)
