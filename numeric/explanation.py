"""How a program came about, in words: stages, decisions, and what goes the slow way."""

from __future__ import annotations

from derive.printing import decision_text, plain
from numeric.program import Program


def explained(program: Program) -> str:
    """The statements with their kinds and shapes, the decisions behind them, and remarks."""
    lines = [f"{program.layer.name}: equations → loop nests → array program → NumPy"]
    for statement in program.statements:
        shape = ", ".join(plain(n) for n in statement.extents)
        lines.append(f"  {type(statement).__name__} {statement.name}[{shape}] ({statement.kind})")
        decisions = dict.fromkeys(d for name, d in program.evidence if name == statement.name)
        for decision in decisions:
            lines.append(f"    {decision_text(decision)}")
            if not decision.holds:
                lines.append("      so it is checked whenever the code runs")
    for note in program.notes:
        lines.append(f"  note: {note}")
    return "\n".join(lines)
