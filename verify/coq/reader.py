"""Trees of SymPy expressions.

Statement, proof and search all walk the tree made here, so that they agree on the order of
factors.  What the notation leaves implicit is spelled out, from the written side of an equation: a
read of a padded tensor is zero outside it, a read at an exact quotient is zero where the divisor
does not divide, and a maximum passes over padding by −∞.  A negative power of a product is the
product of its factors' inverses, u^(n/2) is a power of the root, u^(a+n) with an integer n is
u^a·u^n, and 2·u − 2·v is 2·(u − v).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Sum

from derive.language.definition import Equation, Layer
from derive.language.printing.order import factor_key, ordered_terms
from derive.language.substitution import substituted
from derive.language.terms import (
    MINUS_INFINITY,
    ZERO,
    AtMost,
    Between,
    Both,
    Choose,
    Condition,
    Differ,
    Divides,
    Either,
    Entry,
    ExactQuotient,
    FirstMax,
    FloorDiv,
    Index,
    Iverson,
    Less,
    MaxOver,
    Negation,
    Range,
    RealParameter,
    Same,
    all_of,
    ranges_of,
    replace,
    subterms,
    symbols_of,
)
from verify.coq.functions import FUNCTIONS
from verify.coq.integers import Uncertified, integral
from verify.coq.trees import (
    Applied,
    Branching,
    FirstAt,
    Guard,
    Inverse,
    Largest,
    Minus,
    Plus,
    Raised,
    Reciprocal,
    Rooted,
    Selected,
    Step,
    Summed,
    TensorRead,
    Times,
    Tree,
    Whole,
)


def tree_of(equation: Equation, layer: Layer) -> Tree:
    """The written right-hand side of an equation."""
    return _Reader(layer).tree(equation.written)


def tree_of_expression(expr: Expr, layer: Layer) -> Tree:
    """An expression in the tensors of a layer, such as a named form's definition."""
    return _Reader(layer).tree(expr)


