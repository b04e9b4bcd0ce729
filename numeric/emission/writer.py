"""Expressions and conditions as Python text, put together by precedence.

Terms and factors stand in reading order (``derive.language.printing.order``), not in SymPy's.
``Writer`` writes numbers and integers; how tensors are read and how choices are made is up to
subclasses.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import Add, Basic, Expr, Function, Integer, Mul, NumberSymbol, Pow, Rational, Symbol
from sympy.core.numbers import Infinity, NegativeInfinity

from derive.language.definition import Layer
from derive.language.printing.order import factor_key, ordered_terms, split_product
from derive.language.terms import (
    AtMost,
    Between,
    Both,
    Choose,
    Condition,
    Differ,
    Divides,
    Either,
    Entry,
    FloorDiv,
    Greatest,
    Iverson,
    Least,
    Less,
    Modulo,
    Negation,
    Same,
)
from numeric.emission.identifiers import Identifiers
from numeric.emission.text import Level, Text, comparison, fitted, library, number_text

#: functions that NumPy and ``math`` have under one name
ELEMENTWISE = ("exp", "log", "tanh", "sin", "cos")


class Writer:
    """Writes expressions of a layer, with given names for symbols.

    ``helpers`` are the functions of ``numeric.templates.support`` that what was written so far
    calls.
    """

    def __init__(self, names: Identifiers, layer: Layer) -> None:
        self.names = names
        self.layer = layer
        self.helpers: dict[str, None] = {}
        self._positive = {
            h.symbol for h in layer.hyperparameters if h.minimum is not None and h.minimum >= 1
        }

    def call(self, helper: str, *arguments: str) -> str:
        """A call of a function of ``numeric.templates.support``."""
        self.helpers[helper] = None
        return f"{helper}({', '.join(arguments)})"

    def is_positive(self, number: Expr) -> bool:
        """Whether a number is at least 1 whatever its caller says."""
        return number in self._positive or bool(number.is_Integer and number > 0)

    def write(self, expr: Basic, level: Level = Level.CHOICE) -> str:
        """The text of an expression, in parentheses if it binds less tightly than ``level``."""
        text, strength = self.parts(expr)
        return text if strength >= level else f"({text})"

    def parts(self, expr: Any) -> Text:
        """The text of an expression and how tightly it binds."""
        if isinstance(expr, Condition):
            return self.condition(expr)
        if isinstance(expr, Entry):
            return self.entry(expr)
        if isinstance(expr, Integer):
            return (str(expr), Level.ATOM if expr >= 0 else Level.SIGN)
        if isinstance(expr, Symbol):
            return self.symbol(expr), Level.ATOM
        if isinstance(expr, Infinity | NegativeInfinity):
            return ("np.inf", Level.ATOM) if isinstance(expr, Infinity) else ("-np.inf", Level.SIGN)
        if isinstance(expr, Add):
            return self._sum(expr)
        if isinstance(expr, Mul | Rational):
            return self._product(expr)
        if isinstance(expr, Pow):
            return self._power(expr)
        if isinstance(expr, FloorDiv | Modulo):
            sign = "//" if isinstance(expr, FloorDiv) else "%"
            left, right = (self.integer(a) for a in expr.args)
            return f"{fitted(left, Level.TERM)} {sign} {fitted(right, Level.SIGN)}", Level.TERM
        if isinstance(expr, Least | Greatest):
            return self.extreme(expr), Level.ATOM
        if isinstance(expr, Choose):
            return self.choice(expr)
        if isinstance(expr, Iverson):
            return self.indicator(expr)
        if isinstance(expr, NumberSymbol):
            return f"np.{str(expr).lower()}", Level.ATOM
        if isinstance(expr, Function):
            return self.function(expr), Level.ATOM
        raise TypeError(f"{type(expr).__name__} has no Python text: {expr}")

    # --- what subclasses decide ------------------------------------------------------------------

    def symbol(self, symbol: Symbol) -> str:
        """A size, hyperparameter or index."""
        return self.names.symbol(symbol)

    def integer(self, expr: Expr) -> Text:
        """An operand of an integer operation."""
        return self.parts(expr)

    def operand(self, expr: Expr) -> Text:
        """A term, factor, base or exponent."""
        return self.parts(expr)

    def entry(self, entry: Entry) -> Text:
        """A read of a tensor."""
        raise TypeError(f"a tensor is read where there are none: {entry}")

    def extreme(self, expr: Expr) -> str:
        """The smallest or largest of several integers."""
        word = "min" if isinstance(expr, Least) else "max"
        return f"{word}({', '.join(self.write(a) for a in expr.args)})"

    def choice(self, expr: Choose) -> Text:
        """``a if condition else b``."""
        stated, yes, no = expr.args
        test = self.write(stated, Level.OR)
        return f"{self.write(yes, Level.OR)} if {test} else {self.write(no)}", Level.CHOICE

    def indicator(self, expr: Iverson) -> Text:
        """1 where a condition holds, else 0."""
        return f"int({self.write(expr.args[0])})", Level.ATOM

    def function(self, expr: Function) -> str:
        """An elementwise function, of NumPy, of ``math`` for a fixed number, or a helper."""
        name = type(expr).__name__.lower()
        argument = fitted(self.operand(expr.args[0]), Level.CHOICE)
        if name in ELEMENTWISE:
            return f"{library(expr)}.{name}({argument})"
        return self.call(name, argument)

    # --- arithmetic ------------------------------------------------------------------------------

    def _sum(self, expr: Add) -> Text:
        found = []
        for term in expr.args:
            negative = bool(split_product(term).negative)
            text = fitted(self.operand(-term if negative else term), Level.TERM)
            found.append((term, negative, text))
        first, *rest = (found[place] for place in ordered_terms(found))
        text = f"-{first[2]}" if first[1] else first[2]
        for _, negative, part in rest:
            text += f"{' - ' if negative else ' + '}{part}"
        return text, Level.SUM

    def _product(self, expr: Expr) -> Text:
        split = split_product(expr)
        above = [(f, self.operand(f)) for f in split.numerator]
        above.sort(key=lambda part: factor_key(part[0], part[1][0]))
        texts = [fitted(text, Level.SIGN) for _, text in above]
        number = (
            number_text(Fraction(split.over, split.under)) if _decimal(split) else str(split.over)
        )
        if number != "1" or not texts:
            texts.insert(0, number)
        text = " * ".join(texts)
        below = [fitted(self.operand(f), Level.SIGN) for f in split.denominator]
        if split.under != 1 and not _decimal(split):
            below.insert(0, str(split.under))
        for part in below:
            text += f" / {part}"
        if split.negative:
            return f"-{text}", Level.TERM
        alone = len(texts) == 1 and not below
        return text, above[0][1][1] if alone and above and number == "1" else Level.TERM

    def _power(self, expr: Pow) -> Text:
        base, exponent = expr.args
        split = split_product(expr)
        if split.denominator and exponent.is_Rational:
            return self._product(expr)
        if exponent == Rational(1, 2):
            return f"{library(base)}.sqrt({fitted(self.operand(base), Level.CHOICE)})", Level.ATOM
        text = self.operand(exponent)
        shown = (
            number_text(Fraction(int(exponent.p), int(exponent.q)))
            if exponent.is_Rational
            else None
        )
        power = shown if shown is not None else fitted(text, Level.SIGN)
        return f"{fitted(self.operand(base), Level.ATOM)} ** {power}", Level.POWER

    # --- conditions ------------------------------------------------------------------------------

    def condition(self, stated: Any) -> Text:
        """A condition as a Python expression that is true or false."""
        if isinstance(stated, Between):
            lo, e, hi = (self.write(a, Level.SUM) for a in stated.args)
            return f"{lo} <= {e} < {hi}", Level.COMPARISON
        if isinstance(stated, Divides):
            return self._divides(*stated.args)
        if isinstance(stated, Both | Either):
            return self.joined(stated)
        if isinstance(stated, Negation):
            return f"not {self.write(stated.args[0], Level.NOT)}", Level.NOT
        signs = {Less: "<", AtMost: "<=", Same: "==", Differ: "!="}
        if type(stated) not in signs:
            raise TypeError(f"{type(stated).__name__} is no condition here: {stated}")
        sides = [self.write(a, Level.SUM) for a in stated.args]
        return comparison(stated, signs[type(stated)], sides), Level.COMPARISON

    def joined(self, stated: Basic) -> Text:
        """``a and b``, ``a or b``."""
        if not stated.args:
            return str(isinstance(stated, Both)), Level.ATOM
        word, level = (" and ", Level.AND) if isinstance(stated, Both) else (" or ", Level.OR)
        return word.join(self.write(a, Level(level + 1)) for a in stated.args), level

    def _divides(self, divisor: Expr, number: Expr) -> Text:
        """m divides e; zero divides only zero."""
        if self.is_positive(divisor):
            left, right = self.integer(number), self.integer(divisor)
            text = f"{fitted(left, Level.TERM)} % {fitted(right, Level.SIGN)} == 0"
            return text, Level.COMPARISON
        return self.call("divides", self.integer(divisor)[0], self.integer(number)[0]), Level.ATOM


def _decimal(split: Any) -> bool:
    """Whether a fraction is better written as a decimal: 0.044715 rather than 8943/200000."""
    return bool(split.under > 100)
