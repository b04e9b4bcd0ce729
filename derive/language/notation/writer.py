"""Expressions and conditions in the notation, so that the parser builds the same ones again.

Texts are put together by precedence, with no parentheses beyond those the grammar needs.  The
order of terms and factors is the reader's, not SymPy's: numbers and sizes, then guards, reads and
sums; in sums positive terms first, indices before sizes, constants last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from sympy import (
    Add,
    Basic,
    E,
    Expr,
    KroneckerDelta,
    Mul,
    Pow,
    Rational,
    Sum,
    Symbol,
    pi,
)
from sympy.core.numbers import Infinity, NegativeInfinity

from derive.language.functions import FUNCTIONS
from derive.language.notation.numerals import front_and_denominator
from derive.language.notation.order import factor_key, split_sign, term_key
from derive.language.terms import (
    Choose,
    Entry,
    ExactQuotient,
    FloorDiv,
    Greatest,
    Index,
    Iverson,
    Least,
    MaxOver,
    Modulo,
    Partial,
    Range,
    ranges_of,
)

#: how tightly a text binds
CHOICE, SUM, TERM, FACTOR, POWER, ATOM = range(6)

NAMES = {f.node: f.name for f in FUNCTIONS.values()}
DIVISIONS = {FloorDiv: "//", Modulo: "%", ExactQuotient: "/"}


def expression_text(expr: Basic) -> str:
    """Any expression or condition in the notation, every range written out."""
    return Writer().write(expr, CHOICE)


def no_inference(index: Index, body: Basic) -> Expr | None:
    """Without a layer no range can be left to inference."""
    return None


@dataclass(frozen=True)
class Writer:
    """Writes expressions in one place: under certain bound indices, inside a read or not.

    ``declared`` is the order of tensors and symbols; ``scalars`` are tensors without indices whose
    bare name is free; ``inferred`` gives the size that a sum's index gets when no range is written;
    ``plus`` and ``minus`` are spaced or tight.
    """

    scope: tuple[Index, ...] = ()
    declared: Mapping[Any, int] = field(default_factory=dict)
    scalars: frozenset[str] = frozenset()
    inferred: Callable[[Index, Basic], Expr | None] = no_inference
    plus: str = " + "
    minus: str = " - "

    def write(self, expr: Any, level: int) -> str:
        """The text of an expression, in parentheses if it binds less tightly than ``level``."""
        text, strength = self._parts(expr)
        return text if strength >= level else f"({text})"

    def _parts(self, expr: Any) -> tuple[str, int]:
        if isinstance(expr, Entry):
            return self._entry(expr), ATOM
        if isinstance(expr, Symbol):
            return expr.name, ATOM
        if isinstance(expr, Rational | Mul) or (isinstance(expr, Pow) and _is_denominator(expr)):
            return self._product(expr)
        if isinstance(expr, Infinity | NegativeInfinity):
            return ("inf", ATOM) if isinstance(expr, Infinity) else ("-inf", FACTOR)
        if isinstance(expr, Add):
            return self._sum(expr), SUM
        if isinstance(expr, Pow):
            return self._power(*expr.args)
        if type(expr) in DIVISIONS:
            return self._division(expr), TERM
        if isinstance(expr, Sum | MaxOver):
            return self.reduction("sum" if isinstance(expr, Sum) else "max", expr), TERM
        if isinstance(expr, Choose):
            return self._choice(expr), CHOICE
        if isinstance(expr, Iverson):
            return f"[{self._condition(expr.args[0])}]", ATOM
        return self._call(expr), ATOM

    def _call(self, expr: Any) -> str:
        if expr == E:
            return "exp(1)"
        if expr == pi:
            return "pi"
        names = {Least: "min", Greatest: "max", Partial: "partial"} | NAMES
        if isinstance(expr, KroneckerDelta):
            name = "delta"
        elif type(expr) in names:
            name = names[type(expr)]
        else:
            return self._condition(expr)
        return f"{name}({', '.join(self.write(a, CHOICE) for a in expr.args)})"

    def _condition(self, stated: Any) -> str:
        from derive.language.notation.condition_writer import condition_text

        return condition_text(stated, self)

    def _entry(self, expr: Entry) -> str:
        if not expr.indices and expr.tensor in self.scalars:
            return expr.tensor
        inner = replace(self, plus="+", minus="-")
        return f"{expr.tensor}[{', '.join(inner.write(i, SUM) for i in expr.indices)}]"

    def _sum(self, expr: Add) -> str:
        signed = [split_sign(t) for t in expr.args]
        leading = any(sign > 0 and not term.is_Rational for sign, term in signed)
        signed.sort(key=lambda st: self._place(st[0], st[1], leading))
        first_sign, first = signed[0]
        text = self.write(first if first_sign > 0 else -first, TERM)
        for sign, term in signed[1:]:
            text += (self.plus if sign > 0 else self.minus) + self.write(term, TERM)
        return text

    def _place(self, sign: int, term: Expr, leading: bool) -> tuple[Any, ...]:
        """Positive terms, negative ones, then a constant, unless only it is positive."""
        late = 2 if term.is_Rational and (leading or sign < 0) else int(sign < 0)
        return (late, term_key(term, self.scope, self.declared, self.write(term, TERM)))

    def _product(self, expr: Any) -> tuple[str, int]:
        sign, positive = split_sign(expr)
        number, above, below = _fraction(positive)
        above.sort(key=lambda f: factor_key(f, self.scope, self.declared, self.write(f, FACTOR)))
        front, denominator = front_and_denominator(number)
        parts = [front] if front != "1" or not above else []
        divided = bool(below) or denominator != 1
        leads = not parts and sign > 0
        for place, factor in enumerate(above):
            last = place == len(above) - 1 and not divided
            first = place == 0 and leads and type(factor) in DIVISIONS
            open_end = first or (last and isinstance(factor, Sum | MaxOver))
            parts.append(self.write(factor, TERM if open_end else FACTOR))
        text = "*".join(parts) + self._denominator(denominator, below)
        if sign < 0:
            return "-" + text, TERM
        return text, ATOM if isinstance(expr, Rational) and not divided else TERM

    def _denominator(self, number: int, below: list[Expr]) -> str:
        if not below and number == 1:
            return ""
        below.sort(key=lambda f: factor_key(f, self.scope, self.declared, self.write(f, FACTOR)))
        if len(below) == 1 and isinstance(below[0], Add) and number != 1:
            # a number times a sum is multiplied out when it is read: divide by one after the other
            return f"/{number}/{self.write(below[0], POWER)}"
        if len(below) + (number != 1) == 1:
            return f"/{self.write(below[0], POWER) if below else number}"
        parts = [str(number)] if number != 1 else []
        return f"/({'*'.join(parts + [self.write(f, FACTOR) for f in below])})"

    def _power(self, base: Expr, exponent: Expr) -> tuple[str, int]:
        if exponent == Rational(1, 2):
            return f"sqrt({self.write(base, CHOICE)})", ATOM
        return f"{self.write(base, ATOM)}^{self.write(exponent, ATOM)}", POWER

    def _division(self, expr: Any) -> str:
        left, right = expr.args
        sign, _ = split_sign(left)
        shown = self.write(left, TERM if sign > 0 else ATOM)
        return f"{shown}{DIVISIONS[type(expr)]}{self.write(right, POWER)}"

    def reduction(self, word: str, expr: Any) -> str:
        """``sum[i, a < K] body``, ranges left out where the parser infers them."""
        ranges, inner = self.ranges(ranges_of(expr), expr.function)
        return f"{word}[{ranges}] {inner.write(expr.function, TERM)}"

    def ranges(self, ranges: tuple[Range, ...], body: Basic) -> tuple[str, Writer]:
        """The text of index ranges, and the writer for what they bind."""
        texts = []
        writer = replace(self, plus=" + ", minus=" - ")
        for index, low, high in ranges:
            if low == 0 and self.inferred(index, body) == high:
                texts.append(index.name)
            else:
                start = "" if low == 0 else f"{writer.write(low, SUM)} <= "
                texts.append(f"{start}{index.name} < {writer.write(high, SUM)}")
            writer = replace(writer, scope=(*writer.scope, index))
        return ", ".join(texts), replace(self, scope=writer.scope)

    def _choice(self, expr: Choose) -> str:
        stated = self._condition(expr.args[0])
        yes, no = (self.write(branch, CHOICE) for branch in expr.args[1:])
        return f"if {stated} then {yes} else {no}"


def _is_denominator(expr: Pow) -> bool:
    return bool(expr.args[1].is_Rational and expr.args[1] < 0)


def _fraction(positive: Expr) -> tuple[Fraction, list[Expr], list[Expr]]:
    """The number, the factors above and the factors below the bar."""
    number, above, below = Fraction(1), [], []
    for factor in Mul.make_args(positive):
        if isinstance(factor, Rational):
            number *= Fraction(int(factor.p), int(factor.q))
        elif isinstance(factor, Pow) and _is_denominator(factor):
            below.append(Pow(factor.args[0], -factor.args[1]))
        else:
            above.append(factor)
    return number, above, below
