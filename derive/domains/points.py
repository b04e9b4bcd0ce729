"""Points of a problem, found by trying: small ones in order, or any by guessing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from random import Random

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
from derive.domains.problems import Problem, Variable, polynomials_in

#: the values tried for an unknown without bounds, and how many above or below a single bound
_VALUES = (0, 1, 2, 3, 4, -1, -2)
_WIDTH = 5
_SUM_OF_SIZES = 8
#: how far from a bound a guess may be, and how many values of one unknown are tried
_STEPS = (0, 1, 2, 3, 4, 6)
_SECOND_THOUGHTS = 3


def first_point(problem: Problem, effort: int) -> tuple[int, ...] | None:
    """A point with a small sum of sizes, found by at most that many assignments a sum."""
    search = _InOrder(problem)
    for total in range(_SUM_OF_SIZES if problem.sizes else 1):
        search.effort = effort
        if search.extend(0, total):
            return tuple(search.values[k] for k in problem.order)
    return None


class _Assignment:
    """Unknowns get their values in the order of comparison; what can be computed is checked."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self.values = [0] * len(problem.atoms)
        self._depth = _depths(problem)
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

    def _consistent(self, depth: int) -> bool:
        for k in self._compounds[depth]:
            self.values[k] = self._problem.value(k, self.values)
        return all(holds_at(f, self.values) for f in self._checks[depth])

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


class _InOrder(_Assignment):
    """All small assignments, one after the other, until the effort is spent."""

    effort = 0

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self._sizes = frozenset(problem.sizes)
        self._last_size = max((self._depth[s] for s in problem.sizes), default=-1)

    def extend(self, depth: int, total: int) -> bool:
        """Whether the values so far can be completed, ``total`` being left for the sizes."""
        if depth == len(self._problem.order):
            return self._problem.accepts(self.values)
        variable = self._problem.order[depth]
        size = variable in self._sizes
        for value in self._candidates(depth, variable, total if size else None):
            self.effort -= 1
            if self.effort < 0:
                return False
            self.values[variable] = value
            if self._consistent(depth) and self.extend(depth + 1, total - value * size):
                return True
        return False

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


class Probes(_Assignment):
    """Small values by chance, the same in every process: most problems have many points."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self._chance = Random(0)

    def find(self, tries: int) -> bool:
        """Whether one of so many assignments is a point."""
        return any(self._guess() for _ in range(tries))

    def _guess(self) -> bool:
        for depth, variable in enumerate(self._problem.order):
            values = self._near(*self._interval(depth, variable))
            self._chance.shuffle(values)
            if not any(self._fits(depth, variable, v) for v in values[:_SECOND_THOUGHTS]):
                return False
        return self._problem.accepts(self.values)

    def _fits(self, depth: int, variable: int, value: int) -> bool:
        self.values[variable] = value
        return self._consistent(depth)

    def _near(self, lo: int | None, hi: int | None) -> list[int]:
        """Values not far from a bound."""
        if lo is None:
            return [*_VALUES] if hi is None else [hi - n for n in _STEPS]
        return [lo + n for n in _STEPS if hi is None or lo + n <= hi]


def _depths(problem: Problem) -> list[int]:
    """The position in the order from which on an atom's value is known; −1: from the start."""
    position = {k: depth for depth, k in enumerate(problem.order)}
    depths: list[int] = []
    for k, a in enumerate(problem.atoms):
        if isinstance(a, Variable):
            depths.append(position[k])
            continue
        inside = (n for p in polynomials_in(a) for n in atoms_of(p))
        depths.append(max((depths[n] for n in inside), default=-1))
    return depths


def _affine(literal: Literal, variable: int, numbers: set[int], depths: list[int]) -> bool:
    """Whether a literal is of degree one in its last variable, which no compound atom hides."""
    hidden = any(depths[n] == depths[variable] for n in numbers if n != variable)
    return not hidden and all(m.count(variable) <= 1 for m, _ in literal.polynomial)
