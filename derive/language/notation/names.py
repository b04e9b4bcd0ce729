"""What the names of a text stand for, while it is given meaning."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sympy import Basic, Expr, Integer

from derive.language.definition import Equation, Hyperparameter, Tensor
from derive.language.notation.errors import NotationError, Span
from derive.language.notation.syntax import Bounds, LayerNode, Name, Node, binders, children
from derive.language.terms import Condition, Index, Size, replace

#: the indices in scope, by name
Scope = dict[str, Index]

_NAME = re.compile(r"[^\W\d][\w']*")


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
        from dataclasses import replace as changed

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
                from derive.language.terms import Same

                self.require(Same(first, other))
        return first

    def unwritten_range(self, index: Index, sizes: list[Expr], span: Span) -> tuple[Expr, Expr]:
        """The range of a bound index that has none, given the axes on which it stands alone."""
        if not sizes:
            name = index.name
            raise self.error(
                f"the range of {name} must be written: it stands alone in no read",
                span,
                f"write {name} < size, as in sum[{name} < N]",
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
