"""An equation's right-hand side as a small tree: what definitions, proofs and searches walk.

``verify.coq.reader`` makes one of a SymPy expression.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias

from sympy import Basic, Expr, Symbol

from derive.language.substitution import substituted
from derive.language.terms import Condition, Index


@dataclass(frozen=True)
class Tree:
    """A value: one of the classes below."""


@dataclass(frozen=True)
class TensorRead(Tree):
    """An entry of an input, an upstream gradient or an earlier equation; a real parameter too."""

    tensor: str
    indices: tuple[Expr, ...]


@dataclass(frozen=True)
class Whole(Tree):
    """An integer as a scalar."""

    value: Expr


@dataclass(frozen=True)
class Inverse(Tree):
    """One over an integer."""

    value: Expr


#: what a product of a term is made of
FactorTree: TypeAlias = TensorRead | Whole | Inverse


@dataclass(frozen=True)
class Guard(Tree):
    """The Iverson bracket of a condition on integers."""

    condition: Condition


@dataclass(frozen=True)
class Plus(Tree):
    left: Tree
    right: Tree


@dataclass(frozen=True)
class Times(Tree):
    left: Tree
    right: Tree


@dataclass(frozen=True)
class Minus(Tree):
    body: Tree


@dataclass(frozen=True)
class Branching(Tree):
    condition: Condition
    yes: Tree
    no: Tree


@dataclass(frozen=True)
class Summed(Tree):
    """Σ over lo ≤ index < hi."""

    index: Index
    lo: Expr
    hi: Expr
    body: Tree


@dataclass(frozen=True)
class Applied(Tree):
    """An elementary function, under the name that it has in the library, at an argument."""

    function: str
    body: Tree


@dataclass(frozen=True)
class Reciprocal(Tree):
    """One over a scalar."""

    body: Tree


@dataclass(frozen=True)
class Rooted(Tree):
    """The square root."""

    body: Tree


@dataclass(frozen=True)
class Raised(Tree):
    """A power with an exponent that is no integer and no half."""

    body: Tree
    exponent: Tree


@dataclass(frozen=True)
class Step(Tree):
    """The bracket of left < right, between scalars."""

    left: Tree
    right: Tree


@dataclass(frozen=True)
class Selected(Tree):
    """The first branch where left < right, between scalars, else the second."""

    left: Tree
    right: Tree
    yes: Tree
    no: Tree


@dataclass(frozen=True)
class Largest(Tree):
    """The largest value over lo ≤ index < hi where the condition holds; zero if there is none."""

    index: Index
    lo: Expr
    hi: Expr
    condition: Condition
    body: Tree


@dataclass(frozen=True)
class FirstAt(Tree):
    """The bracket of ``at`` being the first place where that largest value is attained."""

    at: Expr
    largest: Largest


def changed(
    tree: Tree, child: Callable[[Tree], Tree], part: Callable[[Basic], Basic] = lambda e: e
) -> Tree:
    """The tree with its subtrees, and its integer expressions and conditions, changed."""
    new: dict[str, Any] = {}
    for field in fields(tree):
        value = getattr(tree, field.name)
        if isinstance(value, Tree):
            new[field.name] = child(value)
        elif isinstance(value, Basic):
            new[field.name] = part(value)
        elif isinstance(value, tuple):
            new[field.name] = tuple(part(v) for v in value)
    return replace(tree, **new)


def parts(tree: Tree) -> Iterator[Basic]:
    """The integer expressions and conditions of the tree itself."""
    for field in fields(tree):
        value = getattr(tree, field.name)
        several = value if isinstance(value, tuple) else (value,)
        yield from (v for v in several if isinstance(v, Basic))


def children(tree: Tree) -> Iterator[Tree]:
    """The trees right below."""
    for field in fields(tree):
        value = getattr(tree, field.name)
        if isinstance(value, Tree):
            yield value


def renamed(tree: Tree, own: Mapping[Symbol, Expr], depth: int = 0) -> Tree:
    """The tree with indices replaced, and those bound inside called by how deep they stand."""
    if isinstance(tree, Summed | Largest):
        own = {**own, tree.index: Index(f"j{depth}")}
        depth += 1
    return changed(tree, lambda t: renamed(t, own, depth), lambda part: substituted(part, own))


def subtrees(tree: Tree) -> Iterator[Tree]:
    """The tree and everything below it."""
    yield tree
    for child in children(tree):
        yield from subtrees(child)
