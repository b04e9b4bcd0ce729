"""Which decider answers: the cheapest that can."""

from __future__ import annotations

from functools import lru_cache

from derive.domains.bounds import clash
from derive.domains.nonlinear import QUICK, THOROUGH, Search
from derive.domains.points import Probes, first_point
from derive.domains.presburger import smallest_point
from derive.domains.problems import UNKNOWN, Problem, Solution, Undecided
from derive.domains.reduction import reduced
from derive.domains.refutation import FEW, MANY, impossible

#: how often a point is guessed before a proof is looked for, and before z3 is asked
_GLANCE = 12
_LOOK = 100
#: how many assignments are tried for a small point at first, and where z3 knows none
_FIRST_EFFORT = 100
_LAST_EFFORT = 10_000


@lru_cache(maxsize=8192)
def solve(problem: Problem) -> Solution:
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
    settled, by = _settled(problem)
    return by if settled else _excluded_by(reduced(problem))


def _settled(problem: Problem) -> tuple[bool, str | None]:
    """Whether arithmetic or islpy has the answer, and who shows that there is no point."""
    if clash(problem.formulas):
        return True, "arithmetic"
    if problem.linear():
        try:
            return True, "islpy" if smallest_point(problem).point is None else None
        except Undecided:
            pass
    return False, None


@lru_cache(maxsize=8192)
def _excluded_by(problem: Problem) -> str | None:
    """Who shows that a problem has no point, be it linear or not."""
    settled, by = _settled(problem)
    if settled:
        return by
    probes = Probes(problem)
    if probes.find(_GLANCE):
        return None
    if impossible(problem, FEW):
        return "islpy"
    if probes.find(_LOOK):
        return None
    if impossible(problem, MANY):
        return "islpy"
    return "z3" if Search(problem, QUICK).find() is False else None


def _solve(problem: Problem) -> Solution:
    if clash(problem.formulas):
        return Solution(None, "arithmetic")
    if problem.linear():
        try:
            return smallest_point(problem)
        except Undecided:
            return _nonlinear(problem)
    return _nonlinear(problem)


def _nonlinear(problem: Problem) -> Solution:
    decider = _excluded_by(reduced(problem))
    if decider is not None:
        return Solution(None, decider)
    point = first_point(problem, _FIRST_EFFORT)
    search = Search(problem, THOROUGH)
    found = search.find() if point is None else point
    if found is False:
        return Solution(None, "z3")
    if not isinstance(found, tuple):
        found = first_point(problem, _LAST_EFFORT)
    if found is None:
        return Solution(None, UNKNOWN)
    return Solution(search.smallest(found), "z3")
