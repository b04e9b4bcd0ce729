"""Sums taken apart: every expression of the language is a list of terms

    coefficient · Σ over all integers of the bound indices · Π [conditions] · Π factors

with the ranges among the conditions.  A factor is a tensor entry, or stands for a value that is
no polynomial in entries: ``exp(x[n, c])`` is the entry ``⟨exp(x[◇0, ◇1])⟩[n, c]``, whose name says
what is computed, whose indices say where.  Two such entries with the same name and the same indices
are the same value; the converse does not hold, so nothing may be refuted with them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from sympy import Add, Basic, Expr, IndexedBase, Mul, Sum, Symbol, expand, fraction, oo
from sympy import together as over_one_denominator

from derive.engine.scope import fresh_index
from derive.language.normal_form import normal, writing
from derive.language.substitution import integral, substituted
from derive.language.terms import (
    ONE,
    Between,
    Condition,
    Entry,
    Index,
    Iverson,
    MaxOver,
    Negation,
    entries,
    symbols_of,
    total,
)

S = TypeVar("S", bound=Symbol)


@dataclass(frozen=True)
class Term:
    """One product, summed over all integer values of its bound indices."""

    coefficient: Expr = ONE
    bound: tuple[Index, ...] = ()
    conditions: tuple[Condition, ...] = ()
    factors: tuple[Entry, ...] = ()

    @property
    def tensors(self) -> tuple[str, ...]:
        """The names of the factors, sorted."""
        return tuple(sorted(f.tensor for f in self.factors))

    @property
    def exact(self) -> bool:
        """Whether all factors are tensor entries and all conditions are about integers."""
        return not any(is_opaque(e) for part in self.parts() for e in entries(part))

    def parts(self) -> Iterator[Expr | Condition]:
        """Coefficient, conditions and factors."""
        yield self.coefficient
        yield from self.conditions
        yield from self.factors

    def symbols(self) -> set[Symbol]:
        """All symbols that occur, bound ones included."""
        return {s for part in self.parts() for s in symbols_of(part)} | set(self.bound)

    def times(self, other: Term) -> Term:
        """The product; bound indices of the other that would clash are renamed."""
        other = other.apart_from(self.symbols())
        mine = self.apart_from(other.symbols())
        return Term(
            Mul(mine.coefficient, other.coefficient),
            mine.bound + other.bound,
            merged(mine.conditions, other.conditions),
            mine.factors + other.factors,
        )

    def scaled(self, factor: Expr) -> Term:
        """The term times a number or an expression in sizes."""
        return replace(self, coefficient=Mul(factor, self.coefficient))

    def under(self, conditions: Iterable[Condition]) -> Term:
        """The term with further conditions on indices that it does not bind."""
        return replace(self, conditions=merged(self.conditions, tuple(conditions)))

    def apart_from(self, taken: Collection[Symbol]) -> Term:
        """The same term with bound indices that are not among the taken symbols."""
        clashing = [i for i in self.bound if i in taken]
        if not clashing:
            return self
        used = {s.name for s in self.symbols()} | {s.name for s in taken}
        renaming: dict[Index, Index] = {}
        for index in clashing:
            renaming[index] = fresh_index(index, used)
            used.add(renaming[index].name)
        return replace(self._mapped(renaming), bound=tuple(renaming.get(i, i) for i in self.bound))

    def substituted(self, mapping: Mapping[S, Expr]) -> Term:
        """The term with free symbols replaced, bound indices renamed where they would capture."""
        taken: set[Symbol] = {s for e in mapping.values() for s in symbols_of(e)}
        taken.update(mapping)
        return self.apart_from(taken)._mapped(mapping)

    def without(self, index: Index, value: Expr) -> Term:
        """The term with a bound index replaced by the only value it can have."""
        rest = tuple(i for i in self.bound if i != index)
        return replace(self, bound=rest)._mapped({index: value})

    def _mapped(self, mapping: Mapping[S, Expr]) -> Term:
        return Term(
            substituted(self.coefficient, mapping),
            self.bound,
            merged((), tuple(substituted(c, mapping) for c in self.conditions)),
            tuple(substituted(f, mapping) for f in self.factors),
        )

    @property
    def split(self) -> tuple[Expr, Expr]:
        """The coefficient as a factor without bound indices and one with them."""
        own = set(self.bound)
        outer: list[Expr] = []
        inner: list[Expr] = []
        for factor in Mul.make_args(self.coefficient):
            (inner if own & set(symbols_of(factor)) else outer).append(factor)
        return Mul(*outer), Mul(*inner)

    def expression(self) -> Expr:
        """The term as an expression of the language."""
        outer, inner = self.split
        guards = (Iverson(c) for c in self.conditions)
        whole = [(i, -oo, oo) for i in self.bound]
        return Mul(outer, total(Mul(inner, *guards, *self.factors), whole))

    @cached_property
    def key(self) -> str:
        """A writing that depends neither on the names of the bound indices nor on factors in
        front of the sum."""
        rest = replace(self, coefficient=self.split[1])
        return writing(normal(rest.expression()))


def merged(first: tuple[Condition, ...], second: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """All conditions, each once."""
    return tuple(dict.fromkeys((*first, *second)))


def is_opaque(entry: Entry) -> bool:
    """Whether a factor stands for a value that is no tensor entry."""
    return entry.tensor.startswith("⟨")


def contradictory(term: Term) -> bool:
    """Whether two conditions of a term are each other's negation."""
    known = set(term.conditions)
    return any(isinstance(c, Negation) and c.args[0] in known for c in known)


