"""The sizes that tensors and hyperparameters determine, checked against what the layer says."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sympy import Add, Basic, Expr, Integer, Mul, Symbol

from derive.language.definition import Layer, Tensor
from derive.language.printing import expression_text
from derive.language.terms import (
    Between,
    Condition,
    Divides,
    FloorDiv,
    Greatest,
    Parameter,
    Same,
    Size,
    symbols_of,
)
from verify.evaluation.arrays import Array
from verify.evaluation.compiled import Values, compiled

Number = int | Fraction


def bindings(
    layer: Layer,
    arrays: Mapping[str, Array],
    hyperparameters: Mapping[str, Number] = {},
    sizes: Mapping[str, int] = {},
) -> Values:
    """The value of every size and hyperparameter of the layer.

    ``sizes`` are for those that no tensor's shape determines.
    """
    values = _hyperparameters(layer, hyperparameters)
    values.update({Size(name): n for name, n in sizes.items()})
    _check_names(layer, arrays)
    _from_shapes(layer, arrays, values)
    _from_requirements(layer, values)
    for size, meaning in layer.definitions:
        values[size] = max(0, known(meaning, values))
    _check_shapes(layer, arrays, values)
    _check_domain(layer, arrays, values)
    return values


def _hyperparameters(layer: Layer, given: Mapping[str, Number]) -> Values:
    known = {h.name: h for h in layer.hyperparameters}
    for name in given:
        if name not in known:
            listed = ", ".join(known) or "none"
            raise ValueError(f"{layer.name} has no hyperparameter {name!r}; it has: {listed}")
    values: Values = {}
    for name, h in known.items():
        value = given.get(name, h.default)
        if value is None:
            raise ValueError(f"{layer.name} needs a value for its hyperparameter {name}")
        value = Fraction(value)
        if isinstance(h.symbol, Parameter):
            if value.denominator != 1:
                raise ValueError(f"{name} must be an integer, not {value}")
            value = int(value)
        if h.minimum is not None and value < h.minimum:
            raise ValueError(f"{name} must be at least {h.minimum}, not {value}")
        values[h.symbol] = value
    return values


def _check_names(layer: Layer, arrays: Mapping[str, Array]) -> None:
    names = [t.name for t in layer.tensors]
    for name in names:
        if name not in arrays:
            raise ValueError(f"{layer.name} needs the tensor {name}")
    for name in arrays:
        if name not in names:
            raise ValueError(f"{layer.name} has no tensor {name!r}; it has: {', '.join(names)}")


def _from_shapes(layer: Layer, arrays: Mapping[str, Array], values: Values) -> None:
    """Sizes that stand alone on an axis first, then those inside a sum such as H + 2."""
    for tensor in layer.tensors:
        shape = arrays[tensor.name].shape
        if len(shape) != len(tensor.axes):
            expected = ", ".join(str(axis.size) for axis in tensor.axes)
            raise ValueError(f"{tensor.name}: expected shape ({expected}), given {shape}")
        for axis, n in zip(tensor.axes, shape, strict=True):
            if isinstance(axis.size, Size):
                values.setdefault(axis.size, n)
    for tensor in layer.tensors:
        for axis, n in zip(tensor.axes, arrays[tensor.name].shape, strict=True):
            _solve(axis.size, n, values, layer)


def _solve(size: Expr, n: int, values: Values, layer: Layer) -> None:
    """Determine the one unknown of an expression in which it stands to the first power.

    So it does in O//G where G is required to divide O.
    """
    unknown = [s for s in symbols_of(size) if s not in values]
    if isinstance(size, FloorDiv) and unknown == [size.args[0]]:
        if Divides(size.args[1], size.args[0]) in layer.requirements:
            values[unknown[0]] = n * known(size.args[1], values)
        return
    if len(unknown) != 1 or not _linear(size, unknown[0]):
        return
    at_zero = known(size, {**values, unknown[0]: 0})
    slope = known(size, {**values, unknown[0]: 1}) - at_zero
    if slope and (n - at_zero) % slope == 0 and (n - at_zero) // slope >= 0:
        values[unknown[0]] = (n - at_zero) // slope


def _linear(expr: Basic, symbol: Symbol) -> bool:
    if expr == symbol or not expr.has(symbol):
        return True
    if isinstance(expr, Mul):
        return sum(arg.has(symbol) for arg in expr.args) == 1 and all(
            _linear(arg, symbol) for arg in expr.args
        )
    return isinstance(expr, Add) and all(_linear(arg, symbol) for arg in expr.args)


def _from_requirements(layer: Layer, values: Values) -> None:
    """A requirement R = e determines R where no tensor does."""
    for condition in layer.requirements:
        if isinstance(condition, Same):
            left, right = condition.args
            unknown = [s for s in symbols_of(right) if s not in values]
            if isinstance(left, Size) and left not in values and not unknown:
                values[left] = known(right, values)


def _check_shapes(layer: Layer, arrays: Mapping[str, Array], values: Values) -> None:
    """Every axis has the length its size says, an output's own size included (R = max(0, …))."""
    promised = {
        c.args[0]: c.args[1]
        for c in layer.requirements
        if isinstance(c, Same) and isinstance(c.args[1], Greatest)
    }
    for tensor in layer.tensors:
        shape = arrays[tensor.name].shape
        expected = tuple(known(promised.get(axis.size, axis.size), values) for axis in tensor.axes)
        if shape != expected:
            raise ValueError(
                f"{tensor.name}: expected shape {expected}, given {shape}{_reason(tensor, values)}"
            )


def _reason(tensor: Tensor, values: Values) -> str:
    symbols = dict.fromkeys(s for axis in tensor.axes for s in symbols_of(axis.size))
    stated = ", ".join(f"{s.name} = {values[s]}" for s in symbols)
    return f" (where {stated})" if stated else ""


def _check_domain(layer: Layer, arrays: Mapping[str, Array], values: Values) -> None:
    for symbol, value in values.items():
        if isinstance(symbol, Size) and value < 0:
            raise ValueError(f"the size {symbol.name} cannot be negative: {value}")
    for condition in layer.requirements:
        if not holds(condition, values):
            raise ValueError(f"{layer.name} requires {_text(condition)}{_where(condition, values)}")
    for tensor in layer.tensors:
        if tensor.integer:
            _check_table(tensor, arrays[tensor.name], values)


def _text(condition: Condition) -> str:
    return expression_text(condition)


def _where(condition: Condition, values: Values) -> str:
    stated = ", ".join(f"{s.name} = {values[s]}" for s in symbols_of(condition) if s in values)
    return f", which fails for {stated}" if stated else ""


def _check_table(tensor: Tensor, array: Array, values: Values) -> None:
    if any(not isinstance(entry, int) for entry in array.entries):
        raise ValueError(f"{tensor.name} is a table of integers")
    if tensor.below is None:
        return
    bound = known(tensor.below, values)
    for entry in array.entries:
        if not holds(Between(Integer(0), Integer(entry), tensor.below), values):
            raise ValueError(f"{tensor.name} holds {entry}; its entries must be in 0 … {bound - 1}")


def known(expr: Expr, values: Values) -> Any:
    """The value of an integer expression; an unknown size in it is an error that names it."""
    if isinstance(expr, Size | Parameter) and expr in values:
        return values[expr]  # so it is mostly
    return compiled(expr)(values)


def holds(condition: Condition, values: Values) -> bool:
    """Whether a condition holds at these sizes."""
    return bool(compiled(condition)(values))
