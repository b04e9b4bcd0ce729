"""Presburger arithmetic by islpy: decidable, and exact about the smallest point."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from derive.domains.formulas import All, AtLeastZero, Formula, NonZero, Zero
from derive.domains.polynomials import Monomial, Polynomial
from derive.domains.problems import Answer, Problem, Undecided

if TYPE_CHECKING:
    import islpy

#: how many elementary operations isl may spend on one question
_OPERATIONS = 3_000_000


def smallest_point(problem: Problem) -> Answer:
    """The smallest point of a problem that is linear."""
    import islpy as isl

    dimensions = [*problem.order, *problem.compounds]
    names = {(number,): f"v{k}" for k, number in enumerate(dimensions)}
    total = " + ".join(names[(s,)] for s in problem.sizes) or "0"
    text = _conjunction([*problem.meanings(), *problem.formulas], names)
    variables = ", ".join(["t", *(names[(d,)] for d in dimensions)])
    context = _context()
    context.reset_operations()
    try:
        points = isl.Set.read_from_str(context, f"{{ [{variables}] : t = {total} and {text} }}")
        if points.is_empty():
            return Answer(None, "islpy")
        values = _least(points)
    except isl.Error as error:
        raise Undecided(f"islpy: {error}") from None
    return Answer(tuple(values[1 : len(problem.order) + 1]), "islpy")


def contradictory(formulas: Sequence[Formula]) -> bool:
    """Whether no integers satisfy the formulas, every monomial taken for an unknown of its own."""
    import islpy as isl

    names: dict[Monomial, str] = {}
    text = _conjunction(formulas, names)
    context = _context()
    context.reset_operations()
    try:
        points = isl.Set.read_from_str(context, f"{{ [{', '.join(names.values())}] : {text} }}")
        return bool(points.is_empty())
    except isl.Error:
        return False


@lru_cache(maxsize=1)
def _context() -> islpy.Context:
    import islpy as isl

    context = isl.Context()
    context.set_max_operations(_OPERATIONS)
    return context


def _conjunction(formulas: Sequence[Formula], names: dict[Monomial, str]) -> str:
    return " and ".join(_formula(f, names) for f in formulas) or "0 = 0"


def _formula(formula: Formula, names: dict[Monomial, str]) -> str:
    if isinstance(formula, AtLeastZero | Zero | NonZero):
        relation = {AtLeastZero: ">=", Zero: "=", NonZero: "!="}[type(formula)]
        return f"{_polynomial(formula.polynomial, names)} {relation} 0"
    word, empty = (" and ", "0 = 0") if isinstance(formula, All) else (" or ", "0 = 1")
    return f"({word.join(_formula(part, names) for part in formula.parts) or empty})"


def _polynomial(p: Polynomial, names: dict[Monomial, str]) -> str:
    terms = [f"{c}" if not m else f"{c}{names.setdefault(m, f'v{len(names)}')}" for m, c in p]
    return " + ".join(terms)


def _least(points: Any) -> list[int]:
    """The lexicographically least point; one without a bound below counts 0, 1, 2, …, −1, −2, …"""
    import islpy as isl

    kind = isl.dim_type.set
    try:
        point = points.lexmin().sample_point()
    except isl.Error:
        point = _fix_one_by_one(points).sample_point()
    return [point.get_coordinate_val(kind, k).to_python() for k in range(points.dim(kind))]


def _fix_one_by_one(points: Any) -> Any:
    import islpy as isl

    kind = isl.dim_type.set
    for k in range(points.dim(kind)):
        value = points.dim_min_val(k)
        if not value.is_int():
            natural = points.lower_bound_si(kind, k, 0)
            value = points.dim_max_val(k) if natural.is_empty() else natural.dim_min_val(k)
        points = points.fix_val(kind, k, value)
    return points
