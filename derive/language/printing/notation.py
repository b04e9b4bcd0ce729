"""What ``derive.language.notation`` reads: every node is read back as itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sympy import Basic, Expr

from derive.language.printing.layout import Doc, Joint, comma_chain
from derive.language.printing.style import Level, Piece, Unicode
from derive.language.terms import Index

#: fractions with a denominator up to this stay fractions: x/8, but 0.044715*x
SMALL_DENOMINATOR = 20


def number_text(number: Fraction) -> str:
    """An exact decimal where there is a short one, else a fraction."""
    for digits in range(25):
        if (number * 10**digits).denominator == 1:
            scaled = str(abs(int(number * 10**digits))).rjust(digits + 1, "0")
            text = f"{scaled[:-digits]}.{scaled[-digits:]}" if digits else scaled
            return "-" + text if number < 0 else text
    return str(number)


def nothing_inferred(index: Index, body: Basic) -> Expr | None:
    """Without a layer no range can be left to inference."""
    return None


@dataclass(frozen=True)
class Notation(Unicode):
    """Text for the parser.

    ``scalars`` are tensors without indices whose bare name is free; ``shapes`` gives the size that
    a sum's index gets when no range is written.
    """

    scalars: frozenset[str] = frozenset()
    shapes: Callable[[Index, Basic], Expr | None] = nothing_inferred

    literal, packs = True, False
    minus, infinity, pi, euler = "-", "inf", "pi", "exp(1)"
    true, false = "0 == 0", "0 == 1"
    less, at_most, equal, differ = " < ", " <= ", " == ", " != "
    divides = " divides "
    sum_sign = "sum"

    def times(self, tight: bool) -> Joint:
        return self.joint("*")

    def coefficient(self, over: int, under: int) -> tuple[str, str]:
        number = Fraction(over, under)
        if under > SMALL_DENOMINATOR and "/" not in number_text(number):
            return number_text(number), "1"
        return super().coefficient(over, under)

    def read(self, tensor: str, indices: Sequence[Doc]) -> Doc:
        if indices:
            return super().read(tensor, indices)
        return self.atom(tensor if tensor in self.scalars else f"{tensor}[]")

    def delta(self, a: Doc, b: Doc) -> Doc:
        return self.applied(self.atom("delta"), (a, b))

    def big(self, sign: str, ranges: Sequence[Doc], body: Doc) -> Doc:
        return self.row(f"{sign}[", comma_chain(ranges, self.comma), "] ", body)

    def inferred(self, index: Index, body: Basic) -> Expr | None:
        return self.shapes(index, body)

    def in_range(self, low: Doc | None, index: Doc, high: Doc) -> Doc:
        start = () if low is None else (low, self.at_most)
        return self.row(*start, index, self.less, high)

    def derivative(self, of: Piece, by: Doc) -> Piece:
        return Piece(self.applied(self.atom("partial"), (of.doc, by)), Level.ATOM)

    def repeated_derivative(self, by: Sequence[Doc]) -> Piece:
        return Piece(self.applied(self.atom("partial"), (self.atom("L"), *by)), Level.ATOM)

    def bars(self, below: Sequence[Piece]) -> Sequence[Sequence[Piece]]:
        """A number times a sum is multiplied out when it is read: divide by one after the other."""
        if len(below) == 2 and below[1].level == Level.SUM:
            return [below[:1], below[1:]]
        return [below]

    def floor(self, over: Piece, under: Piece, tight: bool) -> Piece:
        return self._division(over, "//", under)

    def remainder(self, a: Piece, b: Piece) -> Piece:
        return self._division(a, "%", b)

    def exact_quotient(self, over: Piece, under: Piece, tight: bool) -> Piece:
        return self._division(over, "/", under)

    def _division(self, over: Piece, sign: str, under: Piece) -> Piece:
        left, right = self.closed(over, Level.DIVISION, last=False), self.closed(under, Level.POWER)
        return Piece(self.row(left, sign, right), Level.DIVISION)

    def power(self, base: Doc, exponent: Piece) -> Piece:
        return Piece(self.row(base, "^", self.closed(exponent, Level.ATOM)), Level.POWER)
