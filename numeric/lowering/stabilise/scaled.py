"""Numbers as mantissa·eˢ: exponentials that are not taken before it is known what becomes of them.

Whatever the size of an exponent, the mantissa of a sum, product, quotient, power or root of
exponentials is of moderate size, and the exponents are added, subtracted and compared as they are:

    Σ w·eᵘ = eᵐ·Σ w·eᵘ⁻ᵐ      eᵘ/eᵛ = eᵘ⁻ᵛ      log(w·eᵘ) = u + log w      m the largest exponent

The identities hold for every finite m, so nothing but rounding depends on its being the largest.
Sources: Blanchard, Higham & Higham, Accurately computing the log-sum-exp and softmax functions,
IMA Journal of Numerical Analysis 41 (2021); Mächler, Accurately computing log(1 − exp(−|a|)),
2012.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sympy import Add, Expr, Mul, Pow, exp, log

from derive.language.substitution import substituted
from derive.language.terms import (
    MINUS_INFINITY,
    ONE,
    ZERO,
    AtMost,
    Both,
    Choose,
    Condition,
    Expm1,
    Index,
    Iverson,
    Less,
    Log1p,
    Negation,
    Sigmoid,
)
from numeric.program.reads import conjunction, parts_of


@dataclass(frozen=True)
class Scaled:
    """mantissa·exp(scale), and zero where one of the conditions ``where`` fails.

    There the scale need not have a value.  ``alone`` is the same as it is best computed when it
    does not meet another exponential, None: as it stands; ``bounded`` says that this overflows for
    no argument.  ``logarithm`` is that of the mantissa, where there is a way to keep its digits.
    ``at_least_one`` is what the mantissa is known to be.
    """

    mantissa: Expr
    scale: Expr = ZERO
    where: tuple[Condition, ...] = ()
    alone: Expr | None = None
    bounded: bool = False
    logarithm: Expr | None = None
    at_least_one: bool = False

    @property
    def parts(self) -> tuple[Expr, ...]:
        """All expressions in it."""
        maybe = (self.alone, self.logarithm)
        return (self.mantissa, self.scale, *(e for e in maybe if e is not None))

    @property
    def plain(self) -> Expr:
        """The number itself."""
        if self.scale == 0:
            return self.mantissa
        if self.alone is not None:
            return self.alone
        return replace(self, mantissa=self.mantissa * exp(self.scale)).guarded

    @property
    def guarded(self) -> Expr:
        """The mantissa, zero where a condition fails."""
        factors = Mul.make_args(self.mantissa)
        stated = {c for f in factors if isinstance(f, Iverson) for c in parts_of(f.args[0])}
        if stated.issuperset(self.where):
            return self.mantissa
        return Choose(conjunction(self.where), self.mantissa, ZERO)

    @property
    def largest_scale(self) -> Expr:
        """The scale, and −∞ where the number is zero by its conditions."""
        if not self.where:
            return self.scale
        return Choose(conjunction(self.where), self.scale, MINUS_INFINITY)

    def moved(self, mapping: dict[Index, Expr]) -> Scaled:
        """The same at another place."""

        def at(expr: Expr | None) -> Expr | None:
            return None if expr is None else substituted(expr, mapping)

        return replace(
            self,
            mantissa=substituted(self.mantissa, mapping),
            scale=substituted(self.scale, mapping),
            where=tuple(substituted(c, mapping) for c in self.where),
            alone=at(self.alone),
            logarithm=at(self.logarithm),
        )


# --- elementary ones ----------------------------------------------------------------------------


def exponential(u: Expr) -> Scaled:
    """eᵘ."""
    return Scaled(ONE, u, alone=exp(u), logarithm=ZERO, at_least_one=True)


def sigmoid(u: Expr) -> Scaled:
    """1/(1 + e⁻ᵘ), of the size of e^min(u, 0)."""
    away = exp(-absolute(u))
    return Scaled(
        1 / (1 + away),
        smaller(u, ZERO),
        alone=Sigmoid(u),
        bounded=True,
        logarithm=-Log1p(away),
    )


# --- operations ---------------------------------------------------------------------------------


def product(factors: Sequence[Scaled]) -> Scaled:
    """The product; two exponentials are one, which may be finite where neither is."""
    mantissa = Mul(*(f.mantissa for f in factors))
    scale = Add(*(f.scale for f in factors))
    scaled = [f for f in factors if f.scale != 0]
    if scale == 0:
        return Scaled(mantissa)
    apart = all(f.alone is not None for f in scaled)
    apart = apart and (len(scaled) == 1 or all(f.bounded for f in scaled))
    known = [f.logarithm if f.logarithm is not None else _obvious(f.mantissa) for f in factors]
    return Scaled(
        mantissa,
        scale,
        tuple(dict.fromkeys(c for f in factors for c in _conditions(f))),
        Mul(*(f.plain for f in factors)) if apart else None,
        apart and all(f.bounded or f.scale == 0 for f in factors),
        None if any(k is None for k in known) else Add(*(k for k in known if k is not None)),
        all(f.at_least_one for f in factors),
    )


def _conditions(factor: Scaled) -> tuple[Condition, ...]:
    """What a product is zero without."""
    if isinstance(factor.mantissa, Iverson):
        return tuple(parts_of(factor.mantissa.args[0]))
    return factor.where


def _obvious(mantissa: Expr) -> Expr | None:
    """The logarithm of a positive number; log 1 = 0."""
    return log(mantissa) if mantissa.is_Rational and mantissa.is_positive else None


def power(base: Scaled, exponent: Expr) -> Scaled:
    """baseᵉ; an exponential is positive, so its power is that of the exponent for every e."""
    if base.scale == 0 or base.where:
        return Scaled(Pow(base.plain, exponent))
    positive = bool(exponent.is_positive)
    return Scaled(
        Pow(base.mantissa, exponent),
        expanded_product(exponent, base.scale),
        alone=Pow(base.alone, exponent) if positive and base.alone is not None else None,
        bounded=base.bounded and positive,
        logarithm=None if base.logarithm is None else exponent * base.logarithm,
        at_least_one=base.at_least_one and positive,
    )


def expanded_product(number: Expr, scale: Expr) -> Expr:
    """The product, term by term, so that equal terms of scales cancel."""
    return Add(*(number * term for term in Add.make_args(scale)))


def chosen(stated: Condition, yes: Scaled, no: Scaled) -> Scaled:
    """One of two."""
    if yes.scale == 0 and no.scale == 0:
        return Scaled(Choose(stated, yes.mantissa, no.mantissa))
    alone = Choose(stated, yes.plain, no.plain)
    if no.mantissa == 0:
        where = (*parts_of(stated), *yes.where)
        return Scaled(Iverson(stated) * yes.mantissa, yes.scale, where, alone)
    if yes.mantissa == 0:
        where = (Negation(stated), *no.where)
        return Scaled(Iverson(Negation(stated)) * no.mantissa, no.scale, where, alone)
    mantissa = Choose(stated, yes.mantissa, no.mantissa)
    return Scaled(mantissa, Choose(stated, yes.largest_scale, no.largest_scale), (), alone)


def added(terms: Sequence[Scaled], shared: Callable[[Expr], Expr] = lambda scale: scale) -> Scaled:
    """The sum, over the largest of the scales; terms of one scale are added as they are.

    Every term holds the largest scale, which is what ``shared`` makes of it.
    """
    kinds: dict[tuple[Expr, tuple[Condition, ...]], list[Scaled]] = {}
    for term in terms:
        kinds.setdefault((term.scale, term.where if term.scale != 0 else ()), []).append(term)
    parts = [_together(scale, where, found) for (scale, where), found in kinds.items()]
    if len(parts) == 1:
        return parts[0]
    apart = [without_units(t) for t in terms]
    if apart != list(terms):
        return added(apart, shared)
    alone = Add(*(t.plain for t in terms))
    bounded = all(p.bounded or p.scale == 0 for p in parts)
    if len(parts) == 2 and not any(p.where for p in parts):
        return replace(_of_two(*parts), alone=alone, bounded=bounded)
    m = shared(finite(largest([p.largest_scale for p in parts], shared)))
    mantissa = Add(*(Scaled(p.mantissa, p.scale - m, p.where).plain for p in parts))
    return Scaled(mantissa, m, alone=alone, bounded=bounded)


def without_units(value: Scaled) -> Scaled:
    """The number with what its entries were divided by as factors: e^(k·log c) is cᵏ."""
    units = [t for t in Add.make_args(value.scale) if isinstance(t.as_coeff_Mul()[1], log)]
    if not units:
        return value
    scale = Add(*(t for t in Add.make_args(value.scale) if t not in units))
    return Scaled(value.mantissa * exp(Add(*units)), scale, value.where)


def _together(scale: Expr, where: tuple[Condition, ...], terms: Sequence[Scaled]) -> Scaled:
    if len(terms) == 1:
        return terms[0]
    mantissa = Add(*(_without(where, t.mantissa) for t in terms))
    return Scaled(Iverson(conjunction(where)) * mantissa if where else mantissa, scale, where)


def _without(where: tuple[Condition, ...], mantissa: Expr) -> Expr:
    """The mantissa without guards that are stated elsewhere."""
    factors = Mul.make_args(mantissa)
    left = [f for f in factors if not (isinstance(f, Iverson) and f.args[0] in where)]
    return Mul(*left)


def _of_two(a: Scaled, b: Scaled) -> Scaled:
    """a + b, with the digits that e^d − 1 and log(1 + e^d) lose when they are taken literally."""
    d = a.scale - b.scale
    m = larger(a.scale, b.scale)
    away = exp(-absolute(d))
    if a.mantissa == -b.mantissa:
        below = -Expm1(-absolute(d))
        return Scaled(a.mantissa * Choose(AtMost(ZERO, d), below, -below), m)
    if a.mantissa == b.mantissa:
        simple = a.mantissa == 1
        logarithm = Log1p(away) if simple else None
        return Scaled(a.mantissa * (1 + away), m, logarithm=logarithm, at_least_one=simple)
    of_a, of_b = smaller(d, ZERO), smaller(-d, ZERO)
    mantissa = a.mantissa * exp(of_a) + b.mantissa * exp(of_b)
    logarithm = None
    if a.mantissa == 1 and b.at_least_one:
        logarithm = Log1p(Expm1(of_a) + b.mantissa * exp(of_b))
    if b.mantissa == 1 and a.at_least_one:
        logarithm = Log1p(a.mantissa * exp(of_a) + Expm1(of_b))
    return Scaled(mantissa, m, logarithm=logarithm, at_least_one=logarithm is not None)


def logarithm(value: Scaled) -> Expr:
    """log(mantissa) + scale; −∞ where the number is zero by its conditions."""
    found = value.logarithm if value.logarithm is not None else _log(value.mantissa)
    found = found + value.scale
    return Choose(conjunction(value.where), found, MINUS_INFINITY) if value.where else found


def _log(mantissa: Expr) -> Expr:
    """log(1 + u) keeps the digits of a small u."""
    if isinstance(mantissa, Add) and ONE in mantissa.args:
        return Log1p(mantissa - 1)
    return log(mantissa)


# --- of real numbers ----------------------------------------------------------------------------


def larger(a: Expr, b: Expr) -> Expr:
    """max(a, b)."""
    sign = _sign(a - b)
    return Choose(AtMost(b, a), a, b) if sign is None else a if sign >= 0 else b


def smaller(a: Expr, b: Expr) -> Expr:
    """min(a, b)."""
    sign = _sign(a - b)
    return Choose(AtMost(a, b), a, b) if sign is None else b if sign >= 0 else a


def largest(several: Sequence[Expr], shared: Callable[[Expr], Expr]) -> Expr:
    """The largest of some, two at a time: each step holds the one before twice."""
    first, *others = several
    for other in others:
        first = shared(larger(first, other))
    return first


def absolute(u: Expr) -> Expr:
    """|u|."""
    sign = _sign(u)
    if sign is not None:
        return u if sign >= 0 else -u
    u = -u if u.could_extract_minus_sign() else u
    return Choose(AtMost(ZERO, u), u, -u)


def _sign(u: Expr) -> int | None:
    """The sign of a number, of a square, of an absolute value and of their products; else None."""
    number, rest = u.as_coeff_Mul()
    squares = all(_is_square(f) for f in Mul.make_args(rest) if f != 1)
    return (1 if number >= 0 else -1) if squares else None


def _is_square(u: Expr) -> bool:
    if isinstance(u, Choose):
        return u.args == (AtMost(ZERO, u.args[1]), u.args[1], -u.args[1])
    return isinstance(u, Pow) and bool(u.exp.is_Integer and int(u.exp) % 2 == 0)


def finite(m: Expr) -> Expr:
    """A shift: 0 where there is no finite largest exponent."""
    return Choose(Both(Less(MINUS_INFINITY, m), Less(MINUS_INFINITY, -m)), m, ZERO)
