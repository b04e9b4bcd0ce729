"""Stage 0: a layer rewritten so that no value is lost that its results do not lose.

Every expression is carried as mantissa·eˢ (``scaled``), through sums, products, conditions and from
one equation into those that read it; sums whose terms cancel are written as what is left of them
(``cancelling``).  An equation that is read becomes two where it has to: its mantissa and its scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from sympy import Add, Basic, Expr, Mul, Pow, Sum, exp, log

from derive.language.definition import Equation, Layer
from derive.language.substitution import integral, substituted
from derive.language.terms import (
    ONE,
    ZERO,
    Both,
    Choose,
    Condition,
    Differ,
    Entry,
    Expm1,
    Index,
    Iverson,
    Less,
    Log1p,
    MaxOver,
    Negation,
    Range,
    Same,
    Sigmoid,
    entries,
    indices_in,
    mapped,
    maximum,
    ranges_of,
    subterms,
    symbols_of,
    total,
)
from numeric.lowering.stabilise import scaled as numbers
from numeric.lowering.stabilise.cancelling import COMPLEMENTS, multiplied_out, without_cancellation
from numeric.lowering.stabilise.homogeneous import Units
from numeric.lowering.stabilise.masks import masking
from numeric.lowering.stabilise.parts import Parts, bound_in, doubtful, is_long
from numeric.lowering.stabilise.scaled import Scaled, finite
from numeric.program.assumptions import Assumptions
from numeric.program.reads import conjunction

#: what loses values where it is taken literally
_DELICATE: tuple[type[Expr], ...] = (log, Log1p, Expm1, *(name for name, _, _ in COMPLEMENTS))


def stabilised(layer: Layer, outputs: tuple[str, ...] = ()) -> Layer:
    """The layer with the same values, computed without losing any.

    It is computed only where a single one of the outputs has entries.
    """
    stabiliser = _Stabiliser(layer, outputs)
    for equation in layer.ordered:
        stabiliser.add(equation)
    made = _read(stabiliser.made, [e.name for e in layer.equations])
    return layer if made == layer.ordered else replace(layer, equations=made)


def _read(made: dict[str, Equation], names: list[str]) -> tuple[Equation, ...]:
    """Those of the equations that are asked for or read, in order."""
    needed, pending = set[str](), list(names)
    while pending:
        name = pending.pop()
        if name in made and name not in needed:
            needed.add(name)
            pending += [e.tensor for e in entries(made[name].explicit)]
    return tuple(e for name, e in made.items() if name in needed)


class _TooLong(Exception):
    """A scale that would be written out too often."""


class _Stabiliser:
    def __init__(self, layer: Layer, outputs: tuple[str, ...]) -> None:
        self._layer = layer
        self._anywhere = Assumptions.of_outputs(layer, outputs) if outputs else Assumptions(layer)
        self._masks = masking(layer)
        self._equations: dict[str, Equation] = {}
        self._numbers: dict[str, Scaled] = {}
        self._parts = Parts(layer)
        self._units = Units(self._parts)
        self.made = self._parts.made

    def add(self, equation: Equation) -> None:
        """An equation, after those that it reads."""
        self._parts.target = equation.name
        explicit = equation.explicit
        if any(self._delicate(node) for node in subterms(explicit)):
            axes = tuple(zip(equation.indices, equation.extents, strict=True))
            found = self.value(explicit, self._anywhere.within(axes))
            self.made[equation.name] = replace(equation, explicit=found.plain)
            if found.scale != 0 or found.logarithm is not None:
                self._numbers[equation.name] = self._read_by_others(equation, found)
        else:
            self.made[equation.name] = equation
        self._equations[equation.name] = equation

    def _delicate(self, node: Basic) -> bool:
        if isinstance(node, Entry):
            return node.tensor in self._numbers
        power = isinstance(node, Pow) and not _is_whole(node.exp) and not integral(node.base)
        return isinstance(node, _DELICATE) or power

    def _read_by_others(self, equation: Equation, found: Scaled) -> Scaled:
        """The number as others read it: what takes sums has equations of its own."""
        if found.scale == 0:
            return replace(found, mantissa=equation.entry)

        def read(name: str, part: Expr) -> Expr:
            return self._parts.of_equation(equation, name, part) if part.has(Sum, MaxOver) else part

        moved = replace(found, mantissa=read("mantissa", found.mantissa), alone=equation.entry)
        if found.logarithm is not None:
            moved = replace(moved, logarithm=read("log", found.logarithm))
        if found.scale.has(Sum, MaxOver):
            return replace(moved, scale=read("scale", found.largest_scale), where=())
        return moved

    # --- expressions -----------------------------------------------------------------------------

    def plain(self, expr: Basic, here: Assumptions) -> Any:
        """The value of an expression, or a condition on values."""
        if not any(self._delicate(node) for node in subterms(expr)):
            return expr
        if isinstance(expr, Expr) and not isinstance(expr, Entry):
            return self.value(expr, here).plain
        return mapped(lambda arg: self.plain(arg, here), expr)

    def value(self, expr: Any, here: Assumptions) -> Scaled:
        """The expression as mantissa and scale; a long scale has an equation of its own.

        Where it cannot have one, the expression is taken as it stands: each sum of such numbers
        holds the scales of all its terms twice.
        """
        try:
            found = self._value(expr, here)
            if not is_long(found.scale):
                return found
            return replace(found, scale=self._shared(found.largest_scale, here), where=())
        except _TooLong:
            return Scaled(expr)

    def _shared(self, scale: Expr, here: Assumptions) -> Expr:
        """The scale, or where it is long a read of it; ``_TooLong`` where it cannot be read."""
        read = self._parts.short(scale, "scale", here)
        if is_long(read):
            raise _TooLong
        return read

    def _value(self, expr: Any, here: Assumptions) -> Scaled:
        if isinstance(expr, Add):
            return self._sum_of_terms(expr, here)
        if isinstance(expr, Mul):
            return self._product(expr, here)
        if isinstance(expr, Sum):
            return self._sum(expr, here)
        if isinstance(expr, Pow):
            exponent = self.plain(expr.exp, here)
            base = None if _is_whole(exponent) else self._balanced(expr.base, exponent, here)
            return numbers.power(base or self.value(expr.base, here), exponent)
        if isinstance(expr, Entry):
            return self._read(expr)
        if isinstance(expr, Choose):
            stated = self.plain(expr.args[0], here)
            yes = self.value(expr.args[1], here.given([expr.args[0]]))
            return numbers.chosen(
                stated, yes, self.value(expr.args[2], here.given([Negation(expr.args[0])]))
            )
        if isinstance(expr, MaxOver):
            inside = self._parts.with_tables(expr.args[0], here.over(ranges_of(expr)))
            return Scaled(expr.func(self.plain(expr.args[0], inside), *expr.args[1:]))
        if isinstance(expr, exp):
            return numbers.exponential(self.plain(expr.args[0], here))
        if isinstance(expr, Sigmoid):
            return numbers.sigmoid(self.plain(expr.args[0], here))
        if isinstance(expr, log):
            base = self._balanced(expr.args[0], None, here)
            return Scaled(numbers.logarithm(base or self.value(expr.args[0], here)))
        if isinstance(expr, Log1p | Expm1):
            return self._beside_one(expr, here)
        return Scaled(mapped(lambda arg: self.plain(arg, here), expr))

    def _read(self, entry: Entry) -> Scaled:
        if entry.tensor in self._masks:
            return Scaled(entry, where=(Differ(entry, ZERO),))
        if entry.tensor not in self._numbers:
            return Scaled(entry)
        indices = self._equations[entry.tensor].indices
        return self._numbers[entry.tensor].moved(dict(zip(indices, entry.indices, strict=True)))

    def _beside_one(self, expr: Any, here: Assumptions) -> Scaled:
        """log(1 + u) and eᵘ − 1."""
        inner = self.value(expr.args[0], here)
        if isinstance(expr, Log1p):
            if inner.scale == 0:
                return Scaled(Log1p(inner.mantissa))
            return Scaled(numbers.logarithm(numbers.added([Scaled(ONE), inner])))
        made = numbers.added([numbers.exponential(inner.plain), Scaled(-ONE)])
        return replace(made, alone=Expm1(inner.plain))

    def _product(self, expr: Expr, here: Assumptions) -> Scaled:
        factors = Mul.make_args(self._inlined(expr))
        guards = [f.args[0] for f in factors if isinstance(f, Iverson)]
        inside = here.given(guards)
        made = [self.value(f, here if isinstance(f, Iverson) else inside) for f in factors]
        found = numbers.product(self._units.divided(made))
        for f in factors:
            if isinstance(f, Pow) and not f.exp.is_number and log(f.base) in factors:
                base, exponent = self.plain(f.base, inside), self.plain(f.exp, inside)
                vanishes = Both(Same(base, ZERO), Less(ZERO, exponent))
                found = numbers.chosen(vanishes, Scaled(ZERO), found)
        return found

    def _inlined(self, expr: Expr) -> Expr:
        """A product in which equations are put that cancel what is divided by.

        x·x^(−1/2) is x^(1/2), also at 0.
        """
        found = expr
        while True:
            bodies = {f: b for f in Mul.make_args(found) if (b := self._body(f)) is not None}
            bodies = {f: b for f, b in bodies.items() if not isinstance(b, Add | Choose | Sum)}
            if not bodies:
                return found if _divisors(found) < _divisors(expr) else expr
            found = found.xreplace(bodies)

    def _body(self, read: Expr) -> Expr | None:
        """The right-hand side of the equation that is read, at that place."""
        equation = self._equations.get(read.tensor) if isinstance(read, Entry) else None
        if equation is None or not isinstance(read, Entry):
            return None
        body = equation.explicit
        if bound_in(body) & set(indices_in(read)):
            return None
        made: Expr = substituted(body, dict(zip(equation.indices, read.indices, strict=True)))
        return made

    def _sum_of_terms(self, expr: Add, here: Assumptions) -> Scaled:
        less = without_cancellation(expr)
        if less == expr:
            bodies = {
                e: b
                for e in entries(expr)
                if (b := self._body(e)) is not None and b.has(*_DELICATE)
            }
            inlined = expr.xreplace(bodies)
            found = without_cancellation(inlined) if isinstance(inlined, Add) else inlined
            less = expr if found == inlined else found
        if not isinstance(less, Add):
            return self.value(less, here)
        shared = partial(self._shared, here=here)
        found = numbers.added([self.value(t, here) for t in less.args], shared)
        if found.scale == 0 and isinstance(found.mantissa, Add):
            return Scaled(multiplied_out(found.mantissa) or found.mantissa)
        return found

    def _balanced(self, base: Expr, exponent: Expr | None, here: Assumptions) -> Scaled | None:
        """What a root, a negative power or a logarithm is taken of, divided by its entries."""
        body = self._body(base)
        base = base if body is None else body
        if any(self._delicate(node) for node in subterms(base)):
            return None
        return self._units.balanced(base, exponent, here)

    # --- sums ------------------------------------------------------------------------------------

    def _sum(self, node: Any, here: Assumptions) -> Scaled:
        ranges = ranges_of(node)
        inside = self._parts.with_tables(node.args[0], here.over(ranges))
        body = self.value(node.args[0], inside)
        own = {i for i, _, _ in ranges}
        if _parted(body.scale, own)[0].has(log):
            body = numbers.without_units(body)
        if body.scale == 0:
            return Scaled(total(body.mantissa, ranges))
        inner, outer = _parted(body.scale, own)
        alone = total(body.plain, ranges)
        if inner == 0:
            about_all = tuple(c for c in body.where if not own & set(indices_in(c)))
            if about_all != body.where and not self._parts.inside(outer, here):
                return Scaled(alone)
            mantissa = self._parts.named(total(body.guarded, ranges), "sum", here)
            return Scaled(mantissa, outer, about_all, alone)
        if any(own & set(indices_in(c)) for c in doubtful(ranges, here)):
            return Scaled(alone)
        scale, mantissa = outer, body.mantissa
        exponents = _connected(inner, own, ranges)
        if len(exponents) > 1 and body.where and not self._parts.inside(inner, inside):
            exponents = [inner]
        for exponent in exponents:
            over = [r for r in ranges if len(exponents) == 1 or r[0] in indices_in(exponent)]
            others = own - {i for i, _, _ in over}
            where = [c for c in body.where if not others & set(indices_in(c))]
            m = self._shift(exponent, where, over, here)
            factor: Expr = exp(exponent - m)
            if len(exponents) > 1:
                factor = self._parts.named(factor, "exp", inside)
            mantissa, scale = mantissa * factor, scale + m
        found = self._parts.named(
            total(Scaled(mantissa, ZERO, body.where).guarded, ranges), "sum", here
        )
        whole = body.mantissa == 1 and not body.where
        return Scaled(
            found,
            scale,
            alone=alone if body.alone is not None else None,
            logarithm=log(found) if whole else None,
            at_least_one=whole,
        )

    def _shift(
        self, exponent: Expr, where: Sequence[Condition], ranges: Sequence[Range], here: Assumptions
    ) -> Expr:
        """The largest exponent where the terms count; 0 where there is no finite one."""
        looked_at = Scaled(ONE, exponent, tuple(where)).largest_scale
        found: Expr = maximum(looked_at, ranges)
        unknown = doubtful(ranges, here.alone(found))
        if unknown:
            found = Choose(conjunction(unknown), found, ZERO)
        return self._parts.named(finite(self._parts.named(found, "max", here)), "shift", here)


def _is_whole(exponent: Expr) -> bool:
    return bool(exponent.is_Integer and exponent > 0)


def _parted(scale: Expr, own: set[Index]) -> tuple[Expr, Expr]:
    """The terms of a scale that depend on some indices, and the others."""
    terms = Add.make_args(scale)
    inner = [t for t in terms if own & set(symbols_of(t))]
    return Add(*inner), Add(*(t for t in terms if t not in inner))


def _divisors(expr: Expr) -> int:
    """How many factors are divided by."""
    return sum(
        isinstance(f, Pow) and bool(f.exp.is_Rational and f.exp < 0) for f in Mul.make_args(expr)
    )


def _connected(exponent: Expr, own: set[Index], ranges: Sequence[Range]) -> list[Expr]:
    """The exponent as a sum of such that share no index of the sum: a product of exponentials."""
    if any(own & set(indices_in(lo, hi)) for _, lo, hi in ranges):
        return [exponent]
    groups: list[tuple[set[Index], list[Expr]]] = []
    for term in Add.make_args(exponent):
        indices, terms = own & set(indices_in(term)), [term]
        for group in [g for g in groups if g[0] & indices]:
            groups.remove(group)
            indices, terms = indices | group[0], [*group[1], *terms]
        groups.append((indices, terms))
    return [Add(*terms) for _, terms in groups]