class _Reader:
    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self.tables = frozenset(t.name for t in layer.tensors if t.integer)

    def tree(self, expr: Expr) -> Tree:
        if isinstance(expr, Entry) and expr.tensor not in self.tables:
            return self._read(expr)
        if integral(expr, self.tables):
            return Whole(expr)
        if isinstance(expr, Rational):
            return self._rational(expr)
        if isinstance(expr, RealParameter):
            return TensorRead(expr.name, ())
        if isinstance(expr, Add):
            return self._sum(expr)
        if isinstance(expr, Mul):
            return self._product(expr)
        if isinstance(expr, Pow):
            return self._power(expr.base, expr.exp)
        if isinstance(expr, Sum):
            body = self.tree(expr.function)
            for index, lo, hi in reversed(ranges_of(expr)):
                body = Summed(index, lo, hi, body)
            return body
        if isinstance(expr, Iverson):
            return self._bracket(expr.args[0])
        if isinstance(expr, Choose):
            return self._choice(*expr.args)
        if isinstance(expr, MaxOver):
            return self._maximum(expr.function, ranges_of(expr))
        function = FUNCTIONS.get(type(expr))
        if function is not None:
            (argument,) = expr.args
            assert isinstance(argument, Expr)
            return Applied(function.name, self.tree(argument))
        raise Uncertified(f"certificates do not cover {type(expr).__name__}: {expr}")

    def _sum(self, expr: Add) -> Tree:
        """A sum without integers that divide all of it."""
        numbers = [term.as_coeff_Mul()[0] for term in expr.args]
        factor = gcd(*(int(n) for n in numbers)) if all(n.is_Integer for n in numbers) else 1
        if factor > 1:
            rest = Add(*(term / factor for term in expr.args))
            assert isinstance(rest, Add)
            return Times(Whole(Integer(factor)), self._sum(rest))
        return _chain(Plus, [self.tree(arg) for arg in _ordered(expr)])

    def _real(self, condition: Condition) -> bool:
        """Whether the condition is about what real tensors hold."""
        return any(
            isinstance(e, FirstMax | RealParameter)
            or (isinstance(e, Entry) and e.tensor not in self.tables)
            for e in subterms(condition)
        )

    def _bracket(self, condition: Condition) -> Tree:
        """The bracket, by those of a < b and of places of a maximum."""
        if not self._real(condition):
            return Guard(condition)
        if isinstance(condition, FirstMax):
            return self._first(condition)
        if isinstance(condition, Less):
            return Step(*(self.tree(side) for side in condition.args))
        if isinstance(condition, Negation):
            return _opposite(self._bracket(condition.args[0]))
        if isinstance(condition, Either):
            return _opposite(_chain(Times, [_opposite(self._bracket(c)) for c in condition.args]))
        return _chain(Times, [self._bracket(c) for c in _parts(condition)])

    def _choice(self, condition: Condition, yes: Expr, no: Expr) -> Tree:
        if not self._real(condition):
            return Branching(condition, self.tree(yes), self.tree(no))
        if isinstance(condition, Less):
            left, right = (self.tree(side) for side in condition.args)
            return Selected(left, right, self.tree(yes), self.tree(no))
        if isinstance(condition, Negation):
            return self._choice(condition.args[0], no, yes)
        if isinstance(condition, Either):
            return self._choice(Both(*(Negation(c) for c in condition.args)), no, yes)
        if isinstance(condition, FirstMax):
            raise Uncertified("certificates do not cover a choice by the place of a maximum")
        first, *rest = _parts(condition)
        return self._choice(first, Choose(all_of(rest), yes, no) if rest else yes, no)

    def _maximum(self, body: Expr, ranges: Sequence[Range]) -> Tree:
        """One maximum inside the other: the first of several largest stays the first."""
        conditions = [c for c in self._inside(body) if c != Both()]
        value = body.args[1] if isinstance(body, Choose) else body
        tree = self.tree(value) if not isinstance(value, Entry) else self._unpadded(value)
        for place in reversed(range(len(ranges))):
            index, lo, hi = ranges[place]
            own = [c for c in conditions if index in symbols_of(c)]
            outer = {r[0] for r in ranges[:place]}
            if any(i in outer for c in own for i in symbols_of(c)):
                raise Uncertified("certificates do not cover a maximum over a skew range")
            conditions = [c for c in conditions if c not in own]
            if place == 0:
                own += conditions
            tree = Largest(index, lo, hi, all_of(own), tree)
        return tree

    def _inside(self, body: Expr) -> list[Condition]:
        """Where the body of a maximum is not −∞."""
        if isinstance(body, Choose) and body.args[2] == MINUS_INFINITY:
            return list(_parts(body.args[0]))
        if isinstance(body, Entry):
            tensor = self.layer.tensor(body.tensor)
            return [
                Between(ZERO, index, axis.size)
                for index, axis in zip(body.indices, tensor.axes if tensor else (), strict=False)
                if axis.padded and axis.fill == MINUS_INFINITY
            ]
        return []

    def _first(self, condition: FirstMax) -> Tree:
        """One bracket an index: each is the first place of the largest value further inside."""
        at, maximum = condition.args
        ranges = ranges_of(maximum)
        brackets: list[Tree] = []
        known: dict[Index, Expr] = {}
        for place, value in enumerate(at):
            inner = [
                (i, substituted(lo, known), substituted(hi, known)) for i, lo, hi in ranges[place:]
            ]
            largest = self._maximum(substituted(maximum.function, known), inner)
            assert isinstance(largest, Largest)
            brackets.append(FirstAt(value, largest))
            known[ranges[place][0]] = value
        return _chain(Times, brackets)

    def _rational(self, number: Rational) -> Tree:
        parts: list[Tree] = [Whole(Integer(abs(number.p)))] if abs(number.p) != 1 else []
        if number.q != 1:
            parts.append(Inverse(Integer(number.q)))
        return Minus(_chain(Times, parts)) if number < 0 else _chain(Times, parts)

    def _product(self, expr: Mul) -> Tree:
        """A leading −1 is a sign, not a factor."""
        first, *rest = expr.args
        if isinstance(first, Rational) and first < 0:
            return Minus(self.tree(Mul(-first, *rest)))
        factors = sorted(expr.args, key=lambda f: factor_key(f, str(f)))
        return _chain(Times, [self.tree(arg) for arg in factors])

    def _power(self, base: Expr, power: Expr) -> Tree:
        if integral(base, self.tables) and power.is_Integer and power != 0:
            kind = Whole if power > 0 else Inverse
            return _chain(Times, [kind(base)] * abs(int(power)))
        if isinstance(base, Mul) and power.is_Integer and power < 0:
            integers = [f for f in base.args if integral(f, self.tables)]
            factors = [f for f in base.args if f not in integers]
            factors += [Mul(*integers)] if integers else []
            return _chain(Times, [self._power(f, power) for f in factors])
        if power.is_Integer and power > 0 and isinstance(base, Entry):
            *guards, read = self._unguarded(base)
            return _chain(Times, [*guards, _chain(Times, [read] * int(power))])
        if power.is_Integer:
            factor = self.tree(base)
            return _chain(Times, [factor if power > 0 else Reciprocal(factor)] * abs(int(power)))
        if isinstance(power, Rational) and power.q == 2:
            root = Rooted(self.tree(base))
            return _chain(Times, [root if power > 0 else Reciprocal(root)] * abs(int(power.p)))
        rest, whole = _split(power)
        raised: Tree = Raised(self.tree(base), self.tree(rest))
        return _chain(Times, [raised, *([self._power(base, whole)] if whole else [])])

    def _read(self, entry: Entry) -> Tree:
        """The entry, zero outside its tensor where that is padded."""
        return _chain(Times, self._unguarded(entry))

    def _unguarded(self, entry: Entry) -> list[Tree]:
        """The guards of an entry, and its read."""
        guards, read = self._guarded(entry)
        tensor = self.layer.tensor(entry.tensor)
        for index, axis in zip(read.indices, tensor.axes if tensor else (), strict=False):
            if axis.fill != 0:
                raise Uncertified(f"certificates do not cover padding by {axis.fill}")
            if axis.padded:
                guards.append(Between(ZERO, index, axis.size))
        return [*(Guard(g) for g in guards), read]

    def _unpadded(self, entry: Entry) -> Tree:
        """An entry that is the body of a maximum, whose range says where it is read."""
        tensor = self.layer.tensor(entry.tensor)
        fills = {a.fill for a in tensor.axes if a.padded} if tensor else set()
        guards, read = self._guarded(entry)
        return read if fills == {MINUS_INFINITY} and not guards else self._read(entry)

    def _guarded(self, entry: Entry) -> tuple[list[Condition], TensorRead]:
        """Where exact quotients in the indices divide, and the read with their floors."""
        quotients = [q for i in entry.indices for q in subterms(i) if isinstance(q, ExactQuotient)]
        guards: list[Condition] = [Divides(q.args[1], q.args[0]) for q in dict.fromkeys(quotients)]
        floors = {q: FloorDiv(*q.args) for q in quotients}
        return guards, TensorRead(entry.tensor, tuple(replace(i, floors) for i in entry.indices))


