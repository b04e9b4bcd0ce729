"""Presburger arithmetic by islpy: decidable, and exact about the smallest point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, reduce
from itertools import islice
from typing import TYPE_CHECKING

from derive.domains.formulas import (
    FALSE,
    ONE,
    AtLeastZero,
    Formula,
    Literal,
    Monomial,
    Zero,
    add,
    atom,
    scale,
    sorted_out,
)
from derive.domains.problems import Problem, Solution, Undecided

if TYPE_CHECKING:
    import islpy

#: how many elementary operations isl may spend on one question
_OPERATIONS = 3_000_000
#: numbers that only multiplying inequalities with each other makes
_HUGE = 10**60
#: so many constraints are put together before they meet the others
_TOGETHER = 8
#: the signs of an unknown, as bits
_ABOVE, _BELOW, _BOTH = 1, 2, 3


def smallest_point(problem: Problem) -> Solution:
    """The smallest point of a problem that is linear."""
    import islpy as isl  # local: start-up time

    total = len(problem.atoms)
    places: dict[Monomial, int] = {(total,): 0}
    for number in (*problem.order, *problem.compounds):
        places[(number,)] = len(places)
    sum_of_sizes = Zero(add(*(atom(s) for s in problem.sizes), scale(atom(total), -1)))
    formulas = [sum_of_sizes, *problem.meanings(), *problem.formulas]
    try:
        everything = isl.BasicSet.universe(_space(len(places)))
        cases = list(_cases(everything, places, formulas))
        point = _least(cases) if cases else None
    except isl.Error as error:
        raise Undecided(f"islpy: {error}") from None
    return Solution(None if point is None else point[1 : len(problem.order) + 1], "islpy")


def contradictory(literals: Sequence[Literal]) -> bool:
    """Whether no integers satisfy the literals, every monomial taken for an unknown of its own.

    Literals with huge numbers are left out: so less is found, and nothing wrong.
    """
    import islpy as isl  # local: start-up time

    literals = _binding([f for f in literals if all(abs(c) < _HUGE for _, c in f.polynomial)])
    monomials = dict.fromkeys(m for f in literals for m, _ in f.polynomial if m)
    places = {m: k for k, m in enumerate(monomials)}
    try:
        everything = isl.BasicSet.universe(_space(len(places)))
        return bool(_restricted(everything, places, literals).is_empty())
    except isl.Error:
        return False


def _binding(literals: list[Literal]) -> list[Literal]:
    """Those of the literals that may take part in a contradiction.

    An unknown that has the same sign wherever it occurs, and is in no equation, may be so large or
    small that all inequalities it is in hold.
    """
    signs: dict[Monomial, int] = {}
    for f in literals:
        for m, c in f.polynomial:
            signs[m] = signs.get(m, 0) | (
                _BOTH if isinstance(f, Zero) else _ABOVE if c > 0 else _BELOW
            )
    signs[ONE] = _BOTH
    kept = [f for f in literals if all(signs[m] == _BOTH for m, _ in f.polynomial)]
    return kept if len(kept) == len(literals) else _binding(kept)


@lru_cache(maxsize=1)
def _context() -> islpy.Context:
    import islpy as isl  # local: start-up time

    context = isl.Context()
    context.set_max_operations(_OPERATIONS)
    return context


@lru_cache(maxsize=1024)
def _integer(value: int) -> islpy.Val:
    import islpy as isl  # local: start-up time

    return isl.Val.read_from_str(_context(), str(value))


def _space(dimensions: int) -> islpy.Space:
    """A space for a new question, which has the full number of operations before it."""
    import islpy as isl  # local: start-up time

    context = _context()
    context.reset_operations()
    return isl.Space.set_alloc(context, 0, dimensions)


def _cases(
    points: islpy.BasicSet, places: Mapping[Monomial, int], formulas: Iterable[Formula]
) -> Iterator[islpy.BasicSet]:
    """The non-empty parts, one a way to decide every disjunction."""
    literals, choices = sorted_out((), formulas)
    points = _restricted(points, places, literals)
    if FALSE in choices or points.is_empty():
        return
    if not choices:
        yield points
        return
    first, *rest = choices
    for part in first.parts:
        yield from _cases(points, places, [part, *rest])


def _restricted(
    points: islpy.BasicSet, places: Mapping[Monomial, int], literals: Iterable[Literal]
) -> islpy.BasicSet:
    """The points where the literals hold.

    A set is copied for each constraint that is added, so a few are put together beforehand.
    """
    import islpy as isl  # local: start-up time

    everything = isl.BasicSet.universe(points.get_space())
    remaining = iter(literals)
    while some := list(islice(remaining, _TOGETHER)):
        rows = (_constraint(points, places, literal) for literal in some)
        points = points.intersect(reduce(isl.BasicSet.add_constraint, rows, everything))
    return points


def _constraint(
    points: islpy.BasicSet, places: Mapping[Monomial, int], literal: Literal
) -> islpy.Constraint:
    import islpy as isl  # local: start-up time

    local = isl.LocalSpace.from_space(points.get_space())
    if isinstance(literal, AtLeastZero):
        row = isl.Constraint.alloc_inequality(local)
    else:
        row = isl.Constraint.alloc_equality(local)
    for monomial, coefficient in literal.polynomial:
        value = _integer(coefficient)
        if monomial:
            row = row.set_coefficient_val(isl.dim_type.set, places[monomial], value)
        else:
            row = row.set_constant_val(value)
    return row


def _least(cases: Sequence[islpy.BasicSet]) -> tuple[int, ...]:
    """The lexicographically least point; one without a bound below counts 0, 1, 2, …, −1, −2, …"""
    import islpy as isl  # local: start-up time

    try:
        return min(_coordinates(case.lexmin()) for case in cases)
    except isl.Error:
        points = reduce(lambda a, b: a.union(b), (isl.Set.from_basic_set(c) for c in cases))
        return _coordinates(_fix_one_by_one(points))


def _coordinates(points: islpy.Set) -> tuple[int, ...]:
    import islpy as isl  # local: start-up time

    kind = isl.dim_type.set
    point = points.sample_point()
    return tuple(point.get_coordinate_val(kind, k).to_python() for k in range(points.dim(kind)))


def _fix_one_by_one(points: islpy.Set) -> islpy.Set:
    import islpy as isl  # local: start-up time

    kind = isl.dim_type.set
    for k in range(points.dim(kind)):
        value = points.dim_min_val(k)
        if not value.is_int():
            natural = points.lower_bound_val(kind, k, _integer(0))
            value = points.dim_max_val(k) if natural.is_empty() else natural.dim_min_val(k)
        points = points.fix_val(kind, k, value)
    return points
