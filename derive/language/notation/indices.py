"""Integer expressions: the indices of reads, sizes, and the bounds of ranges."""

from __future__ import annotations

from functools import singledispatch

from sympy import AccumBounds, Add, Basic, Expr, I, Integer, Mul, Pow, Rational, nan, zoo

from derive.language.integers import DIVISIONS, exact_quotient, extreme
from derive.language.notation.mistakes import ended
from derive.language.notation.names import Draft, Scope
from derive.language.notation.syntax import (
    Call,
    Name,
    Negative,
    Node,
    Number,
    Power,
    ProductNode,
    Read,
    Terms,
    children,
)
from derive.language.terms import (
    Divides,
    Entry,
    ExactQuotient,
    Index,
    IntegerNode,
    Parameter,
    RealParameter,
    Size,
    entries,
    subterms,
)
from derive.plugins import meant

LARGEST_POWER = 64


def size(node: Node, draft: Draft) -> Expr:
    """A size, or an amount of padding: an integer expression in sizes and hyperparameters."""
    expr = bound(node, draft, {})
    if entries(expr):
        raise draft.error("a size cannot depend on the entries of a tensor", node.span)
    return expr


def bound(node: Node, draft: Draft, scope: Scope) -> Expr:
    """The bound of a range: an integer expression without exact quotients."""
    expr = index(node, draft, scope)
    if any(isinstance(e, ExactQuotient) for e in subterms(expr)):
        raise draft.error(
            "an exact quotient can only stand in the index of a read",
            node.span,
            "write // to round down",
        )
    return expr


def read_index(node: Node, draft: Draft, scope: Scope) -> Expr:
    """The index of a read; quotients of sizes by hyperparameters in it are exact."""
    note_exact_quotients(node, draft)
    return index(node, draft, scope)


@singledispatch
def index(node: Node, draft: Draft, scope: Scope) -> Expr:
    """Any integer expression; ``a / b`` is an exact quotient."""
    raise draft.error(
        "an index or size is an integer expression", node.span, "use + - * // % and integer tables"
    )


@index.register
def _(node: Number, draft: Draft, scope: Scope) -> Expr:
    if node.value.denominator != 1:
        raise draft.error("an index or size must be an integer", node.span)
    return Integer(node.value.numerator)


@index.register
def _(node: Name, draft: Draft, scope: Scope) -> Expr:
    if node.name in scope:
        return scope[node.name]
    symbol = draft.symbol(node.name, node.span)
    if symbol is None and draft.rank(node.name) == 0:
        return table_entry(node.name, (), node, draft)
    if symbol is None:
        raise unknown(node, draft, scope)
    if isinstance(symbol, RealParameter) or not symbol.is_integer:
        raise draft.error(f"{node.name} is a real number and cannot be part of an index", node.span)
    return symbol


@index.register
def _(node: Read, draft: Draft, scope: Scope) -> Expr:
    return table_entry(node.name, node.indices, node, draft, scope)


@index.register
def _(node: Negative, draft: Draft, scope: Scope) -> Expr:
    return -index(node.operand, draft, scope)


@index.register
def _(node: Terms, draft: Draft, scope: Scope) -> Expr:
    return limited(Add(*(sign * index(t, draft, scope) for sign, t in node.terms)), node, draft)


@index.register
def _(node: ProductNode, draft: Draft, scope: Scope) -> Expr:
    factors = [index(node.first, draft, scope)]
    for operator, factor in node.rest:
        right = index(factor, draft, scope)
        if operator != "*" and right == 0:
            raise draft.error("division by zero", factor.span)
        if operator == "*":
            factors.append(right)
            continue
        left = limited(Mul(*factors), node, draft)
        if operator == "/" and _uneven(left, right) and _numbers(node.first, factor):
            hint = "write // to round down"
            raise draft.error(f"{right} does not divide {left}", node.span, hint)
        factors = [DIVISIONS.get(operator, exact_quotient)(left, right)]
    return limited(Mul(*factors), node, draft)


@index.register
def _(node: Power, draft: Draft, scope: Scope) -> Expr:
    base, exponent = index(node.base, draft, scope), index(node.exponent, draft, scope)
    if not (isinstance(exponent, Integer) and 0 <= exponent <= LARGEST_POWER):
        raise draft.error(
            f"in an index, a power is a number from 0 to {LARGEST_POWER}", node.exponent.span
        )
    return limited(Pow(base, exponent), node, draft)


@index.register
def _(node: Call, draft: Draft, scope: Scope) -> Expr:
    if node.name not in ("min", "max"):
        raise draft.error(
            f"{node.name}(…) is no integer",
            node.span,
            "in an index, only min and max can be called",
        )
    arguments = [index(a, draft, scope) for a in node.arguments]
    if len(arguments) < 2:
        raise draft.error(f"{node.name}(…) needs two arguments or more", node.span)
    return extreme(node.name, arguments)


def _uneven(a: Expr, b: Expr) -> bool:
    return isinstance(a, Integer) and isinstance(b, Integer) and int(a) % int(b) != 0


