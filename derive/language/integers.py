"""Integer arithmetic: affine parts, exact multiples, operations between numbers worked out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sympy import Add, Basic, Expr, Integer, Mul, Symbol, expand_mul

from derive.language.terms import (
    ExactQuotient,
    FloorDiv,
    Greatest,
    Index,
    Least,
    Modulo,
    Range,
    varies,
)


def mentions(expr: Basic, index: Basic) -> bool:
    """Whether the symbol occurs in the expression, bound or free."""
    if index.args:
        return expr == index or any(mentions(arg, index) for arg in expr.args)
    return index in _leaves(expr)


@lru_cache(maxsize=2**14)
def _leaves(expr: Basic) -> frozenset[Basic]:
    """The subterms that are made of no others."""
    if not expr.args:
        return frozenset({expr})
    return frozenset[Basic]().union(*map(_leaves, expr.args))


@lru_cache(maxsize=2**14)
def expanded(expr: Expr) -> Expr:
    """The expression multiplied out, so that equal polynomials look alike."""
    return expand_mul(expr) if expr.is_Add or expr.is_Mul else expr


@lru_cache(maxsize=2**14)
def affine(expr: Expr, index: Symbol) -> tuple[Expr, Expr] | None:
    """``(c, e)`` with expr = c·index + e, neither mentioning the index; None: there is none."""
    coefficient: Expr = Integer(0)
    rest: Expr = Integer(0)
    for term in Add.make_args(expanded(expr)):
        if not mentions(term, index):
            rest += term
            continue
        factors = list(Mul.make_args(term))
        if index not in factors:
            return None
        factors.remove(index)
        if any(mentions(f, index) for f in factors):
            return None
        coefficient += Mul(*factors)
    return coefficient, rest


@dataclass(frozen=True)
class Affine:
    """``start + Σ step·index``; neither start nor steps depend on indices or tensors."""

    start: Expr
    steps: tuple[tuple[Index, Expr], ...]

    @property
    def value(self) -> Expr:
        return expanded(Add(self.start, *(c * i for i, c in self.steps)))


def affine_form(expr: Expr, indices: Sequence[Index]) -> Affine | None:
    """The expression as an affine one in the indices; None where it is not."""
    steps: list[tuple[Index, Expr]] = []
    rest = expr
    for index in indices:
        parts = affine(rest, index)
        if parts is None or varies(parts[0]):
            return None
        if parts[0] != 0:
            steps.append((index, parts[0]))
        rest = parts[1]
    return None if varies(rest) else Affine(rest, tuple(steps))


@lru_cache(maxsize=2**14)
def exact_multiple(expr: Expr, divisor: Expr) -> Expr | None:
    """``q`` with expr = divisor·q, when every term of expr shows the divisor as a factor."""
    terms = Add.make_args(expanded(expr))
    quotients = [q for t in terms if (q := _divide_term(t, divisor)) is not None]
    return Add(*quotients) if len(quotients) == len(terms) else None


@lru_cache(maxsize=2**14)
def split_multiple(expr: Expr, divisor: Expr) -> tuple[Expr, Expr]:
    """``(q, e)`` with expr = divisor·q + e, q gathering the terms that show the divisor."""
    multiple: Expr = Integer(0)
    rest: Expr = Integer(0)
    for term in Add.make_args(expanded(expr)):
        quotient = _divide_term(term, divisor)
        if quotient is None:
            rest += term
        else:
            multiple += quotient
    return multiple, rest


def _divide_term(term: Expr, divisor: Expr) -> Expr | None:
    if term == 0:
        return Integer(0)
    factors = list(Mul.make_args(term))
    for part in Mul.make_args(divisor):
        if part == 1:
            continue
        if part in factors:
            factors.remove(part)
        elif _divides(part, factors):
            factors[0] = factors[0] / part
        else:
            return None
    return Mul(*factors)


def _divides(number: Expr, factors: Sequence[Expr]) -> bool:
    """Whether a number divides the leading number of a product."""
    if not number.is_Integer or number == 0 or not factors or not factors[0].is_Integer:
        return False
    return bool(factors[0] % number == 0)


def arranged(ranges: Sequence[Range]) -> list[Range] | None:
    """The ranges ordered so that bounds use outer indices only, else as they were; None: cyclic."""
    done: list[Range] = []
    pending = list(ranges)
    while pending:
        open_indices = [r[0] for r in pending]
        ready = next(
            (r for r in pending if not any(mentions(b, i) for b in r[1:] for i in open_indices)),
            None,
        )
        if ready is None:
            return None
        done.append(ready)
        pending.remove(ready)
    return done


def extreme(name: str, arguments: list[Expr]) -> Expr:
    """``min`` or ``max`` of integer expressions; numbers are compared at once."""
    if all(isinstance(a, Integer) for a in arguments):
        return min(arguments) if name == "min" else max(arguments)
    return Least(*arguments) if name == "min" else Greatest(*arguments)


def quotient(a: Expr, b: Expr) -> Expr:
    """``a // b``, worked out for numbers and for b = 1."""
    if b == 1:
        return a
    if isinstance(a, Integer) and isinstance(b, Integer):
        return Integer(int(a) // int(b))
    return FloorDiv(a, b)


def remainder(a: Expr, b: Expr) -> Expr:
    """``a % b``, worked out for numbers and for b = 1."""
    if b == 1:
        return Integer(0)
    if isinstance(a, Integer) and isinstance(b, Integer):
        return Integer(int(a) % int(b))
    return Modulo(a, b)


def exact_quotient(a: Expr, b: Expr) -> Expr:
    """``a / b`` in an index, worked out for numbers that divide and for b = 1."""
    if b == 1 or (isinstance(a, Integer) and isinstance(b, Integer) and a % b == 0):
        return quotient(a, b)
    return ExactQuotient(a, b)


#: the integer divisions that round
DIVISIONS: dict[str, Callable[[Expr, Expr], Expr]] = {"//": quotient, "%": remainder}
