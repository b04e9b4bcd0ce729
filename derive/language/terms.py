"""The object language: SymPy expressions, plus the few nodes SymPy lacks or gets wrong.

Every tensor is a total function of its integer indices, every sum runs over a half-open
range, an empty range sums to zero, and a condition enters an expression as an Iverson factor
``[condition]`` that is 1 where the condition holds and 0 elsewhere.  A product with a zero
Iverson factor is zero whatever its other factors are, even where they would be undefined: that
is what makes a guarded read outside a tensor harmless.

Constructors here store their arguments and never simplify.  Rewriting is the business of
``derive.engine.rules``, where it is recorded.  (SymPy itself flattens sums and products and folds
numbers when an expression is built; that much is trusted, see docs/trust.md.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from operator import is_
from typing import Any, TypeVar

from sympy import (
    Basic,
    Expr,
    Function,
    Indexed,
    IndexedBase,
    Integer,
    KroneckerDelta,
    Sum,
    Symbol,
    Tuple,
)
from sympy.core.numbers import NegativeInfinity


class Named(Symbol):
    """A symbol whose class says what it may be: its name makes it again, as copying does."""

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, bool]]:
        return (self.name,), {}


class Index(Named):
    """An integer index: of an output, of a sum, or free in a gradient."""

    def __new__(cls, name: str) -> Index:
        return super().__new__(cls, name, integer=True)


class Size(Named):
    """The length of a tensor axis: an integer ≥ 0."""

    def __new__(cls, name: str) -> Size:
        return super().__new__(cls, name, integer=True, nonnegative=True)


class Parameter(Named):
    """A hyperparameter left symbolic: an integer whose domain the layer states."""

    def __new__(cls, name: str) -> Parameter:
        return super().__new__(cls, name, integer=True)


class RealParameter(Named):
    """A real hyperparameter left symbolic, such as the ε of a normalisation."""

    def __new__(cls, name: str) -> RealParameter:
        return super().__new__(cls, name, real=True)


class Entry(Indexed):
    """One entry of a tensor, ``x[i, j]``; a scalar tensor is an entry without indices, ``y[]``."""

    is_commutative = True

    def __new__(cls, base: IndexedBase | str, *indices: Expr | int) -> Entry:
        base = tensor_base(base) if isinstance(base, str) else base
        return Expr.__new__(cls, base, *(Integer(i) if isinstance(i, int) else i for i in indices))

    @property
    def tensor(self) -> str:
        """The name of the tensor that is read."""
        return self.base.name

    @property
    def free_symbols(self) -> set[Basic]:
        """The symbols of the indices; the tensor's own name is not one of them."""
        return set().union(*(i.free_symbols for i in self.indices)) if self.indices else set()

    @property
    def at(self) -> tuple[Index, ...]:
        """The indices of an entry that is read at nothing but indices, as a target is."""
        found = tuple(i for i in self.indices if isinstance(i, Index))
        assert len(found) == len(self.indices), self
        return found


@cache
def tensor_base(name: str) -> IndexedBase:
    """The SymPy base under which all entries of the tensor ``name`` are built."""
    return IndexedBase(name)


# --- integer arithmetic -----------------------------------------------------------------------


class IntegerNode(Expr):
    """Base of the integer operations below."""

    is_commutative = True
    is_integer = True


class Division(IntegerNode):
    """An operation on a number and the one that it is divided by."""

    args: tuple[Expr, Expr]


class FloorDiv(Division):
    """``a // b``: the quotient rounded towards −∞.  Arguments ``(a, b)``, b ≠ 0."""


class Modulo(Division):
    """``a % b`` = a − b·(a // b), in 0 … b−1 for b > 0.  Arguments ``(a, b)``."""


class ExactQuotient(Division):
    """``a / b`` inside an index as it was written: the read is zero where b does not divide a."""


class Least(IntegerNode):
    """The smallest of its integer arguments."""

    args: tuple[Expr, ...]


