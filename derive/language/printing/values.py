"""Writing values: names, numbers, reads, functions, Σ and max, deltas, guards, derivatives."""

from __future__ import annotations

from sympy import (
    Abs,
    Basic,
    Float,
    Function,
    Integer,
    KroneckerDelta,
    Sum,
    Symbol,
)
from sympy.core.numbers import Infinity, NegativeInfinity, NumberSymbol

from derive.language.printing.layout import Doc
from derive.language.printing.order import index_rank
from derive.language.printing.style import Level, Piece
from derive.language.printing.writer import Writer, writes
from derive.language.terms import (
    LOSS,
    Choose,
    Delta,
    Entry,
    Index,
    Iverson,
    MaxOver,
    Partial,
    ranges_of,
    subterms,
)


@writes(Symbol)
def symbol(term: Symbol, writer: Writer) -> Piece:
    """A name."""
    return Piece(writer.style.name(term.name), Level.ATOM)


@writes(Integer, Float)
def number(term: Integer | Float, writer: Writer) -> Piece:
    """An integer or a decimal number."""
    text = str(abs(term))
    if term < 0:
        return Piece(writer.style.row(writer.style.minus, writer.style.number(text)), Level.SUM)
    return Piece(writer.style.number(text), Level.ATOM)


@writes(NegativeInfinity)
def negative_infinity(term: NegativeInfinity, writer: Writer) -> Piece:
    """−∞."""
    return Piece(writer.style.row(writer.style.minus, writer.style.infinity), Level.SUM)


@writes(Infinity)
def infinity(term: Infinity, writer: Writer) -> Piece:
    """∞."""
    return Piece(writer.style.atom(writer.style.infinity), Level.ATOM)


@writes(NumberSymbol)
def constant(term: NumberSymbol, writer: Writer) -> Piece:
    """π, or e."""
    text = writer.style.pi if str(term) == "pi" else writer.style.euler
    return Piece(writer.style.atom(text), Level.ATOM)


@writes(Entry)
def entry(term: Entry, writer: Writer) -> Piece:
    """``x[i, j]``."""
    indices = [writer.tightened().doc(i) for i in term.indices]
    return Piece(writer.style.read(term.tensor, indices), Level.ATOM)


@writes(Function)
def function(term: Function, writer: Writer) -> Piece:
    """``log(u)``."""
    name = type(term).__name__.lower()
    docs = [writer.doc(a) for a in term.args]
    return Piece(writer.style.applied(writer.style.function(name), docs), Level.ATOM)


@writes(Abs)
def absolute(term: Abs, writer: Writer) -> Piece:
    """``|u|``."""
    return Piece(writer.style.absolute(writer.doc(term.args[0])), Level.ATOM)


def range_docs(node: Sum | MaxOver, writer: Writer) -> list[Doc]:
    """``a<K1``, ``lo≤b<hi``: the ranges of a sum or a maximum."""
    inner = writer.packed()
    docs = []
    for index, lo, hi in ranges_of(node):
        if lo == 0 and writer.style.inferred(index, node.function) == hi:
            docs.append(inner.doc(index))
            continue
        low = None if lo == 0 else inner.doc(lo, Level.SUM)
        docs.append(inner.style.in_range(low, inner.doc(index), inner.doc(hi, Level.SUM)))
    return docs


@writes(Sum)
def summation(term: Sum, writer: Writer) -> Piece:
    """``Σ_{a<K} body``."""
    return _big(writer.style.sum_sign, term, writer)


@writes(MaxOver)
def maximum(term: MaxOver, writer: Writer) -> Piece:
    """``max_{a<K} body``."""
    return _big(writer.style.max_sign, term, writer)


def _big(sign: str, term: Sum | MaxOver, writer: Writer) -> Piece:
    body = writer.doc(term.function, Level.DIVISION)
    return Piece(writer.style.big(sign, range_docs(term, writer), body), Level.PRODUCT, open=True)


@writes(Delta)
def delta(term: Delta, writer: Writer) -> Piece:
    """``δ(r+a, r')``."""
    a, b = (writer.packed().doc(e) for e in term.args)
    return Piece(writer.style.delta(a, b), Level.ATOM)


@writes(KroneckerDelta)
def kronecker_delta(term: KroneckerDelta, writer: Writer) -> Piece:
    """SymPy's own delta, which sorts its arguments: the one with a primed index comes last."""
    a, b = sorted(term.args, key=_primed)
    return delta(Delta(a, b), writer)


def _primed(expr: Basic) -> tuple[bool, list[tuple[int, bool, str]]]:
    names = [s.name for s in subterms(expr) if isinstance(s, Index)]
    return any("'" in n for n in names), sorted(index_rank(n) for n in names)


@writes(Iverson)
def iverson(term: Iverson, writer: Writer) -> Piece:
    """``[condition]``."""
    return Piece(writer.style.guard(writer.doc(term.args[0])), Level.ATOM)


@writes(Choose)
def choice(term: Choose, writer: Writer) -> Piece:
    """``if condition then a else b``."""
    condition, yes, no = term.args
    docs = (writer.doc(condition), writer.doc(yes, Level.SUM), writer.doc(no, Level.SUM))
    return Piece(writer.style.choice(*docs), Level.LOOSE)


@writes(Partial)
def partial(term: Partial, writer: Writer) -> Piece:
    """``∂y[r]/∂x[r']``, and of a derivative of the loss ``∂²L/∂x[r']∂k[a']``."""
    expr, target = term.args
    targets = [target]
    while isinstance(expr, Partial):
        targets.insert(0, expr.args[1])
        expr = expr.args[0]
    if len(targets) > 1 and expr == LOSS:
        return writer.style.repeated_derivative([writer.doc(t) for t in targets])
    expr, target = term.args
    return writer.style.derivative(writer.piece(expr), writer.doc(target))


@writes(Basic)
def other(term: Basic, writer: Writer) -> Piece:
    """Any other node by the name of its type: a formula with a strange part can still be read."""
    if writer.style.literal:
        raise TypeError(f"the notation has no way to write {type(term).__name__}")
    if not term.args:
        return Piece(writer.style.atom(str(term)), Level.ATOM)
    docs = [writer.doc(a) for a in term.args]
    name = writer.style.function(type(term).__name__)
    return Piece(writer.style.applied(name, docs), Level.ATOM)
