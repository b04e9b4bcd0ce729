"""Trees back to text, with parentheses only where they are needed."""

from __future__ import annotations

from fractions import Fraction

from . import trees as t
from .trees import Node

SUM, PRODUCT, SIGN, POWER, ATOM = range(5)
LEVELS = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "//": PRODUCT, "%": PRODUCT, "^": POWER}
ZERO = t.Number(Fraction(0))


def text_of(layer: t.Text) -> str:
    """A layer as text."""
    equations = "\n    ".join(equation(e) for e in layer.equations)
    if not layer.header:
        return equations
    tensors = ", ".join(tensor(entry) for entry in layer.tensors)
    hypers = ", ".join(hyperparameter(entry) for entry in layer.hyperparameters)
    conditions = ", ".join(written(condition) for condition in layer.conditions)
    head = f"{layer.name}({tensors}{'; ' if hypers else ''}{hypers})"
    return f"{head}{' where ' if conditions else ''}{conditions}:\n    {equations}"


def tensor(entry: t.Tensor) -> str:
    """A tensor of the header."""
    below = f" int < {written(entry.below)}" if entry.below is not None else ""
    return f"{entry.name}[{', '.join(axis(a) for a in entry.axes)}]{below}"


def axis(entry: t.Axis) -> str:
    """An axis with its padding."""
    size = written(entry.size)
    if entry.before is None or entry.after is None:
        size += " pad all"
    elif entry.before != entry.after:
        size += f" pad ({written(entry.before)}, {written(entry.after)})"
    elif entry.before != ZERO:
        size += f" pad {written(entry.before)}"
    return size + (f" by {written(entry.fill)}" if entry.fill != ZERO else "")


def hyperparameter(entry: t.Hyperparameter) -> str:
    """A hyperparameter of the header."""
    default = "" if entry.default is None else f"={written(t.Number(entry.default))}"
    least = "" if entry.least is None else f" >= {written(entry.least)}"
    return entry.name + default + (f" {entry.kind}" if entry.kind else "") + least


def equation(entry: t.Equation) -> str:
    """An equation."""
    indices = f"[{', '.join(bounded(r) for r in entry.ranges)}]" if entry.ranges else ""
    return f"{entry.name}{indices} = {written(entry.body)}"


def bounded(index: t.Range) -> str:
    """An index with its bounds."""
    low = "" if index.low is None else f"{written(index.low, SUM)} <= "
    size = f"{index.size_name} = " if index.size_name else ""
    return low + index.name + ("" if index.high is None else f" < {size}{written(index.high)}")


def written(node: Node, level: int = SUM) -> str:
    """A node, in parentheses if it binds less tightly than its surroundings."""
    text, own = bare(node)
    return text if own >= level else f"({text})"


def bare(node: Node) -> tuple[str, int]:
    """A node and how tightly it binds."""
    match node:
        case t.Number(value):
            decimal = value.denominator != 1
            return (f"{float(value)}" if decimal else f"{value}"), ATOM
        case t.Infinity():
            return "inf", ATOM
        case t.Name(name):
            return name, ATOM
        case t.Read(name, indices):
            return f"{name}[{', '.join(written(i) for i in indices)}]", ATOM
        case t.Call(name, arguments):
            return f"{name}({', '.join(written(a) for a in arguments)})", ATOM
        case t.Guard(condition):
            return f"[{written(condition)}]", ATOM
        case t.Minus(body):
            return f"-{written(body, SIGN)}", SIGN
        case t.Operation(op, left, right):
            level = LEVELS[op]
            first = written(left, level + 1 if op == "^" else level)
            if ends_open(left) and level > SUM:
                first = f"({bare(left)[0]})"
            second = written(right, level if op == "^" else level + 1)
            if isinstance(right, t.Reduction) and op == "*":
                second = bare(right)[0]
            sign = f" {op} " if level == SUM else op
            return first + sign + second, PRODUCT if ends_open(right) and level > SUM else level
        case t.Reduction(kind, ranges, body):
            inside = ", ".join(bounded(r) for r in ranges)
            return f"{kind}[{inside}] {written(body, PRODUCT)}", PRODUCT
        case t.If(condition, first, second):
            parts = written(condition), written(first), written(second)
            return "if {} then {} else {}".format(*parts), -1
    return condition_text(node), ATOM


def ends_open(node: Node) -> bool:
    """Whether what follows would belong to a sum at the end."""
    if isinstance(node, t.Operation) and LEVELS[node.op] == PRODUCT:
        return ends_open(node.right)
    return isinstance(node, t.Reduction) or (isinstance(node, t.Minus) and ends_open(node.body))


def condition_text(node: Node) -> str:
    """A condition."""
    match node:
        case t.Chain(sides, ops):
            parts = [written(side) for side in sides]
            return parts[0] + "".join(f" {o} {p}" for o, p in zip(ops, parts[1:], strict=True))
        case t.Divides(divisor, number):
            return f"{written(divisor)} divides {written(number)}"
        case t.Logic("not", (part,)):
            return f"not ({condition_text(part)})"
        case t.Logic(op, conditions):
            return f" {op} ".join(f"({condition_text(part)})" for part in conditions)
        case t.FirstPlace(place, argmax):
            places = ", ".join(written(index) for index in place)
            return f"{places if len(place) == 1 else f'({places})'} == {bare(argmax)[0]}"
    raise t.ReadingError(f"cannot write {node}")
