"""What each rule of the grammar builds.  The parser calls a method named like the rule."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from lark import Token, Transformer

from derive.language.notation.errors import Span
from derive.language.notation.limits import (
    NO_RANGE,
    Refused,
    above,
    name_of,
    named,
    number_of,
    place,
)
from derive.language.notation.syntax import (
    Attained,
    AxisNode,
    Bounds,
    Bracket,
    Call,
    Choice,
    Comparison,
    Constant,
    Divisibility,
    EquationNode,
    Infinity,
    Inversion,
    Junction,
    LayerNode,
    Name,
    Negative,
    Node,
    Number,
    ParameterNode,
    Power,
    ProductNode,
    Read,
    ReductionNode,
    TensorNode,
    Terms,
)

DIGITS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
#: functions by the names that formulas have for them
SPELLED = {"σ": "sigmoid", "δ": "delta", "ln": "log"}


class Builder(Transformer[Token, Any]):
    """Methods take the parts a rule matched, tokens or what other methods built; None where an
    optional part is missing."""

    # layers

    def layer(self, parts: list[Any]) -> LayerNode:
        equations = tuple(parts[-1])
        name, tensors, parameters, conditions = parts[0] if len(parts) == 2 else (None, (), (), ())
        return LayerNode(place(equations), 1, name, tensors, parameters, conditions, equations)

    def header(self, parts: list[Any]) -> tuple[Any, ...]:
        name, _, tensors, parameters, _, conditions = parts
        return name_of(name), tuple(tensors or ()), tuple(parameters or ()), tuple(conditions or ())

    def tensors(self, parts: list[Any]) -> list[Any]:
        return parts

    axes = table = parameters = conditions = equations = ranges = arguments = tensors
    positions = argmax = tensors

    def tensor(self, parts: list[Any]) -> TensorNode:
        name, _, axes, _, table = parts
        below = table[-1] if table else None
        span = place(parts)
        return TensorNode(
            span,
            above(axes or (), span),
            name_of(name),
            tuple(axes or ()),
            table is not None,
            below,
        )

    def axis(self, parts: list[Any]) -> AxisNode:
        size, _, pad, _, fill = parts
        span = place((size, *(pad or ()), fill))
        return AxisNode(
            span, above((size, *(pad or ())), span), size, () if parts[1] is None else pad, fill
        )

    def padding(self, parts: list[Any]) -> tuple[Node, ...] | None:
        amounts = tuple(p for p in parts if isinstance(p, Node))
        return amounts or None

    def parameter(self, parts: list[Any]) -> ParameterNode:
        name, kind, _, default, _, minimum = parts
        return ParameterNode(place(parts), 1, name_of(name), kind or "", default, minimum)

    def kind(self, parts: list[Any]) -> str:
        return str(parts[0])

    def constant(self, parts: list[Any]) -> Constant:
        numbers = [number_of(t) for t in parts if t is not None and t.type == "NUMBER"]
        sign = -1 if parts[0] is not None else 1
        if len(numbers) == 2 and numbers[1] == 0:
            raise Refused("division by zero", place(parts))
        value = numbers[0] / (numbers[1] if len(numbers) == 2 else 1) if numbers else None
        decimal = any("." in t or "e" in t.lower() for t in parts if t is not None)
        return Constant(place(parts), 1, None if value is None else sign * value, sign, decimal)

    def equation(self, parts: list[Any]) -> EquationNode:
        name, _, axes, _, _, body = parts
        head = place(parts[:4])
        for bounds in axes or ():
            if bounds.low is not None and not _is_zero(bounds):
                raise Refused("an output index starts at 0", bounds.span, "write i < size")
        return EquationNode(
            (head[0], body.span[1]), 1, name_of(name), tuple(axes or ()), body, head
        )

    # index ranges

    def bounds(self, parts: list[Any]) -> Bounds:
        operands, operators = parts[::2], parts[1::2]
        span = place(operands)
        shape = ("", *operators)
        at = 1 if len(operands) == 3 and "=" not in operators else 0
        index = operands[at]
        if not isinstance(index, Name) or len(operands) > 3 or not _orderly(operators):
            raise Refused(NO_RANGE, span, "write i, i < K, or 2 <= i < K")
        depth = above(operands, span)
        low = operands[0] if at else None
        high = operands[-1] if operators else None
        size_name = operands[1] if shape[-1] == "=" else None
        if size_name is not None and not isinstance(size_name, Name):
            raise Refused("a size is named by a plain name", size_name.span, "write r < R = H-K+1")
        closing = operators[-1] if operators and size_name is None else "<"
        return Bounds(
            span,
            depth,
            index,
            low,
            int(at and operators[0] == "<"),
            high,
            int(closing == "<="),
            size_name,
        )

    def compare(self, parts: list[Any]) -> str:
        return {"≤": "<=", "≥": ">=", "≠": "!=", "=": "="}.get(str(parts[0]), str(parts[0]))

    # expressions

    def choice(self, parts: list[Any]) -> Choice:
        _, condition, _, yes, _, no = parts
        span = place(parts)
        return Choice(span, above((condition, yes, no), span), condition, yes, no)

    def additive(self, parts: list[Any]) -> Node:
        if len(parts) == 1:
            only: Node = parts[0]
            return only
        span = place(parts)
        signs = [1, *(-1 if s.type == "MINUS" else 1 for s in parts[1::2])]
        terms = tuple(zip(signs, parts[::2], strict=True))
        return Terms(span, above(parts, span), terms)

    def chain(self, parts: list[Any]) -> list[Any]:
        return parts if len(parts) == 1 else [*parts[0], *parts[1:]]

    def operator(self, parts: list[Any]) -> str:
        return "%" if parts[0].type == "MOD" else str(parts[0])

    def product(self, parts: list[Any]) -> Node:
        factors = [*parts[0], *parts[1:]]
        if len(factors) == 1:
            only: Node = factors[0]
            return only
        span = place(factors)
        rest = tuple(zip(factors[1::2], factors[2::2], strict=True))
        return ProductNode(span, above(factors, span), factors[0], rest)

    def reduction(self, parts: list[Any]) -> ReductionNode:
        word, ranges, body = parts
        span = place((word, body))
        kind = "max" if word.type in ("MAX", "MAX_OVER") else "sum"
        return ReductionNode(span, above((*ranges, body), span), kind, tuple(ranges), body)

    def negative(self, parts: list[Any]) -> Negative:
        span = place(parts)
        return Negative(span, above(parts, span), parts[1])

    def power(self, parts: list[Any]) -> Power:
        span = place(parts)
        return Power(span, above(parts, span), parts[0], parts[2])

    def raised(self, parts: list[Any]) -> Power:
        base, digits = parts
        span = place(parts)
        exponent = Fraction(str(digits).translate(DIGITS))
        return Power(span, above(parts, span), base, Number(place(parts[1:]), 1, exponent))

    def number(self, parts: list[Any]) -> Number:
        return Number(place(parts), 1, number_of(parts[0]))

    def infinity(self, parts: list[Any]) -> Infinity:
        return Infinity(place(parts), 1)

    def name(self, parts: list[Any]) -> Name:
        return named(parts[0])

    def read(self, parts: list[Any]) -> Read:
        span = place(parts)
        indices = tuple(parts[2] or ())
        return Read(span, above(indices, span), name_of(parts[0]), indices)

    def call(self, parts: list[Any]) -> Node:
        span = place(parts)
        name, arguments = str(parts[0]), tuple(parts[2])
        if name == "floor" and len(arguments) == 1:
            return _floor(arguments[0], span)
        return Call(span, above(arguments, span), SPELLED.get(name, name), arguments)

    def floored(self, parts: list[Any]) -> Node:
        return _floor(parts[1], place(parts))

    def absolute(self, parts: list[Any]) -> Call:
        span = place(parts)
        return Call(span, above(parts, span), "abs", (parts[1],))

    def root(self, parts: list[Any]) -> Call:
        span = place(parts)
        return Call(span, above(parts, span), "sqrt", (parts[1],))

    def bracket(self, parts: list[Any]) -> Bracket:
        span = place(parts)
        return Bracket(span, above(parts, span), parts[1])

    def group(self, parts: list[Any]) -> Node:
        above(parts, place(parts))
        inner: Node = parts[1]
        return inner

    # conditions

    def condition(self, parts: list[Any]) -> Node:
        return self._junction("or", parts)

    def conjunction(self, parts: list[Any]) -> Node:
        return self._junction("and", parts)

    def _junction(self, kind: str, parts: list[Any]) -> Node:
        nodes = tuple(p for p in parts if isinstance(p, Node))
        if len(nodes) == 1:
            return nodes[0]
        span = place(nodes)
        return Junction(span, above(nodes, span), kind, nodes)

    def not_(self, parts: list[Any]) -> Inversion:
        span = place(parts)
        return Inversion(span, above(parts, span), parts[1])

    def chained(self, parts: list[Any]) -> Comparison:
        span = place(parts[::2])
        operators = tuple("==" if o == "=" else o for o in parts[1::2])
        return Comparison(span, above(parts[::2], span), tuple(parts[::2]), operators)

    def divides(self, parts: list[Any]) -> Divisibility:
        span = place(parts)
        return Divisibility(span, above(parts, span), parts[0], parts[2])

    def divides_not(self, parts: list[Any]) -> Inversion:
        inner = self.divides(parts)
        return Inversion(inner.span, inner.depth, inner)

    def attained(self, parts: list[Any]) -> Attained:
        at, operator, (word, ranges, body) = parts
        shown = at if isinstance(at, list) else [at]
        span = place((*shown, word, body))
        if operator not in ("=", "=="):
            raise Refused("an argmax can only be compared by ==", span)
        indices = tuple(p for p in shown if isinstance(p, Node))
        if len(indices) != len(ranges):
            raise Refused(f"the argmax is over {len(ranges)} indices, not {len(indices)}", span)
        return Attained(span, above((*indices, *ranges, body), span), indices, tuple(ranges), body)


def _floor(inner: Node, span: Span) -> Node:
    """``⌊a/b⌋`` is ``a//b``."""
    if not (isinstance(inner, ProductNode) and inner.rest[-1][0] in ("/", "//")):
        raise Refused(
            "only a quotient of integers can be rounded down", span, "write ⌊a/b⌋, or a//b"
        )
    (*rest, (_, divisor)) = inner.rest
    return ProductNode(span, above((inner,), span), inner.first, (*rest, ("//", divisor)))


def _is_zero(bounds: Bounds) -> bool:
    return isinstance(bounds.low, Number) and bounds.low.value == 0 and not bounds.above


def _orderly(operators: list[str]) -> bool:
    """Whether comparisons read ``<`` or ``<=`` throughout, or name a size: ``r < R = e``."""
    return all(o in ("<", "<=") for o in operators) or operators == ["<", "="]
