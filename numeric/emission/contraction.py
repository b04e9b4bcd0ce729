"""A contraction of two arrays as one (batched) matrix product.

The result's last axes that belong to one factor are its columns, those before them that belong to
the other factor its rows, all that remain are batches: so the product comes out with its axes in
order, or nearly so, and the only copies are those that bring a view's entries together (im2col).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from derive.language.terms import Entry, Index
from numeric.emission.broadcasting import ProgramWriter
from numeric.emission.dialect import axis_of
from numeric.emission.writer import Binding
from numeric.program.statements import Contraction

Group = tuple[Index, ...]


@dataclass(frozen=True)
class MatrixLayout:
    """Which axes are batches, rows, columns and summed; ``left`` is the factor with the rows."""

    batch: Group
    rows: Group
    columns: Group
    summed: Group
    left: Entry
    right: Entry


def layout(statement: Contraction) -> MatrixLayout:
    """How the matrix product is laid out."""
    first, second = statement.factors
    out = [i for i, _ in statement.axes]
    shared = [i for i in out if i in first.indices and i in second.indices]
    own = {f: [i for i in out if i in f.indices and i not in shared] for f in (first, second)}
    right = first if out and out[-1] in own[first] else second
    left = second if right is first else first
    if out and out[-1] in shared:
        columns, rows = tuple(own[right]), tuple(own[left])
    else:
        columns = _run(out, own[right])
        rows = _run(out[: len(out) - len(columns)], own[left])
    batch = tuple(i for i in out if i not in columns and i not in rows)
    both = [i for i, _ in statement.over if i in first.indices and i in second.indices]
    return MatrixLayout(batch, rows, columns, tuple(both), left, right)


def _run(out: Sequence[Index], own: Sequence[Index]) -> Group:
    """The longest end of the axes that belongs to one factor."""
    place = len(out)
    while place and out[place - 1] in own:
        place -= 1
    return tuple(out[place:])


def product_text(statement: Contraction, context: ProgramWriter) -> str:
    """The contraction as an expression."""
    return _Product(statement, context).text()


class _Product:
    def __init__(self, statement: Contraction, context: ProgramWriter) -> None:
        self._context = context
        self._permuted = context.dialect.permuted
        self._extents = dict((*statement.axes, *statement.over))
        self._layout = layout(statement)
        self._out = tuple(i for i, _ in statement.axes)

    def text(self) -> str:
        """The matrix product, reshaped to the result's axes and put in their order."""
        made = self._layout
        special = self._with_vector() or self._without_matrices()
        if special is not None:
            return special
        left = self._factor(made.left, made.rows, made.summed)
        right = self._factor(made.right, made.summed, made.columns)
        single = all(len(g) == 1 for g in (made.rows, made.columns, made.summed))
        simple = single and not made.batch
        product = self._times(left, right, simple)
        axes = (*made.batch, *made.rows, *made.columns)
        if not single:
            shape = ", ".join(self._size((i,)) for i in axes)
            product = f"{product}.reshape({shape or '()'})"
        if simple and axes != self._out:
            product = f"({product})"
        return self._permuted(product, [axes.index(i) for i in self._out])

    def _times(self, left: str, right: str, simple: bool) -> str:
        return self._context.dialect.product(left, right, simple, self._context.call)

    def _with_vector(self) -> str | None:
        """A matrix times a vector, or a vector times a matrix, if that is all there is to it."""
        made = self._layout
        if made.batch or len(made.summed) != 1 or {len(made.rows), len(made.columns)} != {0, 1}:
            return None
        by_rows = bool(made.rows)
        matrix, vector = (made.left, made.right) if by_rows else (made.right, made.left)
        name, other = (self._context.names.array(e.tensor) for e in (matrix, vector))
        if vector.indices != made.summed:
            return None
        own = made.rows or made.columns
        if matrix.indices == (*own, *made.summed):
            return self._times(name, other, True)
        return self._times(other, name, True) if matrix.indices == (*made.summed, *own) else None

    def _without_matrices(self) -> str | None:
        """Sums of products of entries, where no factor has an axis of the result for itself."""
        made = self._layout
        if made.rows or made.columns or not made.batch:
            return None
        indices = dict.fromkeys((*made.left.indices, *made.right.indices))
        letters = dict(zip(indices, ascii_lowercase, strict=False))
        sides = ["".join(letters[i] for i in e.indices) for e in (made.left, made.right)]
        left, right = (self._context.names.array(e.tensor) for e in (made.left, made.right))
        spec = f"{','.join(sides)}->{''.join(letters[i] for i in self._out)}"
        return self._context.dialect.products_summed(spec, left, right, self._context.call)

    def _factor(self, entry: Entry, before: Group, after: Group) -> str:
        """A factor as a (batched) matrix with the given rows and columns."""
        batch = self._layout.batch
        text = self._context.names.array(entry.tensor)
        kept = {*batch, *before, *after}
        gone = [k for k, i in enumerate(entry.indices) if i not in kept]
        indices = [i for i in entry.indices if i in kept]
        keep = "" if indices else ", keepdims=True"
        if gone:
            text += f".sum({axis_of(gone)}, dtype=dtype{keep})"
        own = [i for i in batch if i in indices]
        text = self._permuted(text, [indices.index(i) for i in (*own, *before, *after)])
        leading = batch[batch.index(own[0]) :] if own else ()
        if len(before) == len(after) == 1 and len(own) == len(leading):
            return text
        sizes = [self._size((i,)) if i in own else "1" for i in leading]
        return f"{text}.reshape({', '.join([*sizes, self._size(before), self._size(after)])})"

    def _size(self, group: Group) -> str:
        """The number of entries along a group of axes."""
        extents = [self._extents[i] for i in group]
        if len(extents) == 1:
            return self._context.size(extents[0])
        return " * ".join(self._context.size(n, Binding.SIGN) for n in extents if n != 1) or "1"
