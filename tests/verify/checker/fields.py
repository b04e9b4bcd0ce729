"""A record with one field changed, for every field that it has, however deep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from typing import Any

from sympy import Basic, Expr, Integer, Symbol

from derive.language.terms import Condition, Index, Negation, Parameter, Size


def changed(record: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each path to a field, as ``Layer.tensors.Tensor.axes.Axis.size``, with the record changed."""
    if is_dataclass(record) and not isinstance(record, type):
        here = f"{path}{type(record).__name__}."
        for field in fields(record):
            for where, value in changed(getattr(record, field.name), f"{here}{field.name}."):
                yield where, replace(record, **{field.name: value})
    elif isinstance(record, tuple):
        yield from _tuples(record, path)
    else:
        yield from ((path.rstrip("."), value) for value in _others(record))


def _tuples(record: tuple[Any, ...], path: str) -> Iterator[tuple[str, Any]]:
    for place, part in enumerate(record):
        for where, value in changed(part, path):
            yield where, (*record[:place], value, *record[place + 1 :])
    if record:
        yield f"{path}left out", record[:-1]
        if len(record) > 1 and record[0] != record[1]:
            yield f"{path}exchanged", (record[1], record[0], *record[2:])


def _others(value: Any) -> Iterator[Any]:
    """Something of the same kind that is not the same."""
    if isinstance(value, bool):
        yield not value
    elif value is None:
        yield from ()
    elif isinstance(value, str):
        yield f"{value}0"
    elif isinstance(value, int | Fraction):
        yield value + 1
    elif isinstance(value, Condition):
        yield Negation(value)
    elif isinstance(value, Index | Size | Parameter):
        yield type(value)(f"{value.name}0")
    elif isinstance(value, Symbol):
        yield Symbol(f"{value.name}0")
    elif isinstance(value, Expr):
        yield value + Integer(1)
    elif isinstance(value, Basic):
        yield from ()
