"""A parser of the notation: text in, trees out."""

from __future__ import annotations

from fractions import Fraction

from . import trees as t
from .expressions import Expressions
from .trees import Node


def read(text: str) -> t.Text:
    """The layer that a text writes down."""
    return Reader(text).layer()


class Reader(Expressions):
    """Header and equations."""

    def layer(self) -> t.Text:
        """Header and equations."""
        text = self.header() if self.has_header() else t.Text([])
        while self.peek():
            if not self.took(";"):
                text.equations.append(self.equation())
        return text

    def has_header(self) -> bool:
        """Whether the text begins with ``name(``."""
        return self.peek(1) == "("

    def header(self) -> t.Text:
        """``name(tensors; hyperparameters) where conditions:``."""
        text = t.Text([], self.name(), header=True)
        self.take("(")
        while self.peek() not in (")", ";"):
            text.tensors.append(self.tensor())
            self.took(",")
        if self.took(";"):
            while self.peek() != ")":
                text.hyperparameters.append(self.hyperparameter())
                self.took(",")
        self.take(")")
        if self.took("where"):
            text.conditions.append(self.condition())
            while self.took(","):
                text.conditions.append(self.condition())
        self.take(":")
        return text

    def tensor(self) -> t.Tensor:
        """``x[N, H pad p]`` or ``t[N] int < C``."""
        name, axes = self.name(), []
        if self.took("["):
            while not self.took("]"):
                axes.append(self.axis())
                self.took(",")
        if not self.took("int"):
            return t.Tensor(name, tuple(axes))
        below = self.sum_of_products() if self.took("<") else None
        return t.Tensor(name, tuple(axes), True, below)

    def axis(self) -> t.Axis:
        """``H pad (1, 2) by -inf``."""
        size = self.sum_of_products()
        if not self.took("pad"):
            return t.Axis(size)
        before: Node | None
        if self.took("all"):
            before = after = None
        elif self.took("("):
            before = after = self.sum_of_products()
            if self.took(","):
                after = self.sum_of_products()
            self.take(")")
        else:
            before = after = self.sum_of_products()
        fill = self.sum_of_products() if self.took("by") else t.Number(Fraction(0))
        return t.Axis(size, before, after, fill)

    def hyperparameter(self) -> t.Hyperparameter:
        """``s=2 >= 1``, ``E``, ``q int``, ``u real``."""
        name, default, least = self.name(), None, None
        if self.took("="):
            sign = -1 if self.took("-") else 1
            default = sign * Fraction(self.take())
        kind = self.take() if self.peek() in ("int", "real") else ""
        if self.took(">="):
            least = self.sum_of_products()
        return t.Hyperparameter(name, default, least, kind)

    def equation(self) -> t.Equation:
        """``y[i, j < M] = body``."""
        name = self.name()
        ranges = self.ranges() if self.peek() == "[" else ()
        self.take("=")
        return t.Equation(name, ranges, self.expression())
