"""Expressions and conditions: what an entry of an output is computed from, and when."""

from __future__ import annotations

from functools import singledispatch
from itertools import pairwise

from sympy import Add, Basic, E, Expr, Integer, Mul, Pow, Rational, Tuple, pi

from derive.language.functions import ABBREVIATIONS, FUNCTIONS
from derive.language.integers import DIVISIONS, extreme
from derive.language.notation.indices import (
    LARGEST_POWER,
    bound,
    check_rank,
    index,
    integral,
    limited,
    read_index,
    real,
    unknown,
)
from derive.language.notation.mistakes import INSTEAD
from derive.language.notation.names import Draft, Scope
from derive.language.notation.syntax import (
    Attained,
    Bounds,
    Bracket,
    Call,
    Choice,
    Comparison,
    Divisibility,
    Infinity,
    Inversion,
    Junction,
    Name,
    Negative,
    Node,
    Number,
    Power,
    ProductNode,
    Read,
    ReductionNode,
    Terms,
)
from derive.language.terms import (
    MINUS_INFINITY,
    AtMost,
    Between,
    Both,
    Choose,
    Condition,
    Delta,
    Differ,
    Divides,
    Either,
    Entry,
    ExactQuotient,
    FirstMax,
    Index,
    Iverson,
    Less,
    Modulo,
    Negation,
    Range,
    Same,
    all_of,
    entries,
    maximum,
    subterms,
    total,
)
from derive.plugins import meant

#: calls that are no function of one real number
OTHER_CALLS = ("min", "max", "delta")
#: names of numbers, where nothing else bears them
CONSTANTS = {"pi": pi, "π": pi, "e": E}


@singledispatch
def value(node: Node, draft: Draft, scope: Scope) -> Expr:
    """The expression a syntax tree stands for; ``/`` is true division, ``//`` and ``%`` integer."""
    raise draft.error("this is no value", node.span)


def limit(node: Node, draft: Draft, scope: Scope) -> Expr:
    """A value that may also be ``inf`` or ``-inf``, as a branch of an ``if`` may be."""
    if isinstance(node, Infinity):
        return -MINUS_INFINITY
    if isinstance(node, Negative) and isinstance(node.operand, Infinity):
        return MINUS_INFINITY
    return value(node, draft, scope)


@value.register
def _(node: Infinity, draft: Draft, scope: Scope) -> Expr:
    raise draft.error(
        "inf cannot be calculated with",
        node.span,
        "it may be a branch of an if: if i < N then x[i] else -inf",
    )


@value.register
def _(node: Number, draft: Draft, scope: Scope) -> Expr:
    return Rational(node.value.numerator, node.value.denominator)


@value.register
def _(node: Name, draft: Draft, scope: Scope) -> Expr:
    if node.name in scope:
        return scope[node.name]
    symbol = draft.symbol(node.name, node.span)
    if symbol is not None:
        return symbol
    if draft.rank(node.name) == 0:
        return entry(node.name, (), node, draft, scope)
    if node.name in CONSTANTS:
        return CONSTANTS[node.name]
    raise unknown(node, draft, scope)


@value.register
def _(node: Read, draft: Draft, scope: Scope) -> Expr:
    return entry(node.name, node.indices, node, draft, scope)


def entry(name: str, indices: tuple[Node, ...], node: Node, draft: Draft, scope: Scope) -> Expr:
    """A tensor read; 0 where an index is a quotient of numbers that never divide."""
    check_rank(name, len(indices), node, draft)
    found = Entry(name, *(read_index(i, draft, scope) for i in indices))
    if any(_never(part) for i in found.indices for part in subterms(i)):
        return Integer(0)
    draft.places.setdefault(found, node.span)
    return found


def _never(expr: Basic) -> bool:
    """Whether the expression is a quotient of numbers; those that divide are worked out before."""
    return isinstance(expr, ExactQuotient) and all(isinstance(a, Integer) for a in expr.args)


@value.register
def _(node: Negative, draft: Draft, scope: Scope) -> Expr:
    return -value(node.operand, draft, scope)


@value.register
def _(node: Terms, draft: Draft, scope: Scope) -> Expr:
    terms = (Mul(sign, value(t, draft, scope)) for sign, t in node.terms)
    return limited(Add(*terms), node, draft)


