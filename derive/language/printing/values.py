"""How sums, products, powers, integer arithmetic and the nodes of a value are written."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from sympy import (
    Abs,
    Add,
    Basic,
    Expr,
    Float,
    Function,
    Integer,
    KroneckerDelta,
    Mul,
    Pow,
    Rational,
    Sum,
    Symbol,
)
from sympy.core.numbers import Infinity, NegativeInfinity, NumberSymbol

from derive.language.printing.layout import Chain, Doc, comma_chain
from derive.language.printing.order import (
    factor_key,
    index_rank,
    is_integer_arithmetic,
    ordered_terms,
    split_product,
)
from derive.language.printing.style import Level, Piece
from derive.language.printing.writer import Writer, writes
from derive.language.terms import (
    LOSS,
    Choose,
    Delta,
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
        ends = inner.rounding()
        low = None if lo == 0 else ends.doc(lo, Level.SUM)
        docs.append(inner.style.in_range(low, inner.doc(index), ends.doc(hi, Level.SUM)))
    return docs


@writes(Sum, MaxOver)
def reduction(term: Sum | MaxOver, writer: Writer) -> Piece:
    """``Σ_{a<K} body``, ``max_{a<K} body``."""
    sign = writer.style.sum_sign if isinstance(term, Sum) else writer.style.max_sign
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
    if negative:  # a sign binds tighter than // and %
        first = inner.style.closed(found[order[0]][2], Level.PRODUCT)
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
        writer.doc(base, Level.ATOM, last=False), writer.rounding().piece(exponent)
    )


@writes(FloorDiv)
def floor_division(term: FloorDiv, writer: Writer) -> Piece:
    """``⌊a/b⌋``, or ``a/b`` where a guard says that b divides a."""
    if term.args in writer.exact:
        return exact_quotient(term, writer)
    over, under = (writer.rounding().piece(e) for e in term.args)
    return writer.style.floor(over, under, writer.tight)


@writes(ExactQuotient)
def exact_quotient(term: ExactQuotient | FloorDiv, writer: Writer) -> Piece:
    """``a/b``."""
    over, under = (writer.packed().piece(e) for e in term.args)
    return writer.style.exact_quotient(over, under, writer.tight)


@writes(Modulo)
def modulo(term: Modulo, writer: Writer) -> Piece:
    """``a mod b``."""
    a, b = (writer.rounding().piece(e) for e in term.args)
    return writer.style.remainder(a, b)


@writes(Least, Greatest)
def extreme(term: Least | Greatest, writer: Writer) -> Piece:
    """``min(a, b)`` or ``max(a, b)``."""
    name = writer.style.function("min" if isinstance(term, Least) else "max")
    docs = [writer.packed().doc(e) for e in term.args]
    return Piece(writer.style.applied(name, docs), Level.ATOM)
