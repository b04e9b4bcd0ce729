"""Sums of products of one degree, divided by their largest entries: √Σx² = c·√Σ(x/c)², c = max|x|.

Without that, a square overflows from 10¹⁵⁴ on, or 10¹⁹ in float32, where its root does not.
Source: Blue, A portable Fortran program to find the Euclidean norm of a vector, ACM TOMS 4 (1978).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sympy import Add, Expr, Mul, Pow, Sum

from derive.language.substitution import integral
from derive.language.terms import ONE, Choose, Entry, Index, Range, indices_in, ranges_of

#: an entry or a difference, and how often it is a factor
Factor = tuple[Expr, int]


@dataclass(frozen=True)
class Product:
    """Entries multiplied, and the sum around them."""

    factors: tuple[Factor, ...]
    ranges: tuple[Range, ...]

    @property
    def degree(self) -> int:
        return sum(power for _, power in self.factors)


def products(expr: Expr) -> list[Product] | None:
    """The products that an expression is the sum of, if they all have one degree; or a number."""
    terms = [t for t in Add.make_args(expr) if not _positive_number(t)]
    found = [p for term in terms for p in _of_term(term, ())]
    known = [p for p in found if p is not None]
    if len(known) < len(found) or len({p.degree for p in known}) != 1:
        return None
    return known


def number_in(expr: Expr) -> Expr:
    """The positive number that is one of the terms; 0 where there is none."""
    return Add(*(t for t in Add.make_args(expr) if _positive_number(t)))


def _positive_number(term: Expr) -> bool:
    return bool(term.is_Rational and term > 0)


def _of_term(term: Expr, ranges: tuple[Range, ...]) -> Iterator[Product | None]:
    varying = [f for f in Mul.make_args(term) if not _constant(f)]
    if len(varying) == 1 and isinstance(varying[0], Sum) and not ranges:
        for part in Add.make_args(varying[0].function):
            yield from _of_term(part, ranges_of(varying[0]))
        return
    factors = [atom(f) for f in varying]
    known = tuple(f for f in factors if f is not None)
    own = {i for i, _, _ in ranges}
    plain = not any(own & set(indices_in(lo, hi)) for _, lo, hi in ranges)
    yield Product(known, ranges) if known and len(known) == len(factors) and plain else None


def atom(factor: Expr) -> Factor | None:
    """An entry, an absolute value or a difference, to a whole power."""
    base, power = factor.as_base_exp() if isinstance(factor, Pow) else (factor, ONE)
    if not (power.is_Integer and power > 0) or (isinstance(base, Add) and power == 1):
        return None
    return (base, int(power)) if isinstance(base, Entry | Choose | Add) else None


def _constant(factor: Expr) -> bool:
    base, power = factor.as_base_exp() if isinstance(factor, Pow) else (factor, 1)
    return bool(factor.is_Rational) or (integral(base) and power in (1, -1))


def alike(pattern: Expr, expr: Expr) -> dict[Index, Expr] | None:
    """How the indices of one expression have to be renamed to make it the other, if that does."""
    ours, theirs = indices_in(pattern), indices_in(expr)
    renaming: dict[Index, Expr] = dict(zip(ours, theirs, strict=False))
    same = len(ours) == len(theirs) and pattern.xreplace(renaming) == expr
    return renaming if same else None


def needed(found: Sequence[Product], exponent: Expr | None) -> bool:
    """Whether a power (None: a logarithm) can be a number where what it is taken of is none."""
    degree = found[0].degree
    if exponent is None:
        return degree > 1
    return degree > 1 or bool(exponent.is_number and abs(exponent) * degree > 1)
