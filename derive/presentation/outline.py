"""A derivation in a few lines: what a lecturer writes down, each line made of recorded steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Expr

from derive.engine.record import Adjoint, ClosedForm, Derivation, Step
from derive.language.terms import Entry, Partial
from derive.presentation.blocks import Block, Chain, Formula, Paragraph
from derive.presentation.data import decided, left_side

#: one of more steps that has a closed form is told in outline
SHORT = 12
COLLAPSE, INSERT = "collapse δ", "insert an adjoint"
#: how the names of rules begin that move factors and numbers about
MOVES = ("move a factor", "a number out")


def is_outlined(derivation: Derivation) -> bool:
    """Whether there is more to read than a page, and an outline to read instead."""
    several = len(derivation.adjoints) > 1
    return several or (len(derivation.steps) > SHORT and bool(derivation.closings))


def outline(derivation: Derivation, adjoint: Adjoint) -> Iterator[Block]:
    """One adjoint: the chain rule, what differentiation makes of it, its closed form."""
    left = left_side(derivation, adjoint)
    closing = next((c for c in derivation.closings if c.adjoint == adjoint.name), None)
    rows = [(adjoint.steps[0].after, ""), (adjoint.result, _differentiated(adjoint))]
    if closing is not None:
        rows += _closed(closing)
    if adjoint is not derivation.adjoints[-1]:
        meaning = Partial(derivation.source.loss, adjoint.target)
        yield Chain(("upstream gradient ", left, " = ", meaning), tuple(rows))
        return
    *before, (result, why) = rows
    yield Chain((left,), tuple(before))
    yield Formula(left, result, (f"{why}:",), boxed=True)


def ending(derivation: Derivation) -> Paragraph:
    """How much was left out."""
    steps = (*derivation.steps, *(s for c in derivation.closings for s in c.steps))
    number = len(decided(steps))
    conditions = "1 side condition" if number == 1 else f"{number} side conditions"
    words = f"{len(steps)} steps, {conditions}, decided for all sizes"
    return Paragraph((f"{words}; --full shows them",))


def _differentiated(adjoint: Adjoint) -> str:
    collapsed = any(step.rule == COLLAPSE for step in adjoint.steps)
    return "differentiate, collapse δ" if collapsed else "differentiate"


def _closed(closing: ClosedForm) -> Iterator[tuple[Expr, str]]:
    """The adjoints put in, if any are, then the rest."""
    last = max((n for n, s in enumerate(closing.steps) if s.rule == INSERT), default=-1)
    put_in, rest = closing.steps[: last + 1], closing.steps[last + 1 :]
    if put_in:
        names = dict.fromkeys(s.old.tensor for s in put_in if isinstance(s.old, Entry))
        yield put_in[-1].after, f"insert {', '.join(names)}"
    if rest:
        yield rest[-1].after, ", ".join(_rules(rest))


def _rules(steps: Sequence[Step]) -> dict[str, None]:
    """The names of the rules, but of those that only move factors, if there are others."""
    names = dict.fromkeys(step.rule for step in steps)
    moved = [name for name in names if name.startswith(MOVES)]
    return dict.fromkeys(name for name in names if name not in moved) or names
