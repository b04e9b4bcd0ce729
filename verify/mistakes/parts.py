"""A layer taken apart for mistakes: sums inside equations by names of their own, and means."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sympy import Add, Basic, Expr, IndexedBase, Mul, Pow, Sum

from derive.language.definition import Equation, Layer
from derive.language.integers import mentions
from derive.language.printing import expression_text
from derive.language.terms import (
    Entry,
    Index,
    MaxOver,
    Range,
    entries,
    indices_in,
    mapped,
    ranges_of,
)
from verify.mistakes.mistake import Held, with_body


def dependent(layer: Layer, tensor: str) -> dict[str, Equation]:
    """The equations that depend on a tensor, in order."""
    found: dict[str, Equation] = {}
    for equation in layer.ordered:
        if moving(equation.written, {tensor, *found}):
            found[equation.name] = equation
    return found


def intermediates(layer: Layer, tensor: str) -> dict[str, Equation]:
    """Those of them that others read."""
    last = {e.name for e in layer.outputs}
    return {n: e for n, e in dependent(layer, tensor).items() if n not in last}


def moving(expr: Basic, names: Container[str]) -> int:
    """How many reads of these tensors move, those not counted that are held where they are."""
    if isinstance(expr, Entry):
        return int(expr.tensor in names)
    return 0 if isinstance(expr, Held | IndexedBase) else sum(moving(a, names) for a in expr.args)


@lru_cache(maxsize=64)
def in_parts(layer: Layer, tensor: str) -> Layer:
    """The layer with sums and maxima beside other reads as intermediates of their own.

    A sum is taken with what divides it by the number of its terms.  They are called what they are
    written as: sum[j < C] exp(x[n, j]).
    """
    names = {tensor, *dependent(layer, tensor)}
    equations: list[Equation] = []
    for equation in layer.equations:
        parts: dict[str, Equation] = {}
        ranges = {i: (lo, hi) for i, lo, hi in equation.ranges}
        count = moving(equation.written, names)
        body = _named(equation.written, ranges, names, count, parts)
        equations += [*parts.values(), with_body(equation, body) if parts else equation]
    return replace(layer, equations=tuple(equations))


def _named(
    expr: Any,
    ranges: Mapping[Index, tuple[Expr, Expr]],
    names: set[str],
    count: int,
    parts: dict[str, Equation],
) -> Any:
    if isinstance(expr, Entry):
        return expr
    inside = dict(ranges)
    if isinstance(expr, Mul) and (mean := _mean(expr)) not in (None, expr):
        rest = [f for f in expr.args if f not in mean.args]
        named = _named(mean, ranges, names, count, parts)
        if named != mean:
            return Mul(named, *(_named(f, ranges, names, count, parts) for f in rest))
    if isinstance(expr, Sum | MaxOver) or _mean(expr) == expr:
        own = [i for i in indices_in(expr) if i in ranges and i in expr.free_symbols]
        known = all(ranges[i][0] == 0 for i in own)
        if known and 0 < moving(expr, names) < count:
            extents = tuple(ranges[i][1] for i in own)
            name = expression_text(expr)
            given = (True,) * len(own)
            parts[name] = Equation(name, tuple(own), extents, extents, given, expr, expr)
            return Entry(name, *own)
    if isinstance(expr, Sum | MaxOver):
        inside |= {i: (lo, hi) for i, lo, hi in ranges_of(expr)}
    return mapped(lambda arg: _named(arg, inside, names, count, parts), expr)


def _mean(expr: Any) -> Expr | None:
    """The part of a product that is a sum divided by the number of its terms."""
    sums = [f for f in Mul.make_args(expr) if isinstance(f, Sum)]
    if not isinstance(expr, Mul) or len(sums) != 1:
        return None
    lengths = [n for _, lo, hi in ranges_of(sums[0]) for n in Mul.make_args(hi - lo)]
    divisors = [Pow(n, -1) for n in lengths]
    return Mul(*divisors, sums[0]) if all(d in expr.args for d in divisors) else None


@dataclass(frozen=True)
class Summed:
    """An intermediate that is a sum: its ranges, and what is summed with the factors before it.

    ``count`` is the number of places where those do not change with them, None where they do.
    """

    equation: Equation
    ranges: tuple[Range, ...]
    factors: tuple[Expr, ...]

    @property
    def summand(self) -> Expr:
        return Mul(*self.factors)

    @property
    def count(self) -> Expr | None:
        lengths = [hi - lo for _, lo, hi in self.ranges]
        indices = [i for i, _, _ in self.ranges]
        own = [*indices, *self.equation.indices]
        if any(mentions(length, i) for length in lengths for i in own):
            return None
        return Mul(*lengths)

    @property
    def divided(self) -> int | None:
        """What is missing from the number of places in the divisor: 0 for a mean; None: no mean."""
        if self.count is None:
            return None
        if all(Pow(n, -1) in self.factors for n in Mul.make_args(self.count)):
            return 0
        return 1 if Pow(self.count - 1, -1) in self.factors else None


def summed(equation: Equation) -> Summed | None:
    """The equation as a single sum with factors; None where it is none."""
    body = equation.written
    around = [f for f in Mul.make_args(body) if not isinstance(f, Sum)]
    sums = [f for f in Mul.make_args(body) if isinstance(f, Sum)]
    if len(sums) != 1 or any(entries(f) for f in around):
        return None
    inner = Mul.make_args(sums[0].function)
    return Summed(equation, ranges_of(sums[0]), (*around, *inner))


def coefficients(expr: Expr, names: set[str]) -> Iterator[list[Expr]]:
    """For each term that moves, its factors in sizes and hyperparameters."""
    if isinstance(expr, Add):
        for term in expr.args:
            yield from coefficients(term, names)
        return
    if not moving(expr, names):
        return
    own: list[Expr] = []
    rest: list[Expr] = []
    for factor in Mul.make_args(expr):
        fixed = not entries(factor) and not indices_in(factor) and not factor.is_number
        (own if fixed else rest).append(factor)
    if len(rest) == 1 and isinstance(rest[0], Sum):
        yield from ([*own, *more] for more in coefficients(rest[0].function, names))
    elif len(rest) == 1 and isinstance(rest[0], Add):
        yield from ([*own, *more] for more in coefficients(rest[0], names))
    else:
        yield own