class Greatest(IntegerNode):
    """The largest of its integer arguments."""

    args: tuple[Expr, ...]


# --- conditions -------------------------------------------------------------------------------


class Condition(Basic):
    """A statement that is true or false.  Subclasses name their arguments."""

    is_commutative = True


class Between(Condition):
    """``lo ≤ e < hi``.  Arguments ``(lo, e, hi)``."""

    args: tuple[Expr, Expr, Expr]


class Relation(Condition):
    """A statement about two terms."""

    args: tuple[Expr, Expr]


class Divides(Relation):
    """``m`` divides ``e``.  Arguments ``(m, e)``."""


class Less(Relation):
    """``a < b``."""


class AtMost(Relation):
    """``a ≤ b``."""


class Same(Relation):
    """``a = b``."""


class Differ(Relation):
    """``a ≠ b``."""


class Both(Condition):
    """All of its arguments hold; true without arguments."""

    args: tuple[Condition, ...]


class Either(Condition):
    """At least one of its arguments holds; false without arguments."""

    args: tuple[Condition, ...]


class Negation(Condition):
    """Its argument does not hold."""

    args: tuple[Condition]


class FirstMax(Condition):
    """The index tuple ``at`` is the first, in row-major order, where a ``MaxOver`` is attained.

    Arguments ``(at, maximum)``: a SymPy ``Tuple`` of one expression an index, outermost first,
    and a ``MaxOver``.  Written ``[(i, j) == argmax[a<K1, b<K2] e]``.
    """

    args: tuple[Tuple, MaxOver]


# --- values -----------------------------------------------------------------------------------


class Iverson(Expr):
    """``[condition]``: 1 where the condition holds, 0 elsewhere."""

    args: tuple[Condition]

    is_commutative = True


class Choose(Expr):
    """``if condition then a else b``: arguments ``(condition, a, b)``, only one of them is read."""

    args: tuple[Condition, Expr, Expr]

    is_commutative = True


class MaxOver(Expr):
    """``max[i<n, …] body``.  Arguments ``(body, *limits)`` as in SymPy's ``Sum`` (innermost first).

    The largest value of the body over a non-empty range; ties are broken towards the first index
    in row-major order wherever the place matters.
    """

    args: tuple[Expr, *tuple[Tuple, ...]]

    is_commutative = True

    @property
    def function(self) -> Expr:
        return self.args[0]

    @property
    def limits(self) -> tuple[Tuple, ...]:
        return self.args[1:]


class Delta(KroneckerDelta):
    """``δ(a, b)``: 1 where a = b, else 0.  Arguments stay in the order given: index, target."""

    def __new__(cls, a: Expr, b: Expr) -> Delta:
        return Expr.__new__(cls, a, b)


class Partial(Expr):
    """``∂e/∂x[p, q]``, not yet worked out: ``(e, entry)``; the entry's indices are fresh."""

    args: tuple[Expr, Entry]

    is_commutative = True


class Sigmoid(Function):
    """1/(1 + exp(−u))."""

    nargs = 1


class Log1p(Function):
    """log(1 + u), accurate where u is tiny."""

    nargs = 1


class Expm1(Function):
    """exp(u) − 1, accurate where u is tiny."""

    nargs = 1


ZERO, ONE = Integer(0), Integer(1)
LOSS = Symbol("L")
MINUS_INFINITY: NegativeInfinity = NegativeInfinity()

Old = TypeVar("Old", bound=Basic)

#: an index and its half-open range: ``(i, lo, hi)`` means lo ≤ i < hi
Range = tuple[Index, Expr, Expr]


def all_of(conditions: Sequence[Condition]) -> Condition:
    """All of the conditions as one; one alone as it is."""
    return conditions[0] if len(conditions) == 1 else Both(*conditions)


def total(body: Expr, ranges: Iterable[Range]) -> Expr:
    """``Σ body`` over half-open ranges, the outermost index first; without ranges the body."""
    ranges = list(ranges)
    return summation(body, *_limits(ranges)) if ranges else body


