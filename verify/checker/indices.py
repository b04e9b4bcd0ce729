"""Index arithmetic: solving for an index and dividing, on integer polynomials."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import Any

from sympy import Add, Basic, Expr, Integer, Mul, Pow

from derive.language.terms import Index
from verify.checker.binding import mentions
from verify.checker.canonical import writing
from verify.checker.polynomials import (
    UNIT,
    Monomial,
    Number,
    Polynomial,
    add,
    constant,
    multiply,
    scale,
    subtract,
    unknown,
)


@lru_cache(maxsize=16384)
def terms(expr: Basic) -> Polynomial:
    """An integer expression as a polynomial in its symbols, quotients and table reads."""
    if isinstance(expr, Integer):
        return constant(int(expr))
    if isinstance(expr, Add):
        return add(map(terms, expr.args))
    if isinstance(expr, Mul):
        return multiply(map(terms, expr.args))
    if isinstance(expr, Pow) and isinstance(expr.exp, Integer) and expr.exp > 0:
        return multiply([terms(expr.base)] * int(expr.exp))
    return unknown(expr)


def expression(p: Polynomial) -> Expr:
    """The polynomial as an expression again, multiplied out."""
    return Add(*(Mul(int(c), *(Pow(a, e) for a, e in _integer_exponents(m).items())) for m, c in p))


def expanded(expr: Expr) -> Expr:
    """An integer expression multiplied out."""
    return expression(terms(expr))


def linear(expr: Expr, index: Index) -> tuple[Expr, Expr] | None:
    """``(c, e)`` with expr = c·index + e, neither mentioning the index; None: there is none."""
    coefficient: dict[Monomial, Number] = {}
    rest: dict[Monomial, Number] = {}
    for monomial, number in terms(expr):
        others = _integer_exponents(monomial)
        exponent = others.pop(index, 0)
        if exponent not in (0, 1) or any(mentions(atom, index) for atom in others):
            return None
        (coefficient if exponent else rest)[frozenset(others.items())] = number
    return expression(frozenset(coefficient.items())), expression(frozenset(rest.items()))


def divided(expr: Expr, divisor: Expr) -> Expr | None:
    """The integer polynomial q with expr = divisor·q; None where there is none."""
    dividend, by = terms(expr), terms(divisor)
    atoms = sorted({a for m, _ in (*dividend, *by) for a, _ in m}, key=writing)
    lead, factor = max(by, key=lambda term: _exponents(term[0], atoms), default=(UNIT, 0))
    quotient: list[Polynomial] = []
    while dividend and factor:
        monomial, number = max(dividend, key=lambda term: _exponents(term[0], atoms))
        cofactor = _without(monomial, lead)
        if cofactor is None or number % factor:
            return None
        quotient.append(frozenset({(cofactor, number // factor)}))
        dividend = subtract(dividend, multiply((quotient[-1], by)))
    return expression(add(quotient)) if factor else None


def _exponents(monomial: Monomial, atoms: Sequence[Hashable]) -> tuple[int, ...]:
    """Exponents in the order of the atoms: the lexicographic order of monomials."""
    exponents = _integer_exponents(monomial)
    return tuple(exponents.get(atom, 0) for atom in atoms)


def _without(monomial: Monomial, part: Monomial) -> Monomial | None:
    """One monomial divided by another, if it divides it."""
    exponents = _integer_exponents(monomial)
    for atom, exponent in _integer_exponents(part).items():
        exponents[atom] = exponents.get(atom, 0) - exponent
    if any(e < 0 for e in exponents.values()):
        return None
    return frozenset((a, e) for a, e in exponents.items() if e)


def _integer_exponents(monomial: Monomial) -> dict[Any, int]:
    """The exponents of a monomial by atom: in index arithmetic they are natural numbers."""
    return {atom: e for atom, e in monomial if isinstance(e, int)}


def negated(expr: Expr) -> Expr:
    """−expr, multiplied out."""
    return expression(scale(terms(expr), -1))
