"""Where an intermediate is zero by its guards, what it is multiplied by need not have a value.

An adjoint such as ḡ[i] = [i < N−1]·g[i] is 0 at i = N−1; in a product ḡ[i]/u[i] the quotient may
be 1/0 there, and 0·∞ is no number.  The guard is written beside the read, so that nothing else of
the product counts where it fails.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import Add, Basic, Expr, Mul, Pow

from derive.language.definition import Layer
from derive.language.functions import UNBOUNDED
from derive.language.substitution import integral, substituted
from derive.language.terms import (
    MINUS_INFINITY,
    Condition,
    Entry,
    Index,
    Iverson,
    entries,
    mapped,
    subterms,
)
from numeric.program.reads import parts_of


def supported(layer: Layer) -> Layer:
    """The layer with the guards of intermediates beside reads of them that are multiplied by what
    may have no value, or an infinite one.
    """
    supports = _Supports()
    made = []
    for equation in layer.ordered:
        explicit = supports.guarded(equation.explicit)
        made.append(
            equation if explicit is equation.explicit else replace(equation, explicit=explicit)
        )
        supports.note(equation.name, equation.indices, equation.explicit)
    return layer if tuple(made) == layer.ordered else replace(layer, equations=tuple(made))


class _Supports:
    """By equation: the conditions without which it is zero; and those that may be infinite."""

    def __init__(self) -> None:
        self._conditions: dict[str, tuple[tuple[Index, ...], tuple[Condition, ...]]] = {}
        self._infinite: set[str] = set()

    def note(self, name: str, indices: tuple[Index, ...], explicit: Expr) -> None:
        """An equation, after those that it reads."""
        own = set(indices)
        stated = tuple(c for c in self._guards(explicit) if not entries(c) and _indices(c) <= own)
        if stated:
            self._conditions[name] = indices, stated
        if any(self._delicate(node) for node in subterms(explicit)):
            self._infinite.add(name)

    def guarded(self, expr: Basic) -> Any:
        """The expression with guards in those of its products that need them."""
        inner = mapped(self.guarded, expr)
        if not isinstance(inner, Mul):
            return inner
        found = [c for f in inner.args if isinstance(f, Entry) for c in self._beside(f, inner)]
        stated = {c for f in inner.args for c in _stated(f)}
        missing = [c for c in dict.fromkeys(found) if c not in stated]
        return Mul(*map(Iverson, missing), inner) if missing else inner

    def _guards(self, expr: Expr) -> list[Condition]:
        """The conditions that every summand is zero without, by its guards or what it reads."""
        found = [
            [c for f in Mul.make_args(term) for c in (*_stated(f), *self._of(f))]
            for term in Add.make_args(expr)
        ]
        return [c for c in found[0] if all(c in others for others in found[1:])]

    def _of(self, read: Basic) -> list[Condition]:
        """The conditions without which what is read is zero."""
        if not isinstance(read, Entry) or read.tensor not in self._conditions:
            return []
        indices, stated = self._conditions[read.tensor]
        mapping = dict(zip(indices, read.indices, strict=True))
        return [substituted(c, mapping) for c in stated]

    def _beside(self, read: Entry, product: Mul) -> list[Condition]:
        """The conditions of what is read, where something else in the product needs them."""
        others = (node for f in product.args if f != read for node in subterms(f))
        return self._of(read) if any(self._delicate(node) for node in others) else []

    def _delicate(self, node: Basic) -> bool:
        if isinstance(node, Entry):
            return node.tensor in self._infinite
        return may_lack_value(node)


def may_lack_value(node: Basic) -> bool:
    """Whether an operation may have no value, or an infinite one, for real numbers."""
    if isinstance(node, Pow):
        whole = node.exp.is_Integer and node.exp.is_nonnegative
        return not whole and not integral(node.base) and not node.base.is_number
    return isinstance(node, UNBOUNDED) or node == MINUS_INFINITY


def _stated(factor: Basic) -> list[Condition]:
    """What a guard says."""
    return list(parts_of(factor.args[0])) if isinstance(factor, Iverson) else []


def _indices(condition: Condition) -> set[Index]:
    return {node for node in subterms(condition) if isinstance(node, Index)}
