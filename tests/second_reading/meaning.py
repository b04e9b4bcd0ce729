"""What a layer computes, entry by entry, as docs/notation.md says it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction

from . import trees as t
from .arithmetic import called, whole
from .duals import (
    NoValue,
    Value,
    add,
    multiply,
    negative,
    plain,
    power,
    reciprocal,
)
from .sizes import (
    Array,
    Env,
    NotDivisible,
    OutsideError,
    Place,
    Shape,
    Sizes,
    UnboundedError,
    factors_of,
    places_of,
)
from .trees import Node

ZERO, ONE = Fraction(0), Fraction(1)
COMPARE: dict[str, Callable[[Fraction | float, Fraction | float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


class Meaning(Sizes):
    """A layer at given sizes and entries.  Entries are numbers by place, duals if wanted."""

    def __init__(
        self,
        text: t.Text,
        numbers: dict[str, Fraction],
        shapes: dict[str, Shape],
        arrays: dict[str, Array],
        output_shapes: dict[str, Shape] | None = None,
    ) -> None:
        self.text, self.numbers, self.arrays = text, dict(numbers), arrays
        self.shapes = dict(shapes)
        self.equations = {equation.name: equation for equation in text.equations}
        self.tensors = {tensor.name: tensor for tensor in text.tensors}
        self.memo: dict[tuple[str, Place], Value] = {}
        self.ranges: dict[tuple[int, str], int] = {}
        if output_shapes:
            self.shapes |= output_shapes

    # ranges

    def places(self, ranges: tuple[t.Range, ...], body: Node, env: Env) -> Iterator[Env]:
        """All places of bound indices, in row-major order; bounds may use indices to the left."""
        if not ranges:
            yield env
            return
        index = ranges[0]
        low = 0 if index.low is None else self.integer(index.low, env)
        if index.high is None:
            key = (id(body), index.name)
            if key not in self.ranges:
                self.ranges[key] = self.inferred(index.name, body)
            high = self.ranges[key]
        else:
            high = self.integer(index.high, env)
        for value in range(low, high):
            yield from self.places(ranges[1:], body, {**env, index.name: value})

    def inferred(self, name: str, body: Node) -> int:
        """The size of the axes on which an index stands alone."""
        sizes = {
            self.shape(node.tensor)[axis]
            for node in t.walk(body)
            if isinstance(node, t.Read)
            for axis, index in enumerate(node.indices)
            if index == t.Name(name)
        }
        if len(sizes) > 1:
            raise NoValue(f"{name} stands alone on axes of the sizes {sizes}")
        if not sizes:
            raise UnboundedError(f"the range of {name}")
        return sizes.pop()

    # integers and conditions

    def integer(self, node: Node, env: Env) -> int:
        """An integer expression, as in indices and bounds."""
        match node:
            case t.Number(value):
                return int(value)
            case t.Name(name):
                if name not in env and name not in self.numbers:
                    return self.size_called(name)
                return env[name] if name in env else int(self.numbers[name])
            case t.Minus(body):
                return -self.integer(body, env)
            case t.Read():
                return int(plain(self.read(node, env)))
            case t.Operation(op, left, right):
                return whole(op, self.integer(left, env), self.integer(right, env))
        raise t.ReadingError(f"no integer: {node}")

    def holds(self, condition: Node, env: Env) -> bool:
        """Whether a condition holds."""
        match condition:
            case t.Chain(sides, ops):
                values = [plain(self.value(side, env)) for side in sides]
                pairs = zip(ops, values, values[1:], strict=False)
                return all(COMPARE[op](a, b) for op, a, b in pairs)
            case t.Divides(divisor, number):
                return self.integer(number, env) % self.integer(divisor, env) == 0
            case t.Logic("not", (part,)):
                return not self.holds(part, env)
            case t.Logic("and", conditions):
                return all(self.holds(part, env) for part in conditions)
            case t.Logic("or", conditions):
                return any(self.holds(part, env) for part in conditions)
            case t.FirstPlace(place, argmax):
                found = self.best(argmax, env)[1]
                wanted = [self.integer(index, env) for index in place]
                return wanted == [found[index.name] for index in argmax.ranges]
        raise t.ReadingError(f"no condition: {condition}")

    # values

    def value(self, node: Node, env: Env) -> Value:
        """The value of an expression."""
        match node:
            case t.Number(value):
                return value
            case t.Infinity():
                return math.inf
            case t.Name(name) if name in env:
                return Fraction(env[name])
            case t.Name(name) if name in self.numbers:
                return self.numbers[name]
            case t.Name(name) if name in self.arrays or name in self.equations:
                return self.read(t.Read(name, ()), env)
            case t.Name(name):
                return Fraction(self.size_called(name))
            case t.Read():
                return self.read(node, env)
            case t.Guard(condition):
                return ONE if self.holds(condition, env) else ZERO
            case t.Minus(body):
                return negative(self.value(body, env))
            case t.If(condition, first, second):
                return self.value(first if self.holds(condition, env) else second, env)
            case t.Reduction("sum", ranges, body):
                total: Value = ZERO
                for place in self.places(ranges, body, env):
                    total = add(total, self.value(body, place))
                return total
            case t.Reduction("max", _, _):
                return self.best(node, env)[0]
            case t.Call(name, arguments):
                return called(name, [self.value(argument, env) for argument in arguments])
            case t.Operation(op, left, right):
                return self.operation(node, op, left, right, env)
        raise t.ReadingError(f"no value: {node}")

    def operation(self, node: Node, op: str, left: Node, right: Node, env: Env) -> Value:
        """Sums, products that a guard may make zero, powers, and integer division."""
        if op == "+":
            return add(self.value(left, env), self.value(right, env))
        if op == "-":
            return add(self.value(left, env), negative(self.value(right, env)))
        if op in ("*", "/"):
            return self.product(node, env)
        if op == "^":
            exponent = plain(self.value(right, env))
            assert isinstance(exponent, Fraction)
            return power(self.value(left, env), exponent)
        return Fraction(whole(op, self.integer(left, env), self.integer(right, env)))

    def product(self, node: Node, env: Env) -> Value:
        """A product: zero, whatever else is in it, where one of its guards does not hold."""
        factors, divisors = factors_of(node)
        for factor in factors:
            if isinstance(factor, t.Guard) and not self.holds(factor.condition, env):
                return ZERO
        result: Value = ONE
        for factor in factors:
            if not isinstance(factor, t.Guard):
                result = multiply(result, self.value(factor, env))
        for divisor in divisors:
            result = multiply(result, reciprocal(self.value(divisor, env)))
        return result

    def best(self, node: Node, env: Env) -> tuple[Value, Env]:
        """The largest value and the first place, in row-major order, where it is attained."""
        assert isinstance(node, t.Reduction)
        found: tuple[Value, Env] | None = None
        for place in self.places(node.ranges, node.body, env):
            value = self.value(node.body, place)
            if found is None or plain(value) > plain(found[0]):
                found = value, place
        if found is None:
            raise NoValue("a maximum over nothing")
        return found

    def read(self, node: t.Read, env: Env) -> Value:
        """An entry; the padding's value outside the tensor; 0 where ``/`` does not divide."""
        try:
            place = tuple(self.integer(index, env) for index in node.indices)
        except NotDivisible:
            return ZERO
        return self.entry(node.tensor, place)

    def entry(self, tensor: str, place: Place) -> Value:
        """An entry of a tensor, computed when first asked for."""
        shape = self.shape(tensor)
        if len(place) != len(shape):
            raise t.ReadingError(f"{tensor} has {len(shape)} axes")
        for axis, index in enumerate(place):
            if self.beyond(tensor, axis, index):
                raise OutsideError(f"{tensor}{list(place)}, shape {shape}")
        for axis, (index, size) in enumerate(zip(place, shape, strict=True)):
            if not 0 <= index < size:
                return self.value(self.tensors[tensor].axes[axis].fill, {})
        if tensor in self.arrays:
            return self.arrays[tensor][place]
        key = (tensor, place)
        if key not in self.memo:
            equation = self.equations[tensor]
            env = {r.name: i for r, i in zip(equation.ranges, place, strict=True)}
            self.memo[key] = self.value(equation.body, env)
        return self.memo[key]

    def all_entries(self, name: str) -> Array:
        """Everything that an equation computes."""
        return {place: self.entry(name, place) for place in places_of(self.shape(name))}
