"""Array programs: what a layer computes, as a sequence of whole-array statements.

Every statement defines one array, whose axes are named by indices: ``x_windows[n, i, r, a]``.  Its
``meaning`` is an expression of the object language (``derive.language.terms``) for one entry in
terms of entries of arrays defined before.  So a program is itself a list of equations: it can be
printed, compared with the formula it was made from, and evaluated exactly
(``verify.evaluation.exact``) without NumPy.

Values inside statements read arrays only *plainly*: each axis by a bare index, each index once.
What reads differently has been turned into a statement of its own: a ``Pad``, a ``View`` with
affine positions, or a ``Gather`` with arbitrary ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sympy import Expr

from derive.domains import Decision
from derive.language.definition import Layer
from numeric.program.computations import (
    Contraction,
    Elementwise,
    FirstPlace,
    Largest,
    Reduction,
    ScatterAdd,
    Width,
)
from numeric.program.correlation import Correlation
from numeric.program.rearrangements import Gather, Merge, Pad, Split, View
from numeric.program.statement import Statement

__all__ = [
    "Contraction",
    "Correlation",
    "Elementwise",
    "FirstPlace",
    "Gather",
    "Largest",
    "Merge",
    "Pad",
    "Program",
    "Reduction",
    "ScatterAdd",
    "Split",
    "Statement",
    "View",
    "Width",
]


@dataclass(frozen=True)
class Program:
    """The statements that compute ``outputs`` from the tensors of ``layer``.

    ``origins`` name the layer's equation that each statement belongs to; ``evidence`` are the
    decisions that led here, under the name of the statement they concern; ``notes`` say in words
    what did not go the fast way, and why.
    """

    layer: Layer
    statements: tuple[Statement, ...]
    outputs: tuple[str, ...]
    origins: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    evidence: tuple[tuple[str, Decision], ...] = field(default=(), compare=False)
    notes: tuple[str, ...] = field(default=(), compare=False)

    def origin(self, name: str) -> str:
        """The equation that a statement belongs to."""
        return dict(self.origins).get(name, name)

    def extents(self, name: str) -> tuple[Expr, ...]:
        """The sizes of the axes of a tensor or of a statement's array."""
        for statement in self.statements:
            if statement.name == name:
                return statement.extents
        return self.layer.shape(name)
