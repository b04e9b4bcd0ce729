"""What the names of a text stand for, and names for output sizes: R = max(0, H − K1 + 1)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as changed

from sympy import Basic, Expr, Integer, Symbol

from derive.language.definition import Equation, Hyperparameter, Minima, Tensor
from derive.language.notation.errors import NotationError, Span
from derive.language.notation.mistakes import goes_on
from derive.language.notation.syntax import (
    Bounds,
    EquationNode,
    LayerNode,
    Name,
    Node,
    binders,
    children,
)
from derive.language.terms import Condition, Index, Parameter, Same, Size, replace, symbols_of

#: the indices in scope, by name
Scope = dict[str, Index]

_NAME = re.compile(r"[^\W\d⁰¹²³⁴-⁹]([^\W⁰¹²³⁴-⁹]|')*")


#: names that different people have for one tensor
ROLES = (
    ("x", "input", "inp", "x_in", "inputs"),
    ("k", "w", "weight", "weights", "kernel", "filter", "f"),
    ("b", "bias"),
    ("t", "target", "targets", "labels", "label", "y_true"),
    ("y", "out", "output", "z", "o"),
)


@dataclass
class Declarations:
    """All that a header declares or that bare equations imply: names and what they stand for.

    ``sizes`` and ``parameters`` map a name to its symbol, or to the number or symbol that replaces
    it.  ``exact`` holds the requirements left behind by hyperparameters that became numbers.
    """

    text: str
    name: str
    tensors: dict[str, Tensor] = field(default_factory=dict)
    sizes: dict[str, Expr] = field(default_factory=dict)
    parameters: dict[str, Expr] = field(default_factory=dict)
    hyperparameters: tuple[Hyperparameter, ...] = ()

    def error(self, message: str, span: Span, hint: str = "") -> NotationError:
        return NotationError(message, self.text, span, hint)

    def merged(self, merges: dict[Basic, Basic]) -> Declarations:
        """The same declarations with some sizes replaced everywhere."""
        tensors = {
            t.name: changed(
                t,
                axes=tuple(
                    changed(
                        a,
                        size=replace(a.size, merges),
                        before=replace(a.before, merges),
                        after=replace(a.after, merges),
                    )
                    for a in t.axes
                ),
                below=None if t.below is None else replace(t.below, merges),
            )
            for t in self.tensors.values()
        }
        sizes = {n: replace(s, merges) for n, s in self.sizes.items()}
        return changed(self, tensors=tensors, sizes=sizes)


@dataclass
class Draft:
    """A layer in the making: its declarations and what its equations have shown so far.

    ``places`` remembers where each read and each maximum was written.  ``merges`` are sizes found
    to be one and the same; a draft with merges is abandoned and begun again with them applied.
    ``borrowed`` are names of output sizes used before their equation gave them a meaning.
    """

    declared: Declarations
    ranks: dict[str, int]
    size_names: frozenset[str]
    index_names: frozenset[str]
    equations: dict[str, Equation] = field(default_factory=dict)
    definitions: dict[Size, Expr] = field(default_factory=dict)
    requirements: list[Condition] = field(default_factory=list)
    places: dict[Basic, Span] = field(default_factory=dict)
    merges: dict[Basic, Basic] = field(default_factory=dict)
    borrowed: dict[str, Span] = field(default_factory=dict)

    def error(self, message: str, span: Span, hint: str = "") -> NotationError:
        return self.declared.error(message, span, hint)

    def instead(self, name: str) -> str:
        """What to write for a name that many use and nothing here bears; empty for others."""
        tensors = {t.lower(): t for t in self.declared.tensors}
        roles = [r for r in ROLES if name.lower() in r]
        usual = [tensors[n] for n in (name.lower(), *(n for r in roles for n in r)) if n in tensors]
        return f"write {usual[0]}, as {self.declared.name} calls it" if usual else ""

    def require(self, condition: Condition) -> None:
        """Add a requirement, once."""
        if condition not in self.requirements:
            self.requirements.append(condition)

    def shape(self, tensor: str) -> tuple[Expr, ...]:
        """The sizes along a tensor's axes, padding not counted."""
        if tensor in self.declared.tensors:
            return tuple(a.size for a in self.declared.tensors[tensor].axes)
        return self.equations[tensor].extents

    def rank(self, tensor: str) -> int | None:
        """How many indices a tensor or an equation has; None if there is none of that name."""
        declared = self.declared.tensors.get(tensor)
        return self.ranks.get(tensor) if declared is None else len(declared.axes)

    def same_size(self, sizes: list[Expr], index: str, span: Span) -> Expr:
        """One size for all axes along which one index stands alone."""
        first, *others = sizes
        for other in others:
            if other == first or replace(other, self.merges) == replace(first, self.merges):
                continue
            merged, kept = (other, first) if self._free(other) else (first, other)
            if self._free(merged) and not kept.free_symbols & {merged, *self.definitions}:
                self.merges[merged] = replace(kept, self.merges)
            elif isinstance(first, Integer) and isinstance(other, Integer):
                raise self.error(
                    f"{index} ranges over an axis of size {first} and one of size {other}", span
                )
            else:
                self.require(Same(first, other))
        return first

    def unwritten_range(
        self, index: Index, sizes: list[Expr], body: Expr, span: Span
    ) -> tuple[Expr, Expr]:
        """The range of a bound index that has none, given the axes on which it stands alone."""
        if not sizes:
            name = index.name
            raise self.error(
                f"the range of {name} must be written: it stands alone in no read",
                span,
                f"write {name} < size, as in sum[{name} < N]"
                + goes_on(name, self.declared.text, span[1]),
            )
        return Integer(0), self.same_size(sizes, index.name, span)

    def _free(self, size: Expr) -> bool:
        return isinstance(size, Size) and size not in self.definitions and size not in self.merges

    def symbol(self, name: str, span: Span) -> Expr | None:
        """The size or hyperparameter of that name, or None."""
        for table in (self.declared.parameters, self.declared.sizes):
            if name in table:
                return table[name]
        for size in self.definitions:
            if size.name == name:
                return size
        if name in self.size_names:
            self.borrowed.setdefault(name, span)
            return Size(name)
        return None

    def bind(self, index: Name, scope: Scope) -> Scope:
        """The scope with one more index."""
        name = index.name
        if name in scope:
            raise self.error(
                f"the index {name} is already used here", index.span, "choose another name"
            )
        declared = self.declared
        symbols = {str(p) for p in declared.parameters.values()}
        if name in {*declared.parameters, *declared.sizes, *symbols}:
            raise self.error(
                f"{name} is a size or a hyperparameter and cannot be an index too",
                index.span,
                "choose another name for the index",
            )
        return {**scope, name: Index(name)}


