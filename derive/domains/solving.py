"""Which decider answers: the cheapest that can."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

from derive.domains.formulas import (
    AtLeastZero,
    Formula,
    Literal,
    Zero,
    atoms_of,
    evaluate,
    holds_at,
    polynomials_of,
    scale,
    sorted_out,
)
from derive.domains.nonlinear import QUICK, THOROUGH, Search
from derive.domains.presburger import smallest_point
from derive.domains.problems import UNKNOWN, Problem, Quotient, Solution, Undecided, Variable
from derive.domains.refutation import FEW, MANY, clash, impossible

#: how many assignments are tried before a proof is looked for, and after none was found
_GLANCE = 40
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
    if clash(problem.formulas):
        return "arithmetic"
    if problem.linear():
        try:
            return "islpy" if smallest_point(problem).point is None else None
        except Undecided:
            pass
    if first_point(problem, _GLANCE) is not None:
        return None
    if impossible(problem, FEW):
        return "islpy"
    found = Search(problem, QUICK).find()
    if found is None:
        return "islpy" if impossible(problem, MANY) else None
    return "z3" if found is False else None


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
    point = first_point(problem, _FIRST_EFFORT)
    if point is None and impossible(problem, MANY):
        return Solution(None, "islpy")
    search = Search(problem, THOROUGH)
    found = search.find() if point is None else point
    if found is False:
        return Solution(None, "z3")
    if not isinstance(found, tuple):
        found = first_point(problem, _LAST_EFFORT)
    if found is None:
        return Solution(None, UNKNOWN)
    return Solution(search.smallest(found), "z3")


#: the values tried for an unknown without bounds, and how many above or below a single bound
_VALUES = (0, 1, 2, 3, 4, -1, -2)
_WIDTH = 5
_SUM_OF_SIZES = 8


def first_point(problem: Problem, effort: int) -> tuple[int, ...] | None:
    """A point with a small sum of sizes, found by at most that many assignments a sum."""
    for total in range(_SUM_OF_SIZES if problem.sizes else 1):
        search = _Search(problem, effort)
        if search.extend(0, total):
            return tuple(search.values[k] for k in problem.order)
    return None


class _Search:
    """Unknowns get their values in the order of comparison; what can be computed is checked."""

    def __init__(self, problem: Problem, effort: int) -> None:
        self._problem = problem
        self._effort = effort
        self.values = [0] * len(problem.atoms)
        self._sizes = frozenset(problem.sizes)
        self._depth = _depths(problem)
        self._last_size = max((self._depth[s] for s in problem.sizes), default=-1)
        self._compounds: list[list[int]] = [[] for _ in problem.order]
        for k in problem.compounds:
            if problem.order:
                self._compounds[max(self._depth[k], 0)].append(k)
        self._checks: list[list[Formula]] = [[] for _ in problem.order]
        self._bounds: list[list[Literal]] = [[] for _ in problem.order]
        literals, choices = sorted_out((), problem.formulas)
        for formula in chain[Formula](literals, choices):
            self._file(formula)

    def _file(self, formula: Formula) -> None:
        """Put a formula where the last unknown in it gets its value."""
        numbers = set().union(*(atoms_of(p) for p in polynomials_of(formula)))
        depth = max((self._depth[n] for n in numbers), default=-1)
        if depth < 0:
            return
        variable = self._problem.order[depth]
        self._checks[depth].append(formula)
        if not isinstance(formula, AtLeastZero | Zero):
            return
        if _affine(formula, variable, numbers, self._depth):
            self._bounds[depth].append(formula)

    def extend(self, depth: int, total: int) -> bool:
        """Whether the values so far can be completed, ``total`` being left for the sizes."""
        if depth == len(self._problem.order):
            return self._problem.accepts(self.values)
        variable = self._problem.order[depth]
        size = variable in self._sizes
        for value in self._candidates(depth, variable, total if size else None):
            self._effort -= 1
            if self._effort < 0:
                return False
            self.values[variable] = value
            if self._consistent(depth) and self.extend(depth + 1, total - value * size):
                return True
        return False

    def _consistent(self, depth: int) -> bool:
        for k in self._compounds[depth]:
            self.values[k] = self._problem.value(k, self.values)
        return all(holds_at(f, self.values) for f in self._checks[depth])

    def _candidates(self, depth: int, variable: int, total: int | None) -> Iterator[int]:
        lo, hi = self._interval(depth, variable)
        if total is not None:
            lo, hi = max(lo or 0, 0), min(total, total if hi is None else hi)
            lo = max(lo, total) if depth == self._last_size else lo
            return iter(range(lo, hi + 1))
        if lo is None and hi is None:
            return iter(_VALUES)
        if lo is None:
            return (v for v in (*range(_WIDTH), *range(-1, -_WIDTH, -1)) if hi is None or v <= hi)
        return iter(range(lo, min(lo + _WIDTH, lo + _WIDTH if hi is None else hi + 1)))

    def _interval(self, depth: int, variable: int) -> tuple[int | None, int | None]:
        """The bounds that single formulas give, all other values in them being known."""
        lo: int | None = None
        hi: int | None = None
        for formula in self._bounds[depth]:
            p = formula.polynomial
            for side in (p, scale(p, -1)) if isinstance(formula, Zero) else (p,):
                self.values[variable] = 0
                offset = evaluate(side, self.values)
                self.values[variable] = 1
                slope = evaluate(side, self.values) - offset
                if slope > 0:
                    least = -(offset // slope)
                    lo = least if lo is None else max(lo, least)
                elif slope < 0:
                    most = offset // -slope
                    hi = most if hi is None else min(hi, most)
        return lo, hi


def _depths(problem: Problem) -> list[int]:
    """The position in the order from which on an atom's value is known; −1: from the start."""
    position = {k: depth for depth, k in enumerate(problem.order)}
    depths: list[int] = []
    for k, a in enumerate(problem.atoms):
        if isinstance(a, Variable):
            depths.append(position[k])
            continue
        inside = (a.numerator, a.denominator) if isinstance(a, Quotient) else a.arguments
        depths.append(max((depths[n] for p in inside for n in atoms_of(p)), default=-1))
    return depths


def _affine(literal: Literal, variable: int, numbers: set[int], depths: list[int]) -> bool:
    """Whether a literal is of degree one in its last variable, which no compound atom hides."""
    hidden = any(depths[n] == depths[variable] for n in numbers if n != variable)
    return not hidden and all(m.count(variable) <= 1 for m, _ in literal.polynomial)
