"""Integer quotients and remainders."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Add, Expr, Integer, Mul

from derive.language.terms import AtMost, Between, Divides, FloorDiv, Modulo, subterms
from verify.checker.canonical import equal_expressions, same
from verify.checker.identities import Way, identity
from verify.checker.indices import divided
from verify.checker.places import Surroundings
from verify.checker.values import Need


@identity("quotient of numbers")
def quotient_of_numbers(old: FloorDiv, new: Expr, place: Surroundings) -> Iterator[Way]:
    """7 // 2 = 3, −7 // 2 = −4."""
    if all(a.is_Integer for a in old.args) and old.args[1] != 0:
        number, divisor = map(int, old.args)
        if new == number // divisor:
            yield []


@identity("remainder of numbers")
def remainder_of_numbers(old: Modulo, new: Expr, place: Surroundings) -> Iterator[Way]:
    """7 % 2 = 1, −7 % 2 = 1."""
    if all(a.is_Integer for a in old.args) and old.args[1] != 0:
        number, divisor = map(int, old.args)
        if new == number % divisor:
            yield []


@identity("exact quotient")
def exact_quotient(old: FloorDiv, new: Expr, place: Surroundings) -> Iterator[Way]:
    """(D·q) // D = q for D ≥ 1."""
    if equal_expressions(old.args[1] * new, old.args[0]):
        yield [Need(AtMost(Integer(1), old.args[1]))]


@identity("cancel an exact quotient")
def cancel(old: Mul, new: Expr, place: Surroundings) -> Iterator[Way]:
    """m·D·(e // D) = m·e where D divides e."""
    factors = Mul.make_args(old)
    for n, quotient in enumerate(factors):
        if not isinstance(quotient, FloorDiv):
            continue
        numerator, divisor = quotient.args
        others = Mul(*factors[:n], *factors[n + 1 :])
        if equal_expressions(new * divisor, others * numerator):
            yield [Need(Divides(divisor, numerator))]


@identity("take a multiple out of a quotient")
def split_quotient(old: FloorDiv, new: Expr, place: Surroundings) -> Iterator[Way]:
    """(D·q + e) // D = q + e // D for D ≥ 1."""
    number, divisor = old.args
    for rest in dict.fromkeys(e for e in subterms(new) if isinstance(e, FloorDiv)):
        if not same(rest.args[1], divisor):
            continue
        whole = new - rest
        if equal_expressions(divisor * whole + rest.args[0], number):
            yield [Need(AtMost(Integer(1), divisor))]


@identity("take a multiple out of a remainder")
def split_remainder(old: Modulo, new: Modulo, place: Surroundings) -> Iterator[Way]:
    """(D·q + e) % D = e % D for D ≥ 1."""
    (number, divisor), (rest, by) = old.args, new.args
    if same(divisor, by) and divided(number - rest, divisor) is not None:
        yield [Need(AtMost(Integer(1), divisor))]


@identity("a small number's remainder")
def small_remainder(old: Modulo, new: Expr, place: Surroundings) -> Iterator[Way]:
    """e % D = e where 0 ≤ e < D."""
    if same(old.args[0], new):
        yield [Need(Between(Integer(0), *old.args))]


@identity("small quotient")
@identity("a small number's quotient")
def small_quotient(old: FloorDiv, new: Expr, place: Surroundings) -> Iterator[Way]:
    """e // D = 0 where 0 ≤ e < D."""
    if new == 0:
        yield [Need(Between(Integer(0), *old.args))]


@identity("put a multiple into a quotient")
def into_quotient(old: Add, new: FloorDiv, place: Surroundings) -> Iterator[Way]:
    """q + e // D = (D·q + e) // D for D ≥ 1."""
    number, divisor = new.args
    for quotient in (f for f in old.args if isinstance(f, FloorDiv)):
        if not same(quotient.args[1], divisor):
            continue
        whole = old - quotient
        if equal_expressions(divisor * whole + quotient.args[0], number):
            yield [Need(AtMost(Integer(1), divisor))]


@identity("multiply out")
def multiply_out(old: Expr, new: Expr, place: Surroundings) -> Iterator[Way]:
    """d·(k − 1) = d·k − d."""
    if equal_expressions(old, new):
        yield []
