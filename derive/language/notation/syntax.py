"""The syntax tree: what was written, with the place of every part in the text.

Nodes know nothing of sizes, ranges or SymPy; ``derive.language.notation.elaboration`` gives them
meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import TypeVar, dataclass_transform

from derive.language.notation.errors import Span

T = TypeVar("T")


@dataclass_transform(eq_default=False)
def node(cls: type[T]) -> type[T]:
    """A class of tree nodes: two nodes are the same only if they are the same part of the text.

    Leaving out the methods nobody calls makes the many classes here quick to import.
    """
    return dataclass(slots=True, eq=False, repr=False)(cls)


@node
class Node:
    """Any part of a text; ``depth`` counts how deeply it nests."""

    span: Span
    depth: int


# --- expressions ------------------------------------------------------------------------------


@node
class Number(Node):
    value: Fraction


@node
class Infinity(Node):
    """``inf``."""


@node
class Name(Node):
    name: str


@node
class Read(Node):
    """``x[i, j]``."""

    name: str
    indices: tuple[Node, ...]


@node
class Call(Node):
    """``exp(u)``."""

    name: str
    arguments: tuple[Node, ...]


@node
class Negative(Node):
    operand: Node


@node
class Terms(Node):
    """A sum of signed terms."""

    terms: tuple[tuple[int, Node], ...]


@node
class ProductNode(Node):
    """``first op factor op factor …``, read from left to right."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@node
class Power(Node):
    base: Node
    exponent: Node


@node
class Bounds(Node):
    """An index and its bounds: ``i``, ``2 <= a < 5``, in an output also ``r < R = H-K+1``.

    ``low`` and ``high`` are None where nothing was written; ``above`` is 1 after ``low < i``, which
    starts one later, and ``including`` 1 after ``i <= high``, which ends one later.
    """

    index: Name
    low: Node | None
    above: int
    high: Node | None
    including: int
    size_name: Name | None


@node
class ReductionNode(Node):
    """``sum[…] body`` or ``max[…] body``."""

    kind: str
    ranges: tuple[Bounds, ...]
    body: Node


@node
class Bracket(Node):
    """``[condition]`` as a factor."""

    condition: Node


@node
class Choice(Node):
    """``if condition then yes else no``."""

    condition: Node
    yes: Node
    no: Node


# --- conditions -------------------------------------------------------------------------------


@node
class Comparison(Node):
    """A chain such as ``0 <= i < N``."""

    operands: tuple[Node, ...]
    operators: tuple[str, ...]


@node
class Divisibility(Node):
    """``divisor divides number``."""

    divisor: Node
    number: Node


@node
class Junction(Node):
    """``a and b and …`` or ``a or b or …``."""

    kind: str
    parts: tuple[Node, ...]


@node
class Inversion(Node):
    """``not condition``."""

    condition: Node


@node
class Attained(Node):
    """``(i, j) == argmax[…] body``."""

    at: tuple[Node, ...]
    ranges: tuple[Bounds, ...]
    body: Node


# --- declarations and equations ---------------------------------------------------------------


@node
class AxisNode(Node):
    """``H pad (lo, hi) by fill``; ``pad`` holds no, one or two amounts, or is None for ``all``."""

    size: Node
    pad: tuple[Node, ...] | None
    fill: Constant | None


@node
class Constant(Node):
    """A signed number; ``value`` is None for plus or minus infinity.

    ``decimal`` says that it was written with a decimal point, and so is meant as a real number.
    """

    value: Fraction | None
    sign: int
    decimal: bool


@node
class TensorNode(Node):
    """``x[N, H pad p] int < C``."""

    name: str
    axes: tuple[AxisNode, ...]
    integer: bool
    below: Node | None


@node
class ParameterNode(Node):
    """``s=2 >= 1``; ``kind`` is "real", "int" or "" where none was written."""

    name: str
    kind: str
    default: Constant | None
    minimum: Constant | None


@node
class EquationNode(Node):
    """``y[r, c < W] = body``; ``head`` is the place of the left-hand side."""

    name: str
    axes: tuple[Bounds, ...]
    body: Node
    head: Span


@node
class LayerNode(Node):
    """A whole text; ``name`` is None, and all that a header declares empty, for bare equations."""

    name: str | None
    tensors: tuple[TensorNode, ...]
    parameters: tuple[ParameterNode, ...]
    conditions: tuple[Node, ...]
    equations: tuple[EquationNode, ...]


def children(node: Node) -> Iterator[Node]:
    """The parts of a node, in the order of the text."""
    for field in fields(node):
        yield from _nodes(getattr(node, field.name))


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)


def binders(node: Node) -> tuple[Bounds, ...]:
    """The index ranges that a sum, a maximum or an argmax opens; none for other nodes."""
    return node.ranges if isinstance(node, ReductionNode | Attained) else ()
