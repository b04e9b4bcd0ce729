"""Writing conditions."""

from __future__ import annotations

from sympy import Expr

from derive.language.printing.layout import Doc, comma_chain
from derive.language.printing.style import Level, Piece
from derive.language.printing.values import range_docs
from derive.language.printing.writer import Writer, writes
from derive.language.terms import (
    AtMost,
    Between,
    Both,
    Condition,
    Differ,
    Divides,
    Either,
    FirstMax,
    Less,
    Negation,
    Relation,
    Same,
)


def _side(expr: Expr, writer: Writer) -> Doc:
    return writer.packed().doc(expr, Level.SUM)


@writes(Relation)
def relation(condition: Relation, writer: Writer) -> Piece:
    """``a < b``, ``s ∣ e`` and their like."""
    style = writer.style
    signs: dict[type[Condition], str] = {
        Less: style.less,
        AtMost: style.at_most,
        Same: style.equal,
        Differ: style.differ,
        Divides: style.divides,
    }
    return _related(condition, signs[type(condition)], writer)


def _related(condition: Relation, sign: str, writer: Writer) -> Piece:
    if isinstance(condition, Divides):
        writer = writer.rounding()
    a, b = (_side(e, writer) for e in condition.args)
    return Piece(writer.style.row(a, sign, b), Level.SUM)


@writes(Between)
def between(condition: Between, writer: Writer) -> Piece:
    """``lo ≤ e < hi``."""
    lo, e, hi = (_side(x, writer) for x in condition.args)
    style = writer.style
    return Piece(style.row(lo, style.at_most, e, style.less, hi), Level.SUM)


@writes(Both, Either)
def junction(condition: Both | Either, writer: Writer) -> Piece:
    """``c and d``, ``c or d``; a single condition as it is."""
    style = writer.style
    word, empty = ("and", style.true) if isinstance(condition, Both) else ("or", style.false)
    if not condition.args:
        return Piece(style.word(empty), Level.ATOM)
    if len(condition.args) == 1:
        return writer.piece(condition.args[0])
    docs = [writer.doc(c, Level.SUM) for c in condition.args]
    return Piece(comma_chain(docs, style.words(word)), Level.LOOSE)


@writes(Negation)
def negation(condition: Negation, writer: Writer) -> Piece:
    """``b ≤ a`` for not a < b; ``not (…)`` where no sign says the opposite."""
    inner = condition.args[0]
    style = writer.style
    if style.literal:
        return Piece(style.row("not ", style.parenthesised(writer.doc(inner))), Level.SUM)
    if isinstance(inner, Less | AtMost):
        a, b = inner.args
        return writer.piece(AtMost(b, a) if isinstance(inner, Less) else Less(b, a))
    opposites = {Same: style.differ, Differ: style.equal, Divides: style.not_divides}
    if isinstance(inner, Same | Differ | Divides):
        return _related(inner, opposites[type(inner)], writer)
    return Piece(style.row(style.word("not "), style.parenthesised(writer.doc(inner))), Level.SUM)


@writes(FirstMax)
def first_max(condition: FirstMax, writer: Writer) -> Piece:
    """``(a, b) = argmax_{a<K1, b<K2} e``: the first of several largest values."""
    at, maximum = condition.args
    style = writer.style
    places = [writer.packed().doc(e) for e in at]
    left = comma_chain(places, style.comma)
    if len(places) > 1:
        left = style.parenthesised(left)
    body = writer.doc(maximum.function, Level.DIVISION)
    argmax = style.big(style.argmax_sign, range_docs(maximum, writer), body)
    return Piece(style.row(left, style.equal, argmax), Level.SUM)
