"""Whether statements compute the read they were made for, decided from the statements alone.

The meanings of the statements are put into one another until the source itself is read.  What
comes out, a position for each axis and a condition under which the source is read at all, is
compared with the formula by integer sets: equal positions wherever the read counts, and the fill
value exactly where the formula's guards say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Expr

from derive.domains import Decision
from derive.language.integers import expanded
from derive.language.terms import Choose, Condition, Entry, Negation, Same, replace
from numeric.lowering.ground import Ground
from numeric.program import Statement
from numeric.program.reads import ZERO, conjunction, parts_of


def unfolded(
    entry: Entry, statements: Mapping[str, Statement]
) -> tuple[Entry, tuple[Condition, ...], Expr]:
    """What the entry is in terms of the source: the read, when it is read, and the value else."""
    conditions: list[Condition] = []
    fill: Expr = ZERO
    while entry.tensor in statements:
        statement = statements[entry.tensor]
        own = [i for i, _ in statement.axes]
        meaning = replace(statement.meaning, dict(zip(own, entry.indices, strict=True)))
        if isinstance(meaning, Choose):
            conditions += parts_of(meaning.args[0])
            fill = meaning.args[2]
            meaning = meaning.args[1]
        entry = Entry(meaning.tensor, *(expanded(i) for i in meaning.indices))
    return entry, tuple(_tidy(c) for c in conditions), fill


def _tidy(condition: Condition) -> Condition:
    """The condition with its sides multiplied out."""
    return condition.func(*(expanded(a) for a in condition.args))


def compared(
    read: Entry,
    formula: Entry,
    counts: Sequence[Condition],
    statements: Mapping[str, Statement],
    ground: Ground,
) -> list[Decision]:
    """The decisions that ``read`` is ``formula`` where the conditions ``counts`` hold, else filled.

    ``ground`` has the axes, and all other conditions under which the read is wanted.
    """
    source, taken, _ = unfolded(read, statements)
    if source.tensor != formula.tensor or len(source.indices) != len(formula.indices):
        raise ValueError(f"{read} reads {source.tensor}, not {formula.tensor}")
    expected = [_tidy(c) for c in counts]
    inside = ground.given(expected)
    pairs = zip(source.indices, formula.indices, strict=True)
    decisions = [inside.decide(Same(a, expanded(b))) for a, b in pairs]
    decisions += [inside.decide(c) for c in taken]
    return [*decisions, *(_filled(c, taken, ground) for c in expected)]


def _filled(count: Condition, taken: Sequence[Condition], ground: Ground) -> Decision:
    """That the source is not read where the guard fails."""
    if count in taken:
        return Decision(count, True, "arithmetic")
    return ground.given([Negation(count)]).decide(Negation(conjunction(taken)))
