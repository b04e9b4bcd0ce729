"""The order in which terms and factors are read: as in lecture notes, not as SymPy sorts them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sympy import (
    Add,
    Basic,
    Expr,
    Function,
    Integer,
    KroneckerDelta,
    Mul,
    Pow,
    Rational,
    Sum,
    Symbol,
)

from derive.language.terms import (
    Choose,
    Divides,
    Entry,
    Index,
    Iverson,
    MaxOver,
    Parameter,
    Partial,
    RealParameter,
    Size,
    subterms,
)

#: index letters in reading order: what counts things, then positions, then offsets into a window
READING_ORDER = "nmoirchwpqtusvlxyzfgejkdab"
#: size letters in reading order, as the axes of images have them; other sizes follow
SIZE_ORDER = "NCOHW"
#: tensors that hold parameters come after those that hold data
PARAMETER_TENSORS = ("b", "k", "w")

Key = tuple[object, ...]


@dataclass(frozen=True)
class ProductParts:
    """A product taken apart: sign · number/number · factors / factors."""

    negative: bool
    over: int
    under: int
    numerator: tuple[Expr, ...]
    denominator: tuple[Expr, ...]


def split_product(term: Expr) -> ProductParts:
    """Sign, numbers, numerator and denominator of a term."""
    number, rest = term.as_coeff_Mul()
    if not isinstance(number, Rational):
        number, rest = Integer(1), term
    above: list[Expr] = []
    below: list[Expr] = []
    for factor in Mul.make_args(rest):
        if factor == 1:
            continue
        inverse = _inverse(factor)
        if inverse is None:
            above.append(factor)
        else:
            below.append(inverse)
    return ProductParts(number.p < 0, abs(number.p), number.q, tuple(above), tuple(below))


def _inverse(factor: Expr) -> Expr | None:
    """u for a factor 1/u whose exponent has a minus sign; None for any other factor."""
    if not isinstance(factor, Pow):
        return None
    number = factor.exp.as_coeff_Mul()[0]
    if not (number.is_Rational and number < 0):
        return None
    return Pow(factor.base, -factor.exp)


def index_rank(name: str) -> tuple[int, bool, str]:
    """Where an index stands in reading order; of two with one letter the primed one comes first."""
    place = READING_ORDER.find(name[:1])
    return (place if place >= 0 else len(READING_ORDER), "'" not in name, name)


def is_upstream(tensor: str) -> bool:
    """Whether a tensor bears the name of an upstream gradient: g, g2, g_y."""
    return re.fullmatch(r"g(\d|_|').*|g", tensor) is not None


def _has(expr: Basic, *kinds: type) -> bool:
    return any(isinstance(e, kinds) for e in subterms(expr))


def is_integer_arithmetic(expr: Basic) -> bool:
    """Whether an expression is made of sizes, indices and hyperparameters only."""
    return not _has(expr, Entry, Sum, Function, Iverson, Partial, MaxOver, Choose, KroneckerDelta)


def factor_key(factor: Expr, text: str) -> Key:
    """Numbers, hyperparameters, indices, sizes; guards, deltas; g, other reads; sums last."""
    base = factor.base if isinstance(factor, Pow) else factor
    if is_integer_arithmetic(base):
        return (1, _arithmetic_rank(base), _size_rank(base), text)
    if isinstance(base, Iverson):
        reads = _has(base, Entry)
        return (2, reads, _index_key(base), not isinstance(base.args[0], Divides), text)
    if isinstance(base, KroneckerDelta):
        return (3, _index_key(base.args[-1]), text)
    if isinstance(base, Entry):
        name = base.tensor
        if is_upstream(name):
            return (4, 0, text)
        return (5, int(name in PARAMETER_TENSORS), text)
    for rank, kind in enumerate((Function, Add, Choose, Partial, MaxOver, Sum)):
        if isinstance(base, kind):
            return (6 + rank, 0, text)
    return (6, 0, text)


def _index_key(expr: Basic) -> Key:
    return tuple(sorted(index_rank(s.name) for s in subterms(expr) if isinstance(s, Index)))


def _arithmetic_rank(expr: Basic) -> int:
    if _has(expr, Index):
        return 1
    return 2 if _has(expr, Size) else 0


def _size_rank(expr: Basic) -> int:
    place = SIZE_ORDER.find(expr.name[:1]) if isinstance(expr, Size) else -1
    return place if place >= 0 else len(SIZE_ORDER)


def term_key(term: Expr, text: str) -> Key:
    """Reads first, then indices in reading order, sizes, hyperparameters; sums last."""
    symbols = [s for s in subterms(term) if isinstance(s, Symbol)]
    if _has(term, Sum, MaxOver, Choose):
        return (5, text)
    if not is_integer_arithmetic(term):
        return (0, _has(term, Partial), text)
    indices = sorted(index_rank(s.name) for s in symbols if isinstance(s, Index))
    sizes = sorted(s.name for s in symbols if isinstance(s, Size))
    if indices:
        return (1, -len(sizes), indices, text)
    if sizes:
        return (2, sizes, text)
    return (3 if any(isinstance(s, Parameter | RealParameter) for s in symbols) else 4, text)


def ordered_terms(terms: list[tuple[Expr, bool, str]]) -> list[int]:
    """The places of a sum's terms in reading order, each given with its sign and its text.

    Positive terms come first and a number last, unless the number is the only positive term.
    """
    positive = any(not negative and not term.is_Number for term, negative, _ in terms)

    def key(place: int) -> Key:
        term, negative, text = terms[place]
        if term.is_Number:
            return (2 if positive else 0, 0)
        return (int(negative), *term_key(term, text))

    return sorted(range(len(terms)), key=key)
