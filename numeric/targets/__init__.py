"""Targets of code generation: one module a target, discovered.

A target has ``SUMMARY``, its one-line description; ``DIALECT``, what it speaks (imports, helpers,
the words of its library: ``numeric.emission.dialect``); and a function
``body(layer, output names, names, comment) -> Body``: the lines that compute the outputs from the
layer's tensors, whose sizes are known by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from derive.plugins import Plugins
from numeric.program import Program

if TYPE_CHECKING:
    from derive.language.definition import Layer
    from numeric.emission.comments import Comment
    from numeric.emission.dialect import Dialect
    from numeric.emission.identifiers import Identifiers


@dataclass(frozen=True)
class Body:
    """The lines of a function, the helpers that they call, and how they came about.

    ``explanation`` is what there is to say beyond the array program, if the lines come from one.
    """

    lines: tuple[str, ...]
    helpers: tuple[str, ...]
    explanation: str = ""
    program: Program | None = None


class Target(Protocol):
    """A module of this package."""

    SUMMARY: str
    DIALECT: Dialect

    def body(
        self, layer: Layer, outputs: tuple[str, ...], names: Identifiers, comment: Comment
    ) -> Body: ...


TARGETS: Plugins[Target] = Plugins(__name__, Target, "target")
