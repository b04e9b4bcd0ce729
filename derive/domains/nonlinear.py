"""Products of unknowns by z3, within a fixed amount of work, so that the answer never varies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import add, itemgetter, mul
from typing import TYPE_CHECKING

from derive.domains.bounds import lower_bounds
from derive.domains.formulas import All, AtLeastZero, Formula, NonZero, Polynomial, Zero, sorted_out
from derive.domains.problems import Problem

if TYPE_CHECKING:
    from z3 import ArithRef, BoolRef, Context

#: how much z3 may work on one question; a million takes about a fifth of a second
THOROUGH = 4_000_000
QUICK = 400_000
#: how far below zero a minimum is looked for
_DEPTH = 64
#: after how many open questions z3 is not asked again
_PATIENCE = 3
#: z3 gives up, and says unknown, beyond so much memory
_MEGABYTES = 2048


class Search:
    """One problem handed to z3.  Points are given and taken as values in ``Problem.order``.

    A context of its own: how far z3 comes within its limit depends on what a context has seen.
    """

    def __init__(self, problem: Problem, work: int) -> None:
        import z3  # local: start-up time

        self._problem = problem
        self._work = work
        self._patience = _PATIENCE
        context = self._context = z3.Context()
        self._unknowns = [z3.Int(f"v{k}", context) for k in range(len(problem.atoms))]
        self._formulas = [
            _formula(f, self._unknowns, context) for f in (*problem.meanings(), *problem.formulas)
        ]
        self._variables = [self._unknowns[k] for k in problem.order]
        zero: ArithRef = z3.IntVal(0, context)
        self._total = sum((self._unknowns[k] for k in problem.sizes), start=zero)

    def find(self, *further: BoolRef) -> tuple[int, ...] | bool | None:
        """A point that also satisfies ``further``; False where there is none, None if unknown."""
        import z3  # local: start-up time

        if not self._patience:
            return None
        solver = z3.Solver(ctx=self._context)
        solver.set("rlimit", self._work)
        solver.set("max_memory", _MEGABYTES)
        solver.set("random_seed", 0)
        solver.add(*self._formulas, *further)
        outcome = solver.check()
        if outcome == z3.unsat:
            return False
        if outcome == z3.unknown:
            self._patience -= 1
            return None
        model = solver.model()
        return tuple(model.eval(v, model_completion=True).as_long() for v in self._variables)

    def smallest(self, point: tuple[int, ...]) -> tuple[int, ...]:
        """The smallest point there is, starting from some point."""
        positions = [self._problem.order.index(s) for s in self._problem.sizes]
        fixed: list[BoolRef] = []
        bounds = lower_bounds(sorted_out((), self._problem.formulas)[0])
        if any(point[k] != bounds.get(self._problem.order[k]) for k in positions):
            point = self._lower(self._total, lambda p: sum(p[k] for k in positions), point, fixed)
        fixed.append(self._total == sum(point[k] for k in positions))
        for k, variable in enumerate(self._variables):
            if point[k] != bounds.get(self._problem.order[k]):
                point = self._lower(variable, itemgetter(k), point, fixed)
            fixed.append(variable == point[k])
        return point

    def _lower(
        self,
        expression: ArithRef,
        value: Callable[[tuple[int, ...]], int],
        point: tuple[int, ...],
        fixed: Sequence[BoolRef],
    ) -> tuple[int, ...]:
        """A point with the least value of an expression; the least natural one if unbounded.

        Where z3 does not know whether there is a smaller value, the one at hand stays.
        """
        start = point
        below = self.find(*fixed, expression < value(point))
        if not isinstance(below, tuple):
            return point
        point = below
        if value(point) > 0:
            below = self.find(*fixed, expression <= 0)
            if not isinstance(below, tuple):
                return self._bisect(expression, value, point, fixed, 1)
            point = below
        while value(point) > -_DEPTH:
            below = self.find(*fixed, expression < value(point))
            if not isinstance(below, tuple):
                return point
            point = below
        natural = start if value(start) >= 0 else self.find(*fixed, expression >= 0)
        if isinstance(natural, tuple):
            return self._bisect(expression, value, natural, fixed, 0)
        return point

    def _bisect(
        self,
        expression: ArithRef,
        value: Callable[[tuple[int, ...]], int],
        point: tuple[int, ...],
        fixed: Sequence[BoolRef],
        least: int,
    ) -> tuple[int, ...]:
        while least < value(point):
            middle = (least + value(point)) // 2
            below = self.find(*fixed, least <= expression, expression <= middle)
            if isinstance(below, tuple):
                point = below
            else:
                least = middle + 1
        return point


def _formula(formula: Formula, unknowns: Sequence[ArithRef], context: Context) -> BoolRef:
    import z3  # local: start-up time

    if isinstance(formula, AtLeastZero | Zero | NonZero):
        p = _polynomial(formula.polynomial, unknowns, context)
        if isinstance(formula, AtLeastZero):
            return p >= 0
        return p == 0 if isinstance(formula, Zero) else p != 0
    join = z3.And if isinstance(formula, All) else z3.Or
    return join(*(_formula(part, unknowns, context) for part in formula.parts), context)


def _polynomial(p: Polynomial, unknowns: Sequence[ArithRef], context: Context) -> ArithRef:
    import z3  # local: start-up time

    terms = [reduce(mul, (unknowns[k] for k in m), z3.IntVal(c, context)) for m, c in p]
    return reduce(add, terms)
