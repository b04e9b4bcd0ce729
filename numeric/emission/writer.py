"""Expressions and conditions as Python text, put together by precedence.

Terms and factors stand in reading order (``derive.language.printing.order``), not in SymPy's.
``PythonWriter`` writes numbers and integers; how tensors are read and how choices are made is up to
subclasses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from fractions import Fraction
from typing import Any, TypeVar

from sympy import Add, Basic, Expr, Function, Integer, Mul, NumberSymbol, Pow, Rational, Symbol
from sympy.core.numbers import Infinity, NegativeInfinity

from derive.language.definition import Layer
from derive.language.printing.order import factor_key, ordered_terms, split_product
from derive.language.terms import (
    AtMost,
    Between,
    Both,
    Choose,
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
    varies,
)
from numeric.emission.dialect import NUMPY, Dialect
from numeric.emission.identifiers import Identifiers

SIGNS: dict[type[Basic], str] = {Less: "<", AtMost: "<=", Same: "==", Differ: "!="}
#: signs read from right to left
TURNED = {"<": ">", "<=": ">=", "==": "==", "!=": "!="}


class Binding(IntEnum):
    """How tightly a text binds."""

    CHOICE = 0
    OR = 1
    AND = 2
    NOT = 3
    COMPARISON = 4
    SUM = 5
    TERM = 6
    SIGN = 7
    POWER = 8
    ATOM = 9


#: a piece of Python text and how tightly it binds
Text = tuple[str, Binding]

Method = TypeVar("Method", bound=Callable[..., object])
_METHODS: dict[type[Basic], str] = {}


def writes(*kinds: type[Basic]) -> Callable[[Method], Method]:
    """Register a method as the one that writes nodes of these kinds; subclasses may override it."""

    def register(method: Method) -> Method:
        _METHODS.update(dict.fromkeys(kinds, method.__name__))
        return method

    return register


class PythonWriter:
    """Writes expressions of a layer in a dialect, with given names for symbols.

    Every kind of node has its method.  ``helpers`` are the functions that what was written
    so far calls.
    """

    def __init__(self, names: Identifiers, layer: Layer, dialect: Dialect = NUMPY) -> None:
        self.names = names
        self.layer = layer
        self.dialect = dialect
        self.helpers: dict[str, None] = {}
        self._positive = {
            h.symbol for h in layer.hyperparameters if h.minimum is not None and h.minimum >= 1
        }

    def call(self, helper: str, *arguments: str) -> str:
        """A call of a helper."""
        self.helpers[helper] = None
        return f"{helper}({', '.join(arguments)})"

    def is_positive(self, number: Expr) -> bool:
        """Whether a number is at least 1 whatever its caller says."""
        return number in self._positive or bool(number.is_Integer and number > 0)

    def write(self, expr: Basic, level: Binding = Binding.CHOICE) -> str:
        """The text of an expression, in parentheses if it binds less tightly than ``level``."""
        return fitted(self.parts(expr), level)

    def parts(self, expr: Any) -> Text:
        """The text of an expression and how tightly it binds."""
        names = (_METHODS[kind] for kind in type(expr).__mro__ if kind in _METHODS)
        write = getattr(self, next(names, ""), None)
        if write is None:
            raise TypeError(f"{type(expr).__name__} has no Python text here: {expr}")
        made = write(expr)
        return made if isinstance(made, tuple) else (made, Binding.ATOM)

    # --- what subclasses decide ------------------------------------------------------------------

    @writes(Symbol)
    def symbol(self, symbol: Symbol) -> str:
        """A size, hyperparameter or index."""
        return self.names.symbol(symbol)

    def integer(self, expr: Basic) -> Text:
        """An operand of an integer operation."""
        return self.parts(expr)

    def operand(self, expr: Basic) -> Text:
        """A term, factor, base or exponent."""
        return self.parts(expr)

    def coefficient(self, number: str) -> str:
        """A positive number in a product."""
        return number

    @writes(Entry)
    def entry(self, entry: Entry) -> Text:
        """A read of a tensor."""
        raise TypeError(f"a tensor is read where there are none: {entry}")

    @writes(Least, Greatest)
    def extreme(self, expr: Expr) -> str:
        """The smallest or largest of several integers."""
        word = "min" if isinstance(expr, Least) else "max"
        return f"{word}({', '.join(self.write(a) for a in expr.args)})"

    @writes(Choose)
    def choice(self, expr: Choose) -> Text:
        """``a if condition else b``; the larger or smaller of two numbers, NaN if one is."""
        found = extreme_of(expr)
        if found is not None and varies(expr):
            word, *two = found
            first, second = (self.operand(value)[0] for value in two)
            return self.dialect.extreme(word, first, second, self.call), Binding.ATOM
        stated, yes, no = expr.args
        test = self.write(stated, Binding.OR)
        return f"{self.write(yes, Binding.OR)} if {test} else {self.write(no)}", Binding.CHOICE

    @writes(Iverson)
    def indicator(self, expr: Iverson) -> Text:
        """1 where a condition holds, else 0."""
        return f"int({self.write(expr.args[0])})", Binding.ATOM

    @writes(Between)
    def between(self, stated: Between) -> Text:
        """``low <= value < high``."""
        lo, e, hi = (self.write(a, Binding.SUM) for a in stated.args)
        return f"{lo} <= {e} < {hi}", Binding.COMPARISON

    @writes(Negation)
    def negation(self, stated: Negation) -> Text:
        """``not a``."""
        return f"not {self.write(stated.args[0], Binding.NOT)}", Binding.NOT

    def side(self, expr: Basic, stated: Basic) -> str:
        """One side of a comparison."""
        return self.write(expr, Binding.SUM)

    @writes(Both, Either)
    def joined(self, stated: Basic) -> Text:
        """``a and b``, ``a or b``."""
        if not stated.args:
            return str(isinstance(stated, Both)), Binding.ATOM
        word, level = (" and ", Binding.AND) if isinstance(stated, Both) else (" or ", Binding.OR)
        return word.join(self.write(a, Binding(level + 1)) for a in stated.args), level

    # --- numbers and functions -------------------------------------------------------------------

    @writes(Integer)
    def _integer(self, expr: Any) -> Text:
        return str(expr), Binding.ATOM if expr >= 0 else Binding.SIGN

    @writes(Infinity, NumberSymbol)
    def _constant(self, expr: Basic) -> str:
        return self.dialect.constant("inf" if isinstance(expr, Infinity) else str(expr).lower())

    @writes(NegativeInfinity)
    def _minus_infinity(self, expr: Basic) -> Text:
        return f"-{self.dialect.constant('inf')}", Binding.SIGN

    @writes(Function)
    def _named(self, expr: Any) -> str:
        return self._function(type(expr).__name__.lower(), expr.args[0])

    def _function(self, name: str, argument: Expr) -> str:
        """An elementwise function."""
        text = self.operand(argument)[0]
        if varies(argument):
            return self.elementwise(name, text)
        return self.dialect.of_number(name, text, self.call)

    def elementwise(self, name: str, argument: str) -> str:
        """An elementwise function of what varies."""
        return self.dialect.function(name, argument, self.call)

    # --- arithmetic ------------------------------------------------------------------------------

    @writes(Add)
    def _sum(self, expr: Any) -> Text:
        found = []
        for term in expr.args:
            negative = bool(split_product(term).negative)
            text = fitted(self.operand(-term if negative else term), Binding.TERM)
            found.append((term, negative, text))
        first, *rest = (found[place] for place in ordered_terms(found))
        # a sign binds tighter than // and %: −⌊i/2⌋ is no -i // 2
        rounded = isinstance(-first[0], FloorDiv | Modulo)
        text = f"-{f'({first[2]})' if rounded else first[2]}" if first[1] else first[2]
        for _, negative, part in rest:
            text += f"{' - ' if negative else ' + '}{part}"
        return text, Binding.SUM

    @writes(Mul, Rational)
    def _product(self, expr: Expr) -> Text:
        split = split_product(expr)
        above = [(f, self.operand(f)) for f in split.numerator]
        above.sort(key=lambda part: factor_key(part[0], part[1][0]))
        texts = [fitted(text, Binding.SIGN) for _, text in above]
        decimal = split.under > 100  # 0.044715 rather than 8943/200000
        number = number_text(Fraction(split.over, split.under)) if decimal else str(split.over)
        if number != "1" or not texts:
            texts.insert(0, self.coefficient(number))
        text = " * ".join(texts)
        below = [(f, fitted(self.operand(f), Binding.SIGN)) for f in split.denominator]
        if split.under != 1 and not decimal:
            below.insert(0, (Integer(split.under), self.coefficient(str(split.under))))
        text = self.divided(text, below)
        if split.negative:
            return f"-{text}", Binding.TERM
        alone = len(texts) == 1 and not below
        return text, above[0][1][1] if alone and above and number == "1" else Binding.TERM

    def divided(self, text: str, below: Sequence[tuple[Expr, str]]) -> str:
        """A product divided by one factor after the other."""
        return " / ".join([text, *(part for _, part in below)])

    @writes(Pow)
    def _power(self, expr: Any) -> Text:
        base, exponent = expr.args
        if split_product(expr).denominator and exponent.is_Rational:
            return self._product(expr)
        if exponent == Rational(1, 2):
            return self._function("sqrt", base), Binding.ATOM
        if exponent.is_Rational:
            power = number_text(Fraction(int(exponent.p), int(exponent.q)))
        else:
            power = fitted(self.operand(exponent), Binding.SIGN)
        return f"{fitted(self.operand(base), Binding.ATOM)} ** {power}", Binding.POWER

    @writes(FloorDiv, Modulo)
    def _quotient(self, expr: Any) -> Text:
        sign = "//" if isinstance(expr, FloorDiv) else "%"
        left, right = (self.integer(a) for a in expr.args)
        return f"{fitted(left, Binding.TERM)} {sign} {fitted(right, Binding.SIGN)}", Binding.TERM

    # --- conditions ------------------------------------------------------------------------------

    @writes(Less, AtMost, Same, Differ)
    def _comparison(self, stated: Basic) -> Text:
        left, right = (self.side(a, stated) for a in stated.args)
        return compared(stated, left, right), Binding.COMPARISON

    @writes(Divides)
    def _divides(self, stated: Divides) -> Text:
        """m divides e; zero divides only zero."""
        left, right = (self.integer(a) for a in stated.args[::-1])
        if self.is_positive(stated.args[0]):
            text = f"{fitted(left, Binding.TERM)} % {fitted(right, Binding.SIGN)} == 0"
            return text, Binding.COMPARISON
        return self.call("divides", right[0], left[0]), Binding.ATOM


def extreme_of(expr: Choose) -> tuple[str, Expr, Expr] | None:
    """``maximum`` or ``minimum`` and its operands, where a choice is one."""
    stated, yes, no = expr.args
    if not isinstance(stated, AtMost | Less):
        return None
    low, high = stated.args
    words = {(low, high): "minimum", (high, low): "maximum"}
    return (words[yes, no], yes, no) if (yes, no) in words else None


def compared(stated: Basic, left: str, right: str) -> str:
    """``a < b``; what varies stands on the left where the other side is a number."""
    sign = SIGNS[type(stated)]
    if stated.args[0].is_number and not stated.args[1].is_number:
        return f"{right} {TURNED[sign]} {left}"
    return f"{left} {sign} {right}"


def fitted(text: Text, level: Binding) -> str:
    """The text, in parentheses if it binds less tightly than ``level``."""
    return text[0] if text[1] >= level else f"({text[0]})"


def number_text(number: Fraction) -> str:
    """An integer, or a float."""
    return str(number.numerator) if number.denominator == 1 else repr(float(number))