def collected(terms: Iterable[Term]) -> list[Term]:
    """Terms that are written alike added up; what cancels is gone."""
    found: dict[str, list[Term]] = {}
    for term in terms:
        found.setdefault(term.key, []).append(term)
    added = []
    for first, *others in found.values():
        outer = Add(first.split[0], *(t.split[0] for t in others))
        if not vanishes(outer):
            added.append(replace(first, coefficient=Mul(outer, first.split[1])))
    return added


def vanishes(coefficient: Expr) -> bool:
    """Whether a rational function of sizes and integer operations is zero where it is defined."""
    return bool(numerator(coefficient) == 0)


def numerator(coefficient: Expr) -> Expr:
    """The numerator over a common denominator, multiplied out."""
    if coefficient.is_Number:
        return coefficient
    top, _ = fraction(over_one_denominator(expand(coefficient)))
    return expand(top)


def range_condition(index: Index, low: Expr, high: Expr) -> tuple[Condition, ...]:
    """What a range of a sum says of its index; nothing where it is not bounded."""
    return () if high == oo else (Between(low, index, high),)


Bound = frozenset[Index]


def opaque(value: Basic) -> Entry:
    """The entry that stands for a value, or for the truth of a condition."""
    places = _Places()
    template = places.lifted(value, frozenset())
    return Entry(f"⟨{writing(normal(template))}⟩", *places.found)


class _Places:
    """Replaces what depends on free indices by place holders, in order of appearance."""

    def __init__(self) -> None:
        self.found: dict[Expr, Index] = {}

    def lifted(self, expr: Any, inner: Bound) -> Any:
        """The expression with its free index expressions replaced; ``inner`` are bound in it."""
        if isinstance(expr, IndexedBase) or not _mentions_free(expr, inner):
            return expr
        if isinstance(expr, Sum | MaxOver):
            inner = inner | {i for i, _, _ in expr.limits}
            limits = [(i, *(self.lifted(end, inner) for end in ends)) for i, *ends in expr.limits]
            return expr.func(self.lifted(expr.function, inner), *limits)
        if isinstance(expr, Expr) and integral(expr):
            return self._index(expr, inner)
        return expr.func(*(self.lifted(a, inner) for a in expr.args))

    def _index(self, expr: Expr, inner: Bound) -> Expr:
        """An index expression: its part without inner indices is one place."""
        if not any(s in inner for s in symbols_of(expr)):
            return self._placed(expr)
        if not isinstance(expr, Add):
            return expr.func(*(self.lifted(a, inner) for a in expr.args))
        outer = [t for t in expr.args if not any(s in inner for s in symbols_of(t))]
        if not any(_mentions_free(t, inner) for t in outer):
            outer = []
        rest = [self.lifted(t, inner) for t in expr.args if t not in outer]
        return Add(*([self._placed(Add(*outer))] if outer else []), *rest)

    def _placed(self, expr: Expr) -> Index:
        if expr not in self.found:
            self.found[expr] = Index(f"◇{len(self.found)}")
        return self.found[expr]


def _mentions_free(expr: Basic, inner: Bound) -> bool:
    return any(isinstance(s, Index) and s not in inner for s in symbols_of(expr))
