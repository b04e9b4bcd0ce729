"""What a claim means, by brute force: the syntax tree is run over numbers, sums over a window.

Nothing of ``verify.claims`` is used, and nothing of the meaning that ``derive.language.notation``
gives to a claim; the gradient it is compared with comes from dual numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from math import prod
from random import Random

from derive.language.definition import Layer
from derive.language.notation.numbers import integer
from derive.language.notation.reader import read
from derive.language.notation.syntax import (
    Bounds,
    Bracket,
    Choice,
    Comparison,
    Divisibility,
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
from derive.language.terms import Choose, MaxOver, subterms
from tests.brute_force import gradient_by_duals
from verify.evaluation.arrays import Array, indices_of
from verify.evaluation.sizes import bindings

HEAD = re.compile(r"\s*[d∂]\w+\s*/\s*[d∂](\w+)\s*(?:\[([^\]]*)\])?\s*=(?!=)")


class Outside(Exception):
    """An exact quotient does not come out: the read around it is zero."""


class Claim:
    """A claim about ∂L/∂x that can be evaluated."""

    def __init__(self, text: str, window: int) -> None:
        head = HEAD.match(text)
        assert head, text
        self.wrt = head[1]
        self.free = [name.strip() for name in (head[2] or "").split(",") if name.strip()]
        self.body = read(f"out = {text[head.end() :]}").equations[0].body
        self.window = window

    def at(
        self, index: tuple[int, ...], sizes: dict[str, int], tensors: dict[str, Array]
    ) -> object:
        """The value at one index."""
        return self._value(
            self.body, {**sizes, **dict(zip(self.free, index, strict=True))}, tensors
        )

    def _value(self, node: Node, env: dict[str, int], tensors: dict[str, Array]) -> object:
        if isinstance(node, Number):
            return node.value
        if isinstance(node, Name):
            return env[node.name] if node.name in env else tensors[node.name][()]
        if isinstance(node, Read):
            return self._read(node, env, tensors)
        if isinstance(node, Negative):
            return -self._value(node.operand, env, tensors)
        if isinstance(node, Terms):
            return sum(sign * self._value(t, env, tensors) for sign, t in node.terms)
        if isinstance(node, ProductNode):
            return self._product(node, env, tensors)
        if isinstance(node, Power):
            return self._value(node.base, env, tensors) ** int(
                self._value(node.exponent, env, tensors)
            )
        if isinstance(node, Bracket):
            return int(self._holds(node.condition, env, tensors))
        if isinstance(node, Choice):
            branch = node.yes if self._holds(node.condition, env, tensors) else node.no
            return self._value(branch, env, tensors)
        assert isinstance(node, ReductionNode) and node.kind == "sum", node
        return sum(
            self._value(node.body, inner, tensors)
            for inner in self._points(node.ranges, env, tensors)
        )

    def _points(
        self, ranges: tuple[Bounds, ...], env: dict[str, int], tensors: dict[str, Array]
    ) -> Iterator[dict[str, int]]:
        if not ranges:
            yield env
            return
        one = ranges[0]
        low, high = -self.window, self.window
        if one.high is not None:
            low = 0 if one.low is None else int(self._value(one.low, env, tensors)) + one.above
            high = int(self._value(one.high, env, tensors)) + one.including
        for value in range(low, high):
            yield from self._points(ranges[1:], {**env, one.index.name: value}, tensors)

    def _product(self, node: ProductNode, env: dict[str, int], tensors: dict[str, Array]) -> object:
        """A zero factor settles it; // and % are those of integers."""
        guards = [f for op, f in [("*", node.first), *node.rest] if isinstance(f, Bracket)]
        if any(not self._holds(g.condition, env, tensors) for g in guards):
            return 0
        result = self._value(node.first, env, tensors)
        for operator, factor in node.rest:
            if operator == "*" and result == 0:
                return 0
            right = self._value(factor, env, tensors)
            if operator == "*":
                result = result * right
            elif operator == "/":
                result = Fraction(result) / right
            else:
                result = result // right if operator == "//" else result % right
        return result

    def _read(self, node: Read, env: dict[str, int], tensors: dict[str, Array]) -> object:
        try:
            at = tuple(self._index(i, env, tensors) for i in node.indices)
        except Outside:
            return 0
        array = tensors[node.name]
        inside = all(0 <= i < n for i, n in zip(at, array.shape, strict=True))
        return array[at] if inside else 0

    def _index(self, node: Node, env: dict[str, int], tensors: dict[str, Array]) -> int:
        if isinstance(node, ProductNode):
            result = self._index(node.first, env, tensors)
            for operator, factor in node.rest:
                right = self._index(factor, env, tensors)
                if operator == "/":
                    if result % right:
                        raise Outside
                    result //= right
                else:
                    result = (
                        {"*": result * right}.get(operator)
                        if operator == "*"
                        else (result // right if operator == "//" else result % right)
                    )
            return result
        if isinstance(node, Terms):
            return sum(sign * self._index(t, env, tensors) for sign, t in node.terms)
        if isinstance(node, Negative):
            return -self._index(node.operand, env, tensors)
        return int(self._value(node, env, tensors))

    def _holds(self, node: Node, env: dict[str, int], tensors: dict[str, Array]) -> bool:
        if isinstance(node, Comparison):
            sides = [self._value(o, env, tensors) for o in node.operands]
            pairs = zip(sides, node.operators, sides[1:], strict=False)
            return all(_compared(a, operator, b) for a, operator, b in pairs)
        if isinstance(node, Divisibility):
            divisor, number = (self._value(n, env, tensors) for n in (node.divisor, node.number))
            return number % divisor == 0
        if isinstance(node, Junction):
            parts = (self._holds(p, env, tensors) for p in node.parts)
            return all(parts) if node.kind == "and" else any(parts)
        assert isinstance(node, Inversion)
        return not self._holds(node.condition, env, tensors)


def _compared(a: object, operator: str, b: object) -> bool:
    table = {
        "<": lambda: a < b,
        "<=": lambda: a <= b,
        ">": lambda: a > b,
        ">=": lambda: a >= b,
        "==": lambda: a == b,
        "!=": lambda: a != b,
    }
    return bool(table[operator]())


def sizes_in_order(layer: Layer, largest: int) -> Iterator[dict[str, int]]:
    """All sizes that the layer allows, by their sum and then in lexicographic order."""
    names = [s.name for s in layer.sizes]
    for total in range(largest + 1):
        for numbers in product(range(total + 1), repeat=len(names)):
            if sum(numbers) == total:
                yield dict(zip(names, numbers, strict=True))


def first_difference(
    layer: Layer, text: str, largest: int, window: int = 14
) -> tuple[dict[str, int], tuple[int, ...]] | None:
    """The smallest sizes, up to that sum, and the first index at which a claim is wrong."""
    claim = Claim(text, window)
    for sizes in sizes_in_order(layer, largest):
        at = difference_at(layer, claim, sizes)
        if at is not None:
            return sizes, at
    return None


#: what the inputs hold: large numbers, so that chance plays no part, then small ones with ties
DRAWS = ((1, 10**6), (0, 1), (-1, 2), (-1, 2), (-2, 1), (0, 3))


def difference_at(layer: Layer, claim: Claim, sizes: dict[str, int]) -> tuple[int, ...] | None:
    """The first index at which a claim is wrong for some random numbers; None if there is none."""
    source = Random(str(sorted(sizes.items())))
    chancy = any(t.integer for t in layer.tensors) or any(
        isinstance(part, Choose | MaxOver) for e in layer.equations for part in subterms(e.written)
    )
    draws = DRAWS if chancy else DRAWS[:1]
    found = (_difference(layer, claim, sizes, source, draw) for draw in draws)
    return min((at for at in found if at is not None), default=None)


def _difference(
    layer: Layer, claim: Claim, sizes: dict[str, int], source: Random, draw: tuple[int, int]
) -> tuple[int, ...] | None:
    symbols = {s: sizes[s.name] for s in layer.sizes}
    inputs = {}
    for tensor in layer.tensors:
        shape = tuple(integer(axis.size, symbols) for axis in tensor.axes)
        low, high = draw
        if tensor.integer:
            low, high = 0, integer(tensor.below, symbols)
        if any(n < 0 for n in shape) or (low >= high and prod(shape)):
            return None
        inputs[tensor.name] = Array.build(
            shape, lambda *_, lo=low, hi=high: source.randrange(lo, hi)
        )
    try:
        values = bindings(layer, inputs)
    except (ValueError, ZeroDivisionError):
        return None
    (output,) = layer.outputs
    shape = tuple(integer(n, values) for n in output.extents)
    upstream = Array.build(shape, lambda *_: source.randrange(1, 10**6))
    gradient = gradient_by_duals(layer, inputs, upstream, claim.wrt)
    named = {s.name: v for s, v in values.items()}
    tensors = {**inputs, "g": upstream}
    for at in indices_of(gradient.shape):
        try:
            if claim.at(at, named, tensors) != gradient[at]:
                return at
        except ZeroDivisionError:
            continue
    return None
