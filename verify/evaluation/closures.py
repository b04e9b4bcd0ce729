"""Expressions of the object language as Python closures over one list of values.

An expression is compiled once and then run for every output entry.  Indices, sizes and tensors live
in the slots of a plain list, the environment; a sum writes its index into the slot and runs its
body.  What a tensor read means is left to a reader (``verify.evaluation.readers``), what a number
is to an ``Arithmetic``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sympy import Add, Basic, Integer, Mul, Pow, Symbol

from derive.language.definition import Layer
from derive.language.terms import (
    Entry,
    ExactQuotient,
    FloorDiv,
    Greatest,
    Index,
    Least,
    Modulo,
    Parameter,
    Size,
)
from verify.evaluation.arithmetic import Arithmetic

Environment = list[Any]
Closure = Callable[[Environment], Any]
Loop = Callable[[Environment], Iterator[None]]
#: what a tensor read means: makes the closure that reads the entry
Reader = Callable[["Compiler", Entry], Closure]


class Compiler(ABC):
    """Compiles expressions of one layer; ``slots`` says where each free symbol and tensor lives."""

    def __init__(self, layer: Layer, arithmetic: Arithmetic, read: Reader) -> None:
        self.layer = layer
        self.arithmetic = arithmetic
        self.read = read
        self.slots: dict[Symbol | str, int] = {}
        self._count = 0

    def slot(self, key: Symbol | str) -> int:
        """The slot of a symbol, or of the tensor of that name."""
        if key not in self.slots:
            self.slots[key] = self._count
            self._count += 1
        return self.slots[key]

    def environment(self) -> Environment:
        """A list with room for everything compiled so far."""
        return [None] * self._count

    @contextmanager
    def bound(self, index: Index) -> Iterator[int]:
        """A slot of its own for a bound index, so that an inner one may reuse an outer name."""
        outer = self.slots.pop(index, None)
        yield self.slot(index)
        del self.slots[index]
        if outer is not None:
            self.slots[index] = outer

    @abstractmethod
    def value(self, expr: Basic) -> Closure:
        """A closure for an expression that stands for a number of the arithmetic."""

    @abstractmethod
    def condition(self, condition: Basic) -> Callable[[Environment], bool]:
        """A closure that says whether the condition holds."""

    def comparable(self, expr: Basic) -> Closure:
        """A closure for one side of a comparison: an integer, or the real number that counts."""
        value, order = self.value(expr), self.arithmetic.order
        return value if self.integral(expr) else lambda env: order(value(env))

    def integral(self, expr: Basic) -> bool:
        """Whether the expression is an integer whatever the tensors hold."""
        if isinstance(expr, Add | Mul):
            return all(self.integral(arg) for arg in expr.args)
        if isinstance(expr, Pow):
            return self.integral(expr.base) and expr.exp.is_Integer and bool(expr.exp >= 0)
        if isinstance(expr, Entry):
            tensor = self.layer.tensor(expr.tensor)
            return tensor is not None and tensor.integer
        kinds = (Integer, Index, Size, Parameter, FloorDiv, Modulo, ExactQuotient, Least, Greatest)
        return isinstance(expr, kinds)

    def loop(self, node: Any) -> tuple[Loop, Closure, list[int]]:
        """The points of a ``Sum`` or ``MaxOver`` in row-major order, its body, its index slots."""
        ranges = list(reversed(node.limits))
        return self._loop(ranges, node.args[0])

    def _loop(self, ranges: list[Any], body: Basic) -> tuple[Loop, Closure, list[int]]:
        if not ranges:
            return _once, self.value(body), []
        index, low, last = ranges[0]
        lo, hi = self.value(low), self.value(last)
        with self.bound(index) as slot:
            inner, closure, slots = self._loop(ranges[1:], body)
        return _over(slot, lo, hi, inner), closure, [slot, *slots]


def _once(env: Environment) -> Iterator[None]:
    yield None


def _over(slot: int, lo: Closure, hi: Closure, inner: Loop) -> Loop:
    def points(env: Environment) -> Iterator[None]:
        for i in range(lo(env), hi(env) + 1):
            env[slot] = i
            yield from inner(env)

    return points
