"""Names for output sizes that are no plain symbol: R = max(0, H − K1 + 1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sympy import Expr, Integer, Symbol

from derive.language.definition import Minima, Tensor
from derive.language.notation.names import Draft, is_name
from derive.language.notation.syntax import EquationNode, LayerNode
from derive.language.terms import Index, Parameter, Size, symbols_of


def possible_names(tree: LayerNode) -> frozenset[str]:
    """All names that output sizes may come to bear, primes left off."""
    found = {b.size_name.name for e in tree.equations for b in e.axes if b.size_name is not None}
    for equation in tree.equations:
        found |= set(by_index([Index(b.index.name) for b in equation.axes]))
        found |= set(by_axis(equation.name, len(equation.axes)))
    return frozenset(name.rstrip("'") for name in found)


def by_index(indices: Sequence[Index]) -> list[str]:
    """The usual names: the output's indices in upper case."""
    return [i.name.upper() for i in indices]


def by_axis(name: str, rank: int) -> list[str]:
    """The names used where those are taken: the output's name with the number of the axis."""
    return [name.upper()] if rank == 1 else [f"{name.upper()}{axis + 1}" for axis in range(rank)]


def size_symbols(node: EquationNode, sizes: Sequence[Expr], draft: Draft) -> tuple[Expr, ...]:
    """What ranges and shapes call each size; compound sizes get a symbol, which the draft notes."""
    minimum = {h.symbol: h.minimum for h in draft.declared.hyperparameters}
    taken = set(draft.index_names) | taken_names(
        draft.declared.tensors.values(), minimum, draft.definitions
    )
    known = {meaning: symbol for symbol, meaning in draft.definitions.items()}
    shapes = input_sizes(draft.declared.tensors.values())
    usual = usual_names(
        node.name, [Index(b.index.name) for b in node.axes], sizes, known, minimum, shapes, taken
    )
    extents: list[Expr] = []
    for place, (bounds, size) in enumerate(zip(node.axes, sizes, strict=True)):
        extent = plain(size, minimum, shapes)
        if extent is None:
            extent = known.get(size, Size(usual[place]))
            if bounds.size_name is not None:
                extent = _chosen(bounds.size_name.name, size, bounds.size_name.span, taken, draft)
            if extent not in draft.definitions:
                draft.definitions[extent] = size
                known[size] = extent
                taken.add(extent.name)
        extents.append(extent)
    return tuple(extents)


def _chosen(name: str, size: Expr, span: tuple[int, int], taken: set[str], draft: Draft) -> Size:
    """A name given in the text: ``r < R = H-K+1``."""
    if draft.definitions.get(Size(name)) == size:
        return Size(name)
    if name in taken:
        raise draft.error(
            f"the name {name} is already taken", span, "choose another name for the size"
        )
    return Size(name)


def input_sizes(tensors: Iterable[Tensor]) -> list[Expr]:
    """The sizes of all axes of the inputs."""
    return [a.size for t in tensors for a in t.axes]


def taken_names(
    tensors: Iterable[Tensor], hyperparameters: Iterable[Symbol], definitions: Iterable[Size]
) -> set[str]:
    """The names of all sizes and hyperparameters so far."""
    shapes = (s for t in tensors for a in t.axes for s in symbols_of(a.size))
    return {s.name for s in (*shapes, *hyperparameters, *definitions)}


def plain(size: Expr, minimum: Minima, shapes: Collection[Expr]) -> Expr | None:
    """A size that needs no name of its own, None if it needs one.

    Plain are numbers, sizes, hyperparameters that are never negative, and sizes of input axes.
    """
    if isinstance(size, Integer):
        return max(size, Integer(0))
    if isinstance(size, Size) or size in shapes:
        return size
    least = minimum.get(size) if isinstance(size, Parameter) else None
    return size if least is not None and least >= 0 else None


def usual_names(
    name: str,
    indices: Sequence[Index],
    sizes: Sequence[Expr],
    known: Mapping[Expr, Size],
    minimum: Minima,
    shapes: Collection[Expr],
    taken: Iterable[str],
) -> list[str]:
    """The name that each compound size gets unless the text chooses one.

    The index in upper case, or, if that is taken for any of them, name and axis for all.
    """
    new = [p for p, n in enumerate(sizes) if plain(n, minimum, shapes) is None and n not in known]
    preferred = by_index(indices)
    wanted = [preferred[p] for p in new]
    if any(w in taken or not is_name(w) for w in wanted) or len(set(wanted)) < len(wanted):
        preferred = by_axis(name, len(indices))
    occupied = set(taken)
    for place in new:
        while preferred[place] in occupied or not is_name(preferred[place]):
            preferred[place] = preferred[place] + "'" if is_name(preferred[place]) else "S"
        occupied.add(preferred[place])
    return preferred