def summation(body: Expr, *limits: Tuple) -> Sum:
    """SymPy's ``Sum`` of terms of our language: a sum of a sum is one sum, nothing else is done.

    SymPy looks for equations, ``Piecewise`` and missing bounds first, which takes far longer.
    """
    while isinstance(body, Sum):
        limits = (*body.limits, *limits)
        body = body.function
    node = Expr.__new__(Sum, body, *limits)
    node.is_commutative = body.is_commutative
    return node


def like(node: Basic, args: Iterable[Any]) -> Any:
    """A node of the same kind with other arguments."""
    return summation(*args) if isinstance(node, Sum) else node.func(*args)


def maximum(body: Expr, ranges: Iterable[Range]) -> MaxOver:
    """``max body`` over half-open ranges, the outermost index first."""
    return MaxOver(body, *_limits(list(ranges)))


def _limits(ranges: list[Range]) -> list[Tuple]:
    return [Tuple(i, lo, hi - 1) for i, lo, hi in reversed(ranges)]


@lru_cache(maxsize=2**14)
def ranges_of(node: Sum | MaxOver) -> tuple[Range, ...]:
    """The half-open ranges of a ``Sum`` or ``MaxOver``, the outermost index first."""
    return tuple((i, lo, hi + 1) for i, lo, hi in reversed(node.limits))


def with_ranges(node: Basic, body: Expr, ranges: Iterable[Range]) -> Expr:
    """A sum or maximum like ``node`` of another body over other ranges."""
    return (total if isinstance(node, Sum) else maximum)(body, ranges)


def subterms(expr: Basic) -> Iterator[Basic]:
    """All subterms in preorder, without descending into the names of tensors."""
    pending = [expr]
    while pending:
        term = pending.pop()
        yield term
        if not isinstance(term, IndexedBase):
            pending.extend(reversed(term.args))


def entries(expr: Basic) -> list[Entry]:
    """All tensor reads in an expression, in order of appearance."""
    return list(_entries(expr))


@lru_cache(maxsize=2**14)
def _entries(expr: Basic) -> tuple[Entry, ...]:
    return tuple(e for e in subterms(expr) if isinstance(e, Entry))


def reads(expr: Basic, tensor: str) -> bool:
    """Whether the expression reads the tensor of that name anywhere."""
    return any(e.tensor == tensor for e in _entries(expr))


def symbols_of(expr: Basic) -> list[Symbol]:
    """All symbols that occur, bound or free, in order of appearance."""
    return list(_symbols_of(expr))


@lru_cache(maxsize=2**14)
def _symbols_of(expr: Basic) -> tuple[Symbol, ...]:
    return tuple(dict.fromkeys(s for s in subterms(expr) if isinstance(s, Symbol)))


def indices_in(*exprs: Basic) -> list[Index]:
    """All indices that occur, bound or free, in order of appearance."""
    return list(dict.fromkeys(s for e in exprs for s in subterms(e) if isinstance(s, Index)))


def varies(expr: Basic) -> bool:
    """Whether an expression depends on indices or on what tensors hold."""
    return any(isinstance(s, Index | Entry) for s in subterms(expr))


def mapped(change: Callable[[Any], Any], expr: Basic) -> Any:
    """The expression with every argument changed, the very same one where none is.

    Names of tensors have no arguments.
    """
    if isinstance(expr, IndexedBase):
        return expr
    args = tuple(map(change, expr.args))
    return expr if args == expr.args else like(expr, args)


def replace(expr: Basic, mapping: Mapping[Old, Basic]) -> Any:
    """Simultaneous replacement; the caller sees to it that no bound index is captured."""
    return _replaced(expr, mapping) if mapping else expr


def _replaced(expr: Basic, mapping: Mapping[Any, Basic]) -> Any:
    if expr in mapping:
        return mapping[expr]
    args = tuple(_replaced(arg, mapping) for arg in expr.args)
    return expr if all(map(is_, args, expr.args)) else like(expr, args)
