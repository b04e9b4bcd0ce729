"""Conditions, and the expressions that contain them: guards, choices, sums and maxima."""

from __future__ import annotations

from functools import singledispatch
from itertools import pairwise

from sympy import Expr, Integer, Tuple

from derive.language.notation.indices import bound, index
from derive.language.notation.names import Draft, Scope
from derive.language.notation.syntax import (
    Attained,
    Bounds,
    Bracket,
    Choice,
    Comparison,
    Divisibility,
    Inversion,
    Junction,
    Node,
    Reduction,
)
from derive.language.notation.values import limit, value
from derive.language.terms import (
    AtMost,
    Between,
    Both,
    Choose,
    Condition,
    Differ,
    Divides,
    Either,
    FirstMax,
    Index,
    Iverson,
    Less,
    Modulo,
    Negation,
    Range,
    Same,
    entries,
    maximum,
    total,
)


@singledispatch
def condition(node: Node, draft: Draft, scope: Scope) -> Condition:
    """The condition a syntax tree stands for."""
    raise draft.error("this is no condition", node.span, "write a comparison such as 0 <= i < N")


@condition.register
def _(node: Comparison, draft: Draft, scope: Scope) -> Condition:
    sides = [value(o, draft, scope) for o in node.operands]
    operators = list(node.operators)
    if all(o in (">", ">=") for o in operators):
        sides.reverse()
        operators = [o.replace(">", "<") for o in reversed(operators)]
    if operators == ["<=", "<"]:
        return Between(*sides)
    parts = [_compared(a, o, b) for (a, b), o in zip(pairwise(sides), operators, strict=True)]
    return parts[0] if len(parts) == 1 else Both(*parts)


def _compared(a: Expr, operator: str, b: Expr) -> Condition:
    if operator in (">", ">="):
        return _compared(b, operator.replace(">", "<"), a)
    if operator == "==" and isinstance(a, Modulo) and b == 0:
        number, divisor = a.args
        return Divides(divisor, number)
    kinds = {"<": Less, "<=": AtMost, "==": Same, "!=": Differ}
    return kinds[operator](a, b)


@condition.register
def _(node: Divisibility, draft: Draft, scope: Scope) -> Condition:
    return Divides(bound(node.divisor, draft, scope), bound(node.number, draft, scope))


@condition.register
def _(node: Junction, draft: Draft, scope: Scope) -> Condition:
    parts = [condition(p, draft, scope) for p in node.parts]
    return Both(*parts) if node.kind == "and" else Either(*parts)


@condition.register
def _(node: Inversion, draft: Draft, scope: Scope) -> Condition:
    return Negation(condition(node.condition, draft, scope))


@condition.register
def _(node: Attained, draft: Draft, scope: Scope) -> Condition:
    at = Tuple(*(index(i, draft, scope) for i in node.at))
    body, ranges = _reduced(node, node.ranges, node.body, draft, scope)
    found = FirstMax(at, maximum(body, ranges))
    draft.places.setdefault(found.args[1], node.span)
    return found


@value.register
def _(node: Bracket, draft: Draft, scope: Scope) -> Expr:
    return Iverson(condition(node.condition, draft, scope))


@value.register
def _(node: Choice, draft: Draft, scope: Scope) -> Expr:
    return Choose(
        condition(node.condition, draft, scope),
        limit(node.yes, draft, scope),
        limit(node.no, draft, scope),
    )


@value.register
def _(node: Reduction, draft: Draft, scope: Scope) -> Expr:
    body, ranges = _reduced(node, node.ranges, node.body, draft, scope)
    if node.kind == "sum":
        return total(body, ranges)
    found = maximum(body, ranges)
    draft.places.setdefault(found, node.span)
    return found


def _reduced(
    node: Node, bounds: tuple[Bounds, ...], body: Node, draft: Draft, scope: Scope
) -> tuple[Expr, list[Range]]:
    """The body of a sum or maximum, and its ranges; an unwritten range comes from the body."""
    ends: list[tuple[Bounds, Expr, Expr | None]] = []
    for one in bounds:
        if one.size_name is not None:
            raise draft.error("only the size of an output can be named", one.span)
        low = Integer(0) if one.low is None else bound(one.low, draft, scope) + one.above
        high = None if one.high is None else bound(one.high, draft, scope) + one.including
        scope = draft.bind(one.index, scope)
        ends.append((one, low, high))
    term = limit(body, draft, scope)
    return term, [_range(one, low, high, term, draft, scope) for one, low, high in ends]


def _range(
    one: Bounds, low: Expr, high: Expr | None, body: Expr, draft: Draft, scope: Scope
) -> Range:
    found = scope[one.index.name]
    if high is None:
        low, high = draft.unwritten_range(found, alone_sizes(found, body, draft), one.span)
    return found, low, high


def alone_sizes(found: Index, body: Expr, draft: Draft) -> list[Expr]:
    """The sizes of the axes along which an index stands alone, in order of appearance."""
    return [
        size
        for entry in entries(body)
        for place, size in zip(entry.indices, draft.shape(entry.tensor), strict=True)
        if place == found
    ]
