"""A parser of expressions, ranges and conditions by recursive descent."""

from __future__ import annotations

from fractions import Fraction

from . import trees as t
from .tokens import Tokens
from .trees import Node, ReadingError

FUNCTIONS = {"exp", "log", "sqrt", "tanh", "sigmoid", "sin", "cos", "erf", "erfc", "log1p"}
FUNCTIONS |= {"expm1", "abs", "sign", "relu", "max", "min"}
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")


class Expressions(Tokens):
    """One method for each kind of thing that may stand in an equation."""

    # ranges

    def ranges(self) -> tuple[t.Range, ...]:
        """``[i, j < M, 2 <= a < 5]``."""
        found = []
        self.take("[")
        while not self.took("]"):
            found.append(self.range())
            self.took(",")
        return tuple(found)

    def range(self) -> t.Range:
        """``i``, ``i < K``, ``i <= K``, ``2 <= a < 5``, ``r < M = H-K+1``."""
        first, one = self.sum_of_products(), t.Number(Fraction(1))
        if self.peek() not in ("<", "<="):
            return t.Range(named(first))
        op, second = self.take(), self.sum_of_products()
        if self.peek() not in ("<", "<="):
            size_name = named(second) if self.took("=") else None
            high = second if size_name is None else self.sum_of_products()
            high = high if op == "<" else t.Operation("+", high, one)
            return t.Range(named(first), None, high, size_name)
        low = first if op == "<=" else t.Operation("+", first, one)
        op, high = self.take(), self.sum_of_products()
        high = high if op == "<" else t.Operation("+", high, one)
        return t.Range(named(second), low, high)

    # expressions

    def expression(self) -> Node:
        """A value: ``if … then … else …`` or a sum of products."""
        if not self.took("if"):
            return self.sum_of_products()
        condition = self.condition()
        self.take("then")
        first = self.expression()
        self.take("else")
        return t.If(condition, first, self.expression())

    def sum_of_products(self) -> Node:
        """``a + b - c``."""
        found = self.product()
        while self.peek() in ("+", "-"):
            found = t.Operation(self.take(), found, self.product())
        return found

    def product(self) -> Node:
        """``a * b / c // d % e``, from left to right."""
        found = self.signed()
        while self.peek() in ("*", "/", "//", "%"):
            found = t.Operation(self.take(), found, self.signed())
        return found

    def signed(self) -> Node:
        """``-a`` binds tighter than products, looser than powers."""
        if self.took("-"):
            return t.Minus(self.signed())
        if self.took("+"):
            return self.signed()
        base = self.atom()
        if self.took("^", "**"):
            return t.Operation("^", base, self.signed())
        return base

    def atom(self) -> Node:
        """A number, a name, a read, a call, a reduction, a guard, something in parentheses."""
        token = self.peek()
        if token[:1].isdigit():
            return t.Number(Fraction(self.take()))
        if self.took("inf"):
            return t.Infinity()
        if token == "[":
            self.take()
            condition = self.condition()
            self.take("]")
            return t.Guard(condition)
        if self.took("("):
            inner = self.expression()
            self.take(")")
            return inner
        if token in ("sum", "max", "argmax") and self.peek(1) == "[":
            self.take()
            return t.Reduction(token, self.ranges(), self.product())
        if token in FUNCTIONS and self.peek(1) == "(":
            self.take()
            return t.Call(token, self.listed("(", ")"))
        name = self.name()
        return t.Read(name, self.listed("[", "]")) if self.peek() == "[" else t.Name(name)

    def listed(self, opening: str, closing: str) -> tuple[Node, ...]:
        """Expressions between brackets, with commas between them."""
        found = []
        self.take(opening)
        while not self.took(closing):
            found.append(self.expression())
            if self.peek() != closing:
                self.take(",")
        return tuple(found)

    # conditions

    def condition(self) -> Node:
        """``a or b``."""
        parts = [self.conjunction()]
        while self.took("or"):
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else t.Logic("or", tuple(parts))

    def conjunction(self) -> Node:
        """``a and b``."""
        parts = [self.negation()]
        while self.took("and"):
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else t.Logic("and", tuple(parts))

    def negation(self) -> Node:
        """``not a``."""
        return t.Logic("not", (self.negation(),)) if self.took("not") else self.comparison()

    def comparison(self) -> Node:
        """A chain of comparisons, ``a divides b``, a first place, or a condition in parentheses."""
        start = self.place
        for reading in (self.first_place, self.chain, self.in_parentheses):
            self.place = start
            try:
                return reading()
            except ReadingError as wrong:
                problem = wrong
        raise problem

    def in_parentheses(self) -> Node:
        """``(condition)``."""
        self.take("(")
        inner = self.condition()
        self.take(")")
        return inner

    def first_place(self) -> Node:
        """``i == argmax[…] body`` or ``(i, j) == argmax[…] body``."""
        if self.peek() == "(" and self.peek(2) == ",":
            place = self.listed("(", ")")
        else:
            place = (self.sum_of_products(),)
        self.take("==")
        if self.peek() != "argmax":
            raise ReadingError("argmax expected")
        argmax = self.atom()
        assert isinstance(argmax, t.Reduction)
        return t.FirstPlace(place, argmax)

    def chain(self) -> Node:
        """``0 <= i < N`` or ``a divides b``."""
        sides, ops = [self.sum_of_products()], []
        if self.took("divides"):
            return t.Divides(sides[0], self.sum_of_products())
        while self.peek() in COMPARISONS:
            ops.append(self.take())
            sides.append(self.sum_of_products())
        if not ops:
            raise ReadingError(f"a comparison expected at {self.tokens[self.place :][:8]}")
        return t.Chain(tuple(sides), tuple(ops))


def named(node: Node) -> str:
    """The name that a node is."""
    if not isinstance(node, t.Name):
        raise ReadingError(f"a name expected, not {node}")
    return node.name
