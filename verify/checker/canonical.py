"""When two expressions are the same: up to ring arithmetic and the names of bound indices.

Every expression has a *form*: a polynomial whose unknowns are symbols, tensor reads, guards, sums
and so on, each with forms for its parts, and with numbers in place of bound indices.  Equal forms
mean equal values wherever both have one; the converse is not claimed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import chain, permutations, product
from math import factorial, prod
from typing import Any, TypeAlias

from sympy import Add, Basic, Expr, IndexedBase, Mul, Pow, Rational, Sum, Symbol

from derive.language.terms import (
    ONE,
    Both,
    Condition,
    Delta,
    Differ,
    Either,
    Entry,
    Greatest,
    Iverson,
    Least,
    MaxOver,
    Range,
    Same,
    ranges_of,
)
from verify.checker.binding import free
from verify.checker.polynomials import (
    Indicator,
    Polynomial,
    add,
    constant,
    monomial_power,
    multiply,
    unknown,
    value_of,
)

#: what stands for the bound indices around a place: a number each
Names: TypeAlias = tuple[tuple[Symbol, int], ...]
#: in which order the ranges of a sum stand in its form, and the names inside it
Order: TypeAlias = Callable[[Sequence[Range], Basic, Names], tuple[Sequence[Range], Names]]

#: how many terms a power of a sum may have to be multiplied out
_TERMS = 64
#: how many orders of indices in equal roles are compared
_ORDERS = factorial(5)


def same(a: Basic, b: Basic) -> bool:
    """Whether ring arithmetic and renaming of bound indices turn one expression into the other."""
    if a == b or form(a, (), as_written) == form(b, (), as_written):
        return True
    if form(a, (), nameless) != form(b, (), nameless):
        return False
    return bool(form(a, (), by_role) == form(b, (), by_role))


@lru_cache(maxsize=65536)
def form(expr: Basic, names: Names, order: Order) -> Polynomial:
    """The form of an expression; ``names`` are the numbers of the bound indices around it."""
    used = free(expr)
    visible = tuple((s, n) for s, n in names if s in used)
    if visible != names:
        return form(expr, visible, order)
    if isinstance(expr, Rational):
        return constant(int(expr) if expr.is_Integer else Fraction(int(expr.p), int(expr.q)))
    if isinstance(expr, Add):
        return add(form(arg, names, order) for arg in expr.args)
    if isinstance(expr, Mul):
        return multiply(form(arg, names, order) for arg in _gathered(expr))
    if isinstance(expr, Pow):
        return _power(expr, names, order)
    return unknown(_atom(expr, names, order))


def _gathered(product: Mul) -> Iterator[Expr]:
    """The factors, those of one base as one power where some exponent is no natural number.

    u^(a−1)·u is u^a wherever it has a value; multiplied out, a sum u would no longer be seen in it.
    """
    exponents: dict[Expr, list[Expr]] = {}
    for factor in product.args:
        base, exponent = factor.args if isinstance(factor, Pow) else (factor, ONE)
        exponents.setdefault(base, []).append(exponent)
    for base, found in exponents.items():
        natural = all(e.is_Integer and e >= 0 for e in found)
        yield from (Pow(base, e) for e in found) if natural else [Pow(base, Add(*found))]


def _power(expr: Pow, names: Names, order: Order) -> Polynomial:
    base, exponent = (form(arg, names, order) for arg in expr.args)
    number = value_of(exponent)
    if isinstance(number, int):
        if number >= 0 and len(base) ** number <= _TERMS:
            return multiply([base] * number)
        single = monomial_power(base, number)
        if single is not None:
            return single
    return unknown(_alone(base), exponent if number is None else number)


def _alone(p: Polynomial) -> Hashable:
    """The unknown that a polynomial consists of, else the polynomial as an unknown of its own."""
    if len(p) == 1:
        ((monomial, coefficient),) = p
        if coefficient == 1 and len(monomial) == 1:
            ((atom, exponent),) = monomial
            if exponent == 1:
                return atom
    return ("value", p)


def _atom(expr: Basic, names: Names, order: Order) -> Hashable:
    if isinstance(expr, Symbol):
        return dict(names).get(expr, expr)
    if isinstance(expr, Sum | MaxOver):
        return _over_ranges(expr, names, order)
    if isinstance(expr, Iverson):
        return Indicator(("Iverson", *_parts(expr, names, order)))
    if isinstance(expr, Entry):
        return ("read", expr.tensor, *(form(i, names, order) for i in expr.indices))
    if isinstance(expr, Delta | Same | Differ | Both | Either | Least | Greatest):
        return (type(expr).__name__, frozenset(_parts(expr, names, order)))
    if isinstance(expr, IndexedBase) or not expr.args:
        return expr
    return (type(expr).__name__, *_parts(expr, names, order))


def _parts(expr: Basic, names: Names, order: Order) -> list[Polynomial]:
    return [form(arg, names, order) for arg in expr.args]


def _over_ranges(expr: Sum | MaxOver, names: Names, order: Order) -> Hashable:
    within = order if isinstance(expr, Sum) else as_written
    ranges, inside = within(ranges_of(expr), expr.args[0], names)
    bounds = tuple((form(lo, inside, order), form(hi, inside, order)) for _, lo, hi in ranges)
    return (type(expr).__name__, bounds, form(expr.args[0], inside, order))


def as_written(ranges: Sequence[Range], body: Basic, names: Names) -> tuple[Sequence[Range], Names]:
    """The indices of a sum are numbered as they stand."""
    return ranges, _numbered([r[0] for r in ranges], names)


def nameless(ranges: Sequence[Range], body: Basic, names: Names) -> tuple[Sequence[Range], Names]:
    """The indices of a sum are not told apart: forms that differ even so differ altogether."""
    inside = _blanked(ranges, names)

    def bounds(range_: Range) -> str:
        return writing(tuple(form(bound, inside, as_written) for bound in range_[1:]))

    return sorted(ranges, key=bounds), inside


def by_role(ranges: Sequence[Range], body: Basic, names: Names) -> tuple[Sequence[Range], Names]:
    """The indices of a sum are numbered by what they do in it, whatever they are called.

    The role of an index is the sum seen with all other indices of it blanked out.  Of indices in
    equal roles every order is tried and the one with the smallest writing taken.
    """
    roles: dict[str, list[Range]] = {}
    for range_ in ranges:
        marked = (*_blanked([r for r in ranges if r != range_], names), (range_[0], _MARKED))
        role = [form(part, marked, as_written) for part in (body, *range_[1:])]
        roles.setdefault(writing(tuple(role)), []).append(range_)
    groups = [roles[role] for role in sorted(roles)]
    orders = [[range_ for group in groups for range_ in group]]
    if prod(factorial(len(g)) for g in groups) <= _ORDERS:
        orders = [list(chain(*choice)) for choice in product(*(permutations(g) for g in groups))]
    chosen = orders[0]
    if len(orders) > 1:
        chosen = min(orders, key=lambda order: _written_in(order, body, names))
    return chosen, _numbered([r[0] for r in chosen], names)


#: the numbers of an index that is looked at and of those that are not told apart
_MARKED, _BLANK = -1, -2


def _numbered(indices: Sequence[Symbol], names: Names) -> Names:
    """The names with one more number for each of the indices, which hide outer ones."""
    start = 1 + max([-1, *(n for _, n in names)])
    kept = tuple((s, n) for s, n in names if s not in indices)
    return kept + tuple((i, start + k) for k, i in enumerate(indices))


def _blanked(ranges: Sequence[Range], names: Names) -> Names:
    indices = [r[0] for r in ranges]
    return (*((s, n) for s, n in names if s not in indices), *((i, _BLANK) for i in indices))


def _written_in(ranges: Sequence[Range], body: Basic, names: Names) -> str:
    inside = _numbered([r[0] for r in ranges], names)
    parts = [body, *(bound for r in ranges for bound in r[1:])]
    return writing(tuple(form(part, inside, as_written) for part in parts))


def writing(value: Any) -> str:
    """A form as a string: equal for equal forms, and the same in every run."""
    if isinstance(value, frozenset):
        return "{" + ",".join(sorted(map(writing, value))) + "}"
    if isinstance(value, tuple):
        return "(" + ",".join(map(writing, value)) + ")"
    if isinstance(value, Basic):
        return f"{type(value).__name__}:{value}"
    return repr(value)


@lru_cache(maxsize=16384)
def hides_a_divisor(expr: Basic) -> bool:
    """Whether a quotient cancels in some sum or product: 1 + 1/N − 1/N has no value for N = 0.

    Forms do not show this, as they are multiplied out.
    """
    if any(hides_a_divisor(part) for part in expr.args):
        return True
    if not isinstance(expr, Add | Mul):
        return False
    met = frozenset().union(*(_quotients(form(arg, (), as_written)) for arg in expr.args))
    return bool(met) and not met <= _quotients(form(expr, (), as_written))


def _quotients(p: Polynomial) -> frozenset[Hashable]:
    """The divisors and quotients among the unknowns of a form."""
    return frozenset(
        atom
        for monomial, _ in p
        for atom, exponent in monomial
        if isinstance(exponent, frozenset)
        or exponent < 0
        or (isinstance(atom, tuple) and atom[0] in ("FloorDiv", "Modulo"))
    )


def same_condition(a: Condition, b: Condition) -> bool:
    """Whether two conditions say the same up to ring arithmetic inside them."""
    return type(a) is type(b) and same(a, b)


def equal_expressions(a: Expr, b: Expr) -> bool:
    """Whether two integer expressions are the same polynomial."""
    return bool(form(a, (), as_written) == form(b, (), as_written))
