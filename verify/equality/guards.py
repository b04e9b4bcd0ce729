"""What a claim means outside the tensors it reads, spelled out with conditions.

A read outside a tensor is zero, or the value the layer pads the tensor with; so is a read at an
exact quotient that does not come out.  A condition is only written where it does not follow from
what is known at the place, so that a claim and a derived gradient come to look alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sympy import Expr, Integer, Mul, Pow, Sum

from derive.domains.known import Known
from derive.language.definition import Axis, Layer
from derive.language.notation.sites import about_integers, divisibilities, floored
from derive.language.terms import (
    ZERO,
    Between,
    Both,
    Choose,
    Condition,
    Either,
    Entry,
    Iverson,
    MaxOver,
    Negation,
    Range,
    all_of,
    entries,
    ranges_of,
    replace,
)
from verify.equality.terms import range_condition


@dataclass(frozen=True)
class Outside:
    """Spells out reads of the tensors of one layer, each with its axes."""

    layer: Layer
    axes: Mapping[str, tuple[Axis, ...]]

    @cached_property
    def domain(self) -> Known:
        return Known(self.layer.facts, self.layer.domain)

    def spelled_out(self, expr: Any, known: tuple[Condition, ...]) -> Any:
        """The expression with every read inside its tensor wherever the guards around it hold.

        ``known`` are the conditions that hold at the place.
        """
        if isinstance(expr, Entry):
            return self._read(expr, known)
        if isinstance(expr, Sum | MaxOver):
            return self._reduction(expr, known)
        if isinstance(expr, Mul):
            return self._product(expr, known)
        if isinstance(expr, Pow) and isinstance(expr.args[0], Entry) and _counts(expr.args[1]):
            guards, read = self._opened(expr.args[0], known)
            return Mul(*(Iverson(g) for g in guards), Pow(read, expr.args[1]))
        if isinstance(expr, Choose):
            stated, yes, no = expr.args
            stated = self._condition(stated, known)
            if about_integers(stated) and self.holds(stated, known):
                return self.spelled_out(yes, known)
            inside, outside = (*known, stated), (*known, Negation(stated))
            return Choose(stated, self.spelled_out(yes, inside), self.spelled_out(no, outside))
        if isinstance(expr, Condition):
            return self._condition(expr, known)
        if not expr.args:
            return expr
        return expr.func(*(self.spelled_out(a, known) for a in expr.args))

    def _reduction(self, expr: Any, known: tuple[Condition, ...]) -> Any:
        ranges: tuple[Range, ...] = ranges_of(expr)
        own = [c for i, lo, hi in ranges for c in range_condition(i, lo, hi)]
        return expr.func(self.spelled_out(expr.function, (*known, *own)), *expr.limits)

    def _product(self, expr: Mul, known: tuple[Condition, ...]) -> Expr:
        """Guards of the reads and brackets in a product are known in its other factors.

        A bracket that compares values is one of the others, so that no two rely on one another.
        """
        opened = [self._factor(f, known) for f in expr.args]
        own = [c for found in opened if found is not None for c in found[0]]
        inside = (*known, *(c for c in own if about_integers(c)))
        rest = [
            self.spelled_out(f, inside) if found is None else found[1]
            for f, found in zip(expr.args, opened, strict=True)
        ]
        return Mul(*(Iverson(c) for c in dict.fromkeys(own)), *rest)

    def _factor(
        self, factor: Expr, known: tuple[Condition, ...]
    ) -> tuple[list[Condition], Expr] | None:
        """The guards of a read or a bracket, and what is left of it; None for anything else."""
        if isinstance(factor, Iverson) and all(self._integer(e) for e in entries(factor)):
            return [self._condition(factor.args[0], known)], Integer(1)
        if isinstance(factor, Entry):
            return self._opened(factor, known)
        if isinstance(factor, Pow) and isinstance(factor.args[0], Entry):
            if not _counts(factor.args[1]):
                return None
            guards, read = self._opened(factor.args[0], known)
            return guards, Pow(read, factor.args[1])
        return None

    def _read(self, entry: Entry, known: tuple[Condition, ...]) -> Expr:
        guards, read = self._opened(entry, known)
        return Mul(*(Iverson(g) for g in guards), read)

    def _opened(self, entry: Entry, known: tuple[Condition, ...]) -> tuple[list[Condition], Expr]:
        """The conditions outside which a read is zero, and the read that they leave."""
        guards = [c for c in divisibilities(entry) if not self.holds(c, known)]
        plain = Entry(entry.base, *(floored(i) for i in entry.indices))
        axes = self.axes[entry.tensor]
        inside = self._inside(plain, known)
        inner = [e for i in plain.indices for e in entries(i)]
        if inner and any(self._inside(e, known) for e in inner):
            return guards, self._looked_up(plain, inner, known)
        fill = next((a.fill for a in axes if a.fill != 0), ZERO)
        if fill == 0 or not inside:
            return guards + inside, plain
        return guards, Choose(all_of(inside), plain, fill)

    def _inside(self, entry: Entry, known: tuple[Condition, ...]) -> list[Condition]:
        pairs = zip(entry.indices, self.axes[entry.tensor], strict=True)
        conditions = (Between(ZERO, i, axis.size) for i, axis in pairs)
        return [c for c in conditions if not self.holds(c, known)]

    def _looked_up(self, entry: Entry, inner: list[Entry], known: tuple[Condition, ...]) -> Expr:
        """A read at an index from a table: outside its table that index is zero."""
        table = next(e for e in inner if self._inside(e, known))
        inside = self._inside(table, known)
        stated = all_of(inside)
        absent = replace(entry, {table: ZERO})
        yes, no = (*known, *inside), (*known, Negation(stated))
        present = Iverson(stated) * self._read(entry, yes)
        return present + Iverson(Negation(stated)) * self._read(absent, no)

    def _condition(self, stated: Any, known: tuple[Condition, ...]) -> Any:
        """A condition on entries of a table counts those outside the table as zero."""
        if isinstance(stated, Both | Either | Negation):
            return stated.func(*(self._condition(c, known) for c in stated.args))
        for table in dict.fromkeys(entries(stated)):
            if self._integer(table) and (inside := self._inside(table, known)):
                there = all_of(inside)
                present = self._condition(stated, (*known, *inside))
                absent = self._condition(replace(stated, {table: ZERO}), known)
                return Either(Both(there, present), Both(Negation(there), absent))
        if any(not self._integer(e) for e in entries(stated)):
            return stated.func(*(self.spelled_out(a, known) for a in stated.args))
        return stated

    def _integer(self, entry: Entry) -> bool:
        tensor = self.layer.tensor(entry.tensor)
        return tensor is not None and tensor.integer

    def holds(self, condition: Condition, known: tuple[Condition, ...]) -> bool:
        """Whether a condition follows from what is known."""
        if condition in known:
            return True
        return self.domain.under(*known).holds(condition)


def _counts(exponent: Expr) -> bool:
    return bool(exponent.is_Integer and exponent >= 1)
