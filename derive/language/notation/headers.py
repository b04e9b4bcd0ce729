"""What a header declares: hyperparameters and their values, sizes, tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from sympy import Expr, Integer, Rational

from derive.language.definition import Axis, Hyperparameter, Tensor
from derive.language.notation.errors import Span
from derive.language.notation.indices import note_exact_quotients, size
from derive.language.notation.limits import RESERVED, WORDS
from derive.language.notation.names import Declarations, Draft, is_name
from derive.language.notation.syntax import (
    AxisNode,
    Constant,
    LayerNode,
    Name,
    Node,
    ParameterNode,
    children,
)
from derive.language.terms import MINUS_INFINITY, ZERO, Parameter, RealParameter, Size

#: what a hyperparameter may be replaced by
Values = Mapping[str, int | Fraction | str]


def declare_parameters(tree: LayerNode, declared: Declarations, values: Values) -> None:
    """Give each hyperparameter its symbol, or the number or other name that replaces it."""
    pads = {n.name for t in tree.tensors for a in t.axes for p in a.pad or () for n in _names(p)}
    known = [p.name for p in tree.parameters]
    for name in values:
        if name not in known:
            there = f"there are: {', '.join(known)}" if known else "there are none"
            raise declared.error(f"{declared.name} has no hyperparameter {name}", (0, 0), there)
    kept: dict[str, Hyperparameter] = {}
    for node in tree.parameters:
        if node.name in declared.parameters:
            raise declared.error(f"{node.name} is declared twice", node.span)
        stated = hyperparameter(node, declared, node.name in pads)
        _give_value(stated, values.get(node.name, node.name), declared, kept, node.span)
    declared.hyperparameters = tuple(kept.values())


def hyperparameter(node: ParameterNode, declared: Declarations, is_pad: bool) -> Hyperparameter:
    """A hyperparameter as declared, with its domain: ≥ 1, or ≥ 0 for 0 and for padding."""
    default = _finite(node.default, declared)
    least = _finite(node.minimum, declared)
    if least is not None and least.denominator != 1:
        raise declared.error("a smallest value is an integer", node.span)
    if node.kind == "int" and default is not None and default.denominator != 1:
        raise declared.error(
            f"{node.name} is an integer and cannot be {default} by default", node.span
        )
    minimum = None if least is None else int(least)
    if node.kind == "real" or (node.default is not None and _is_real(node.default, node.kind)):
        return Hyperparameter(RealParameter(node.name), default, minimum)
    if node.kind == "" and minimum is None:
        minimum = usual_minimum(default, is_pad)
    if default is not None and minimum is not None and default < minimum:
        raise declared.error(f"the default of {node.name} is less than {minimum}", node.span)
    return Hyperparameter(Parameter(node.name), default, minimum)


def _is_real(default: Constant, kind: str) -> bool:
    """Whether a default makes its hyperparameter a real number: a fraction, or 1.0."""
    return (default.value or 0).denominator != 1 or (default.decimal and kind == "")


def usual_minimum(default: Fraction | None, is_pad: bool) -> int | None:
    """The smallest value of an integer hyperparameter that states none."""
    if default is not None and default < 0:
        return None
    return 0 if is_pad or default == 0 else 1


def _finite(node: Constant | None, declared: Declarations) -> Fraction | None:
    if node is None:
        return None
    if node.value is None:
        raise declared.error("a hyperparameter is a finite number", node.span)
    return node.value


def _give_value(
    stated: Hyperparameter,
    value: int | Fraction | str,
    declared: Declarations,
    kept: dict[str, Hyperparameter],
    span: Span,
) -> None:
    name = stated.name
    number = _number(value)
    if number is not None:
        integer = isinstance(stated.symbol, Parameter)
        if integer and number.denominator != 1:
            raise declared.error(f"{name} must be an integer, not {value}", span)
        if stated.minimum is not None and number < stated.minimum:
            raise declared.error(f"{name} must be at least {stated.minimum}, not {value}", span)
        declared.parameters[name] = Rational(number.numerator, number.denominator)
        return
    new = str(value)
    if not isinstance(value, str) or not is_name(new) or new.lower() in RESERVED or new in WORDS:
        raise declared.error(f"{name} must be a number or a name, not {value!r}", span)
    symbol = type(stated.symbol)(new)
    declared.parameters[name] = symbol
    earlier = kept.get(new)
    if earlier is None:
        kept[new] = Hyperparameter(symbol, stated.default, stated.minimum)
        return
    if type(earlier.symbol) is not type(symbol):
        raise declared.error(f"{new} cannot be both an integer and a real number", span)
    minima = [m for m in (earlier.minimum, stated.minimum) if m is not None]
    default = stated.default if stated.name == new else earlier.default
    kept[new] = Hyperparameter(symbol, default, max(minima, default=None))


def _number(value: object) -> Fraction | None:
    """The number a value is, or None for a name."""
    if isinstance(value, int | Fraction):
        return Fraction(value)
    text = str(value).strip()
    digits = text[1:] if text[:1] in ("-", "+") else text
    if digits.replace(".", "", 1).isdecimal() and digits.isascii() and len(digits) < 40:
        return Fraction(text)
    return None


def declare_sizes(tree: LayerNode, declared: Declarations) -> None:
    """Every name in a tensor's shape that is no hyperparameter is a size."""
    symbols = {p.name: p for p in (h.symbol for h in declared.hyperparameters)}
    for tensor in tree.tensors:
        for axis in tensor.axes:
            for name in _names(axis.size):
                if name.name not in declared.parameters:
                    declared.sizes.setdefault(name.name, symbols.get(name.name, Size(name.name)))


def declare_tensors(tree: LayerNode, draft: Draft) -> None:
    """Work out the axes of the tensors in a header."""
    for node in tree.tensors:
        if node.name in draft.declared.tensors:
            raise draft.error(f"{node.name} is declared twice", node.span)
        if node.name in {h.name for h in draft.declared.hyperparameters}:
            raise draft.error(
                f"{node.name} is a tensor and a hyperparameter",
                node.span,
                "what is called by name needs a name of its own: choose another for one of them",
            )
        axes = tuple(_axis(a, draft) for a in node.axes)
        fills = {a.fill for a in axes if a.padded}
        if len(fills) > 1:
            raise draft.error(f"the padding of {node.name} has two different values", node.span)
        if node.integer and fills:
            raise draft.error("a table of integers cannot be padded", node.span)
        below = None if node.below is None else size(node.below, draft)
        draft.declared.tensors[node.name] = Tensor(node.name, axes, node.integer, below)


def _axis(node: AxisNode, draft: Draft) -> Axis:
    note_exact_quotients(node.size, draft)
    length = size(node.size, draft)
    if isinstance(length, Integer) and length < 0:
        raise draft.error("a size cannot be negative", node.size.span)
    fill = _fill(node.fill)
    if node.pad is None:
        return Axis(length, unbounded=True, fill=fill)
    if not node.pad:
        return Axis(length)
    before = size(node.pad[0], draft)
    after = size(node.pad[-1], draft)
    padded = before != 0 or after != 0
    return Axis(length, before, after, fill=fill if padded else ZERO)


def _fill(node: Constant | None) -> Expr:
    if node is None:
        return ZERO
    if node.value is None:
        return MINUS_INFINITY * node.sign * -1
    return Rational(node.value.numerator, node.value.denominator)


def _names(node: Node) -> Iterator[Name]:
    if isinstance(node, Name):
        yield node
    for child in children(node):
        yield from _names(child)
