"""Atoms: values that are not multiplied out, as tables of scalars.

An elementary function, an inverse, a root, a maximum, a comparison or an intermediate is a scalar
for each value of the indices that it mentions.  Two of them are entries of one table, an atom, when
they are alike but for integer expressions outside their own sums: x[n, s·r + a] and x[n', r' + a]
under max over a are entries (n, s·r) and (n', r') of the same.  What is left of a gradient are then
sums of products of entries, as for a layer without functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from sympy import Add, Basic, Expr, Symbol

from derive.language.integers import expanded
from derive.language.substitution import substituted
from derive.language.terms import Index, symbols_of
from verify.coq.scalars import CoqDefinition
from verify.coq.trees import (
    Applied,
    FirstAt,
    Largest,
    Plus,
    Raised,
    Reciprocal,
    Rooted,
    Step,
    Summed,
    TensorRead,
    Tree,
    changed,
)

#: what is never multiplied out
OPAQUE = Applied | Reciprocal | Rooted | Raised | Step | Largest | FirstAt

Scope = Mapping[Symbol, Expr]


class Atoms:
    """The atoms of one certificate: what an entry is, by the key of its table in ``fixed``."""

    def __init__(self, fixed: dict[Symbol | str, str]) -> None:
        self.fixed = fixed
        self.found: dict[Tree, tuple[str, list[Index]]] = {}

    def entry(self, tree: Tree) -> TensorRead:
        """The entry that a value is, all its equations put in."""
        shape = _Shape()
        kind = shape.tree(tree, {})
        if kind not in self.found:
            name = f"atom{len(self.found)}"
            self.fixed[name] = name
            self.found[kind] = name, list(shape.holes.values())
        return TensorRead(self.found[kind][0], tuple(shape.holes))


class View:
    """The equations of a layer or of its gradient: which are put in, and which are atoms."""

    def __init__(
        self,
        equations: Mapping[str, CoqDefinition],
        opaque: frozenset[str],
        sums: frozenset[Tree],
        atoms: Atoms,
    ) -> None:
        """``opaque`` are the equations that are atoms, ``sums`` the shapes of sums that are."""
        self.equations = equations
        self.opaque = opaque
        self.sums = sums
        self.atoms = atoms
        self._numbers = count()

    def fresh(self, name: str) -> Index:
        """An index of its own, in whose name the layer's own name comes first."""
        return Index(f"{name.split('#')[0]}#{next(self._numbers)}")

    def opens(self, tree: Tree) -> bool:
        """Whether the tree is a read of an equation whose right-hand side stands for it."""
        return isinstance(tree, TensorRead) and tree.tensor in self.equations.keys() - self.opaque

    def closed(self, tree: Tree) -> bool:
        """Whether the tree is an atom."""
        if isinstance(tree, Plus):
            return bool(self.sums) and self.shape(tree) in self.sums
        return isinstance(tree, OPAQUE) or (
            isinstance(tree, TensorRead) and tree.tensor in self.opaque
        )

    def shape(self, tree: Tree) -> Tree:
        """The value with integer expressions outside its own sums taken out."""
        return _Shape().tree(self._inlined(tree, {}), {})

    def opened(self, read: TensorRead, scope: Scope) -> tuple[Tree, dict[Symbol, Expr]]:
        """An equation's right-hand side, and what its indices stand for."""
        equation = self.equations[read.tensor]
        there = [substituted(i, scope) for i in read.indices]
        return equation.body, dict(zip(equation.indices, there, strict=True))

    def entry(self, tree: Tree, scope: Scope) -> TensorRead:
        """The entry of an atom that a value is."""
        return self.atoms.entry(self._inlined(tree, scope))

    def _inlined(self, tree: Tree, scope: Scope) -> Tree:
        match tree:
            case TensorRead() if self.opens(tree):
                return self._inlined(*self.opened(tree, scope))
            case Summed(index, lo, hi, body):
                own = self.fresh(index.name)
                lo, hi = (substituted(end, scope) for end in (lo, hi))
                return Summed(own, lo, hi, self._inlined(body, {**scope, index: own}))
            case Largest(index, lo, hi, condition, body):
                own = self.fresh(index.name)
                lo, hi = (substituted(end, scope) for end in (lo, hi))
                inner = {**scope, index: own}
                value = self._inlined(body, inner)
                return Largest(own, lo, hi, substituted(condition, inner), value)
        return changed(
            tree, lambda t: self._inlined(t, scope), lambda part: substituted(part, scope)
        )


class _Shape:
    """A value with its integer expressions taken out, and those in order of appearance."""

    def __init__(self) -> None:
        self.holes: dict[Expr, Index] = {}

    def tree(self, tree: Tree, bound: Mapping[Index, Index]) -> Tree:
        match tree:
            case TensorRead(tensor, indices):
                return TensorRead(tensor, tuple(self._at(i, bound) for i in indices))
            case FirstAt(at, largest):
                place = self._at(at, bound)
                inside = self.tree(largest, bound)
                assert isinstance(inside, Largest)
                return FirstAt(place, inside)
            case Summed(index, lo, hi, body):
                own = Index(f"u{len(bound)}")
                lo, hi = (self._part(end, bound) for end in (lo, hi))
                return Summed(own, lo, hi, self.tree(body, {**bound, index: own}))
            case Largest(index, lo, hi, condition, body):
                own = Index(f"u{len(bound)}")
                lo, hi = (self._part(end, bound) for end in (lo, hi))
                inner = {**bound, index: own}
                return Largest(own, lo, hi, self._part(condition, inner), self.tree(body, inner))
        return changed(tree, lambda t: self.tree(t, bound), lambda part: self._part(part, bound))

    def _at(self, expr: Expr, bound: Mapping[Index, Index]) -> Expr:
        """An index, a hole even where it is a number."""
        inner = any(s in bound for s in symbols_of(expr))
        found: Expr = self._part(expr, bound) if inner else self._hole(expr)
        return found

    def _part(self, expr: Basic, bound: Mapping[Index, Index]) -> Any:
        symbols = symbols_of(expr)
        if not any(isinstance(s, Index) for s in symbols):
            return expr
        if not any(s in bound for s in symbols):
            return self._hole(expr) if isinstance(expr, Expr) else self._parts(expr, bound)
        if isinstance(expr, Index):
            return bound[expr]
        expr = expanded(expr) if isinstance(expr, Expr) else expr
        if isinstance(expr, Add):
            outer = [t for t in expr.args if not any(s in bound for s in symbols_of(t))]
            if any(isinstance(s, Index) for t in outer for s in symbols_of(t)):
                inner = [self._part(t, bound) for t in expr.args if t not in outer]
                return self._hole(Add(*outer)) + Add(*inner)
        return self._parts(expr, bound)

    def _parts(self, expr: Basic, bound: Mapping[Index, Index]) -> Any:
        return expr.func(*(self._part(arg, bound) for arg in expr.args))

    def _hole(self, expr: Expr) -> Index:
        return self.holes.setdefault(expanded(expr), Index(f"h{len(self.holes)}"))
