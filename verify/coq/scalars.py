"""Trees as Coq text: as a reader sees them in a definition, and as data for the lemma library."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sympy import Expr, Symbol

from derive.language.terms import Index, Range
from verify.coq.integers import Naming, atom, integer, truth
from verify.coq.names import fresh
from verify.coq.trees import (
    Branching,
    Guard,
    Inverse,
    Minus,
    Plus,
    Summed,
    TensorRead,
    Times,
    Tree,
    Whole,
)

WIDTH = 98
#: brackets, one level deep, are kept on one line where they are short
GROUP = re.compile(r"\((?:[^()]|\([^()]*\))*\)|⟦[^⟦⟧]*⟧|\[[^][]*\]")
SHORT = 90


def wrapped(text: str, indent: int) -> str:
    """Coq text broken into lines of the house's length, at spaces outside short brackets."""

    def hold(found: re.Match[str]) -> str:
        group = found.group()
        return group.replace(" ", "\0") if len(group) <= SHORT else group

    held = GROUP.sub(hold, text)
    lines = textwrap.fill(
        held,
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines.replace("\0", " ")


#: how tightly the text of a value binds: an argument, a product, a sum sign, an addition
ARGUMENT, PRODUCT, SUM, ADDITION = range(4)


@dataclass(frozen=True)
class CoqDefinition:
    """An equation ready for Coq: its name there, its indices and its right-hand side."""

    name: str
    indices: tuple[Index, ...]
    ranges: tuple[Range, ...]
    body: Tree


class Prose:
    """Writes a tree the way a person reads it.

    ``fixed`` names sizes, hyperparameters, tensors and equations (an equation's text includes the
    sizes and tensors it is applied to); indices are named where they are bound.
    """

    def __init__(self, fixed: Mapping[Symbol | str, str]) -> None:
        self.fixed = dict(fixed)
        self.taken = {word for text in fixed.values() for word in text.split()}

    def naming(self, bound: Mapping[Symbol, str]) -> Naming:
        return lambda key: (
            bound[key] if isinstance(key, Symbol) and key in bound else self.fixed[key]
        )

    def bind(self, index: Symbol, bound: Mapping[Symbol, str]) -> dict[Symbol, str]:
        """The names with one more index, called as it is in the layer where that is free."""
        taken = {*self.taken, *bound.values()}
        return {**bound, index: fresh(index.name, taken)}

    def bind_all(
        self, indices: Iterable[Symbol], bound: Mapping[Symbol, str] = {}
    ) -> dict[Symbol, str]:
        """The names with these indices too, one after the other."""
        for index in indices:
            bound = self.bind(index, bound)
        return dict(bound)

    def read(self, tensor: str, indices: tuple[Expr, ...], bound: Mapping[Symbol, str]) -> str:
        name = self.naming(bound)
        parts = [atom(i, name) for i in indices]
        return " ".join([self.fixed[tensor], *(f"{p}%Z" if p[0] == "(" else p for p in parts)])

    def text(self, tree: Tree, bound: Mapping[Symbol, str], room: int = ADDITION) -> str:
        text, level = self._text(tree, bound)
        return text if level <= room else f"({text})"

    def _text(self, tree: Tree, bound: Mapping[Symbol, str]) -> tuple[str, int]:
        name = self.naming(bound)
        match tree:
            case TensorRead(tensor, indices):
                return self.read(tensor, indices, bound), ARGUMENT
            case Whole(value):
                return f"number _ {atom(value, name)}", ARGUMENT
            case Inverse(value):
                return f"fraction _ {atom(value, name)}", ARGUMENT
            case Guard(condition):
                return f"⟦{truth(condition, name)}⟧", ARGUMENT
            case Plus(left, Minus(right)):
                texts = self.text(left, bound, ADDITION), self.text(right, bound, PRODUCT)
                return " - ".join(texts), ADDITION
            case Plus(left, right):
                texts = self.text(left, bound, ADDITION), self.text(right, bound, SUM)
                return " + ".join(texts), ADDITION
            case Times(left, right):
                texts = self.text(left, bound, PRODUCT), self.text(right, bound, ARGUMENT)
                return " * ".join(texts), PRODUCT
            case Minus(body):
                return f"- {self.text(body, bound, ARGUMENT)}", PRODUCT
            case Branching(condition, yes, no):
                texts = self.text(yes, bound), self.text(no, bound)
                return f"(if {truth(condition, name)} then {texts[0]} else {texts[1]})", ARGUMENT
            case Summed(index, lo, hi, body):
                inner = self.bind(index, bound)
                head = f"sum [{integer(lo, name)} <= {inner[index]} < {integer(hi, name)}]"
                return f"{head} {self.text(body, inner, SUM)}", SUM
        raise TypeError(f"not a tree: {tree}")


#: the text of a symbol at a place under so many binders
Placed = Callable[[int], str]


class Data:
    """Writes a tree as a term of ``expression`` in the lemma library, equations put in.

    A bound index becomes a coordinate of the point ``e``, the innermost one number 0.
    ``moving`` gives the direction of the tensor that moves.
    """

    def __init__(
        self,
        fixed: Mapping[Symbol | str, str],
        equations: Mapping[str, CoqDefinition],
        moving: Mapping[str, str],
    ) -> None:
        self.fixed = fixed
        self.equations = equations
        self.moving = moving

    def naming(self, scope: Mapping[Symbol, Placed], depth: int) -> Naming:
        return lambda key: (
            scope[key](depth) if isinstance(key, Symbol) and key in scope else self.fixed[key]
        )

    def text(self, tree: Tree, scope: Mapping[Symbol, Placed], depth: int) -> str:
        name = self.naming(scope, depth)
        match tree:
            case TensorRead(tensor, indices) if tensor in self.equations:
                return self._inlined(self.equations[tensor], indices, scope, depth)
            case TensorRead(tensor, indices):
                rest = "".join(f" {atom(i, name)}" for i in indices)
                if tensor in self.moving:
                    still, shift = self.fixed[tensor], self.fixed[self.moving[tensor]]
                    return f"(Moving (fun e => {still}{rest}) (fun e => {shift}{rest}))"
                return f"(Fixed (fun e => {self.fixed[tensor]}{rest}))"
            case Whole(value):
                return f"(Fixed (fun e => number (plain scalars) {atom(value, name)}))"
            case Inverse(value):
                return f"(Fixed (fun e => fraction (plain scalars) {atom(value, name)}))"
            case Guard(condition):
                return f"(Bracket (fun e => {truth(condition, name)}))"
            case Plus(left, right):
                parts = self.text(left, scope, depth), self.text(right, scope, depth)
                return f"(Plus {parts[0]} {parts[1]})"
            case Times(left, right):
                parts = self.text(left, scope, depth), self.text(right, scope, depth)
                return f"(Times {parts[0]} {parts[1]})"
            case Minus(body):
                return f"(Negate {self.text(body, scope, depth)})"
            case Branching(condition, yes, no):
                parts = self.text(yes, scope, depth), self.text(no, scope, depth)
                return f"(Choice (fun e => {truth(condition, name)}) {parts[0]} {parts[1]})"
            case Summed(index, lo, hi, body):
                inner = {**scope, index: coordinate(depth)}
                ends = f"(fun e => {integer(lo, name)}) (fun e => {integer(hi, name)})"
                return f"(Sum {ends} {self.text(body, inner, depth + 1)})"
        raise TypeError(f"not a tree: {tree}")

    def _inlined(
        self,
        equation: CoqDefinition,
        indices: tuple[Expr, ...],
        scope: Mapping[Symbol, Placed],
        depth: int,
    ) -> str:
        """The equation's right-hand side with its indices standing for the expressions read at."""

        def placed(index: Expr) -> Placed:
            return lambda below: atom(index, self.naming(scope, below))

        arguments: dict[Symbol, Placed] = {
            own: placed(index) for own, index in zip(equation.indices, indices, strict=True)
        }
        return self.text(equation.body, arguments, depth)


def coordinate(level: int) -> Placed:
    """The index bound at that level, seen from further inside."""
    return lambda depth: f"(coordinate {depth - 1 - level} e)"