def _numbers(*written: Node) -> bool:
    """Whether nothing but numbers is written: indices that cancel to one are no mistake."""
    return all(isinstance(node, Number) for node in written)


def table_entry(
    name: str, indices: tuple[Node, ...], node: Node, draft: Draft, scope: Scope | None = None
) -> Entry:
    """A read that serves as an integer: only a table of integers can be read there."""
    check_rank(name, len(indices), node, draft)
    tensor = draft.declared.tensors.get(name)
    if tensor is None or not tensor.integer:
        raise draft.error(
            f"{name} holds real numbers, which cannot be part of an index",
            node.span,
            f"declare a table of integers: {name}[N] int",
        )
    parts = [read_index(i, draft, scope or {}) for i in indices]
    for part, written in zip(parts, indices, strict=True):
        if any(isinstance(e, ExactQuotient) for e in subterms(part)):
            raise draft.error(
                "a table of integers is not read at exact quotients", written.span, "write //"
            )
    entry = Entry(name, *parts)
    draft.places.setdefault(entry, node.span)
    return entry


def check_rank(name: str, count: int, node: Node, draft: Draft) -> None:
    """Refuse unknown tensors and a wrong number of indices."""
    rank = draft.rank(name)
    if rank is None:
        known = [*draft.declared.tensors, *draft.ranks]
        hint = draft.instead(name) or f"there are: {', '.join(known)}{meant(name, known)}"
        raise draft.error(f"there is no tensor {name}", node.span, hint)
    if rank != count:
        raise draft.error(f"{name} has {_indices(rank)}, not {count}", node.span)


def _indices(count: int) -> str:
    return "1 index" if count == 1 else f"{count} indices"


def unknown(node: Name, draft: Draft, scope: Scope) -> Exception:
    """The error for a name that nothing declares."""
    if draft.rank(node.name):
        return draft.error(
            f"{node.name} is a tensor", node.span, f"write its indices: {node.name}[…]"
        )
    known = [*scope, *draft.declared.sizes, *draft.declared.parameters]
    better = draft.instead(node.name) or ended(node.name, draft.declared.text, node.span[0])
    if better:
        return draft.error(f"{node.name} is not known here", node.span, better)
    hint = f"known here: {', '.join(known)}; " if known else ""
    return draft.error(
        f"{node.name} is not known here",
        node.span,
        f"{hint}an index is bound by the left-hand side or by sum[{node.name}], "
        f"a hyperparameter is declared after a semicolon: layer(x[N]; {node.name}=1)",
    )


def note_exact_quotients(node: Node, draft: Draft) -> None:
    """C // G in a shape or an index is exact, also where G has been given as a number."""
    if isinstance(node, ProductNode) and isinstance(node.first, Name) and node.rest[0][0] == "//":
        divisor = node.rest[0][1]
        if isinstance(divisor, Name) and divisor.name in draft.declared.parameters:
            number = draft.declared.parameters[divisor.name]
            dividend = draft.declared.sizes.get(node.first.name)
            if isinstance(number, Integer) and number != 1 and isinstance(dividend, Size):
                draft.require(Divides(number, dividend))
    for child in children(node):
        note_exact_quotients(child, draft)


LARGEST_EXPRESSION = 20_000
LARGEST_BITS = 4096


def integral(expr: Expr, draft: Draft) -> bool:
    """Whether an expression is an integer by its form: symbols, integer operations, tables."""
    if isinstance(expr, Add | Mul):
        return all(integral(a, draft) for a in expr.args)
    if isinstance(expr, Pow):
        power = expr.args[1]
        return integral(expr.args[0], draft) and isinstance(power, Integer) and power.p >= 0
    if isinstance(expr, Entry):
        tensor = draft.declared.tensors.get(expr.tensor)
        return tensor is not None and tensor.integer
    return isinstance(expr, Integer | Index | Size | Parameter | IntegerNode)


def real(expr: Expr, node: Node, draft: Draft) -> Expr:
    """The expression, unless it is no real number or beyond all use."""
    if expr.has(nan, zoo, I, AccumBounds):
        raise draft.error("this is not a real number", node.span)
    if weight(expr) > LARGEST_EXPRESSION:
        raise draft.error(
            "this expression is too large", node.span, "name a part in an equation of its own"
        )
    if isinstance(expr, Rational) and int(expr.p * expr.q).bit_length() > LARGEST_BITS:
        raise draft.error("a number becomes too large", node.span)
    return limited(expr, node, draft)


def weight(expr: Expr) -> int:
    """How many subterms an expression has, counted once for every place they appear at."""
    known: dict[object, int] = {}

    def count(part: Basic) -> int:
        if part not in known:
            known[part] = 1 + sum(count(a) for a in part.args)
        return known[part]

    return count(expr)


def limited(expr: Expr, node: Node, draft: Draft) -> Expr:
    """The expression, unless a number in it has grown beyond all use."""
    numbers = [expr, *expr.args]
    if any(isinstance(n, Integer) and int(n).bit_length() > LARGEST_BITS for n in numbers):
        raise draft.error("a number becomes too large", node.span)
    return expr
