"""Layers that work entry by entry: what such a layer says in one rank, it says in every rank.

If every tensor is read and written at one and the same index vector and nothing else depends on
indices or sizes, entries know neither of other places nor of their own.  Rearranging the entries of
all tensors alike, into any number of axes, then rearranges results and gradients alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace as changed

from sympy import Basic, Expr

from derive.language.definition import Axis, Equation, Layer
from derive.language.terms import Entry, Index, Size, entries, replace, symbols_of

#: how it is said wherever something is known of such a layer
EVERY_RANK = "entrywise, hence every rank"


def entrywise(layer: Layer) -> bool:
    """Whether all tensors, whatever is computed included, have one shape of sizes that nothing else
    is said of, and every entry depends only on entries at its own place.
    """
    shapes = {layer.shape(t.name) for t in layer.tensors} | {e.extents for e in layer.equations}
    if len(shapes) != 1 or not layer.tensors or layer.definitions:
        return False
    (shape,) = shapes
    bounds = [t.below for t in layer.tensors if t.below is not None]
    return (
        all(isinstance(n, Size) for n in shape)
        and len({*shape}) == len(shape)
        and all(at_one_place(said, ()) for said in (*layer.requirements, *bounds))
        and all(at_one_place(e.explicit, e.indices) for e in layer.equations)
    )


def at_one_place(term: Basic, indices: Sequence[Expr]) -> bool:
    """Whether a term reads tensors at these indices alone, and no index or size counts beside."""
    if isinstance(term, Entry):
        return term.indices == tuple(indices)
    return not isinstance(term, Index | Size) and all(at_one_place(a, indices) for a in term.args)


def of_rank(layer: Layer, rank: int) -> Layer:
    """An entrywise layer as it reads for tensors with so many axes."""
    taken = {*(s.name for s in layer.sizes), *(h.name for h in layer.hyperparameters)}
    more = [Size(name) for name in _names("N", taken)]
    shape = (*layer.sizes, *more)[:rank]
    return changed(
        layer,
        tensors=tuple(changed(t, axes=tuple(map(Axis, shape))) for t in layer.tensors),
        equations=tuple(_of_shape(e, shape) for e in layer.equations),
        conditions=(),
    )


def _of_shape(equation: Equation, shape: tuple[Size, ...]) -> Equation:
    taken = {s.name for s in symbols_of(equation.explicit)}
    more = [Index(name) for name in _names("i", taken)]
    indices = (*equation.indices, *more)[: len(shape)]

    def moved(expr: Expr) -> Expr:
        found: Expr = replace(expr, {e: Entry(e.tensor, *indices) for e in entries(expr)})
        return found

    return changed(
        equation,
        indices=indices,
        sizes=shape,
        extents=shape,
        given=(False,) * len(shape),
        written=moved(equation.written),
        explicit=moved(equation.explicit),
    )


def _names(letter: str, taken: set[str]) -> list[str]:
    """More names than any tensor has axes, none of them taken."""
    return [name for name in (f"{letter}{n}" for n in range(100)) if name not in taken]
