"""What the text of one statement needs of the program around it."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Basic, Expr

from derive.language.terms import Index, subterms
from numeric.emission.broadcasting import Broadcasting
from numeric.emission.identifiers import Identifiers
from numeric.program import Program
from numeric.program.reads import Axis


class Context:
    """Writes the expressions of a program's statements, and keeps what they need.

    ``helpers`` are the functions of ``numeric.templates.support`` that are called, ``counted`` the
    indices whose values occur, with their extents.
    """

    def __init__(self, program: Program, names: Identifiers) -> None:
        self.program = program
        self.names = names
        self.helpers: dict[str, None] = {}
        self.counted: dict[str, str] = {}
        layer = program.layer
        self._kinds = {t.name: "integer" if t.integer else "real" for t in layer.tensors}
        self._kinds |= {s.name: s.kind for s in program.statements}

    def writer(self, axes: Sequence[Axis] = ()) -> Broadcasting:
        """A writer of expressions over these axes."""
        return Broadcasting(self.names, self.program.layer, self._kinds, axes)

    def call(self, helper: str, *arguments: str) -> str:
        """A call of a function of ``numeric.templates.support``."""
        self.helpers[helper] = None
        return f"{helper}({', '.join(arguments)})"

    def size(self, expr: Expr) -> str:
        """A length, or another integer in sizes and hyperparameters."""
        return self.writer().write(expr)

    def shape(self, extents: Sequence[Expr]) -> str:
        """A tuple of lengths."""
        return tuple_of([self.size(n) for n in extents])

    def value(self, expr: Expr, axes: Sequence[Axis]) -> str:
        """A real expression over axes, broadcast to all of them."""
        writer = self.writer(axes)
        text = writer.real(expr)
        self._finish(writer)
        if {s for s in subterms(expr) if isinstance(s, Index)} >= {i for i, _ in axes}:
            return text
        return f"np.broadcast_to({text}, {self.shape([n for _, n in axes])})"

    def mask(self, stated: Basic, axes: Sequence[Axis]) -> str:
        """A condition over axes."""
        writer = self.writer(axes)
        text = writer.write(stated)
        self._finish(writer)
        return text

    def index(self, expr: Expr, axes: Sequence[Axis]) -> str:
        """An integer expression over axes."""
        writer = self.writer(axes)
        text, _ = writer.integer(expr)
        self._finish(writer)
        return text

    def _finish(self, writer: Broadcasting) -> None:
        self.helpers.update(writer.helpers)
        for index, extent in writer.counted:
            self.counted[self.names.values(index, extent)] = self.size(extent)


def tuple_of(texts: Sequence[str]) -> str:
    """A tuple as Python text."""
    return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"


def axis_of(places: Sequence[int]) -> str:
    """The ``axis`` argument of a reduction."""
    return f"axis={places[0]}" if len(places) == 1 else f"axis=({', '.join(map(str, places))})"


def permuted(text: str, order: Sequence[int]) -> str:
    """An array with its axes in another order."""
    if list(order) == list(range(len(order))):
        return text
    return (
        f"{text}.T" if list(order) == [1, 0] else f"{text}.transpose({', '.join(map(str, order))})"
    )
