"""How a program came about, in words: stages, decisions, and what goes the slow way."""

from __future__ import annotations

from collections.abc import Iterator

from derive.domains import Decision
from derive.language.printing import decision_text, plain
from numeric.program import Program, Statement


def explained(program: Program) -> str:
    """The statements with their kinds and shapes, the decisions behind them, and remarks."""
    from numeric.program.equivalence import judged

    lines = [f"{program.layer.name}: equations → loop nests → array program → NumPy"]
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
