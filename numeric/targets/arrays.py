"""Whole arrays: views, matrix products and masks, after the layer's array program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from derive.language.definition import Layer
from derive.language.terms import Entry, Index, subterms
from numeric.emission.comments import aspect, manner, remark
from numeric.emission.context import Context, axis_of, tuple_of
from numeric.emission.contraction import product_line
from numeric.emission.identifiers import Identifiers
from numeric.emission.scatters import scatter_lines
from numeric.emission.views import view_text
from numeric.lowering import lowered
from numeric.lowering.steadying import steadied
from numeric.program import (
    Contraction,
    Elementwise,
    FirstPlace,
    Gather,
    Largest,
    Merge,
    Pad,
    Reduction,
    ScatterAdd,
    Split,
    Statement,
    View,
    Width,
)
from numeric.program.reads import TRUE
from numeric.targets import Body, Comment

SUMMARY = "NumPy on whole arrays: views and matrix products"


def body(layer: Layer, outputs: tuple[str, ...], names: Identifiers, comment: Comment) -> Body:
    """The lines that compute the outputs from tensors whose sizes are known."""
    program = replace(lowered(steadied(layer), outputs), layer=layer)
    context = Context(program, names)
    lines: list[str] = []
    for statement in program.statements:
        step = comment(program.origin(statement.name), aspect(statement, program))
        known = len(context.counted)
        made = _lines(statement, context)
        counted = list(context.counted.items())[known:]
        lines += [f"{name} = np.arange({size})" for name, size in counted]
        lines += [*remark(statement, step, manner(statement, program)), *made]
    return Body(tuple(lines), tuple(context.helpers), program=program)


def _lines(statement: Statement, context: Context) -> list[str]:
    for kind, method in _METHODS:
        if isinstance(statement, kind):
            made = method(statement, context)
            if isinstance(made, list):
                return made
            return [f"{context.names.array(statement.name)} = {made}"]
    raise TypeError(f"no lines are known for {type(statement).__name__}")


def _pad(statement: Pad, context: Context) -> str:
    """``np.pad`` with the amounts on both sides of each axis."""
    amounts = zip(statement.before, statement.after, strict=True)
    widths = [tuple_of([context.size(lo), context.size(hi)]) for lo, hi in amounts]
    fill = "" if statement.fill == 0 else f", constant_values={context.size(statement.fill)}"
    return f"np.pad({context.names.array(statement.source)}, {tuple_of(widths)}{fill})"


def _split(statement: Split, context: Context) -> str:
    source = context.names.array(statement.source)
    return f"{source}.reshape({', '.join(context.size(n) for n in statement.extents) or '()'})"


def _merge(statement: Merge, context: Context) -> str:
    source = context.names.array(statement.source)
    return f"{source}.reshape({', '.join(context.size(n) for n in statement.extents) or '()'})"


def _gather(statement: Gather, context: Context) -> str:
    """Advanced indexing with one index array for each axis."""
    index = [context.index(p, statement.axes) for p in statement.positions]
    helper = "gather_or_zero" if statement.guarded else "gather"
    return context.call(helper, context.names.array(statement.source), *index)


def _elementwise(statement: Elementwise, context: Context) -> str:
    """One expression over all axes, of the dtype of all results; never a view of an input."""
    if not any(isinstance(s, Index | Entry) for s in subterms(statement.value)):
        text = context.size(statement.value)
        return f"np.full({context.shape(statement.extents)}, {text}, dtype)"
    text = context.value(statement.value, statement.axes)
    shared = isinstance(statement.value, Entry) or text.startswith("np.broadcast_to(")
    return f"np.array({text})" if shared else text


def _reduction(statement: Reduction, context: Context) -> str:
    value = statement.value
    over = {i for i, _ in statement.over}
    if isinstance(value, Entry):
        left = [i for i in value.indices if i not in over]
        if left == [i for i, _ in statement.axes]:
            places = [k for k, i in enumerate(value.indices) if i in over]
            return f"np.sum({context.names.array(value.tensor)}, {axis_of(places)}, dtype=dtype)"
    text = context.value(value, (*statement.axes, *statement.over))
    return f"np.sum({text}, {axis_of(range(-len(over), 0))}, dtype=dtype)"


def _largest(statement: Largest, context: Context) -> str:
    """``.max`` over the last axes, or over what counts of them."""
    axes = (*statement.axes, *statement.over)
    arguments = [context.value(statement.value, axes), str(len(statement.over))]
    if statement.only == TRUE and statement.needed == TRUE:
        return context.call("largest", *arguments)
    only = context.mask(statement.only, axes)
    return context.call(
        "largest_where", *arguments, only, context.mask(statement.needed, statement.axes)
    )


def _first_place(statement: FirstPlace, context: Context) -> str:
    """``argmax`` over the last axes, or over what counts of them."""
    axes = (*statement.axes, *statement.over)
    arguments = [context.value(statement.value, axes), str(len(statement.over))]
    if statement.only == TRUE:
        return context.call("first_place", *arguments)
    return context.call("first_place_where", *arguments, context.mask(statement.only, axes))


def _width(statement: Width, context: Context) -> list[str]:
    """A size that depends on the tensors, or on all values of an index."""
    value = context.index(statement.value, statement.over)
    name = context.names.symbol(statement.size)
    return [f"{name} = int(np.max({value}, initial=0))"]


_METHODS: tuple[tuple[type[Statement], Callable[[Any, Context], str | list[str]]], ...] = (
    (Pad, _pad),
    (View, view_text),
    (Split, _split),
    (Merge, _merge),
    (Gather, _gather),
    (Elementwise, _elementwise),
    (Reduction, _reduction),
    (Largest, _largest),
    (FirstPlace, _first_place),
    (Contraction, product_line),
    (ScatterAdd, scatter_lines),
    (Width, _width),
)
