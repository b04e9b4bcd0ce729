"""Which decider answers: the cheapest that can."""

from __future__ import annotations

from functools import lru_cache

from derive.domains.bounds import clash
from derive.domains.nonlinear import QUICK, THOROUGH, Search
from derive.domains.presburger import smallest_point
from derive.domains.problems import UNKNOWN, Answer, Problem, Undecided
from derive.domains.products import impossible
from derive.domains.search import first_point

#: how many assignments are tried before a proof is looked for, and after none was found
_FIRST_EFFORT = 100
_LAST_EFFORT = 10_000


@lru_cache(maxsize=8192)
def solve(problem: Problem) -> Answer:
    """The smallest point of a problem."""
    answer = _solve(problem)
    if answer.point is not None:
        values = problem.complete(dict(zip(problem.order, answer.point, strict=True)))
        if not problem.accepts(values):
            raise AssertionError(f"{answer.decider} gave a point that does not fit")
    return answer


@lru_cache(maxsize=8192)
def impossible_by(problem: Problem) -> str | None:
    """Who shows that a problem has no point; None where it has one or nobody knows.

    Cheaper than ``solve`` where there is a point: the smallest one is not looked for.
    """
    if clash(problem.formulas):
        return "arithmetic"
    if problem.linear():
        try:
            return "islpy" if smallest_point(problem).point is None else None
        except Undecided:
            pass
    found = Search(problem, QUICK).find()
    if found is None:
        return "islpy" if impossible(problem) else None
    return "z3" if found is False else None


def _solve(problem: Problem) -> Answer:
    if clash(problem.formulas):
        return Answer(None, "arithmetic")
    if problem.linear():
        try:
            return smallest_point(problem)
        except Undecided:
            return _nonlinear(problem)
    return _nonlinear(problem)


def _nonlinear(problem: Problem) -> Answer:
    point = first_point(problem, _FIRST_EFFORT)
    if point is None and impossible(problem):
        return Answer(None, "islpy")
    search = Search(problem, THOROUGH)
    found = search.find() if point is None else point
    if found is False:
        return Answer(None, "z3")
    if not isinstance(found, tuple):
        found = first_point(problem, _LAST_EFFORT)
    if found is None:
        return Answer(None, UNKNOWN)
    return Answer(search.smallest(found), "z3")
