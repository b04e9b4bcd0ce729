"""What a text of the notation says: small trees, without any meaning yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction


class ReadingError(Exception):
    """The text is not of the notation, as far as this reader knows it."""


class Node:
    """An expression or a condition."""


@dataclass(frozen=True)
class Number(Node):
    """A number; decimals are exact."""

    value: Fraction


@dataclass(frozen=True)
class Infinity(Node):
    """``inf``."""


@dataclass(frozen=True)
class Name(Node):
    """An index, a size, a hyperparameter or a tensor without indices."""

    name: str


@dataclass(frozen=True)
class Read(Node):
    """``x[i, j]``; ``b[]`` has no indices."""

    tensor: str
    indices: tuple[Node, ...]


@dataclass(frozen=True)
class Operation(Node):
    """``left op right`` for one of ``+ - * / // % ^``."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Minus(Node):
    """``-body``."""

    body: Node


@dataclass(frozen=True)
class Call(Node):
    """An elementwise function, or ``max`` and ``min`` of two values."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Range(Node):
    """An index and its bounds, the upper one exclusive; None where it is to be inferred."""

    name: str
    low: Node | None = None
    high: Node | None = None
    size_name: str | None = None


@dataclass(frozen=True)
class Reduction(Node):
    """``sum``, ``max`` or ``argmax`` of the body over ranges."""

    kind: str
    ranges: tuple[Range, ...]
    body: Node


@dataclass(frozen=True)
class Guard(Node):
    """``[condition]``."""

    condition: Node


@dataclass(frozen=True)
class If(Node):
    """``if condition then first else second``."""

    condition: Node
    first: Node
    second: Node


@dataclass(frozen=True)
class Chain(Node):
    """``a < b <= c``: comparisons between neighbours."""

    sides: tuple[Node, ...]
    ops: tuple[str, ...]


@dataclass(frozen=True)
class Divides(Node):
    """``a divides b``."""

    divisor: Node
    number: Node


@dataclass(frozen=True)
class Logic(Node):
    """``and``, ``or`` and ``not`` of conditions."""

    op: str
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class FirstPlace(Node):
    """``(i, j) == argmax[…] body``."""

    place: tuple[Node, ...]
    argmax: Reduction


@dataclass(frozen=True)
class Axis:
    """The size of an axis and its padding: widths, None for ``all``; the value read there."""

    size: Node
    before: Node | None = Number(Fraction(0))
    after: Node | None = Number(Fraction(0))
    fill: Node = Number(Fraction(0))


@dataclass(frozen=True)
class Tensor:
    """A tensor of the header; ``below`` bounds the entries of a table."""

    name: str
    axes: tuple[Axis, ...]
    integer: bool = False
    below: Node | None = None


@dataclass(frozen=True)
class Hyperparameter:
    """Its default and smallest value where they are given; ``kind`` is int, real or empty."""

    name: str
    default: Fraction | None = None
    least: Node | None = None
    kind: str = ""


@dataclass(frozen=True)
class Equation:
    """``name[ranges] = body``."""

    name: str
    ranges: tuple[Range, ...]
    body: Node


@dataclass
class Text:
    """A layer as written."""

    equations: list[Equation]
    name: str = "layer"
    tensors: list[Tensor] = field(default_factory=list)
    hyperparameters: list[Hyperparameter] = field(default_factory=list)
    conditions: list[Node] = field(default_factory=list)
    header: bool = False


def children(node: Node) -> list[Node]:
    """The parts of a node, ranges included."""
    match node:
        case Read(_, parts) | Call(_, parts) | Logic(_, parts) | Chain(parts, _):
            return list(parts)
        case Operation(_, left, right) | Divides(left, right):
            return [left, right]
        case Minus(body) | Guard(body):
            return [body]
        case Range(_, low, high, _):
            return [part for part in (low, high) if part is not None]
        case Reduction(_, ranges, body):
            return [*ranges, body]
        case If(condition, first, second):
            return [condition, first, second]
        case FirstPlace(place, argmax):
            return [*place, argmax]
    return []


def walk(node: Node) -> list[Node]:
    """The node and everything in it."""
    found = [node]
    for part in children(node):
        found += walk(part)
    return found
