"""Two indices of a sum of which one is below the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import permutations

from sympy import Expr

from derive.language.terms import ZERO, AtMost, Between, Condition, Index, Less, symbols_of
from verify.equality.algebra.polynomials import Product
from verify.equality.algebra.truths import Guard


@dataclass(frozen=True)
class OrderedPair:
    """``lower`` < ``upper``, or ≤ where it is not ``strict``; ``others`` are the other factors,
    among them what both run over."""

    lower: Index
    upper: Index
    strict: bool
    others: Product


def ordered_pairs(product: Product, bound: tuple[Index, ...]) -> Iterator[OrderedPair]:
    """All pairs of bound indices that a condition of the product orders."""
    guards = {a.condition: a for a, _ in product if isinstance(a, Guard)}
    for condition, atom in sorted(guards.items(), key=lambda item: item[1].key):
        others = product - {(atom, 1)}
        for lower, upper in permutations(bound, 2):
            if condition in (Less(lower, upper), AtMost(lower, upper)):
                yield OrderedPair(lower, upper, isinstance(condition, Less), others)
            elif condition in (Between(ZERO, lower, upper), Between(ZERO, lower, upper + 1)):
                high = _end(upper, bound, guards)
                if high is not None:
                    both = others | {(Guard(Between(ZERO, lower, high)), 1)}
                    yield OrderedPair(lower, upper, condition.args[2] == upper, both)


def _end(index: Index, bound: tuple[Index, ...], guards: Iterable[Condition]) -> Expr | None:
    """Where the range of an index ends, if no other one of the sum is mentioned there."""
    for condition in guards:
        if isinstance(condition, Between) and condition.args[:2] == (ZERO, index):
            high = condition.args[2]
            return None if set(bound) & set(symbols_of(high)) else high
    return None
