"""Sums of products of one degree, divided by their largest entries: √Σx² = c·√Σ(x/c)², c = max|x|.

Without that, a square overflows from 10¹⁵⁴ on, or 10¹⁹ in float32, where its root does not.
Source: Blue, A portable Fortran program to find the Euclidean norm of a vector, ACM TOMS 4 (1978).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sympy import Add, Expr, Mul, Pow, Sum, log

from derive.language.substitution import integral, substituted
from derive.language.terms import (
    MINUS_INFINITY,
    ONE,
    ZERO,
    Both,
    Choose,
    Entry,
    Index,
    Less,
    Range,
    entries,
    indices_in,
    maximum,
    ranges_of,
    total,
)
from numeric.lowering.stabilise import scaled as numbers
from numeric.lowering.stabilise.parts import Parts, doubtful
from numeric.lowering.stabilise.scaled import Scaled
from numeric.program.assumptions import Assumptions
from numeric.program.reads import conjunction

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


class Units:
    """What entries were divided by, by the entry: the largest one, and the quotient."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._scaled_entries: dict[Expr, tuple[Expr, Expr]] = {}

    def balanced(self, base: Expr, exponent: Expr | None, here: Assumptions) -> Scaled | None:
        """A sum of products of one degree, its entries divided by the largest of them."""
        found = products(base)
        if found is None or not needed(found, exponent):
            return None
        if not all(self._whole(f, here.over(p.ranges)) for p in found for f, _ in p.factors):
            return None
        number, scales = number_in(base), list[Expr]()
        atoms = dict.fromkeys((f, p.ranges) for p in found for f, _ in p.factors)
        groups = [[one] for one in atoms] if len(found) == 1 and not number else [list(atoms)]
        base -= number
        for group in groups:
            most = self._parts.named(self._largest_of(group, here), "largest", here)
            c = self._parts.named(
                _positive(numbers.larger(most, ONE) if number else most), "unit", here
            )
            for f, ranges in group:
                u = self._parts.named(f / c, "scaled", here.over(ranges))
                if not (isinstance(c, Entry) and isinstance(u, Entry)):
                    return None
                self._scaled_entries[f] = c, u
                base = base.xreplace({f: u})
            powers = [k for f, k in found[0].factors if f in {one for one, _ in group}]
            scales.append(sum(powers) * log(c))
        if number:
            degree, part = found[0].degree, self._parts.named(1 / c, "part", here)
            base += number * part**degree
        return Scaled(base, Add(*scales))

    def _whole(self, atom: Expr, here: Assumptions) -> bool:
        """Whether the atom is computed at all places that there are, whoever else reads it."""
        read = {i for e in entries(atom) for i in e.indices}
        return self._parts.inside(atom, here) and read.issuperset(indices_in(atom))

    def _largest_of(self, group: Sequence[tuple[Expr, Sequence[Range]]], here: Assumptions) -> Expr:
        """The largest absolute value of entries, each over its own part of a sum."""
        found: list[Expr] = []
        for f, ranges in group:
            over = [r for r in ranges if r[0] in indices_in(f)]
            size = numbers.absolute(f)
            unknown = doubtful(over, here.alone(maximum(size, over))) if over else []
            largest = maximum(size, over) if over else size
            found.append(Choose(conjunction(unknown), largest, ZERO) if unknown else largest)
        return numbers.largest(found, partial(self._parts.short, suffix="largest", here=here))

    def divided(self, factors: list[Scaled]) -> list[Scaled]:
        """The factors, with entries divided by what the product is divided by as well."""
        total_scale = Add(*(f.scale for f in factors))
        if not self._scaled_entries or not total_scale.has(log):
            return factors
        made = []
        for f in factors:
            mantissa, more = self._scaled_down(f.mantissa, total_scale)
            total_scale += more
            made.append(f if more == 0 else Scaled(mantissa, f.scale + more, f.where))
        return made

    def _scaled_down(self, expr: Expr, scale: Any) -> tuple[Expr, Expr]:
        """A factor with entries divided by c where c is divided by, and what makes up for it."""
        if isinstance(expr, Sum):
            own = {i for i, _, _ in ranges_of(expr)}
            more: Expr = ZERO
            parts = []
            for f in Mul.make_args(expr.function):
                part, by = self._scaled_down(f, scale + more)
                kept = own & set(indices_in(by))
                parts.append(f if kept else part)
                more = more if kept else more + by
            return total(Mul(*parts), ranges_of(expr)), more
        found = atom(expr)
        for pattern, (c, u) in self._scaled_entries.items() if found else ():
            assert found is not None
            renaming = alike(pattern, found[0])
            if renaming is None:
                continue
            by = log(substituted(c, renaming))
            if scale.coeff(by) < 0:
                return Pow(substituted(u, renaming), found[1]), found[1] * by
        return expr, ZERO


def _positive(c: Expr) -> Expr:
    """A number to divide by: 1 where the largest is zero or infinite."""
    return Choose(Both(Less(ZERO, c), Less(MINUS_INFINITY, -c)), c, ONE)
