"""What reading a tensor means: on the surface of the notation, and with all guards spelled out."""

from __future__ import annotations

from typing import Any

from derive.language.definition import Axis
from derive.language.terms import Entry
from verify.evaluation.closures import Closure, Compiler, Environment
from verify.evaluation.nodes import NotDivisible


class OutOfBounds(ArithmeticError):
    """A read outside a tensor where no padding allows it."""

    def __init__(self, tensor: str, index: tuple[int, ...], shape: tuple[int, ...]) -> None:
        place = ", ".join(map(str, index))
        super().__init__(f"{tensor}[{place}] is outside {tensor}, whose shape is {shape}")
        self.tensor = tensor
        self.index = index
        self.shape = shape


def read_inside(compiler: Compiler, entry: Entry) -> Closure:
    """Only what is inside the tensor may be read; padding must have been turned into guards."""
    slot, name = compiler.slot(entry.tensor), entry.tensor
    indices = [compiler.value(index) for index in entry.indices]

    def read(env: Environment) -> Any:
        array = env[slot]
        offset = 0
        for index, n in zip(indices, array.shape, strict=True):
            i = index(env)
            if not 0 <= i < n:
                raise OutOfBounds(name, tuple(index(env) for index in indices), array.shape)
            offset = offset * n + i
        return array.entries[offset]

    return read


def read_padded(compiler: Compiler, entry: Entry) -> Closure:
    """The notation's own meaning: padding has its fill value, a quotient that fails gives zero."""
    tensor = compiler.layer.tensor(entry.tensor)
    if tensor is None:
        return read_inside(compiler, entry)
    slot, name = compiler.slot(entry.tensor), entry.tensor
    indices = [compiler.value(index) for index in entry.indices]
    paddings = [_padding(compiler, axis) for axis in tensor.axes]

    def read(env: Environment) -> Any:
        array = env[slot]
        try:
            at = tuple(index(env) for index in indices)
        except NotDivisible:
            return 0
        offset, outside = 0, None
        for i, n, padding in zip(at, array.shape, paddings, strict=True):
            if not 0 <= i < n:
                fill = padding(env, i, n)
                if fill is None:
                    raise OutOfBounds(name, at, array.shape)
                outside = fill if outside is None else outside
            offset = offset * n + i
        return array.entries[offset] if outside is None else outside

    return read


def _padding(compiler: Compiler, axis: Axis) -> Any:
    """The fill value at an index outside an axis, or None where the padding does not reach."""
    before, after = compiler.value(axis.before), compiler.value(axis.after)
    fill = compiler.value(axis.fill)

    def value(env: Environment, i: int, n: int) -> Any:
        reached = axis.unbounded or -before(env) <= i < n + after(env)
        return fill(env) if reached else None

    return value
