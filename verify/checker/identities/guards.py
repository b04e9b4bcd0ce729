"""Guards: conditions as factors that are 1 or 0."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Integer, Pow

from derive.language.terms import AtMost, Between, Entry, FloorDiv, Iverson, Negation, Same
from verify.checker.binding import substitute
from verify.checker.canonical import equal_expressions, same
from verify.checker.identities import Way, identity
from verify.checker.places import Surroundings
from verify.checker.values import Need


@identity("drop a redundant guard")
def drop(old: Iverson, new: Expr, place: Surroundings) -> Iterator[Way]:
    """[c] = 1 where c holds."""
    if new == 1:
        yield [Need(old.args[0])]


@identity("drop an impossible term")
def impossible(old: Iverson, new: Expr, place: Surroundings) -> Iterator[Way]:
    """[c] = 0 where c does not hold."""
    if new == 0:
        yield [Need(Negation(old.args[0]))]


@identity("a guard counts once")
def idempotent(old: Pow, new: Expr, place: Surroundings) -> Iterator[Way]:
    """[c]ⁿ = [c] for n ≥ 1."""
    if not isinstance(old.base, Iverson):
        return
    if old.exp.is_Integer and old.exp >= 1 and same(old.base, new):
        yield []


@identity("same block")
def same_block(old: Iverson, new: Expr, place: Surroundings) -> Iterator[Way]:
    """[0 ≤ e − D·q < D] = [e // D = q] for D ≥ 1."""
    if not isinstance(old.args[0], Between):
        return
    start, offset, divisor = old.args[0].args
    if start != 0 or not isinstance(new, Iverson) or not isinstance(new.args[0], Same):
        return
    for quotient, number in (new.args[0].args, new.args[0].args[::-1]):
        if not isinstance(quotient, FloorDiv) or not same(quotient.args[1], divisor):
            continue
        if equal_expressions(quotient.args[0] - divisor * number, offset):
            yield [Need(AtMost(Integer(1), divisor))]


@identity("an axis of length one")
def only_index(old: Entry, new: Expr, place: Surroundings) -> Iterator[Way]:
    """x[p] = x[0] where p is an index of the result that ranges over 0 ≤ p < 1."""
    alone = {i: lo for i, lo, hi in place.setting.ranges if equal_expressions(hi - lo, Integer(1))}
    if same(substitute(old, alone), new):
        yield []
