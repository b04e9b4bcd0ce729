"""Writing sums of terms, products, quotients, powers and the operations on integers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from sympy import Add, Expr, Mul, Pow, Rational, Sum

from derive.language.printing.layout import Chain, comma_chain
from derive.language.printing.order import (
    factor_key,
    is_integer_arithmetic,
    ordered_terms,
    split_product,
)
from derive.language.printing.style import Level, Piece
from derive.language.printing.writer import Writer, writes
from derive.language.terms import (
    ExactQuotient,
    FloorDiv,
    Greatest,
    Iverson,
    Least,
    MaxOver,
    Modulo,
    subterms,
)


@writes(Add)
def addition(term: Add, writer: Writer) -> Piece:
    """Terms in reading order; terms that hold sums get a line each where they do not fit on one."""
    tight = writer.tight or (writer.style.packs and is_integer_arithmetic(term))
    inner = writer.tightened() if tight else writer
    found = []
    for part in Add.make_args(term):
        negative = _is_negative(part)
        piece = inner.piece(-part if negative else part)
        found.append((part, negative, piece))
    order = ordered_terms([(t, n, p.doc.text) for t, n, p in found])
    docs = [(found[i][1], inner.style.closed(found[i][2], Level.DIVISION)) for i in order]
    negative, first = docs[0]
    if negative:
        first = writer.style.row(writer.style.minus, first)
    rest = tuple((writer.style.sign(n, tight), d) for n, d in docs[1:])
    each = any(isinstance(e, Sum | MaxOver) for e in subterms(term))
    return Piece(Chain(first, rest, each), Level.SUM)


def _is_negative(term: Expr) -> bool:
    number = term.as_coeff_Mul()[0]
    return bool(number.is_extended_real and number < 0)


@writes(Mul, Rational)
def product(term: Expr, writer: Writer) -> Piece:
    """``2·K·[c]·g[r]·x[r]/N·Σ…``: a sign, a quotient of closed factors, then an open one."""
    split = split_product(term)
    guards = [f.args[0] for f in split.numerator if isinstance(f, Iverson)]
    inner = writer.knowing(guards)
    over, under = writer.style.coefficient(split.over, split.under)
    above = _factors(split.numerator, over, inner)
    below = _factors(split.denominator, under, inner)
    if below:
        closed = _closed(above)
        quotient = _chained(closed, inner)
        for factors in inner.style.bars(below):
            quotient = inner.style.quotient(quotient, _chained(factors, inner), inner.tight)
        above = [quotient, *above[len(closed) :]]
    piece = _chained(above, inner)
    if split.negative:
        doc = writer.style.row(writer.style.minus, inner.style.closed(piece, Level.PRODUCT))
        return Piece(doc, Level.SUM, piece.open)
    return piece


def _closed(pieces: list[Piece]) -> list[Piece]:
    """The factors that can stand over a fraction bar, before those that take in what follows."""
    return [*takewhile(lambda p: not p.open and not p.derivative, pieces)]


def _factors(factors: tuple[Expr, ...], number: str, writer: Writer) -> list[Piece]:
    """The factors in reading order, the number first unless it is 1."""
    pieces = [(f, writer.piece(f)) for f in factors]
    ordered = sorted(pieces, key=lambda p: factor_key(p[0], p[1].doc.text))
    first = [] if number == "1" else [Piece(writer.style.number(number), Level.ATOM)]
    return [*first, *(piece for _, piece in ordered)]


def _chained(pieces: Sequence[Piece], writer: Writer) -> Piece:
    """The product of pieces in the given order; 1 without pieces."""
    if not pieces:
        return Piece(writer.style.number("1"), Level.ATOM)
    if len(pieces) == 1:
        return pieces[0]
    docs = [
        writer.style.closed(p, Level.PRODUCT, last=place == len(pieces) - 1)
        for place, p in enumerate(pieces)
    ]
    chain = comma_chain(docs, writer.style.times(writer.tight))
    return Piece(chain, Level.PRODUCT, pieces[-1].open)


@writes(Pow)
def power(term: Pow, writer: Writer) -> Piece:
    """``u²``, ``sqrt(u)``, and 1/u for negative exponents."""
    if split_product(term).denominator:
        return product(term, writer)
    base, exponent = term.args
    if exponent == Rational(1, 2):
        return writer.style.root(writer.doc(base))
    return writer.style.power(
        writer.doc(base, Level.ATOM, last=False), writer.packed().piece(exponent)
    )


@writes(FloorDiv)
def floor_division(term: FloorDiv, writer: Writer) -> Piece:
    """``⌊a/b⌋``, or ``a/b`` where a guard says that b divides a."""
    if term.args in writer.exact:
        return exact_quotient(term, writer)
    over, under = (writer.packed().piece(e) for e in term.args)
    return writer.style.floor(over, under, writer.tight)


@writes(ExactQuotient)
def exact_quotient(term: ExactQuotient | FloorDiv, writer: Writer) -> Piece:
    """``a/b``."""
    over, under = (writer.packed().piece(e) for e in term.args)
    return writer.style.exact_quotient(over, under, writer.tight)


@writes(Modulo)
def modulo(term: Modulo, writer: Writer) -> Piece:
    """``a mod b``."""
    a, b = (writer.packed().piece(e) for e in term.args)
    return writer.style.remainder(a, b)


@writes(Least, Greatest)
def extreme(term: Least | Greatest, writer: Writer) -> Piece:
    """``min(a, b)`` or ``max(a, b)``."""
    name = writer.style.function("min" if isinstance(term, Least) else "max")
    docs = [writer.packed().doc(e) for e in term.args]
    return Piece(writer.style.applied(name, docs), Level.ATOM)
