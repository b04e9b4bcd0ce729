"""Stage 0: a layer rewritten so that no value is lost that its results do not lose.

Every expression is carried as mantissa·eˢ (``scaled``), through sums, products, conditions and from
one equation into those that read it; sums whose terms cancel are written as what is left of them
(``cancelling``).  An equation that is read becomes two where it has to: its mantissa and its scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sympy import Add, Basic, Expr, Mul, Pow, Sum, exp, log

from derive.language.definition import Equation, Layer
from derive.language.substitution import integral, substituted
from derive.language.terms import (
    MINUS_INFINITY,
    ONE,
    ZERO,
    AtMost,
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
    varies,
)
from numeric.lowering.naming import FreshNames
from numeric.lowering.stabilise import scaled as numbers
from numeric.lowering.stabilise.cancelling import COMPLEMENTS, multiplied_out, without_cancellation
from numeric.lowering.stabilise.homogeneous import alike, atom, needed, number_in, products
from numeric.lowering.stabilise.masks import masking
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


class _Stabiliser:
    def __init__(self, layer: Layer, outputs: tuple[str, ...]) -> None:
        self._layer = layer
        self._anywhere = Assumptions.of_outputs(layer, outputs) if outputs else Assumptions(layer)
        self._names = FreshNames.of(layer)
        self._masks = masking(layer)
        self._equations: dict[str, Equation] = {}
        self._numbers: dict[str, Scaled] = {}
        self._reductions: dict[tuple[Basic, tuple[Expr, ...]], str] = {}
        self._scaled_entries: dict[Expr, tuple[Expr, Expr]] = {}
        self._target = ""
        self.made: dict[str, Equation] = {}

    def add(self, equation: Equation) -> None:
        """An equation, after those that it reads."""
        self._target = equation.name
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
            return self._own(equation, name, part) if part.has(Sum, MaxOver) else part

        moved = replace(found, mantissa=read("mantissa", found.mantissa), alone=equation.entry)
        if found.logarithm is not None:
            moved = replace(moved, logarithm=read("log", found.logarithm))
        if found.scale.has(Sum, MaxOver):
            return replace(moved, scale=read("scale", found.largest_scale), where=())
        return moved

    def _own(self, equation: Equation, suffix: str, value: Expr) -> Expr:
        name = self._names.fresh(f"{equation.name}_{suffix}")
        self.made[name] = replace(equation, name=name, written=value, explicit=value)
        return Entry(name, *equation.indices)

    # --- expressions -----------------------------------------------------------------------------

    def plain(self, expr: Basic, here: Assumptions) -> Any:
        """The value of an expression, or a condition on values."""
        if not any(self._delicate(node) for node in subterms(expr)):
            return expr
        if isinstance(expr, Expr) and not isinstance(expr, Entry):
            return self.value(expr, here).plain
        return mapped(lambda arg: self.plain(arg, here), expr)

    def value(self, expr: Any, here: Assumptions) -> Scaled:
        """The expression as mantissa and scale."""
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
            inside = self._with_tables(expr.args[0], here.over(ranges_of(expr)))
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
        found = numbers.product(self._divided(made))
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
        if _bound(body) & set(indices_in(read)):
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
        found = numbers.added([self.value(t, here) for t in less.args])
        if found.scale == 0 and isinstance(found.mantissa, Add):
            return Scaled(multiplied_out(found.mantissa) or found.mantissa)
        return found

    # --- powers ----------------------------------------------------------------------------------

    def _balanced(self, base: Expr, exponent: Expr | None, here: Assumptions) -> Scaled | None:
        """A sum of products of one degree, its entries divided by the largest of them."""
        body = self._body(base)
        base = base if body is None else body
        found = products(base)
        if found is None or not needed(found, exponent):
            return None
        if any(self._delicate(node) for node in subterms(base)):
            return None
        if not all(self._whole(f, here.over(p.ranges)) for p in found for f, _ in p.factors):
            return None
        number, scales = number_in(base), list[Expr]()
        atoms = dict.fromkeys((f, p.ranges) for p in found for f, _ in p.factors)
        groups = [[one] for one in atoms] if len(found) == 1 and not number else [list(atoms)]
        base -= number
        for group in groups:
            most = self._named(self._largest_of(group, here), "largest", here)
            c = self._named(_positive(numbers.larger(most, ONE) if number else most), "unit", here)
            for f, ranges in group:
                u = self._named(f / c, "scaled", here.over(ranges))
                if not (isinstance(c, Entry) and isinstance(u, Entry)):
                    return None
                self._scaled_entries[f] = c, u
                base = base.xreplace({f: u})
            powers = [k for f, k in found[0].factors if f in {one for one, _ in group}]
            scales.append(sum(powers) * log(c))
        if number:
            degree, part = found[0].degree, self._named(1 / c, "part", here)
            base += number * part**degree
        return Scaled(base, Add(*scales))

    def _whole(self, atom: Expr, here: Assumptions) -> bool:
        """Whether the atom is computed at all places that there are, whoever else reads it."""
        read = {i for e in entries(atom) for i in e.indices}
        return self._inside(atom, here) and read.issuperset(indices_in(atom))

    def _largest_of(self, group: Sequence[tuple[Expr, Sequence[Range]]], here: Assumptions) -> Expr:
        """The largest absolute value of entries, each over its own part of a sum."""
        found: list[Expr] = []
        for f, ranges in group:
            over = [r for r in ranges if r[0] in indices_in(f)]
            size = numbers.absolute(f)
            doubtful = _doubtful(over, here.alone(maximum(size, over))) if over else []
            largest = maximum(size, over) if over else size
            found.append(Choose(conjunction(doubtful), largest, ZERO) if doubtful else largest)
        return numbers.largest(found)

    def _divided(self, factors: list[Scaled]) -> list[Scaled]:
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

    # --- sums ------------------------------------------------------------------------------------

    def _sum(self, node: Any, here: Assumptions) -> Scaled:
        ranges = ranges_of(node)
        inside = self._with_tables(node.args[0], here.over(ranges))
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
            if about_all != body.where and not self._inside(outer, here):
                return Scaled(alone)
            mantissa = self._named(total(body.guarded, ranges), "sum", here)
            return Scaled(mantissa, outer, about_all, alone)
        if any(own & set(indices_in(c)) for c in _doubtful(ranges, here)):
            return Scaled(alone)
        scale, mantissa = outer, body.mantissa
        exponents = _connected(inner, own, ranges)
        if len(exponents) > 1 and body.where and not self._inside(inner, inside):
            exponents = [inner]
        for exponent in exponents:
            over = [r for r in ranges if len(exponents) == 1 or r[0] in indices_in(exponent)]
            others = own - {i for i, _, _ in over}
            where = [c for c in body.where if not others & set(indices_in(c))]
            m = self._shift(exponent, where, over, here)
            factor: Expr = exp(exponent - m)
            if len(exponents) > 1:
                factor = self._named(factor, "exp", inside)
            mantissa, scale = mantissa * factor, scale + m
        found = self._named(total(Scaled(mantissa, ZERO, body.where).guarded, ranges), "sum", here)
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
        doubtful = _doubtful(ranges, here.alone(found))
        if doubtful:
            found = Choose(conjunction(doubtful), found, ZERO)
        return self._named(finite(self._named(found, "max", here)), "shift", here)

    def _named(self, value: Expr, suffix: str, here: Assumptions) -> Expr:
        """A read of an equation of its own for a value, made once; or the value.

        Such an equation is computed at all places, so it must not need the conditions around.
        """
        bound = _bound(value)
        free = tuple(i for i in indices_in(value) if i not in bound)
        extents = dict(here.axes)
        if any(i not in extents or varies(extents[i]) for i in free):
            return value
        if here.where and not self._inside(value, here):
            return value
        shape = tuple(extents[i] for i in free)
        key = _normal(value, free), shape
        if key not in self._reductions:
            name = self._reductions[key] = self._names.fresh(f"{self._target}_{suffix}")
            self.made[name] = Equation(name, free, shape, shape, (True,) * len(free), value, value)
        return Entry(self._reductions[key], *free)

    def _inside(self, value: Expr, here: Assumptions) -> bool:
        """Whether all entries are read at bare indices that run over their axes."""
        nodes = [n for n in subterms(value) if isinstance(n, Sum | MaxOver)]
        lengths = dict[Expr, Expr](here.axes)
        lengths.update((i, hi) for n in nodes for i, lo, hi in ranges_of(n) if lo == 0)
        return all(
            [lengths.get(i) for i in e.indices] == self._shape(e.tensor) for e in entries(value)
        )

    def _shape(self, name: str) -> list[Expr]:
        made = self.made.get(name)
        return list(self._layer.shape(name) if made is None else made.extents)

    def _with_tables(self, body: Basic, here: Assumptions) -> Assumptions:
        """The place with what is declared of the tables that are read there, index by index."""
        extents = dict[Expr, Expr](here.axes)
        read = [
            e
            for e in entries(body)
            if e.tensor not in self.made
            and [extents.get(i) for i in e.indices] == self._shape(e.tensor)
        ]
        return here.given(fact for e in read for fact in self._layer.facts(e))


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


def _normal(value: Expr, free: Sequence[Index]) -> Basic:
    """The value with its indices numbered, so that equal ones are found whatever their names."""
    found = [*free, *(i for i in indices_in(value) if i not in free)]
    made: Basic = value.xreplace({i: Index(f"·{n}") for n, i in enumerate(found)})
    return made


def _positive(c: Expr) -> Expr:
    """A number to divide by: 1 where the largest is zero or infinite."""
    return Choose(Both(Less(ZERO, c), Less(MINUS_INFINITY, -c)), c, ONE)


def _bound(expr: Basic) -> set[Index]:
    """The indices of sums and maxima."""
    nodes = (n for n in subterms(expr) if isinstance(n, Sum | MaxOver))
    return {i for n in nodes for i, _, _ in ranges_of(n)}


def _doubtful(ranges: Sequence[Range], here: Assumptions) -> list[Condition]:
    """That the ranges have points, where this is not known."""
    found: list[Condition] = []
    for index, lo, hi in ranges:
        some = AtMost(lo + ONE, hi)
        if not here.shows(some):
            found.append(some)
        here = here.over([(index, lo, hi)])
    return found


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
