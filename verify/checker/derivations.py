"""A derivation judged: the frame, every step, the layer of the gradient, the forms, and samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter

from derive.engine.record import Adjoint, Derivation
from verify.checker.named import check_forms
from verify.checker.sampling import Sampling, sampled, smallest
from verify.checker.spelling import check_spelling
from verify.checker.steps import REPLAY, Refusal, replay
from verify.checker.structure import (
    check_frame,
    check_layer,
    check_links,
    check_opening,
    check_target,
)
from verify.checker.values import Setting
from verify.verdict import Obligation, Verdict


def judge(derivation: Derivation) -> Verdict:
    """The verdict on a derivation, from replaying it without the engine and its rules.

    *checked* where every step is an instance of its identity and every side condition holds for all
    sizes; *tested* where a side condition stayed open but all samples agree; *refuted* where a step
    or the result differs from the layer at some sizes; else *undecided*.
    """
    try:
        return _judged(derivation)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        return Verdict("undecided", f"not replayed: this is no record of a derivation: {error!r}")


def _judged(derivation: Derivation) -> Verdict:
    try:
        frame = _timed("the frame", "reverse mode", lambda: check_frame(derivation))
    except Refusal as error:
        return Verdict("undecided", f"not replayed: {error}")
    obligations, refusal = [frame], ""
    try:
        for obligation in _replayed(derivation):
            obligations.append(obligation)
    except Refusal as error:
        refusal = str(error)
    evidence = sampled(derivation)
    if refusal or evidence.counterexample is not None or not all(o.holds for o in obligations):
        evidence = smallest(derivation, evidence)
    return _verdict(obligations, refusal, evidence)


def _timed(place: str, rule: str, check: Callable[[], object]) -> Obligation:
    start = perf_counter()
    check()
    return Obligation(place, rule, "as it must be", REPLAY, True, perf_counter() - start)


def _replayed(derivation: Derivation) -> Iterator[Obligation]:
    """Everything there is to show, part by part."""
    check_spelling(derivation.source)
    gradients = dict(derivation.upstream)
    for adjoint in derivation.adjoints:
        of = f"{adjoint.name}: " if len(derivation.adjoints) > 1 else ""
        yield from _adjoint(derivation, adjoint, gradients, of)
        gradients[adjoint.target.tensor] = adjoint.name
    yield _timed("the layer", "gradient as a layer", lambda: check_layer(derivation))
    yield from check_forms(derivation, _setting(derivation, derivation.adjoints[-1], gradients))


def _setting(derivation: Derivation, adjoint: Adjoint, gradients: dict[str, str]) -> Setting:
    upstream = tuple((g, y) for y, g in gradients.items())
    return Setting(derivation.source, adjoint.target, upstream)


def _adjoint(
    derivation: Derivation, adjoint: Adjoint, gradients: dict[str, str], of: str
) -> Iterator[Obligation]:
    source = derivation.source
    start = perf_counter()
    check_target(source, adjoint.target)
    check_links(adjoint)
    rest = check_opening(adjoint, source, gradients)
    spent = perf_counter() - start
    opening = adjoint.steps[: len(adjoint.steps) - len(rest)]
    for number, step in enumerate(opening, 1):
        text = "over all entries of all tensors computed from it, each by its own definition"
        yield Obligation(f"{of}step {number}", step.rule, text, REPLAY, True, spent / len(opening))
    setting = _setting(derivation, adjoint, gradients)
    for number, step in enumerate(rest, len(opening) + 1):
        yield from replay(step, setting, f"{of}step {number}")


def _verdict(obligations: list[Obligation], refusal: str, evidence: Sampling) -> Verdict:
    conditions = tuple(o for o in obligations if o.decider != REPLAY)
    unsettled = [o for o in conditions if not o.holds]
    if evidence.counterexample is not None:
        word, reason = "refuted", f"the value changes {evidence.place}"
        reason += f"; {refusal}" if refusal else ""
    elif refusal:
        word, reason = "undecided", refusal
    elif unsettled:
        word = "tested" if evidence.examples else "undecided"
        first = f"{unsettled[0].place}, {unsettled[0].rule}: {unsettled[0].text}"
        reason = f"{evidence.sample.text}; not decided for all sizes: {first}"
    else:
        word = "checked"
        count = len(obligations) - len(conditions)
        reason = f"{count} steps replayed, {len(conditions)} side conditions decided for all sizes"
    everything = tuple(obligations)
    return Verdict(word, reason, conditions, evidence.counterexample, everything, evidence.sample)
