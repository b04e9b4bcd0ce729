"""Values added at positions: slices that are shifted, rows that a table names, places of maxima."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr

from derive.language.integers import affine_form, expanded
from derive.language.terms import ONE, Index, indices_in
from numeric.emission.broadcasting import ProgramWriter, placed
from numeric.emission.dialect import tuple_of
from numeric.emission.windows import Window
from numeric.program.reads import bare_indices
from numeric.program.statements import ScatterAdd


def additions(statement: ScatterAdd, context: ProgramWriter) -> list[str]:
    """The lines that start from zeros and add."""
    name = context.names.array(statement.name)
    sides = zip(statement.before, statement.extents, statement.after, strict=True)
    padded = [expanded(lo + n + hi) for lo, n, hi in sides]
    windows = context.windows.spread(statement) if context.knows("window_spread") else None
    if windows is not None:
        source, shape = context.names.array(statement.source.tensor), context.shape(padded)
        made = context.call("window_spread", source, shape, *window_texts(windows, context))
        return [f"{name} = {made}", *_crop(statement, name, context)]
    lines = [f"{name} = {context.dialect.zeros(context.shape(padded))}"]
    along = None if statement.regular else along_an_axis(statement.positions)
    varies = {i for i, _ in statement.over} <= set(statement.source.indices)
    if along is not None and varies and context.knows("add_rows"):
        return [*lines, _rows_added(statement, name, along, context)]
    if not statement.regular:
        index = [context.index(p, statement.over) for p in statement.positions]
        value = context.value(statement.source, statement.over)
        return [*lines, context.dialect.scattered(name, index, value, context.call)]
    return [*lines, *_additions(statement, name, context), *_crop(statement, name, context)]


def _rows_added(statement: ScatterAdd, name: str, along: int, context: ProgramWriter) -> str:
    """The line that adds rows to those that a table names."""
    place = statement.positions[along]
    axes = tuple(axis for axis in statement.over if axis[0] in indices_in(place))
    others = [at for k, at in enumerate(statement.positions) if k != along]
    target = name if along == 0 else f"np.moveaxis({name}, {along}, 0)"
    source = statement.source
    order = [source.indices.index(i) for i in (*(i for i, _ in axes), *others)]
    values = context.dialect.permuted(context.names.array(source.tensor), order)
    return context.call("add_rows", target, context.index(place, axes), values)


def _additions(statement: ScatterAdd, name: str, context: ProgramWriter) -> list[str]:
    """One addition of a slice for each value of the looped indices."""
    found = context.windows.scattered(statement)
    if found is not None and context.knows("add_at_places"):
        *read, windows = found
        arrays = [context.names.array(e.tensor) for e in read]
        return [context.call("add_at_places", name, *arrays, *window_texts(windows, context))]
    extents = dict(statement.over)
    texts: list[str] = []
    order: list[Index] = []
    places = zip(statement.positions, statement.before, statement.extents, strict=True)
    for at, before, size in places:
        form = affine_form(at, tuple(extents))
        assert form is not None, at
        moving = [(i, step) for i, step in form.steps if i not in statement.looped]
        if moving:
            ((index, step),) = moving
            order.append(index)
            start = expanded(at + before - step * index)
            texts.append(_slice(start, step, extents[index], size, context))
        else:
            texts.append(context.size(expanded(at + before)))
    taken = _taken(statement, order, context)
    addition = context.dialect.added(name, ", ".join(texts) or "()", taken, context.call)
    if not statement.looped:
        return [addition]
    loops = tuple_of([context.names.loop(i) for i in statement.looped])
    box = context.dialect.places([context.size(extents[i]) for i in statement.looped])
    header = loops if len(statement.looped) == 1 else loops[1:-1]
    return [f"for {header} in {box}:", f"    {addition}"]


def _slice(start: Expr, step: Expr, length: Expr, size: Expr, context: ProgramWriter) -> str:
    if start == 0 and step == 1 and length == size:
        return ":"
    stop = expanded(start + step * length)
    texts = [context.size(expanded(start)) if start != 0 else "", context.size(stop)]
    if step != 1:
        texts.append(context.size(expanded(step)))
    simple = all(t.isidentifier() or t.isdigit() or not t for t in texts)
    return (":" if simple else " : ").join(texts).strip()


def _taken(statement: ScatterAdd, order: Sequence[Index], context: ProgramWriter) -> str:
    """What is added: the source at the looped indices, its axes in the target's order."""
    source = statement.source
    text = context.names.array(source.tensor)
    fixed = [context.names.loop(i) if i in statement.looped else ":" for i in bare_indices(source)]
    while fixed and fixed[-1] == ":":
        fixed.pop()
    if fixed:
        text += f"[{', '.join(fixed)}]"
    left = [i for i in source.indices if i not in statement.looped]
    text = context.dialect.permuted(text, [left.index(i) for i in order if i in left])
    return placed(text, [i in left for i in order])


def _crop(statement: ScatterAdd, name: str, context: ProgramWriter) -> list[str]:
    """What lies outside the target is cut off."""
    sides = list(zip(statement.before, statement.extents, statement.after, strict=True))
    if all(lo == 0 and hi == 0 for lo, _, hi in sides):
        return []
    slices = []
    for lo, n, hi in sides:
        if lo == 0 and hi == 0:
            slices.append(":")
        else:
            slices.append(_slice(lo, ONE, n, lo + n + hi, context))
    return [f"{name} = {name}[{', '.join(slices)}]"]


def along_an_axis(positions: Sequence[Expr]) -> int | None:
    """The only axis whose position is computed, from indices that no other axis has."""
    computed = [k for k, at in enumerate(positions) if not isinstance(at, Index)]
    others = {at for at in positions if isinstance(at, Index)}
    alone = len(computed) == 1 and len(others) == len(positions) - 1
    found = computed[0] if alone else None
    return None if found is None or others & {*indices_in(positions[found])} else found


def window_texts(windows: Sequence[Window], context: ProgramWriter) -> list[str]:
    return [tuple_of([context.size(part) for part in window]) for window in windows]