@value.register
def _(node: ProductNode, draft: Draft, scope: Scope) -> Expr:
    factors = [value(node.first, draft, scope)]
    for operator, factor in node.rest:
        right = value(factor, draft, scope)
        if operator != "*" and right == 0:
            raise draft.error("division by zero", factor.span)
        if operator in DIVISIONS:
            left = Mul(*factors)
            if not (integral(left, draft) and integral(right, draft)):
                hint = "write / to divide values"
                raise draft.error(f"{operator} is for integers", node.span, hint)
            factors = [DIVISIONS[operator](left, right)]
        else:
            factors.append(right if operator == "*" else real(Pow(right, -1), node, draft))
    # all at once: a number times a sum alone would be multiplied out
    return real(_once(Mul(*factors)), node, draft)


@value.register
def _(node: Power, draft: Draft, scope: Scope) -> Expr:
    base, exponent = value(node.base, draft, scope), value(node.exponent, draft, scope)
    if isinstance(exponent, Rational):
        if abs(exponent) > LARGEST_POWER:
            raise draft.error(f"a power is at most {LARGEST_POWER}", node.exponent.span)
        if base == 0 and exponent < 0:
            raise draft.error("division by zero", node.span)
    return real(_once(Pow(base, exponent)), node, draft)


def _once(product: Expr) -> Expr:
    """The product with each guard once: [c]² is [c]."""
    factors = Mul.make_args(product)
    guards = [_guard_of(f) for f in factors]
    if not any(guards):
        return product
    return Mul(*(guard or f for guard, f in zip(guards, factors, strict=True)))


def _guard_of(factor: Expr) -> Expr | None:
    """[c] for a power of it."""
    if not isinstance(factor, Pow):
        return None
    base, exponent = factor.args
    counts = isinstance(exponent, Integer) and exponent.p >= 1
    return base if isinstance(base, Iverson) and counts else None


@value.register
def _(node: Call, draft: Draft, scope: Scope) -> Expr:
    name, count = node.name, len(node.arguments)
    names = [*FUNCTIONS, *ABBREVIATIONS, *OTHER_CALLS]
    if name not in names:
        hint = f"there are: {', '.join(names)}{meant(name.lower(), names)}"
        if draft.rank(name) is not None:
            hint = "tensors are read with brackets"
        elif name.lower() in names:
            hint = f"did you mean {name.lower()!r}?"
        elif name.lower() in INSTEAD:
            hint = INSTEAD[name.lower()]
        raise draft.error(f"there is no function {name}", node.span, hint)
    if name in ("min", "max"):
        return _extreme_value(node, draft, scope)
    expected = 2 if name == "delta" else 1
    if count != expected:
        raise draft.error(
            f"{name} takes {expected} argument{'s' * (expected - 1)}, not {count}", node.span
        )
    arguments = [value(a, draft, scope) for a in node.arguments]
    if name == "delta":
        if not all(integral(a, draft) for a in arguments):
            raise draft.error("delta(…) compares integers", node.span, "write [a == b]")
        return Delta(*arguments)
    made = FUNCTIONS[name].node if name in FUNCTIONS else ABBREVIATIONS[name]
    return real(made(arguments[0]), node, draft)


def _extreme_value(node: Call, draft: Draft, scope: Scope) -> Expr:
    """``max(a, b)`` of values is a choice, of integers an integer."""
    arguments = [limit(a, draft, scope) for a in node.arguments]
    if len(arguments) < 2:
        raise draft.error(
            f"{node.name}(…) needs two arguments or more",
            node.span,
            f"over an index: {node.name}[i] x[i]",
        )
    if all(integral(a, draft) for a in arguments):
        return extreme(node.name, arguments)
    result = arguments[0]
    for other in arguments[1:]:
        smaller, larger = (other, result) if node.name == "max" else (result, other)
        result = real(Choose(AtMost(smaller, larger), result, other), node, draft)
    return result


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
    return all_of(parts)


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
def _(node: ReductionNode, draft: Draft, scope: Scope) -> Expr:
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
    if term == 0 and not isinstance(body, Number):  # what it read is multiplied by zero
        ends = [(one, low, low + 1 if high is None else high) for one, low, high in ends]
    return term, [_range(one, low, high, term, draft, scope) for one, low, high in ends]


def _range(
    one: Bounds, low: Expr, high: Expr | None, body: Expr, draft: Draft, scope: Scope
) -> Range:
    found = scope[one.index.name]
    if high is None:
        low, high = draft.unwritten_range(found, alone_sizes(found, body, draft), body, one.span)
    return found, low, high


def alone_sizes(found: Index, body: Expr, draft: Draft) -> list[Expr]:
    """The sizes of the axes along which an index stands alone, in order of appearance."""
    return [
        size
        for entry in entries(body)
        for place, size in zip(entry.indices, draft.shape(entry.tensor), strict=True)
        if place == found
    ]
