"""An array program as lines: one function a kind of statement, in the words of a dialect."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch

from sympy import Pow

from derive.language.definition import Layer
from derive.language.integers import affine_form, expanded
from derive.language.terms import ZERO, Entry, Index, indices_in, varies
from numeric.emission.additions import additions, along_an_axis, window_texts
from numeric.emission.broadcasting import ProgramWriter, spans
from numeric.emission.comments import aspect, manner, remark
from numeric.emission.contraction import product_text
from numeric.emission.dialect import Body, Comment, Dialect, tuple_of
from numeric.emission.identifiers import Identifiers
from numeric.emission.looping import Loops
from numeric.emission.windows import HELPERS
from numeric.lowering import program_of
from numeric.program.reads import TRUE
from numeric.program.statements import (
    Contraction,
    Elementwise,
    EntryByEntry,
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


def body_of(
    layer: Layer, outputs: Sequence[str], names: Identifiers, comment: Comment, dialect: Dialect
) -> Body:
    """The lines that compute the outputs from tensors whose sizes are known."""
    outputs = tuple(outputs)
    program = program_of(layer, outputs)
    context = ProgramWriter(program, names, dialect)
    lines: list[str] = []
    for statement in program.statements:
        if statement.name in context.hidden:
            continue
        step = comment(program.origin(statement.name), aspect(statement, program))
        known = len(context.counted)
        made = written(statement, context)
        if isinstance(made, str):
            made = [f"{names.array(statement.name)} = {made}"]
        counted = list(context.counted.items())[known:]
        lines += [f"{name} = {dialect.counting(size)}" for name, size in counted]
        lines += [*remark(statement, step, manner(statement, program)), *made]
    return Body(tuple(lines), tuple(context.helpers), program=program)


@singledispatch
def written(statement: Statement, context: ProgramWriter) -> str | list[str]:
    """The array as an expression, or the lines that make it."""
    raise TypeError(f"no lines are known for {type(statement).__name__}")


@written.register
def _(statement: Pad, context: ProgramWriter) -> str:
    amounts = zip(statement.before, statement.after, strict=True)
    widths = [(context.size(lo), context.size(hi)) for lo, hi in amounts]
    source, fill = context.names.array(statement.source), context.size(statement.fill)
    return context.dialect.padded(source, widths, fill, context.call)


@written.register(Split)
@written.register(Merge)
def _(statement: Split | Merge, context: ProgramWriter) -> str:
    source = context.names.array(statement.source)
    return f"{source}.reshape({', '.join(context.size(n) for n in statement.extents) or '()'})"


@written.register
def _(statement: Gather, context: ProgramWriter) -> str:
    """Advanced indexing with one index array for each axis."""
    along = None if statement.guarded else along_an_axis(statement.positions)
    if along is not None and context.knows("taken") and _takes_axes(statement, along):
        axes = tuple(a for a in statement.axes if a[0] in indices_in(statement.positions[along]))
        place = context.index(statement.positions[along], axes)
        return context.call("taken", context.names.array(statement.source), place, str(along))
    index = [context.index(p, statement.axes) for p in statement.positions]
    helper = "gather_or_zero" if statement.guarded else "gather"
    return context.call(helper, context.names.array(statement.source), *index)


def _takes_axes(statement: Gather, along: int) -> bool:
    """Whether the axes of the computed position stand where the axis is that they replace."""
    own = [i for i, _ in statement.axes]
    computed = [i for i in own if i in indices_in(statement.positions[along])]
    before, after = statement.positions[:along], statement.positions[along + 1 :]
    return own == [*before, *computed, *after]


@written.register
def _(statement: Elementwise, context: ProgramWriter) -> str:
    """One expression over all axes, of the dtype of all results; never a view of an input."""
    dialect = context.dialect
    if not varies(statement.value):
        return dialect.full(context.shape(statement.extents), context.size(statement.value))
    text = context.value(statement.value, statement.axes)
    shared = isinstance(statement.value, Entry) or not spans(statement.value, statement.axes)
    return dialect.copied(text) if shared else text


@written.register
def _(statement: EntryByEntry, context: ProgramWriter) -> list[str]:
    """Loops over all entries."""
    loops = Loops(context.names, context.program.layer, context.dialect)
    loops.tensor(statement.name, statement.axes, statement.value)
    context.helpers.update(loops.helpers)
    return loops.lines


@written.register
def _(statement: Reduction, context: ProgramWriter) -> str:
    windowed = _windowed(statement, context)
    if windowed is not None:
        return windowed
    value, over = statement.value, {i for i, _ in statement.over}
    if isinstance(value, Entry):
        left = [i for i in value.indices if i not in over]
        if left == [i for i, _ in statement.axes]:
            places = [k for k, i in enumerate(value.indices) if i in over]
            return context.dialect.summed(context.names.array(value.tensor), places, context.call)
    axes = (*statement.axes, *statement.over)
    if isinstance(value, Pow) and value.exp == 2 and spans(value, axes):
        base = context.value(value.base, axes)
        return context.dialect.squares_summed(base, range(-len(over), 0), context.call)
    return context.dialect.summed(context.value(value, axes), range(-len(over), 0), context.call)


@written.register
def _(statement: Largest, context: ProgramWriter) -> str:
    """The maximum over the last axes, or over what counts of them."""
    windowed = _windowed(statement, context)
    if windowed is not None:
        return windowed
    axes = (*statement.axes, *statement.over)
    arguments = [context.value(statement.value, axes), str(len(statement.over))]
    if statement.only == TRUE and statement.needed == TRUE:
        return context.call("largest", *arguments)
    only = context.mask(statement.only, axes)
    needed = context.mask(statement.needed, statement.axes)
    return context.call("largest_where", *arguments, only, needed)


@written.register
def _(statement: FirstPlace, context: ProgramWriter) -> str:
    """The place of the maximum over the last axes, or over what counts of them."""
    windowed = _windowed(statement, context)
    if windowed is not None:
        return windowed
    axes = (*statement.axes, *statement.over)
    arguments = [context.value(statement.value, axes), str(len(statement.over))]
    if statement.only == TRUE:
        return context.call("first_place", *arguments)
    return context.call("first_place_where", *arguments, context.mask(statement.only, axes))


def _windowed(statement: Reduction | Largest | FirstPlace, context: ProgramWriter) -> str | None:
    """A call that goes along windows, where the values are those of windows."""
    if isinstance(statement, Reduction) and context.knows("sums_from_places"):
        returned = context.windows.returned(statement)
        if returned is not None:
            *read, windows = returned
            names = (context.names.array(str(name)) for name in read)
            return context.call("sums_from_places", *names, *window_texts(windows, context))
    found = context.windows.folded(statement)
    if found is None or not context.knows(HELPERS[type(statement)]):
        return None
    value, windows, _ = found
    text = context.value(value, statement.axes)
    return context.call(HELPERS[type(statement)], text, *window_texts(windows, context))


@written.register
def _(statement: Width, context: ProgramWriter) -> list[str]:
    """A size that depends on the tensors, or on all values of an index."""
    value = context.index(statement.value, statement.over)
    name = context.names.symbol(statement.size)
    return [f"{name} = {context.dialect.width(value, context.call)}"]


written.register(Contraction, product_text)
written.register(ScatterAdd, additions)

# --- views --------------------------------------------------------------------------------------


@written.register
def _(statement: View, context: ProgramWriter) -> str:
    """Slices where they do, else strides."""
    text = _sliced(statement, context)
    return text if text is not None else _strided(statement, context)


def _sliced(statement: View, context: ProgramWriter) -> str | None:
    """Slices from the start of each axis, with a number for a step; None where that is not all."""
    indices = tuple(i for i, _ in statement.axes)
    extents = dict(statement.axes)
    slices: list[str] = []
    order: list[Index] = []
    for at, size in zip(statement.positions, statement.sizes, strict=True):
        form = affine_form(at, indices)
        if form is None or len(form.steps) != 1 or form.start != 0:
            return None
        ((index, step),) = form.steps
        if index in order or not (step.is_Integer and step > 0):
            return None
        order.append(index)
        stop = expanded(step * extents[index])
        text = ":" if stop == size else f":{context.size(stop)}"
        slices.append(text + (f":{step}" if step != 1 else ""))
    text = context.names.array(statement.source)
    if any(s != ":" for s in slices):
        text += f"[{', '.join(slices)}]"
    return context.dialect.permuted(text, [order.index(i) for i in indices])


def _strided(statement: View, context: ProgramWriter) -> str:
    """A call of ``view`` with where it starts and how far each index moves along each axis."""
    indices = tuple(i for i, _ in statement.axes)
    forms = [affine_form(at, indices) for at in statement.positions]
    assert all(form is not None for form in forms), statement
    starts = [context.size(form.start) for form in forms if form is not None]
    moves = [dict(form.steps) for form in forms if form is not None]
    rows = [tuple_of([context.size(m.get(i, ZERO)) for m in moves]) for i in indices]
    source, shape = context.names.array(statement.source), context.shape(statement.extents)
    return context.call("view", source, shape, tuple_of(starts), tuple_of(rows))
