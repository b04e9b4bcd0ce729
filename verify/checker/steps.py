"""One step replayed: the right place, an instance of the identity it names, its conditions."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from derive.domains import Decision
from derive.engine.record import Step
from derive.language.printing import plain
from derive.language.terms import ranges_of
from verify.checker.binding import in_order, sums_of
from verify.checker.canonical import hides_a_divisor, same_condition
from verify.checker.identities import Way, identities
from verify.checker.places import (
    NoSuchPlace,
    Surroundings,
    place_at,
    replaced,
    subterm,
)
from verify.checker.values import MayHaveNoValue, Need, Setting
from verify.verdict import Obligation

#: who decides what is compared rather than decided
REPLAY = "replay"


class Refusal(Exception):
    """A record that does not show what it claims, with the reason."""


def check_change(step: Step) -> None:
    """The old subterm is where the step says, and nothing but it has changed into the new one."""
    try:
        found = subterm(step.before, step.position)
    except NoSuchPlace as error:
        raise Refusal(f"{step.rule}: {error}") from None
    if found != step.old:
        raise Refusal(f"{step.rule}: there is {plain(found)}, not {plain(step.old)}")
    if replaced(step.before, step.position, step.new) != step.after:
        raise Refusal(f"{step.rule}: more has changed than one subterm")
    if not all(in_order(ranges_of(s)) for s in sums_of(step.new)):
        raise Refusal(f"{step.rule}: a bound uses an index that is not bound outside it")


def replay(step: Step, setting: Setting, label: str) -> list[Obligation]:
    """What the step had to show; ``Refusal`` where it is no instance of its rule.

    A side condition that no decider settles is an obligation that does not hold.
    """
    start = perf_counter()
    try:
        place = place_at(setting, step.before, step.position)
    except NoSuchPlace as error:
        raise Refusal(f"{label}, {step.rule}: {error}") from None
    ways = _ways(step, place, label)
    text, seconds = "an instance of the rule", perf_counter() - start
    shown = Obligation(label, step.rule, text, REPLAY, True, seconds)
    return [shown, *_conditions(step, place, ways, label)]


def _ways(step: Step, place: Surroundings, label: str) -> list[Way]:
    """The ways in which the step is an instance of its rule; there is at least one."""
    check = identities().get(step.rule)
    if check is None:
        raise Refusal(f"{label}: there is no rule {step.rule!r}")
    try:
        ways = list(check(step.old, step.new, place))
    except MayHaveNoValue as error:
        missing = f"{plain(error.args[0])} is not shown to have a value"
        raise Refusal(f"{label}, {step.rule}: {missing}") from None
    if not ways:
        raise Refusal(f"{label} is no instance of {step.rule!r}: {_change(step)}")
    if hides_a_divisor(step.new) and not hides_a_divisor(step.old):
        raise Refusal(f"{label}, {step.rule}: a quotient cancels in {plain(step.new)}")
    return ways


def _change(step: Step) -> str:
    return f"{plain(step.old)} → {plain(step.new)}"


def _conditions(
    step: Step, place: Surroundings, ways: Sequence[Way], label: str
) -> list[Obligation]:
    """The side conditions of the first way that the step states in full, each decided anew."""
    reasons = [_mismatch(step.conditions, way) for way in ways]
    if all(reasons):
        raise Refusal(f"{label}, {step.rule}: {reasons[0]}")
    open_ways = [way for way, reason in zip(ways, reasons, strict=True) if reason is None]
    found: list[Obligation] = []
    for way in open_ways:
        found = [_decided(need, step, place, label) for need in _without_repetition(way)]
        if all(o.holds for o in found):
            break
    return found


def _without_repetition(way: Way) -> list[Need]:
    """The needs that no other one contains: the same condition under fewer assumptions."""
    return [
        need
        for n, need in enumerate(way)
        if not any(_contains(other, need, earlier=m < n) for m, other in enumerate(way) if m != n)
    ]


def _contains(other: Need, need: Need, earlier: bool) -> bool:
    mine, others = set(need.under), set(other.under)
    fewer = others < mine or (others == mine and earlier)
    return fewer and same_condition(other.condition, need.condition)


def _mismatch(stated: Sequence[Decision], way: Way) -> str | None:
    """What is missing among the stated conditions, or there for no reason; None: nothing."""
    for need in way:
        if need.stated and need.condition.free_symbols and _stated(need, stated) is None:
            return f"the side condition {plain(need.condition)} is not stated"
    for decision in stated:
        if not any(same_condition(decision.condition, need.condition) for need in way):
            return f"the rule needs no condition {plain(decision.condition)}"
        if decision.holds is not True:
            return f"the step does not claim that {plain(decision.condition)} holds"
    return None


def _stated(need: Need, stated: Sequence[Decision]) -> Decision | None:
    return next((d for d in stated if same_condition(d.condition, need.condition)), None)


def _decided(need: Need, step: Step, place: Surroundings, label: str) -> Obligation:
    start = perf_counter()
    stated = _stated(need, step.conditions)
    condition = need.condition if stated is None else stated.condition
    decision = place.decide(condition, *need.under)
    text, seconds = plain(condition), perf_counter() - start
    return Obligation(label, step.rule, text, decision.decider, decision.holds, seconds)
