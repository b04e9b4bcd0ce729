"""Values that are no polynomials in tensor entries, as entries of tensors of their own.

``exp(x[n, c])`` becomes the entry ``⟨exp(x[◇0, ◇1])⟩[n, c]``: its name says what is computed, its
indices say where.  Two such entries with the same name and the same indices are the same value;
the converse does not hold, so nothing may be refuted with them.
"""

from __future__ import annotations

from typing import Any

from sympy import Add, Basic, Expr, IndexedBase, Sum

from derive.language.normal_form import normal, writing
from derive.language.substitution import integral
from derive.language.terms import Entry, Index, MaxOver, symbols_of

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
        free = [t for t in outer if _mentions_free(t, inner)]
        rest = [self.lifted(t, inner) for t in expr.args if t not in free]
        return Add(*([self._placed(Add(*free))] if free else []), *rest)

    def _placed(self, expr: Expr) -> Index:
        if expr not in self.found:
            self.found[expr] = Index(f"◇{len(self.found)}")
        return self.found[expr]


def _mentions_free(expr: Basic, inner: Bound) -> bool:
    return any(isinstance(s, Index) and s not in inner for s in symbols_of(expr))
