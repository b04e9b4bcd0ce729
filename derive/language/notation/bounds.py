"""Is every read inside its tensor, and every maximum over something?  Decided for all sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sympy import Expr, Symbol

from derive.domains import Decision
from derive.domains.known import Known
from derive.language.definition import Axis, Layer, Minima
from derive.language.notation.divisions import divisor, doubtful
from derive.language.notation.elaboration import all_axes
from derive.language.notation.errors import NotationError, Span
from derive.language.notation.names import Draft
from derive.language.notation.numbers import NoValue, integer
from derive.language.notation.requirements import may_be_zero
from derive.language.notation.sites import divisibilities, floored, sites
from derive.language.printing import expression_text
from derive.language.terms import (
    Between,
    Entry,
    Less,
    MaxOver,
    Range,
    ranges_of,
    subterms,
)


def checked(layer: Layer, draft: Draft) -> Layer:
    """The layer with a decision for each read; ``NotationError`` where one is outside."""
    decisions: dict[Decision, None] = {}
    tables = {t.name for t in layer.tensors if t.integer}
    for equation in layer.equations:
        for site in sites(equation.written, equation.ranges, tables=tables):
            ranges = (Between(lo, i, hi) for i, lo, hi in site.ranges)
            known = Known(layer.facts, (*layer.domain, *ranges, *site.guards))
            order = (*layer.symbols, *(i for i, _, _ in site.ranges))
            if isinstance(site.node, Entry):
                found = _read(site.node, known, order, draft)
            else:
                found = _maximum(site.node, known, order, layer, draft)
            decisions.update(dict.fromkeys(found))
    decisions.update(dict.fromkeys(_divided(layer, draft)))
    return replace(layer, conditions=tuple(decisions))


def _divided(layer: Layer, draft: Draft) -> Iterator[Decision]:
    """What the equations divide by is not zero; what is left of that after the premises."""
    for site, known, goal in doubtful(layer):
        decision = known.decide(goal, (*layer.symbols, *(i for i, _, _ in site.ranges)))
        if decision.holds is False:
            shown = expression_text(divisor(site))
            around = [e for e in draft.places if isinstance(e, Entry) and site.node in subterms(e)]
            raise draft.error(
                f"this divides by {shown}, which may be less than 1: "
                f"smallest case {_case(decision)}",
                place_of(around[0], draft) if around else (0, 0),
                f"start the range at 1, or guard it: [1 <= {shown}]*…",
            )
        yield decision


def _read(
    entry: Entry, known: Known, order: tuple[Symbol, ...], draft: Draft
) -> Iterator[Decision]:
    """Each index of a read is one of its axis, padding included."""
    known = known.under(*divisibilities(entry))
    axes = all_axes(draft)[entry.tensor]
    for place, (index, axis) in enumerate(zip(entry.indices, axes, strict=True)):
        if axis.unbounded:
            continue
        goal = Between(-axis.before, floored(index), axis.size + axis.after)
        decision = known.decide(goal, order)
        if decision.holds is False:
            raise _outside(entry, place, axis, decision, draft)
        yield decision


def _outside(
    entry: Entry, place: int, axis: Axis, decision: Decision, draft: Draft
) -> NotationError:
    """The error for a read outside its tensor, with the smallest case where that happens."""
    start, end = place_of(entry, draft)
    shown = " ".join(draft.declared.text[start:end].split())
    message = f"{shown} is read outside {entry.tensor}"
    point = dict(decision.counterexample or ())
    try:
        at = [integer(floored(i), point) for i in entry.indices]
        first = integer(-axis.before, point)
        last = integer(axis.size + axis.after, point) - 1
        allowed = f"indices {first} … {last}" if first <= last else "no entries"
        where = f" along axis {place + 1}" if len(at) > 1 else ""
        read = f"{entry.tensor}[{', '.join(map(str, at))}]"
        message += f": smallest case {_case(decision)} reads {read}"
        message += f", but {entry.tensor} has {allowed}{where}"
    except NoValue:
        message += f": smallest case {_case(decision)}" if point else ""
    hint = (
        "make the range smaller, pad the tensor (x[H pad 1]), or guard the read ([0 <= i < H]*x[i])"
    )
    return draft.error(message, place_of(entry, draft), hint)


def _case(decision: Decision) -> str:
    point = decision.counterexample or ()
    return ", ".join(f"{expression_text(symbol)} = {value}" for symbol, value in point)


def place_of(node: Entry | MaxOver, draft: Draft) -> Span:
    """Where a read or a maximum was written."""
    return draft.places.get(node, (0, 0))


def _maximum(
    node: MaxOver, known: Known, order: tuple[Symbol, ...], layer: Layer, draft: Draft
) -> Iterator[Decision]:
    """A maximum runs over at least one value of each of its indices."""
    least: Minima = {h.symbol: h.minimum for h in layer.hyperparameters}
    for found in ranges_of(node):
        index, low, high = found
        if not (low == 0 and _known_positive(high, least)):
            decision = known.decide(Less(low, high), order)
            if decision.holds is False:
                raise _empty(node, found, decision, draft)
            yield decision
        known = known.under(Between(low, index, high))
        order = (*order, index)


def _known_positive(size: Expr, least: Minima) -> bool:
    """Whether a plain size is at least 1, by its domain or by the requirement then implied."""
    return may_be_zero(size, least) or (size in least)


def _empty(node: MaxOver, found: Range, decision: Decision, draft: Draft) -> NotationError:
    return draft.error(
        f"this maximum has nothing to choose from: smallest case {_case(decision)}",
        place_of(node, draft),
        f"{found[0].name} must have a value for all sizes; add a requirement with where",
    )
