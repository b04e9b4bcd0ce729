"""Which sizes the shapes of tensors tell, and how."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr

from derive.definition import Layer, Tensor
from derive.integers import affine
from derive.terms import Divides, FloorDiv, Greatest, Same, Size, symbols_of
from numeric.reads import ONE, ZERO


def given_sizes(layer: Layer) -> tuple[Size, ...]:
    """The sizes that a caller has to give, since no tensor's shape determines them."""
    known = {*standing_alone(layer), *promised(layer)}
    while True:
        solved = {s for _, _, s, _ in solvable(layer, known)}
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


def solvable(
    layer: Layer, known: set[Size]
) -> Iterator[tuple[Tensor, int, Size, tuple[Expr, Expr, Expr]]]:
    """Axes whose length tells a single unknown size: (length − rest)/slope·factor."""
    for tensor in layer.tensors:
        for place, axis in enumerate(tensor.axes):
            sizes = [s for s in symbols_of(axis.size) if isinstance(s, Size)]
            unknown = [s for s in dict.fromkeys(sizes) if s not in known]
            if len(unknown) == 1 and not isinstance(axis.size, Size):
                parts = _inverse(axis.size, unknown[0], layer)
                if parts is not None:
                    yield tensor, place, unknown[0], parts


def _inverse(length: Expr, size: Size, layer: Layer) -> tuple[Expr, Expr, Expr] | None:
    """Slope, rest and factor for slope·size + rest, or for size//m where m divides the size."""
    if isinstance(length, FloorDiv) and length.args[0] == size:
        divides = Divides(length.args[1], size)
        return (ONE, ZERO, length.args[1]) if divides in layer.requirements else None
    parts = affine(length, size)
    return None if parts is None or parts[0] == 0 else (*parts, ONE)