def _parts(condition: Condition) -> list[Condition]:
    """A conjunction's parts; other statements about scalars by <."""
    if isinstance(condition, Both):
        return [part for c in condition.args for part in _parts(c)]
    if isinstance(condition, Between) and not integral(condition.args[1], frozenset()):
        lo, value, hi = condition.args
        return [Negation(Less(value, lo)), Less(value, hi)]
    if isinstance(condition, AtMost):
        return [Negation(Less(condition.args[1], condition.args[0]))]
    if isinstance(condition, Same):
        left, right = condition.args
        return [Negation(Less(left, right)), Negation(Less(right, left))]
    if isinstance(condition, Differ):
        return [Negation(Same(*condition.args))]
    return [condition]


def _opposite(bracket: Tree) -> Tree:
    return Plus(Whole(Integer(1)), Minus(bracket))


def _split(power: Expr) -> tuple[Expr, Expr]:
    """A power as one with no whole part, or a fraction above −1 and not above 0, and an integer."""
    constant, rest = power.as_coeff_Add()
    if rest == 0:
        assert isinstance(constant, Rational)
        whole = Integer(-(-constant.p // constant.q))
        return constant - whole, whole
    constant = constant if constant.is_Integer else ZERO
    return power - constant, constant


def _ordered(expr: Add) -> list[Expr]:
    """The terms of a sum in reading order."""
    signed = [(t.could_extract_minus_sign(), t) for t in expr.args]
    parts = [(-t if negative else t, negative, str(t)) for negative, t in signed]
    return [expr.args[place] for place in ordered_terms(parts)]


def _chain(kind: type[Plus] | type[Times], parts: Sequence[Tree]) -> Tree:
    first, *rest = parts
    for part in rest:
        first = kind(first, part)
    return first
