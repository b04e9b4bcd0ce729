"""A program in the making: its statements so far, names for them, and none of them twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sympy import Basic, Expr

from derive.domains import Decision
from derive.language.definition import Layer
from derive.language.terms import Entry, subterms
from numeric.lowering.naming import FreshNames
from numeric.lowering.repetition import nameless
from numeric.program.reads import TRUE
from numeric.program.statements import Largest, Statement
from numeric.program.supports import may_lack_value


class ProgramBuilder:
    """Collects the statements of a program, the decisions that led to them, and remarks.

    ``equation`` names the equation whose statements are being made.
    """

    def __init__(self, layer: Layer, names: FreshNames) -> None:
        self.layer = layer
        self.names = names
        self.made: dict[str, Statement] = {}
        self.evidence: list[tuple[str, Decision]] = []
        self.notes: dict[str, None] = {}
        self.origins: dict[str, str] = {}
        self.equation = ""
        self._infinite: set[str] = set()
        self._known: dict[Statement, str] = {}

    def add(self, wanted: str, make: Callable[[str], Statement]) -> Entry:
        """The entry of a new statement, or of one made before that is the same but for names."""
        statement = make("")
        known = self._known.get(nameless(statement))
        if known is not None:
            return Entry(known, *(i for i, _ in statement.axes))
        return self.define(replace(statement, name=self.names.fresh(wanted)))

    def define(self, statement: Statement) -> Entry:
        """The entry of a statement under exactly that name."""
        self.made[statement.name] = statement
        self.origins[statement.name] = self.equation
        unwanted = isinstance(statement, Largest) and statement.needed != TRUE
        if unwanted or self.may_be_infinite(statement.meaning):
            self._infinite.add(statement.name)
        self._known.setdefault(nameless(statement), statement.name)
        return statement.entry

    def may_be_infinite(self, *parts: Basic) -> bool:
        """Whether ±∞ may occur (padding, 1/0, the maximum of nothing): zero times that is NaN."""
        nodes = [node for part in parts for node in subterms(part)]
        read = (node.tensor for node in nodes if isinstance(node, Entry))
        return any(map(may_lack_value, nodes)) or any(name in self._infinite for name in read)

    def shape(self, name: str) -> tuple[Expr, ...]:
        """The sizes of an array's axes."""
        statement = self.made.get(name)
        return self.layer.shape(name) if statement is None else statement.extents

    def kind(self, name: str) -> str:
        """What an array holds: ``real`` or ``integer``."""
        statement = self.made.get(name)
        if statement is not None:
            return statement.kind
        tensor = self.layer.tensor(name)
        return "integer" if tensor is not None and tensor.integer else "real"

    def note(self, text: str) -> None:
        """Remember a remark, once."""
        self.notes[text] = None

    def support(self, name: str, decisions: Sequence[Decision]) -> None:
        """Remember the decisions that concern a statement."""
        self.evidence += [(name, d) for d in decisions]
