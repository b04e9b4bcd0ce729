"""Stage 0: a layer rewritten so that exponentials of large numbers do not overflow.

With m the largest exponent, no exponential of a sum exceeds 1 and one of them is 1:

    log Σ w·eᵘ = m + log Σ w·eᵘ⁻ᵐ          eᵛ/Σ w·eᵘ = eᵛ⁻ᵐ/Σ w·eᵘ⁻ᵐ

Both hold for any finite m, so nothing but rounding depends on its being the largest.
Source: Blanchard, Higham & Higham, Accurately computing the log-sum-exp and softmax functions,
IMA Journal of Numerical Analysis 41 (2021).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeGuard

from sympy import Basic, Expr, Mul, Pow, Sum, exp, log

from derive.language.definition import Equation, Layer
from derive.language.substitution import substituted
from derive.language.terms import (
    ONE,
    ZERO,
    AtMost,
    Choose,
    Condition,
    Iverson,
    MaxOver,
    Range,
    entries,
    mapped,
    maximum,
    ranges_of,
    symbols_of,
    total,
)
from numeric.lowering.naming import FreshNames
from numeric.program.assumptions import Assumptions
from numeric.program.reads import conjunction


def stabilised(layer: Layer) -> Layer:
    """The layer with the same values, computed without overflow where the identities apply."""
    stabiliser = _Stabiliser(layer)
    made = tuple(replace(e, explicit=stabiliser.equation(e)) for e in layer.equations)
    return layer if made == layer.equations else replace(layer, equations=made)


class _Stabiliser:
    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self._names = FreshNames.of(layer)
        self._largest: dict[tuple[Expr, tuple[Range, ...]], Expr] = {}

    def equation(self, equation: Equation) -> Expr:
        """An equation's right-hand side, stabilised."""
        axes = tuple(zip(equation.indices, equation.extents, strict=True))
        made: Expr = self.value(equation.explicit, Assumptions(self._layer, axes))
        return made

    def value(self, expr: Basic, here: Assumptions) -> Any:
        """The expression with both identities applied, innermost first."""
        if isinstance(expr, Sum | Mul):
            expr = Mul(*(f for arg in Mul.make_args(expr) for f in self._parted(arg, here)))
        if isinstance(expr, Sum | MaxOver):
            inside = self._with_tables(expr.args[0], here.over(ranges_of(expr)))
            body = self.value(expr.args[0], inside)
            return expr if body == expr.args[0] else expr.func(body, *expr.args[1:])
        if isinstance(expr, Mul):
            return Mul(*self._quotients([self.value(arg, here) for arg in expr.args], here))
        new = mapped(lambda arg: self.value(arg, here), expr)
        if isinstance(expr, log) and isinstance(new.args[0], Sum):
            m = self._shift(new.args[0], here)
            return new if m is None else m + log(_shifted(new.args[0], m))
        return new

    def _parted(self, factor: Any, here: Assumptions) -> list[Expr]:
        """A sum as a product, with what all of its terms are divided by in front of it.

        There, positive sums of exponentials stand beside the exponentials that they belong to.
        """
        if not isinstance(factor, Sum):
            return [factor]
        own = {i for i, _, _ in ranges_of(factor)}
        terms = Mul.make_args(factor.function)
        alone = [f for f in terms if _divides(f) and not own & set(symbols_of(f))]
        shifts = {f: self._shift(f.base, here) for f in alone}
        common = [f for f, m in shifts.items() if m is not None and not isinstance(m, Choose)]
        if not common:
            return [factor]
        rest = Mul(*(f for f in terms if f not in common))
        return [*common, *self._parted(total(rest, ranges_of(factor)), here)]

    def _with_tables(self, body: Basic, here: Assumptions) -> Assumptions:
        """The place with what is declared of the tables that are read there, index by index."""
        extents = dict[Expr, Expr](here.axes)
        read = [
            e
            for e in entries(body)
            if [extents.get(at) for at in e.indices] == list(self._layer.shape(e.tensor))
        ]
        return here.given(fact for e in read for fact in self._layer.facts(e))

    def _quotients(self, factors: Sequence[Expr], here: Assumptions) -> list[Expr]:
        """The factors, with each sum of exponentials that they are divided by shifted.

        The exponentials above it, or the sums of such, make up for the shifts.
        """
        made = list(factors)
        for place, factor in enumerate(made):
            if not _divides(factor):
                continue
            m = self._shift(factor.base, here)
            above = [k for k, f in enumerate(made) if _can_shift(f)]
            if m is None or not above:
                continue
            made[place] = Pow(_shifted(factor.base, m), factor.exp)
            times, more = divmod(int(-factor.exp), len(above))
            for number, k in enumerate(above):
                made[k] = _shifted(made[k], (times + (number < more)) * m)
        return made

    def _shift(self, inner: Any, here: Assumptions) -> Expr | None:
        """The largest exponent of a sum of exponentials; 0 where there are no terms."""
        exponent = _exponent(inner.function) if isinstance(inner, Sum) else None
        if exponent is None:
            return None
        ranges = ranges_of(inner)
        own = {i for i, _, _ in ranges}
        if any(own & set(symbols_of(bound)) for _, *bounds in ranges for bound in bounds):
            return None
        if (exponent, ranges) not in self._largest:
            renaming = {i: self._names.index(i.name) for i, _, _ in ranges}
            renamed = [(renaming[i], lo, hi) for i, lo, hi in ranges]
            self._largest[exponent, ranges] = maximum(substituted(exponent, renaming), renamed)
        some: list[Condition] = [AtMost(lo + ONE, hi) for _, lo, hi in ranges]
        doubtful = [c for c in some if not here.shows(c)]
        largest = self._largest[exponent, ranges]
        return Choose(conjunction(doubtful), largest, ZERO) if doubtful else largest


def _exponent(term: Expr) -> Expr | None:
    """u, if the term is w·eᵘ; a term under a guard may have an exponent without a value."""
    factors = Mul.make_args(term)
    found = [f.args[0] for f in factors if isinstance(f, exp)]
    guarded = any(f.has(Iverson) or f.has(Choose) for f in factors)
    return found[0] if len(found) == 1 and not guarded else None


def _divides(factor: Expr) -> TypeGuard[Pow]:
    return isinstance(factor, Pow) and bool(factor.exp.is_Integer and factor.exp < 0)


def _can_shift(factor: Expr) -> bool:
    """Whether a factor is an exponential, or a sum of them."""
    return isinstance(factor, exp) or (
        isinstance(factor, Sum) and _exponent(factor.function) is not None
    )


def _shifted(factor: Any, m: Expr) -> Expr:
    """The factor times e⁻ᵐ."""
    if isinstance(factor, Sum):
        return total(_shifted(factor.args[0], m), ranges_of(factor))
    if isinstance(factor, exp):
        return exp(factor.args[0] - m)
    *_, power = (f for f in Mul.make_args(factor) if isinstance(f, exp))
    return Mul(*(f for f in Mul.make_args(factor) if f is not power), _shifted(power, m))
