"""A derivation judged: the frame, every step, the layer of the gradient, the forms, and samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from time import perf_counter

from sympy import Expr

from derive.engine.record import Adjoint, Derivation
from derive.language.terms import Index
from verify.checker.named import chain, check_forms
from verify.checker.ranks import in_every_rank
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
    return in_every_rank(verdict(obligations, refusal, evidence), [derivation])


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
        yield from adjoint_replayed(derivation, adjoint, gradients, of)
        gradients[adjoint.target.tensor] = adjoint.name
    yield _timed("the layer", "gradient as a layer", lambda: check_layer(derivation))
    yield from check_forms(derivation, settled(derivation, derivation.adjoints[-1], gradients))
    yield from closed_replayed(derivation, gradients)


def closed_replayed(derivation: Derivation, gradients: dict[str, str]) -> Iterator[Obligation]:
    """The closed forms: each from the result of its adjoint, by steps, in the order of adjoints."""
    remaining = list(derivation.closings)
    known: list[tuple[str, tuple[Index, ...], Expr]] = []
    for adjoint in derivation.adjoints:
        setting = replace(settled(derivation, adjoint, gradients), adjoints=tuple(known))
        known.append((adjoint.name, adjoint.target.at, adjoint.result))
        if remaining and remaining[0].adjoint == adjoint.name:
            steps = remaining.pop(0).steps
            yield from chain(f"closed form of {adjoint.name}", steps, adjoint.result, setting)
            known.append((adjoint.name, adjoint.target.at, steps[-1].after))
    if remaining:
        raise Refusal(f"there is no adjoint {remaining[0].adjoint} to close after those before it")


def settled(derivation: Derivation, adjoint: Adjoint, gradients: dict[str, str]) -> Setting:
    """What is known in the derivation of an adjoint, after those that ``gradients`` names."""
    upstream = tuple((g, y) for y, g in gradients.items())
    return Setting(derivation.source, adjoint.target, upstream)


def adjoint_replayed(
    derivation: Derivation, adjoint: Adjoint, gradients: dict[str, str], of: str
) -> Iterator[Obligation]:
    """One adjoint, after those that ``gradients`` names; ``of`` says which one it is."""
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
    setting = settled(derivation, adjoint, gradients)
    for number, step in enumerate(rest, len(opening) + 1):
        yield from replay(step, setting, f"{of}step {number}")


def verdict(obligations: list[Obligation], refusal: str, evidence: Sampling) -> Verdict:
    """The word for what was shown, what was refused, and what sampling has come to."""
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
