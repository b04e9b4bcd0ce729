"""What ``derive LAYER --prove`` says: each derivation replayed, each certificate run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from derive.engine.parted import InParts
from derive.engine.record import Derivation
from derive.presentation.blocks import (
    Block,
    Facts,
    Group,
    Heading,
    Prose,
    Strong,
    Timed,
    Timings,
    Told,
)
from verify.checker.derivations import judge
from verify.checker.together import judge_together
from verify.verdict import EXIT_CODES, Obligation, Verdict

_MARKS: dict[bool | None, Prose] = {
    True: (),
    False: (Strong("FAILS"), ": "),
    None: (Strong("OPEN"), ": "),
}


def proofs(derivations: Sequence[Derivation], coq: str | None) -> Iterator[Told]:
    """The verdict on each derivation, and what became of its certificate.

    Certificates are written to the file ``coq``, or to one file a gradient beside it.  Gradients of
    a layer in parts share adjoints: there is one verdict on all.
    """
    if derivations and all(isinstance(d, InParts) for d in derivations):
        yield _together(derivations)
    else:
        for derivation in derivations:
            yield told(judge(derivation), title_of([derivation]))
    if coq is not None:
        from verify.coq.reporting import certified, paths  # local: Coq is asked about rarely

        for derivation, path in zip(derivations, paths(coq, derivations), strict=True):
            yield certified(derivation, path)


def title_of(derivations: Sequence[Derivation]) -> str:
    """``∂L/∂x, ∂L/∂k of conv``."""
    source = derivations[0].source
    return f"{', '.join(f'∂{source.loss}/∂{d.wrt}' for d in derivations)} of {source.name}"


def _together(derivations: Sequence[Derivation]) -> Told:
    """One verdict on gradients that share adjoints; a line for each adjoint."""
    found, title = judge_together(derivations), title_of(derivations)
    status = EXIT_CODES["formula"][found.word]
    records = partial(_records, found, title, status)
    return Told(partial(_blocks, found, title, _adjoints), records, status)


def told(verdict: Verdict, title: str) -> Told:
    """The word, the reason, and who met which obligation."""
    status = EXIT_CODES["formula"][verdict.word]
    records = partial(_records, verdict, title, status)
    return Told(partial(_blocks, verdict, title, _steps), records, status)


def _records(verdict: Verdict, title: str, status: int) -> Iterator[dict[str, Any]]:
    yield {"of": title, "exit_code": status, **verdict.data()}


def _blocks(
    verdict: Verdict, title: str, listed: Callable[[Verdict], Iterator[Timed]]
) -> Iterator[Block]:
    facts: list[Prose] = [(verdict.reason,)]
    if verdict.counterexample is not None:
        facts.append((f"counterexample: {verdict.counterexample.text}",))
    if verdict.sample is not None:
        facts.append((f"compared at small sizes: {verdict.sample.text}",))
    yield Group((Heading((f"{title}: ", Strong(verdict.word)), 3), Facts(tuple(facts))))
    yield Timings(tuple(listed(verdict)))


def _steps(verdict: Verdict) -> Iterator[Timed]:
    """Each step with what had to be shown for it."""
    for step, group in groupby(verdict.obligations, key=lambda o: (o.place, o.rule)):
        yield _met(", ".join(step), list(group))


def _adjoints(verdict: Verdict) -> Iterator[Timed]:
    """Each adjoint, and what was not shown of it."""
    for place, group in groupby(verdict.obligations, key=lambda o: o.place.partition(":")[0]):
        shown = list(group)
        conditions = [o for o in shown if o.decider != "replay"]
        deciders = ", ".join(sorted({o.decider for o in conditions}))
        said = f"{place}: {_counted(len(shown) - len(conditions), 'step')}"
        said += (
            f", {_counted(len(conditions), 'side condition')} ({deciders})" if conditions else ""
        )
        missing = (o for o in shown if not o.holds)
        reasons = tuple(
            Timed((*_MARKS[o.holds], f"{o.place}, {o.text} ({o.decider})"), o.seconds)
            for o in missing
        )
        yield Timed((said,), sum(o.seconds for o in shown), reasons)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _met(step: str, obligations: list[Obligation]) -> Timed:
    """The step, and what had to be shown for it."""
    replayed = [o for o in obligations if o.decider == "replay" and o.holds]
    reasons = tuple(
        Timed((*_MARKS[o.holds], f"{o.text} ({o.decider})"), o.seconds)
        for o in obligations
        if o not in replayed
    )
    return Timed((step,), sum(o.seconds for o in replayed), reasons)
