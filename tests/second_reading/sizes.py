"""Shapes: given, or the largest with every read inside, found by trying."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction

from . import trees as t
from .duals import NoValue, Value
from .trees import Node

Shape = tuple[int, ...]
Place = tuple[int, ...]
Env = dict[str, int]
Array = dict[Place, Value]
LIMIT = 40


class OutsideError(Exception):
    """A read outside a (padded) tensor."""


class UnboundedError(Exception):
    """A size that the text neither gives nor implies at these sizes."""


class NotDivisible(Exception):
    """A plain ``/`` in an index that leaves a remainder."""


class Sizes:
    """The sizes of a layer; ``Meaning`` knows what expressions and conditions are."""

    text: t.Text
    numbers: dict[str, Fraction]
    shapes: dict[str, Shape]
    equations: dict[str, t.Equation]
    tensors: dict[str, t.Tensor]

    def integer(self, node: Node, env: Env) -> int:
        """An integer expression."""
        raise NotImplementedError

    def holds(self, condition: Node, env: Env) -> bool:
        """Whether a condition holds."""
        raise NotImplementedError

    def places(self, ranges: tuple[t.Range, ...], body: Node, env: Env) -> Iterator[Env]:
        """All places of bound indices."""
        raise NotImplementedError

    def shape(self, name: str) -> Shape:
        """The shape of an input or of what an equation computes."""
        if name not in self.shapes:
            self.shapes[name] = self.output_shape(self.equations[name])
        return self.shapes[name]

    def size_called(self, name: str) -> int:
        """An output size by its name, the index in upper case."""
        for equation in self.equations.values():
            for place, index in enumerate(equation.ranges):
                if name in (index.size_name, index.name.upper()):
                    return self.shape(equation.name)[place]
        raise UnboundedError(f"{name} is not known here")

    def output_shape(self, equation: t.Equation) -> Shape:
        """The sizes given, and for the others the largest with every read inside."""
        known: dict[str, int | None] = {}
        for index in equation.ranges:
            known[index.name] = None
            if index.high is not None:
                known[index.name] = max(0, self.integer(index.high, {}))
                if index.size_name:
                    self.numbers[index.size_name] = Fraction(known[index.name] or 0)
        open_names = [name for name, size in known.items() if size is None]
        for name in open_names:
            given = {n: s for n, s in known.items() if s is not None and n not in open_names}
            known[name] = self.inferred_size(equation, name, given, set(open_names) - {name})
        return tuple(known[index.name] or 0 for index in equation.ranges)

    def inferred_size(
        self, equation: t.Equation, name: str, given: dict[str, int], others: set[str]
    ) -> int:
        """The axes on which an output index stands alone bound it, and so do all other reads."""
        alone = {
            self.shape(read.tensor)[axis]
            for read in t.walk(equation.body)
            if isinstance(read, t.Read)
            for axis, index in enumerate(read.indices)
            if index == t.Name(name) and self.padding(read.tensor, axis) == (0, 0)
        }
        if len(alone) > 1:
            raise NoValue(f"{name} stands alone on axes of the sizes {alone}")
        try:
            found = self.largest(equation.body, name, given, others)
        except UnboundedError:
            if not alone:
                raise
            return alone.pop()
        return min({found} | alone)

    def largest(self, body: Node, name: str, given: dict[str, int], others: set[str]) -> int:
        """The first value of an output index at which some read is outside."""
        for value in range(LIMIT):
            for places in itertools.product(*(range(size) for size in given.values())):
                env = dict(zip(given, places, strict=True)) | {name: value}
                try:
                    inside = self.inside(body, env, others)
                except OutsideError:  # a table in a bound
                    inside = False
                if not inside:
                    return value
        raise UnboundedError(f"the size of {name}")

    def inside(self, node: Node, env: Env, unknown: set[str]) -> bool:
        """Whether every read that is made under a place is inside."""
        match node:
            case t.Read(tensor, indices):
                for axis, index in enumerate(indices):
                    if unknown & names_in(index):
                        continue
                    if not self.inside(index, env, unknown):
                        return False
                    try:
                        place = self.integer(index, env)
                    except NotDivisible:
                        continue
                    if self.beyond(tensor, axis, place):
                        return False
                return True
            case t.Reduction(_, ranges, body):
                inner = self.places(ranges, body, env)
                return all(self.inside(body, place, unknown) for place in inner)
            case t.Operation("*" | "/", _, _):
                factors, divisors = factors_of(node)
                guards = [f for f in factors if isinstance(f, t.Guard)]
                safe = [g for g in guards if not unknown & names_in(g)]
                if not all(self.holds(guard.condition, env) for guard in safe):
                    return True
                rest = [f for f in factors if f not in guards] + divisors
                return all(self.inside(factor, env, unknown) for factor in rest)
        return all(self.inside(part, env, unknown) for part in t.children(node))

    def padding(self, tensor: str, axis: int) -> tuple[float, float]:
        """How far reads may go before and after an axis."""
        if tensor not in self.tensors:
            return 0, 0
        declared = self.tensors[tensor].axes[axis]
        if declared.before is None or declared.after is None:
            return math.inf, math.inf
        return self.integer(declared.before, {}), self.integer(declared.after, {})

    def beyond(self, tensor: str, axis: int, place: int) -> bool:
        """Whether a place is outside the padded axis."""
        before, after = self.padding(tensor, axis)
        return not -before <= place < self.shape(tensor)[axis] + after


def factors_of(node: Node) -> tuple[list[Node], list[Node]]:
    """What a product multiplies, and what it divides by."""
    match node:
        case t.Operation("*", left, right):
            (a, b), (c, d) = factors_of(left), factors_of(right)
            return a + c, b + d
        case t.Operation("/", left, right):
            a, b = factors_of(left)
            return a, [*b, right]
        case t.Minus(body):
            a, b = factors_of(body)
            return [t.Number(Fraction(-1)), *a], b
    return [node], []


def names_in(node: Node) -> set[str]:
    """The names that an expression mentions."""
    return {part.name for part in t.walk(node) if isinstance(part, t.Name)}


def places_of(shape: Shape) -> Iterator[Place]:
    """All places of an array, in row-major order."""
    return itertools.product(*(range(size) for size in shape))
