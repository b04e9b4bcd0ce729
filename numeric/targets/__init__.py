"""Targets of code generation: one module a target, discovered.

Each module has ``SUMMARY``, its one-line description, and a function
``body(layer, output names, names, comment) -> Body``: the lines that compute the outputs from the
layer's tensors, whose sizes are known by then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from derive.plugins import Plugins
from numeric.program import Program

if TYPE_CHECKING:
    from derive.language.definition import Layer
    from numeric.emission.identifiers import Identifiers

#: the derivation's step behind a read, a guard or a sum of an equation, as a comment; or nothing
Comment = Callable[[str, str], str]


@dataclass(frozen=True)
class Body:
    """The lines of a function, what they call from ``numeric.templates.support``, and how they came
    about.

    ``explanation`` is what there is to say beyond the array program, if the lines come from one;
    ``library`` are the templates of ``numeric.fast`` that they call.
    """

    lines: tuple[str, ...]
    helpers: tuple[str, ...]
    explanation: str = ""
    program: Program | None = None
    library: tuple[str, ...] = ()


class Target(Protocol):
    """A module of this package."""

    SUMMARY: str

    def body(
        self, layer: Layer, outputs: Sequence[str], names: Identifiers, comment: Comment
    ) -> Body: ...


TARGETS: Plugins[Target] = Plugins(__name__, Target, "target")
