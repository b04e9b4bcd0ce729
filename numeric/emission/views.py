"""Views as NumPy text: slices where they do, else strides."""

from __future__ import annotations

from derive.language.integers import expanded
from derive.language.terms import Index
from numeric.emission.context import Context, permuted, tuple_of
from numeric.lowering.affine import affine_form
from numeric.program import View
from numeric.program.reads import ZERO


def view_text(statement: View, context: Context) -> str:
    """The view as an expression."""
    text = _sliced(statement, context)
    return text if text is not None else _strided(statement, context)


def _sliced(statement: View, context: Context) -> str | None:
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
    return permuted(text, [order.index(i) for i in indices])


def _strided(statement: View, context: Context) -> str:
    """A call of ``view`` with where it starts and how far each index moves along each axis."""
    indices = tuple(i for i, _ in statement.axes)
    starts: list[str] = []
    steps: list[list[str]] = [[] for _ in indices]
    for at in statement.positions:
        form = affine_form(at, indices)
        assert form is not None, at
        starts.append(context.size(form.start))
        moves = dict(form.steps)
        for place, index in enumerate(indices):
            steps[place].append(context.size(moves.get(index, ZERO)))
    source = context.names.array(statement.source)
    rows = tuple_of([tuple_of(row) for row in steps]) if steps else "()"
    return context.call("view", source, context.shape(statement.extents), tuple_of(starts), rows)
