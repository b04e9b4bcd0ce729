"""Expressions made plain: every read a bare one, every operation defined wherever it is computed.

A program computes an expression at all points of its axes at once, also where a guard says that the
value does not count.  There the expression must still do no harm: reads go to padded arrays or are
clipped, and divisions, roots and exponentials are given 1 to work on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Basic, Expr, IndexedBase, Mul, Pow

from derive.language.functions import UNBOUNDED
from derive.language.substitution import integral
from derive.language.terms import (
    MINUS_INFINITY,
    AtMost,
    Choose,
    Condition,
    Differ,
    Entry,
    FloorDiv,
    Greatest,
    Index,
    Iverson,
    Modulo,
    Negation,
    subterms,
)
from numeric.lowering.ground import Ground, complexity, varies
from numeric.lowering.statements import Statements
from numeric.lowering.tensor_reads import TensorReads
from numeric.lowering.totality import is_nonzero
from numeric.program.reads import ONE, ZERO, conjunction, parts_of


class Values:
    """Makes expressions plain, with statements for what they read."""

    def __init__(self, statements: Statements) -> None:
        self.reads = TensorReads(statements, self.plain)

    # --- expressions -----------------------------------------------------------------------------

    def plain(self, expr: Basic, ground: Ground) -> Any:
        """The expression with plain reads only, harmless wherever it does not count."""
        if isinstance(expr, IndexedBase) or not expr.args:
            return expr
        if isinstance(expr, Entry):
            return self.reads.read(expr, ground)
        if isinstance(expr, Mul):
            return self._product(expr, ground)
        if isinstance(expr, Choose):
            return self._choice(expr, ground)
        if isinstance(expr, FloorDiv | Modulo):
            return expr.func(self.plain(expr.args[0], ground), self._divisor(expr.args[1], ground))
        if isinstance(expr, Iverson):
            return Iverson(self.condition(expr.args[0], ground))
        if isinstance(expr, Pow) and integral(expr.base) and integral_power(expr):
            return self._integer_power(expr, ground)
        args = [self.plain(arg, ground) for arg in expr.args]
        if isinstance(expr, Pow) and integral_power(expr):
            return self._real_power(expr, args, ground)
        if ground.where and isinstance(expr, (Pow, *UNBOUNDED)):
            args[0] = self._protected(args[0], ground)
        return expr.func(*args) if tuple(args) != expr.args else expr

    def condition(self, stated: Condition, ground: Ground) -> Condition:
        """A condition with plain reads only; of its parts, simple ones protect the others."""
        made = []
        for part in sorted(parts_of(stated), key=complexity):
            made.append(self.plain(part, ground))
            ground = ground.given([part])
        return conjunction(made)

    def _product(self, expr: Expr, ground: Ground) -> Expr:
        guards, factors = guards_and_factors(expr)
        kept, plain = self.factors(guards, factors, ground)
        value = Mul(*plain)
        if not kept:
            return value
        stood_for = ground.given([g for g in guards if g not in kept])
        return Choose(self.condition(conjunction(kept), stood_for), value, ZERO)

    def factors(
        self, guards: Sequence[Condition], factors: Sequence[Expr], ground: Ground
    ) -> tuple[list[Condition], list[Expr]]:
        """The factors made plain, and the guards that padding with zeros does not stand for."""
        inside = ground.given(guards)
        kept = list(guards)
        found: list[Expr] = []
        for factor in factors:
            base, power = factor.as_base_exp() if isinstance(factor, Pow) else (factor, ONE)
            if isinstance(base, Entry) and power.is_Integer and power > 0:
                counts = [g for g in kept if self.reads.keeps_inside(g, base)]
                around = ground.given([g for g in guards if g not in counts])
                read = self.reads.padded(base, counts, ZERO, around) if counts else None
                if read is not None:
                    kept = [g for g in kept if g not in counts]
                    found.append(Pow(read, power))
                    continue
            found.append(self.plain(factor, inside))
        return kept, found

    def _choice(self, expr: Choose, ground: Ground) -> Expr:
        stated, yes, no = expr.args
        constant = no.is_number or no == MINUS_INFINITY
        if isinstance(yes, Entry) and constant:
            counts = list(parts_of(stated))
            if all(self.reads.keeps_inside(c, yes) for c in counts):
                read = self.reads.padded(yes, counts, no, ground)
                if read is not None:
                    return read
        return Choose(
            self.condition(stated, ground),
            self.plain(yes, ground.given([stated])),
            self.plain(no, ground.given([Negation(stated)])),
        )

    # --- operations that may lack a value --------------------------------------------------------

    def _protected(self, expr: Expr, ground: Ground) -> Expr:
        """The operand, and 1 where the conditions around do not hold."""
        known = set(ground.indices)
        where = [c for c in ground.where if known >= {s for s in subterms(c) if _is_index(s)}]
        if not where:
            return expr
        return Choose(self.condition(conjunction(where), ground.anywhere), expr, ONE)

    def _real_power(self, expr: Pow, args: list[Expr], ground: Ground) -> Expr:
        """A whole power of a real; where the exponent is negative but does not count, of 1 or 0."""
        base, power = args
        if ground.alone(expr).at_least(0, expr.exp):
            return Pow(base, power)
        if ground.at_least(0, expr.exp):
            return Pow(base, Greatest(ZERO, power))
        return Pow(self._protected(base, ground) if ground.where else base, power)

    def _integer_power(self, expr: Pow, ground: Ground) -> Expr:
        """A power of an integer; where it divides by zero but does not count, by 1."""
        base, power = expr.args
        made = self.plain(base, ground)
        alone = ground.alone(expr)
        if alone.at_least(0, power) or is_nonzero(base, alone):
            return Pow(made, power)
        if ground.shows(AtMost(ONE, base)):
            return Pow(Greatest(ONE, made), power)
        return Pow(self._protected(made, ground) if ground.where else made, power)

    def _divisor(self, expr: Expr, ground: Ground) -> Expr:
        """The divisor of an integer division, and 1 where it is zero and does not count."""
        plain = self.plain(expr, ground)
        if is_nonzero(expr, ground.alone(expr)):
            return plain
        if varies(expr):
            return Choose(Differ(plain, ZERO), plain, ONE)
        return Greatest(ONE, plain) if ground.at_least(1, expr) else plain


def integral_power(expr: Pow) -> bool:
    """Whether the exponent is a whole number or an integer expression."""
    return bool(expr.exp.is_Integer) or integral(expr.exp)


def guards_and_factors(expr: Expr) -> tuple[list[Condition], list[Expr]]:
    """The conditions and the other factors of a product."""
    guards: list[Condition] = []
    factors: list[Expr] = []
    for factor in Mul.make_args(expr):
        if isinstance(factor, Iverson):
            guards += [c for c in parts_of(factor.args[0]) if c not in guards]
        else:
            factors.append(factor)
    return guards, factors


def _is_index(node: Basic) -> bool:
    return isinstance(node, Index)