def is_name(text: str) -> bool:
    """Whether a string could be a name of the notation."""
    return _NAME.fullmatch(text) is not None


def index_names(tree: LayerNode) -> Iterator[str]:
    """The names of all indices a text binds, of outputs and of sums."""
    for equation in tree.equations:
        yield from (b.index.name for b in equation.axes)
        yield from (b.index.name for b in _all_bounds(equation.body))


def _all_bounds(node: Node) -> Iterator[Bounds]:
    yield from binders(node)
    for child in children(node):
        yield from _all_bounds(child)


def unused(candidates: Iterable[str], taken: Iterable[str]) -> str:
    """The first candidate that is a name and not taken; the last one with primes if all are."""
    occupied = set(taken)
    valid = [c for c in candidates if is_name(c)] or ["S"]
    for candidate in valid:
        if candidate not in occupied:
            return candidate
    name = valid[-1]
    while name in occupied:
        name += "'"
    return name


def possible_names(tree: LayerNode, input_names: Iterable[str]) -> frozenset[str]:
    """All names that output sizes may come to bear, primes left off."""
    found = {b.size_name.name for e in tree.equations for b in e.axes if b.size_name is not None}
    for equation in tree.equations:
        found |= set(by_index([Index(b.index.name) for b in equation.axes]))
        found |= set(by_axis(equation.name, len(equation.axes)))
    found |= {f"{name}_out" for name in input_names}
    return frozenset(name.rstrip("'") for name in found)


def by_index(indices: Sequence[Index]) -> list[str]:
    """The usual names: the output's indices in upper case."""
    return [i.name.upper() for i in indices]


def by_input(sizes: Sequence[Expr], shapes: Iterable[Expr]) -> list[str]:
    """The names used where those are taken: ``H_out`` for a size that is made from an input's H."""
    own = [s.name for s in shapes if isinstance(s, Size)]
    found = (
        next((n for n in own if n in {s.name for s in symbols_of(size)}), "") for size in sizes
    )
    return [f"{name}_out" if name else "" for name in found]


def by_axis(name: str, rank: int) -> list[str]:
    """The last resort: the output's name with the number of the axis."""
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

    The index in upper case, or, if that is taken for any of them, the input's sizes, or name and
    axis for all.
    """
    new = [p for p, n in enumerate(sizes) if plain(n, minimum, shapes) is None and n not in known]
    occupied = set(taken)

    def free(names: Sequence[str]) -> bool:
        wanted = [names[p] for p in new]
        valid = all(w not in occupied and is_name(w) for w in wanted)
        return valid and len(set(wanted)) == len(wanted)

    ways = (by_index(indices), by_input(sizes, shapes), by_axis(name, len(indices)))
    preferred = next(filter(free, ways), ways[-1])
    for place in new:
        while preferred[place] in occupied or not is_name(preferred[place]):
            preferred[place] = preferred[place] + "'" if is_name(preferred[place]) else "S"
        occupied.add(preferred[place])
    return preferred
