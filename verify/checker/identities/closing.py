"""Closed forms: adjoints put in, definitions folded back, factors taken out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sympy import Add, Expr, Integer, Mul, Sum

from derive.language.terms import (
    AtMost,
    Between,
    Condition,
    Divides,
    Entry,
    FloorDiv,
    Iverson,
    Modulo,
    Range,
    entries,
    mapped,
    ranges_of,
    total,
)
from verify.checker.binding import free, mentions, substitute
from verify.checker.canonical import equal_expressions, same
from verify.checker.identities import Way, identity
from verify.checker.indices import divided
from verify.checker.places import Surroundings
from verify.checker.values import Need, Setting


@identity("insert an adjoint")
def insert(old: Entry, new: Expr, place: Surroundings) -> Iterator[Way]:
    """g_m[p] = what was derived for g_m, its result or the closed form of that."""
    for name, indices, value in place.setting.adjoints:
        if name == old.tensor:
            put_in = dict(zip(indices, old.indices, strict=True))
            if same(substitute(value, put_in), new):
                yield []


@identity("the one residue")
def residue(old: Sum, new: Expr, place: Surroundings) -> Iterator[Way]:
    """Σ_{0≤e<D} [D ∣ a−e]·F(e, (a−e)/D) = F(a % D, a // D) for D ≥ 1, a and D free of the sum."""
    ranges = ranges_of(old)
    factors = Mul.make_args(old.function)
    for guard in factors:
        if not isinstance(guard, Iverson) or not isinstance(guard.args[0], Divides):
            continue
        divisor, difference = guard.args[0].args
        for index, lo, hi in ranges:
            whole = difference + index
            others = [r for r in ranges if r[0] != index]
            fixed = [whole, divisor, *(b for r in others for b in r[1:])]
            bound = {r[0] for r in others}
            if lo != 0 or not equal_expressions(hi, divisor):
                continue
            if any(mentions(e, index) for e in fixed) or bound & (free(whole) | free(divisor)):
                continue
            rest = Mul(*(f for f in factors if f is not guard))
            value = substitute(
                _put(rest, FloorDiv(difference, divisor), FloorDiv(whole, divisor)),
                {index: Modulo(whole, divisor)},
            )
            if same(total(value, others), new):
                yield [Need(AtMost(Integer(1), divisor))]


def _put(expr: Any, old: Expr, new: Expr) -> Any:
    return new if expr == old else mapped(lambda part: _put(part, old, new), expr)


@identity("a vanishing sum")
def vanishing(old: Sum, new: Expr, place: Surroundings) -> Iterator[Way]:
    """Σᵢ c·(uᵢ − m) = 0: with the definition of m put in, the terms cancel.

    Over an empty range the sum is 0 anyway; over another one m has a value, and with it the
    reciprocals in its definition, which may therefore cancel.
    """
    ranges = ranges_of(old)
    indices = {r[0] for r in ranges}
    if new != 0 or any(indices & (free(lo) | free(hi)) for _, lo, hi in ranges):
        return
    for factor in Mul.make_args(old.function):
        if isinstance(factor, Add):
            parts = [_summed(part, ranges, place.setting) for part in factor.args]
            rest = Mul(*(f for f in Mul.make_args(old.function) if f is not factor))
            if indices.isdisjoint(free(rest)) and same(Add(*parts), Integer(0)):
                yield [Need(AtMost(lo, hi)) for _, lo, hi in ranges]


def _summed(term: Expr, ranges: Sequence[Range], setting: Setting) -> Expr:
    """The sum of one term, constant factors outside and written as their definitions."""
    fixed, varying = _parted(term, ranges)
    if varying != 1:
        return Mul(fixed, total(varying, ranges))
    return Mul(_as_defined(fixed, setting), *(hi - lo for _, lo, hi in ranges))


def _parted(term: Expr, ranges: Sequence[Range]) -> tuple[Expr, Expr]:
    """The factors that no index of the ranges occurs in, and the others."""
    indices = {r[0] for r in ranges}
    factors = Mul.make_args(term)
    fixed = [f for f in factors if indices.isdisjoint(free(f))]
    return Mul(*fixed), Mul(*(f for f in factors if f not in fixed))


def _as_defined(expr: Any, setting: Setting) -> Any:
    if not isinstance(expr, Entry):
        return mapped(lambda part: _as_defined(part, setting), expr)
    definition = _definition(expr, setting)
    if isinstance(definition, Sum):
        fixed, varying = _parted(definition.function, ranges_of(definition))
        return Mul(fixed, total(varying, ranges_of(definition)))
    return expr if definition is None else definition


def _definition(entry: Entry, setting: Setting) -> Expr | None:
    """The right-hand side of the equation for a tensor, at an entry."""
    equation = setting.layer.equation(entry.tensor)
    if equation is None:
        return None
    value: Expr = substitute(
        equation.explicit, dict(zip(equation.indices, entry.indices, strict=True))
    )
    return value


@identity("a number out of +")
def number_out(old: Mul, new: Mul, place: Surroundings) -> Iterator[Way]:
    """(2·u − 2·v)·w = 2·(u − v)·w."""
    if same(old, new):
        yield []


@identity("common factor")
def common_factor(old: Add, new: Mul, place: Surroundings) -> Iterator[Way]:
    """c·u + c·v = c·(u + v)."""
    for factor in new.args:
        if isinstance(factor, Add):
            rest = Mul(*(f for f in new.args if f is not factor))
            if same(old, Add(*(Mul(rest, part) for part in factor.args))):
                yield []


@identity("move a factor out of a Σ that has terms")
def move_out(old: Sum, new: Mul, place: Surroundings) -> Iterator[Way]:
    """Σᵢ c·u = c·Σᵢ u over a range that is not empty, no guard standing beside c."""
    ranges = ranges_of(old)
    indices = {r[0] for r in ranges}
    if any(isinstance(f, Iverson) for f in Mul.make_args(old.function)):
        return
    if any(indices & (free(lo) | free(hi)) for _, lo, hi in ranges):
        return
    outside, inside = _parted(old.function, ranges)
    if outside != 1 and same(Mul(outside, total(inside, ranges)), new):
        yield [Need(AtMost(Integer(1), hi - lo)) for _, lo, hi in ranges]


@identity("fold back")
def fold(old: Expr, new: Expr, place: Surroundings) -> Iterator[Way]:
    """A·rest = y[p]·rest, or with exp(A) and exp(y[p]), where y[p] = A is a definition.

    Wherever both sides have a value.  The read is inside, and the guards of the definition hold,
    where the guards beside A do.
    """
    beside = tuple(f.args[0] for f in Mul.make_args(old) if isinstance(f, Iverson))
    for entry in dict.fromkeys(entries(new)):
        definition = _definition(entry, place.setting)
        if definition is None:
            continue
        plain, quotients = _settled(definition)
        factors = Mul.make_args(plain)
        guards = [f.args[0] for f in factors if isinstance(f, Iverson)]
        value = Mul(*(f for f in factors if not isinstance(f, Iverson)))
        if same(_put(new, entry, value), _put(old, entry, value)):
            axes = zip(entry.indices, place.setting.shape(entry.tensor), strict=True)
            inside = [Between(Integer(0), i, n) for i, n in axes]
            yield [
                *(Need(c) for c in quotients),
                *(Need(c, beside) for c in (*inside, *guards)),
            ]


def _settled(expr: Any) -> tuple[Any, list[Condition]]:
    """The expression with (D·q + e) // D written as q, and what that needs: D ≥ 1, 0 ≤ e < D."""
    needed: list[Condition] = []

    def settle(part: Any) -> Any:
        new = mapped(settle, part)
        if not isinstance(new, FloorDiv):
            return new
        number, divisor = new.args
        quotients = {t: divided(t, divisor) for t in Add.make_args(number)}
        multiple = Add(*(q for q in quotients.values() if q is not None))
        rest = Add(*(t for t, q in quotients.items() if q is None))
        if multiple == 0:
            return new
        needed.extend([AtMost(Integer(1), divisor), Between(Integer(0), rest, divisor)])
        return multiple

    return settle(expr), needed
