"""What is said about generated lines: remarks above them, and how their program came about."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, singledispatch

from sympy import Basic, Sum

from derive.domains import Decision
from derive.engine.record import Adjoint, ClosedForm, Derivation, Step
from derive.language.definition import Layer
from derive.language.printing import decision_text, equation, plain
from derive.language.terms import Entry, Iverson, MaxOver, subterms
from derive.presentation.telling import shown
from numeric.program.statements import (
    Contraction,
    EntryByEntry,
    FirstPlace,
    Gather,
    Merge,
    Pad,
    Program,
    ScatterAdd,
    Split,
    Statement,
    View,
)

WIDTH = 96
#: a value of more lines is not repeated above the line that computes it
LONG = 3


def remark(statement: Statement, step: str, manner: str = "") -> list[str]:
    """The comment lines above a statement: its formula, in what manner, and the step cited."""
    lines = [*formula(statement), *_wrapped(manner), *_wrapped(step)]
    return [f"# {line}" for line in lines]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH - 2, break_long_words=False)


@singledispatch
def formula(statement: Statement) -> list[str]:
    """What a statement computes, as it is read above its lines."""
    lines = equation(statement.entry, statement.meaning, WIDTH - 2)
    return lines if len(lines) <= LONG else [plain(statement.entry)]


@formula.register(View)
@formula.register(Split)
@formula.register(Merge)
@formula.register(Contraction)
def _(statement: View | Split | Merge | Contraction) -> list[str]:
    return equation(statement.entry, statement.meaning, WIDTH - 2)


@formula.register
def _(statement: Pad) -> list[str]:
    fill, source = plain(statement.fill), statement.source
    return _wrapped(f"{statement.name}: {source} with {fill} around it, as far as it is read")


@formula.register
def _(statement: Gather) -> list[str]:
    read = Entry(statement.source, *statement.positions)
    zero = "and 0 outside; " if statement.guarded else ""
    slow = f"{zero}entry by entry, which is slow: {statement.reason}"
    return [*equation(statement.entry, read, WIDTH - 2), *_wrapped(slow)]


@formula.register
def _(statement: EntryByEntry) -> list[str]:
    value = equation(statement.entry, statement.value, WIDTH - 2)
    return [*value, *_wrapped(f"entry by entry, which is slow: {statement.reason}")]


@formula.register
def _(statement: ScatterAdd) -> list[str]:
    target = plain(Entry(statement.name, *statement.positions))
    ending = "" if statement.regular else "; entry by entry, as its positions vary freely: slow"
    return _wrapped(f"{target} += {plain(statement.source)}, wherever that is inside{ending}")


@formula.register
def _(statement: FirstPlace) -> list[str]:
    value, places = plain(statement.value), ", ".join(plain(i) for i, _ in statement.over)
    number = "the number, in row-major order, of the first"
    return _wrapped(f"{plain(statement.entry)}: {number} ({places}) where {value} is largest")


def manner(statement: Statement, program: Program) -> str:
    """How a contraction becomes a matrix product, where that is not plain to see."""
    if not isinstance(statement, Contraction):
        return ""
    views = [s for s in program.statements if isinstance(s, View) and len(s.axes) > len(s.sizes)]
    windows = [v.name for v in views if v.name in statement.sources]
    if not windows:
        return ""
    return f"as a matrix product: {windows[0]} is copied into a matrix, a column a window (im2col)"


def aspect(statement: Statement, program: Program) -> str:
    """What of a formula a statement stands for: the reads of a tensor, the guards, or the sums."""
    if isinstance(statement, Pad | ScatterAdd):
        return "guards"
    if isinstance(statement, View | Gather):
        made = {s.name: s for s in program.statements}
        name = statement.source
        while isinstance(made.get(name), Pad | View | Split):
            name = made[name].sources[0]
        return f"reads {name}"
    return "" if isinstance(statement, Split | Merge) else "sums"


class Citations:
    """For each equation of a gradient layer, which step of the derivation made it what it is."""

    def __init__(self, derivation: Derivation | None, layer: Layer) -> None:
        self._adjoints: Mapping[str, Adjoint] = (
            {a.name: a for a in derivation.adjoints} if derivation is not None else {}
        )
        self._closings = _closings_in(layer, derivation) if derivation is not None else {}
        self._found: dict[tuple[str, str], str] = {}

    def comment(self, equation: str, aspect: str) -> str:
        """``step 7: collapse δ`` for the guards, the sums, or the reads of a tensor; or nothing."""
        if equation not in self._adjoints or not aspect:
            return ""
        if (equation, aspect) not in self._found:
            self._found[equation, aspect] = self._last_change(equation, aspect)
        return self._found[equation, aspect]

    def _last_change(self, equation: str, aspect: str) -> str:
        """The last step after which that part of the expression is another than before."""
        found, before = "", None
        for where, steps in self._told(equation):
            for step in shown(steps, "default"):
                after = _part(step.after, aspect)
                if after != before:
                    found = f"{where} {step.number}: {step.title}"
                before = after
        return found

    def _told(self, equation: str) -> Iterator[tuple[str, Sequence[Step]]]:
        """The steps to the result, and those from it to its closed form where that is computed."""
        yield "step", self._adjoints[equation].steps
        if equation in self._closings:
            yield "closed form, step", self._closings[equation].steps


def _closings_in(layer: Layer, derivation: Derivation) -> dict[str, ClosedForm]:
    """The closed forms that a gradient layer has for its adjoints."""
    computed = {e.name: e.explicit for e in layer.equations}
    return {c.adjoint: c for c in derivation.closings if computed.get(c.adjoint) == c.expression}


def _part(expr: Basic, aspect: str) -> Sequence[object]:
    """What of an expression an aspect looks at."""
    kind, _, tensor = aspect.partition(" ")
    nodes = _telling(expr)
    if kind == "reads":
        return [n for n in nodes if isinstance(n, Entry) and n.tensor == tensor]
    if kind == "guards":
        return [n for n in nodes if isinstance(n, Iverson)]
    return [n.args[1:] for n in nodes if isinstance(n, Sum | MaxOver)]


@lru_cache(maxsize=1024)
def _telling(expr: Basic) -> tuple[Basic, ...]:
    """The subterms that some aspect looks at."""
    return tuple(n for n in subterms(expr) if isinstance(n, Entry | Iverson | Sum | MaxOver))


# --- explanations --------------------------------------------------------------------------------


def explained(program: Program, library: str) -> str:
    """The statements with their kinds and shapes, the decisions behind them, and remarks."""
    from numeric.program.equivalence import judged  # local: the provers are not needed to generate

    lines = [f"{program.layer.name}: equations → loop nests → array program → {library}"]
    for statement in program.statements:
        lines.append(f"  {_titled(statement)}")
        decisions = dict.fromkeys(d for name, d in program.evidence if name == statement.name)
        lines += [f"    {text}" for d in decisions for text in _decided(d)]
    lines += [f"  slow: {note}" for note in program.notes]
    lines.append(f"  the array program and the equations: {judged(program)}")
    return "\n".join(lines)


def _titled(statement: Statement) -> str:
    """``x_windows[r, a], shape (R, K1): View of x_padded``."""
    shape = ", ".join(plain(n) for n in statement.extents)
    of = f" of {', '.join(statement.sources)}" if statement.sources else ""
    return f"{plain(statement.entry)}, shape ({shape}): {type(statement).__name__}{of}"


def _decided(decision: Decision) -> Iterator[str]:
    """What a solver was asked; what is plain to see is left out."""
    if decision.decider != "arithmetic":
        yield decision_text(decision)
    if not decision.holds:
        yield "  so it is checked whenever the code runs"
