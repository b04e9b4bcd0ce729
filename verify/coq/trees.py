"""An equation's right-hand side as a small tree, read once from SymPy.

Statement, proof and search all walk the same tree, so that they agree on the order of factors.
What the notation leaves implicit is spelled out here, from the written side of an equation: a
read of a padded tensor is zero outside it, and a read at an exact quotient is zero where the
divisor does not divide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Sum

from derive.language.definition import Equation, Layer
from derive.language.printing.order import factor_key, ordered_terms
from derive.language.terms import (
    ZERO,
    Between,
    Choose,
    Condition,
    Divides,
    Entry,
    ExactQuotient,
    FloorDiv,
    Index,
    Iverson,
    RealParameter,
    ranges_of,
    replace,
    subterms,
)
from verify.coq.integers import Uncertified, integral


class Tree:
    """A value: one of the classes below."""


@dataclass(frozen=True)
class TensorRead(Tree):
    """An entry of an input, an upstream gradient or an earlier equation; a real parameter too."""

    tensor: str
    indices: tuple[Expr, ...]


@dataclass(frozen=True)
class Whole(Tree):
    """An integer as a scalar."""

    value: Expr


@dataclass(frozen=True)
class Inverse(Tree):
    """One over an integer."""

    value: Expr


#: what a product of a term is made of
FactorTree: TypeAlias = TensorRead | Whole | Inverse


@dataclass(frozen=True)
class Guard(Tree):
    """The Iverson bracket of a condition on integers."""

    condition: Condition


@dataclass(frozen=True)
class Plus(Tree):
    left: Tree
    right: Tree


@dataclass(frozen=True)
class Times(Tree):
    left: Tree
    right: Tree


@dataclass(frozen=True)
class Minus(Tree):
    body: Tree


@dataclass(frozen=True)
class Branching(Tree):
    condition: Condition
    yes: Tree
    no: Tree


@dataclass(frozen=True)
class Summed(Tree):
    """Σ over lo ≤ index < hi."""

    index: Index
    lo: Expr
    hi: Expr
    body: Tree


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
            return _chain(Plus, [self.tree(arg) for arg in _ordered(expr)])
        if isinstance(expr, Mul):
            return self._product(expr)
        if isinstance(expr, Pow):
            return self._power(expr)
        if isinstance(expr, Sum):
            body = self.tree(expr.function)
            for index, lo, hi in reversed(ranges_of(expr)):
                body = Summed(index, lo, hi, body)
            return body
        if isinstance(expr, Iverson):
            return Guard(self._condition(expr.args[0]))
        if isinstance(expr, Choose):
            condition, yes, no = expr.args
            return Branching(self._condition(condition), self.tree(yes), self.tree(no))
        raise Uncertified(f"certificates do not cover {type(expr).__name__}: {expr}")

    def _condition(self, condition: Condition) -> Condition:
        reads = [e for e in subterms(condition) if isinstance(e, Entry)]
        if any(e.tensor not in self.tables for e in reads):
            raise Uncertified(f"certificates do not cover a condition on entries: {condition}")
        return condition

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

    def _power(self, expr: Pow) -> Tree:
        base, power = expr.args
        if not power.is_Integer or power == 0:
            raise Uncertified(f"certificates do not cover the power {expr}")
        if power > 0:
            return _chain(Times, [self.tree(base)] * int(power))
        if not integral(base, self.tables):
            raise Uncertified(f"certificates do not cover division by {base}")
        return _chain(Times, [Inverse(base)] * -int(power))

    def _read(self, entry: Entry) -> Tree:
        """The entry, zero outside its tensor where that is padded."""
        quotients = [q for i in entry.indices for q in subterms(i) if isinstance(q, ExactQuotient)]
        guards: list[Condition] = [Divides(q.args[1], q.args[0]) for q in dict.fromkeys(quotients)]
        floors = {q: FloorDiv(*q.args) for q in quotients}
        indices = tuple(replace(i, floors) for i in entry.indices)
        tensor = self.layer.tensor(entry.tensor)
        for index, axis in zip(indices, tensor.axes if tensor else (), strict=False):
            if axis.fill != 0:
                raise Uncertified(f"certificates do not cover padding by {axis.fill}")
            if axis.padded:
                guards.append(Between(ZERO, index, axis.size))
        return _chain(Times, [*(Guard(g) for g in guards), TensorRead(entry.tensor, indices)])


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
