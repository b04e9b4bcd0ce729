"""Trees as data for the lemma library: terms of ``expression`` in which equations are put in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from sympy import Expr, Symbol

from derive.language.terms import Index
from verify.coq.atoms import View
from verify.coq.functions import rate_of
from verify.coq.integers import Naming, Uncertified, atom, integer, truth
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
    subtrees,
)

#: what the library's ``Unary`` is given for the operations whose rate algebra tells
INVERSE = "(inverse (plain scalars)) (inverse_rate (plain scalars))"
ROOT = "(root (plain scalars)) (root_rate (plain scalars))"
#: an entry that nobody asks for
NOTHING = "(fun _ => ring_zero scalars)"


class Mode(Enum):
    """What of an expression is asked for."""

    PLAIN = "its value, in one piece"
    VALUES = "its value, by atoms"
    RATES = "its value and ε-part, by atoms"


@dataclass(frozen=True)
class Spot:
    """What an index stands for: its text so many binders further in, and its value.

    The text is what was written with the indices' texts put in, the value is multiplied out.
    """

    text: Callable[[int], str]
    value: Expr

    @property
    def index(self) -> Index:
        """The value of an index that a binder binds: an index, too."""
        assert isinstance(self.value, Index), self.value
        return self.value


Spots = Mapping[Symbol, Spot]


class Data:
    """Writes a tree and everything that its equations put in.

    A bound index becomes a coordinate of the point ``e``, the innermost one number 0.
    ``moving`` gives the direction of the tensor that moves.
    """

    def __init__(
        self, fixed: Mapping[Symbol | str, str], view: View, moving: Mapping[str, str]
    ) -> None:
        self.fixed = fixed
        self.view = view
        self.moving = moving
        self._levels: dict[Symbol, int] = {}

    def coordinate(self, level: int, depth: int) -> str:
        """The index bound at that level, seen from further inside."""
        return f"(coordinate {depth - 1 - level} e)"

    def bind(self, index: Symbol, scope: Spots, depth: int) -> dict[Symbol, Spot]:
        """The scope inside a binder."""
        own = self.view.fresh(index.name)
        self._levels[own] = depth
        return {**scope, index: Spot(lambda below: self.coordinate(depth, below), own)}

    def bind_all(self, indices: Sequence[Symbol]) -> dict[Symbol, Spot]:
        """The scope of the outermost indices."""
        scope: dict[Symbol, Spot] = {}
        for level, index in enumerate(indices):
            scope = self.bind(index, scope, level)
        return scope

    def naming(self, scope: Spots, depth: int) -> Naming:
        def name(key: Symbol | str) -> str:
            if isinstance(key, Symbol) and key in scope:
                return scope[key].text(depth)
            if isinstance(key, Symbol) and key in self._levels:
                return self.coordinate(self._levels[key], depth)
            return self.fixed[key]

        return name

    def text(self, tree: Tree, scope: Spots, depth: int, mode: Mode) -> str:
        """The expression."""
        name = self.naming(scope, depth)

        def inner(*trees: Tree) -> str:
            return " ".join(self.text(t, scope, depth, mode) for t in trees)

        if mode is Mode.VALUES and self.view.closed(tree):
            whole = self.text(tree, scope, depth, Mode.PLAIN)
            return f"(Named {whole} {self.entry(tree, scope, depth)})"
        match tree:
            case TensorRead(tensor) if tensor in self.view.equations:
                inlined = self.opened(tree, scope, depth, mode)
                if mode is Mode.PLAIN or self.view.opens(tree):
                    return inlined
                return f"(Named {inlined} {self.entry(tree, scope, depth)})"
            case TensorRead(tensor, indices):
                still = self._read(tensor, indices, name)
                if tensor in self.moving:
                    return f"(Moving {still} {self._read(self.moving[tensor], indices, name)})"
                return f"(Fixed {still})"
            case Whole(value):
                return f"(Fixed (fun e => number (plain scalars) {atom(value, name)}))"
            case Inverse(value):
                return f"(Fixed (fun e => fraction (plain scalars) {atom(value, name)}))"
            case Guard(condition):
                return f"(Bracket (fun e => {truth(condition, name)}))"
            case Plus(left, right):
                total = f"(Plus {inner(left, right)})"
                if mode is Mode.PLAIN or not self.view.closed(tree):
                    return total
                return f"(Named {total} {self.entry(tree, scope, depth)})"
            case Times(left, right) if left == right:
                return f"(Square {inner(left)})"
            case Times(left, right):
                return f"(Times {inner(left, right)})"
            case Minus(body):
                return f"(Negate {inner(body)})"
            case Branching(condition, yes, no):
                return f"(Choice (fun e => {truth(condition, name)}) {inner(yes, no)})"
            case Summed(index, lo, hi, body):
                ends = f"(fun e => {integer(lo, name)}) (fun e => {integer(hi, name)})"
                within = self.bind(index, scope, depth)
                return f"(Sum {ends} {self.text(body, within, depth + 1, mode)})"
            case Selected(left, right, yes, no):
                step = self._value(Step(left, right), scope, depth, mode)
                return f"(Select {self._sides(left, right, scope, depth)} {step} {inner(yes, no)})"
        return self._atom(tree, scope, depth, mode)

    def opened(self, read: TensorRead, scope: Spots, depth: int, mode: Mode) -> str:
        """The equation's right-hand side with its indices standing for what they are read at."""

        def spot(index: Expr, value: Expr) -> Spot:
            if isinstance(index, Symbol) and index in scope:
                return Spot(scope[index].text, value)
            return Spot(lambda below: atom(index, self.naming(scope, below)), value)

        body, there = self.view.opened(read, values(scope))
        at = zip(there.items(), read.indices, strict=True)
        return self.text(body, {own: spot(i, v) for (own, v), i in at}, depth, mode)

    def entry(self, tree: Tree, scope: Spots, depth: int) -> str:
        """``(fun e => atom0 (coordinate 0 e))``: the entry of an atom that the tree is."""
        read = self.view.entry(tree, values(scope))
        return self._read(read.tensor, read.indices, self.naming(scope, depth))

    def _read(self, tensor: str, indices: Sequence[Expr], name: Naming) -> str:
        return f"(fun e => {' '.join([self.fixed[tensor], *(atom(i, name) for i in indices)])})"

    def _value(self, tree: Tree, scope: Spots, depth: int, mode: Mode) -> str:
        return NOTHING if mode is Mode.PLAIN else self.entry(tree, scope, depth)

    def _sides(self, left: Tree, right: Tree, scope: Spots, depth: int) -> str:
        return " ".join(self.text(side, scope, depth, Mode.PLAIN) for side in (left, right))

    def _atom(self, tree: Tree, scope: Spots, depth: int, mode: Mode) -> str:
        value = self._value(tree, scope, depth, mode)

        def rate(of: Applied | Reciprocal | Rooted | Raised) -> str:
            if mode is Mode.PLAIN:
                return f"(Fixed {NOTHING})"
            return self.text(rate_of(of), scope, depth, Mode.VALUES)

        def inner(body: Tree, mode: Mode = mode) -> str:
            return self.text(body, scope, depth, mode)

        match tree:
            case Applied(function, body):
                both = f"(apply (plain scalars) {function}) (rate scalars {function})"
                return f"(Unary {both} {inner(body)} {value} {rate(tree)})"
            case Reciprocal(body):
                return f"(Unary {INVERSE} {inner(body)} {value} {rate(tree)})"
            case Rooted(body):
                return f"(Unary {ROOT} {inner(body)} {value} {rate(tree)})"
            case Raised(body, exponent):
                reads = [t for t in subtrees(exponent) if isinstance(t, TensorRead)]
                if any(t.tensor in {*self.moving, *self.view.equations} for t in reads):
                    raise Uncertified("certificates do not cover an exponent that moves")
                power = inner(exponent, Mode.PLAIN)
                return f"(Power {inner(body)} {power} {value} {rate(tree)})"
            case Step(left, right):
                return f"(Step {self._sides(left, right, scope, depth)} {value})"
            case Largest(index):
                within = self.bind(index, scope, depth)
                place = self._value(FirstAt(index, tree), within, depth + 1, mode)
                return f"(Largest {self._over(tree, scope, depth, mode)} {value} {place})"
            case FirstAt(at, largest):
                there = integer(at, self.naming(scope, depth))
                over = self._over(largest, scope, depth, Mode.PLAIN)
                return f"(First (fun e => {there}) {over} {value})"
        raise TypeError(f"not a tree: {tree}")

    def _over(self, largest: Largest, scope: Spots, depth: int, mode: Mode) -> str:
        """The range of a maximum, its condition and its body."""
        name = self.naming(scope, depth)
        within = self.bind(largest.index, scope, depth)
        condition = truth(largest.condition, self.naming(within, depth + 1))
        return (
            f"(fun e => {integer(largest.lo, name)}) (fun e => {integer(largest.hi, name)})"
            f" (fun e => {condition}) {self.text(largest.body, within, depth + 1, mode)}"
        )


def values(scope: Spots) -> dict[Symbol, Expr]:
    """What the indices stand for, multiplied out."""
    return {index: spot.value for index, spot in scope.items()}
