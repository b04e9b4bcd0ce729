"""Writing the integer operations that indices and sizes are made of."""

from __future__ import annotations

from sympy import Expr

from derive.language.printing.style import Level, Piece
from derive.language.printing.writer import Writer, writes
from derive.language.terms import ExactQuotient, FloorDiv, Greatest, Least, Modulo


@writes(FloorDiv)
def floor_division(term: FloorDiv, writer: Writer) -> Piece:
    """``⌊a/b⌋``, or ``a/b`` where a guard says that b divides a."""
    over, under = term.args
    if (over, under) in writer.exact:
        return _quotient(over, under, writer)
    inner = writer.tightened()
    return Piece(
        writer.style.floor(inner.piece(over), inner.piece(under), writer.tight), Level.ATOM
    )


@writes(ExactQuotient)
def exact_quotient(term: ExactQuotient, writer: Writer) -> Piece:
    """``a/b``."""
    over, under = term.args
    return _quotient(over, under, writer)


def _quotient(over: Expr, under: Expr, writer: Writer) -> Piece:
    inner = writer.tightened()
    return writer.style.quotient(inner.piece(over), inner.piece(under), writer.tight)


@writes(Modulo)
def modulo(term: Modulo, writer: Writer) -> Piece:
    """``a mod b``: its place among the operators is not common knowledge, so it is loose."""
    a, b = (writer.tightened().doc(e, Level.POWER, last=False) for e in term.args)
    return Piece(writer.style.remainder(a, b), Level.LOOSE)


@writes(Least)
def least(term: Least, writer: Writer) -> Piece:
    """``min(a, b)``."""
    return _extreme("min", term, writer)


@writes(Greatest)
def greatest(term: Greatest, writer: Writer) -> Piece:
    """``max(a, b)``."""
    return _extreme("max", term, writer)


def _extreme(name: str, term: Least | Greatest, writer: Writer) -> Piece:
    docs = [writer.tightened().doc(e) for e in term.args]
    return Piece(writer.style.applied(writer.style.function(name), docs), Level.ATOM)
