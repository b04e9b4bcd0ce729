"""How the pieces of a formula are set: here in Unicode; ``tex`` and ``notation`` differ from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from sympy import Basic, Expr

from derive.language.printing.layout import Atom, Chain, Doc, Headed, Joint, Row, comma_chain
from derive.language.terms import Index


class Level(IntEnum):
    """How tightly a formula holds together; a looser one needs parentheses inside a tighter one."""

    LOOSE = 0
    SUM = 1
    DIVISION = 2  # a term of a sum, but not yet a factor: a//b
    PRODUCT = 3
    POWER = 4
    ATOM = 5


@dataclass(frozen=True)
class Piece:
    """A formula that is set; an ``open`` one, like Σ…, takes in all factors that follow it, and
    after a ``derivative`` ∂u/∂x another slash would confuse.
    """

    doc: Doc
    level: Level
    open: bool = False
    derivative: bool = False


#: the lines of a sum's body are aligned with its start unless the sum's head is longer than this
SHORT_HEAD = 22

SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Unicode:
    """Plain text with mathematical characters, ``Σ_{a<K} x[r+a]·k[a]``.

    A ``literal`` style writes every node as itself, so that it can be read back: no negation is
    turned around, no rounding left out.  A style that ``packs`` leaves out the spaces in all
    integer arithmetic, not inside reads alone.
    """

    literal, packs = False, True
    minus, infinity, pi, euler = "−", "∞", "π", "e"
    true, false = "true", "false"
    less, at_most, equal, differ = " < ", " ≤ ", " = ", " ≠ "
    divides, not_divides = " ∣ ", " ∤ "
    modulo = " mod "
    sum_sign, max_sign, argmax_sign = "Σ", "max", "argmax"

    def atom(self, text: str) -> Atom:
        """Text of its natural width."""
        return Atom(text, len(text))

    def row(self, *parts: Doc | str) -> Row:
        """Parts side by side."""
        return Row(tuple(self.atom(p) if isinstance(p, str) else p for p in parts))

    def joint(self, flat: str, before: str = "", after: str = "") -> Joint:
        """A joint that is ``flat`` on one line, and ``before`` and ``after`` around a break."""
        return Joint(self.atom(flat), self.atom(before), self.atom(after))

    def times(self, tight: bool) -> Joint:
        """The sign between factors."""
        return self.joint("·", "", "·")

    @property
    def comma(self) -> Joint:
        return self.joint(", ", ",")

    def sign(self, negative: bool, tight: bool) -> Joint:
        """The + or − before a later term of a sum."""
        text = self.minus if negative else "+"
        return self.joint(text, "", text) if tight else self.joint(f" {text} ", "", f"{text} ")

    def closed(self, piece: Piece, level: Level, last: bool = True) -> Doc:
        """The piece, parenthesised where it must be."""
        if piece.level >= level and (last or not piece.open):
            return piece.doc
        return self.parenthesised(piece.doc)

    def words(self, word: str) -> Joint:
        """``a and b``."""
        return self.joint(f" {word} ", f" {word}")

    def word(self, text: str) -> Doc:
        """A word within a formula."""
        return self.atom(text)

    def name(self, name: str) -> Doc:
        """An index, a size or a hyperparameter."""
        return self.atom(name)

    def number(self, text: str) -> Doc:
        return self.atom(text)

    def coefficient(self, over: int, under: int) -> tuple[str, str]:
        """The number over/under in front of a product, as what stands above and below the bar."""
        return str(over), str(under)

    def function(self, name: str) -> Doc:
        """The name of an elementwise function."""
        return self.atom(name)

    def read(self, tensor: str, indices: Sequence[Doc]) -> Doc:
        """``x[i, j]``; a scalar is its name alone."""
        if not indices:
            return self.atom(tensor)
        return self.row(f"{tensor}[", comma_chain(indices, self.comma), "]")

    def parenthesised(self, doc: Doc) -> Doc:
        return self.row("(", doc, ")")

    def guard(self, doc: Doc) -> Doc:
        """Iverson's bracket."""
        return self.row("[", doc, "]")

    def delta(self, a: Doc, b: Doc) -> Doc:
        return self.row("δ(", a, ", ", b, ")")

    def floor(self, over: Piece, under: Piece, tight: bool) -> Piece:
        return Piece(self.row("⌊", self.quotient(over, under, True).doc, "⌋"), Level.ATOM)

    def absolute(self, doc: Doc) -> Doc:
        return self.row("|", doc, "|")

    def applied(self, function: Doc, arguments: Sequence[Doc]) -> Doc:
        return self.row(function, "(", comma_chain(arguments, self.comma), ")")

    def root(self, doc: Doc) -> Piece:
        return Piece(self.row("sqrt(", doc, ")"), Level.ATOM)

    def big(self, sign: str, ranges: Sequence[Doc], body: Doc) -> Doc:
        """``Σ_{a<K, b<K} body`` and its like."""
        head = self.row(f"{sign}_{{", comma_chain(ranges, self.comma), "}")
        return Headed(head, self.atom(" "), body, head.width > SHORT_HEAD)

    def inferred(self, index: Index, body: Basic) -> Expr | None:
        """The size up to which an index runs where the reader sees it without a written range."""
        return None

    def in_range(self, low: Doc | None, index: Doc, high: Doc) -> Doc:
        """``a<K``, or ``lo≤a<hi`` where the range does not start at 0."""
        start = () if low is None else (low, "≤")
        return self.row(*start, index, "<", high)

    def derivative(self, of: Piece, by: Doc) -> Piece:
        """``∂y[r]/∂x[r']``."""
        top = of.doc if of.level == Level.ATOM else self.parenthesised(of.doc)
        return Piece(self.row("∂", top, "/∂", by), Level.PRODUCT, derivative=True)

    def repeated_derivative(self, by: Sequence[Doc]) -> Piece:
        """``∂²L/∂x∂k``: of the loss, by several entries."""
        power = {2: "²", 3: "³"}.get(len(by), f"^{len(by)}")
        bottom = [part for doc in by for part in ("∂", doc)]
        return Piece(self.row(f"∂{power}L/", *bottom), Level.PRODUCT, derivative=True)

    def quotient(self, over: Piece, under: Piece, tight: bool) -> Piece:
        """``a/b``; where ``a`` is a product, a link more of its chain."""
        top, bottom = self.closed(over, Level.PRODUCT, last=False), self.closed(under, Level.POWER)
        first, links = (top.first, top.rest) if isinstance(top, Chain) else (top, ())
        return Piece(Chain(first, (*links, (self.joint("/", "", "/"), bottom))), Level.PRODUCT)

    def exact_quotient(self, over: Piece, under: Piece, tight: bool) -> Piece:
        """``a/b`` of integers, without remainder."""
        return self.quotient(over, under, tight)

    def bars(self, below: Sequence[Piece]) -> Sequence[Sequence[Piece]]:
        """The factors of a denominator, by the fraction bars that they stand under."""
        return [below]

    def remainder(self, a: Piece, b: Piece) -> Piece:
        """``a mod b``: its place among the operators is not common knowledge, so it is loose."""
        over, under = (self.closed(p, Level.POWER, last=False) for p in (a, b))
        return Piece(self.row(over, self.modulo, under), Level.LOOSE)

    def power(self, base: Doc, exponent: Piece) -> Piece:
        """``u²``, ``u^n``, ``u^(n−1)``."""
        text = exponent.doc.text
        if text.isdecimal():
            return Piece(self.row(base, text.translate(SUPERSCRIPTS)), Level.POWER)
        raised = exponent.doc
        if exponent.level < Level.ATOM:
            raised = self.parenthesised(raised)
        return Piece(self.row(base, "^", raised), Level.POWER)

    def choice(self, condition: Doc, yes: Doc, no: Doc) -> Doc:
        first = self.row("if ", condition, " then ", yes)
        return Chain(first, ((self.joint(" ", "", ""), self.row("else ", no)),))
