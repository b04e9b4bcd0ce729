"""Expressions made plain: every read a bare one, every operation defined wherever it is computed.

A program computes an expression at all points of its axes at once, also where a guard says that the
value does not count.  There the expression must still do no harm: reads go to padded arrays or are
clipped, and divisions, roots and exponentials are given 1 to work on.
"""

from __future__ import annotations

from typing import Any

from sympy import Basic, Expr, Mul, Pow

from derive.language.functions import UNBOUNDED
from derive.language.substitution import integral
from derive.language.terms import (
    MINUS_INFINITY,
    ONE,
    ZERO,
    AtMost,
    Choose,
    Condition,
    Differ,
    Entry,
    FloorDiv,
    Greatest,
    Iverson,
    Modulo,
    Negation,
    indices_in,
    mapped,
    varies,
)
from numeric.lowering.arrays.builder import ProgramBuilder
from numeric.lowering.arrays.reads import TensorReads
from numeric.lowering.nesting import complexity
from numeric.program.assumptions import Assumptions
from numeric.program.reads import conjunction, parts_of


class Values:
    """Makes expressions plain, with statements for what they read."""

    def __init__(self, builder: ProgramBuilder) -> None:
        self.reads = TensorReads(builder, self.plain)
        self._builder = builder

    # --- expressions -----------------------------------------------------------------------------

    def plain(self, expr: Basic, here: Assumptions) -> Any:
        """The expression with plain reads only, harmless wherever it does not count."""
        if isinstance(expr, Entry):
            return self.reads.read(expr, here)
        if isinstance(expr, Mul):
            return self._product(expr, here)
        if isinstance(expr, Choose):
            return self._choice(expr, here)
        if isinstance(expr, FloorDiv | Modulo):
            return expr.func(self.plain(expr.args[0], here), self._divisor(expr.args[1], here))
        if isinstance(expr, Iverson):
            return Iverson(self.condition(expr.args[0], here))
        if isinstance(expr, Pow) and (expr.exp.is_Integer or integral(expr.exp)):
            return self._whole_power(expr, here)
        partial = isinstance(expr, (Pow, *UNBOUNDED))
        if here.where and partial:
            first, *others = (self.plain(arg, here) for arg in expr.args)
            return expr.func(self._protected(first, here), *others)
        return mapped(lambda arg: self.plain(arg, here), expr)

    def condition(self, stated: Condition, here: Assumptions) -> Condition:
        """A condition with plain reads only; of its parts, simple ones protect the others."""
        made = []
        for part in sorted(parts_of(stated), key=complexity):
            made.append(self.plain(part, here))
            here = here.given([part])
        return conjunction(made)

    def _product(self, expr: Expr, here: Assumptions) -> Expr:
        masks, plain = self.factors(expr, here)
        value = Mul(*plain)
        return value if masks is None else Choose(masks, value, ZERO)

    def factors(self, expr: Expr, here: Assumptions) -> tuple[Condition | None, list[Expr]]:
        """A product's factors made plain, under those guards that padding does not stand for.

        Padding does not stand for a guard beside what may be infinite, which it is no zero for.
        """
        guards: dict[Condition, None] = {}
        factors: list[Expr] = []
        for factor in Mul.make_args(expr):
            if isinstance(factor, Iverson):
                guards.update(dict.fromkeys(parts_of(factor.args[0])))
            else:
                factors.append(factor)
        inside = here.given(guards)
        kept = here.beyond_ranges(guards)
        found: list[Expr] = []
        for factor in factors:
            base, power = factor.as_base_exp() if isinstance(factor, Pow) else (factor, ONE)
            if isinstance(base, Entry) and power.is_Integer and power > 0:
                counts = [g for g in kept if self.reads.keeps_inside(g, base)]
                if self._builder.may_be_infinite(*(f for f in factors if f is not factor)):
                    counts = []
                around = here.given([g for g in guards if g not in counts])
                read = self.reads.padded(base, counts, ZERO, around) if counts else None
                if read is not None:
                    kept = [g for g in kept if g not in counts]
                    found.append(Pow(read, power))
                    continue
            found.append(self.plain(factor, inside))
        stood_for = here.given([g for g in guards if g not in kept])
        return self.condition(conjunction(kept), stood_for) if kept else None, found

    def _choice(self, expr: Choose, here: Assumptions) -> Expr:
        stated, yes, no = expr.args
        if not here.beyond_ranges([stated]):
            return self.plain(yes, here)  # type: ignore[no-any-return]
        constant = no.is_number or no == MINUS_INFINITY
        if isinstance(yes, Entry) and constant:
            counts = list(parts_of(stated))
            if all(self.reads.keeps_inside(c, yes) for c in counts):
                read = self.reads.padded(yes, counts, no, here)
                if read is not None:
                    return read
        return Choose(
            self.condition(stated, here),
            self.plain(yes, here.given([stated])),
            self.plain(no, here.given([Negation(stated)])),
        )

    # --- operations that may lack a value --------------------------------------------------------

    def _protected(self, expr: Expr, here: Assumptions) -> Expr:
        """The operand, and 1 where the conditions around do not hold."""
        known = set(here.indices)
        said = here.beyond_ranges(here.where)
        where = [c for c in said if known.issuperset(indices_in(c))]
        if not where:
            return expr
        return Choose(self.condition(conjunction(where), here.anywhere), expr, ONE)

    def _whole_power(self, expr: Pow, here: Assumptions) -> Expr:
        """A whole power; where it divides by zero but does not count, a power of 1, or the 0th."""
        base, power = expr.args
        made, alone = self.plain(base, here), here.alone(expr)
        whole = integral(base)
        exponent = power if whole else self.plain(power, here)
        if alone.at_least(0, power) or (whole and alone.differs_from_zero(base)):
            return Pow(made, exponent)
        if not whole and here.at_least(0, power):
            return Pow(made, Greatest(ZERO, exponent))
        if whole and here.shows(AtMost(ONE, base)):
            return Pow(Greatest(ONE, made), exponent)
        return Pow(self._protected(made, here), exponent)

    def _divisor(self, expr: Expr, here: Assumptions) -> Expr:
        """The divisor of an integer division, and 1 where it is zero and does not count."""
        plain: Expr = self.plain(expr, here)
        if here.alone(expr).differs_from_zero(expr):
            return plain
        if varies(expr):
            return Choose(Differ(plain, ZERO), plain, ONE)
        return Greatest(ONE, plain) if here.at_least(1, expr) else plain
