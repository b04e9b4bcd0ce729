"""Trees as Coq text, as a reader sees them in a definition."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sympy import Expr, Symbol

from derive.language.terms import Index, Range
from verify.coq.integers import Naming, atom, integer, truth
from verify.coq.names import fresh
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


#: how tightly the text of a value binds: one word, an application, a product, a sum sign, an
#: addition
WORD, APPLICATION, PRODUCT, SUM, ADDITION = range(5)


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
                text = self.read(tensor, indices, bound)
                return text, APPLICATION if " " in text else WORD
            case Whole(value):
                return f"number _ {atom(value, name)}", APPLICATION
            case Inverse(value):
                return f"fraction _ {atom(value, name)}", APPLICATION
            case Guard(condition):
                return f"⟦{truth(condition, name)}⟧", WORD
            case Plus(left, Minus(right)):
                texts = self.text(left, bound, ADDITION), self.text(right, bound, PRODUCT)
                return " - ".join(texts), ADDITION
            case Plus(left, right):
                texts = self.text(left, bound, ADDITION), self.text(right, bound, SUM)
                return " + ".join(texts), ADDITION
            case Times(left, right):
                texts = self.text(left, bound, PRODUCT), self.text(right, bound, APPLICATION)
                return " * ".join(texts), PRODUCT
            case Minus(body):
                return f"- {self.text(body, bound, APPLICATION)}", PRODUCT
            case Branching(condition, yes, no):
                texts = self.text(yes, bound), self.text(no, bound)
                return f"(if {truth(condition, name)} then {texts[0]} else {texts[1]})", WORD
            case Summed(index, lo, hi, body):
                inner = self.bind(index, bound)
                head = f"sum [{integer(lo, name)} <= {inner[index]} < {integer(hi, name)}]"
                return f"{head} {self.text(body, inner, SUM)}", SUM
            case Applied(function, body):
                return f"apply _ {function} {self.text(body, bound, WORD)}", APPLICATION
            case Reciprocal(body):
                return f"inverse _ {self.text(body, bound, WORD)}", APPLICATION
            case Rooted(body):
                return f"root _ {self.text(body, bound, WORD)}", APPLICATION
            case Raised(body, exponent):
                texts = self.text(body, bound, WORD), self.text(exponent, bound, WORD)
                return f"power _ {' '.join(texts)}", APPLICATION
            case Step(left, right):
                return f"⟦{self._less(left, right, bound)}⟧", WORD
            case Selected(left, right, yes, no):
                texts = self.text(yes, bound), self.text(no, bound)
                test = self._less(left, right, bound)
                return f"(if {test} then {texts[0]} else {texts[1]})", WORD
            case Largest():
                return self._over("max", tree, bound), SUM
            case FirstAt(at, largest):
                place = self._over("argmax", largest, bound)
                return f"⟦is_first {atom(at, name)} ({place})%scalar⟧", WORD
        raise TypeError(f"not a tree: {tree}")

    def _less(self, left: Tree, right: Tree, bound: Mapping[Symbol, str]) -> str:
        texts = [self.text(side, bound, WORD) for side in (left, right)]
        return f"less _ {' '.join(f'{t}%scalar' if t[0] == '(' else t for t in texts)}"

    def _over(self, word: str, largest: Largest, bound: Mapping[Symbol, str]) -> str:
        """``max [0 <= a < K | true] x a``."""
        name = self.naming(bound)
        inner = self.bind(largest.index, bound)
        lo, hi = integer(largest.lo, name), integer(largest.hi, name)
        condition = truth(largest.condition, self.naming(inner))
        head = f"{word} [{lo} <= {inner[largest.index]} < {hi} | {condition}]"
        return f"{head} {self.text(largest.body, inner, SUM)}"
