"""What ``derive LAYER --prove`` says: each derivation replayed, each certificate run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Any

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
from verify.verdict import EXIT_CODES, Obligation, Verdict

_MARKS: dict[bool | None, Prose] = {
    True: (),
    False: (Strong("FAILS"), ": "),
    None: (Strong("OPEN"), ": "),
}


def proofs(derivations: Sequence[Derivation], coq: str | None) -> Iterator[Told]:
    """The verdict on each derivation, and what became of its certificate.

    Certificates are written to the file ``coq``, or to one file a gradient beside it.
    """
    for derivation in derivations:
        title = f"∂{derivation.source.loss}/∂{derivation.wrt} of {derivation.source.name}"
        yield told(judge(derivation), title)
    if coq is not None:
        from verify.coq.reporting import certified, paths  # local: Coq is asked about rarely

        for derivation, path in zip(derivations, paths(coq, derivations), strict=True):
            yield certified(derivation, path)


def told(verdict: Verdict, title: str) -> Told:
    """The word, the reason, and who met which obligation."""
    status = EXIT_CODES["formula"][verdict.word]
    records = partial(_records, verdict, title, status)
    return Told(partial(_blocks, verdict, title), records, status)


def _records(verdict: Verdict, title: str, status: int) -> Iterator[dict[str, Any]]:
    yield {"of": title, "exit_code": status, **verdict.data()}


def _blocks(verdict: Verdict, title: str) -> Iterator[Block]:
    facts: list[Prose] = [(verdict.reason,)]
    if verdict.counterexample is not None:
        facts.append((f"counterexample: {verdict.counterexample.text}",))
    if verdict.sample is not None:
        facts.append((f"compared at small sizes: {verdict.sample.text}",))
    yield Group((Heading((f"{title}: ", Strong(verdict.word)), 3), Facts(tuple(facts))))
    steps = groupby(verdict.obligations, key=lambda o: (o.place, o.rule))
    yield Timings(tuple(_met(", ".join(step), list(group)) for step, group in steps))


def _met(step: str, obligations: list[Obligation]) -> Timed:
    """The step, and what had to be shown for it."""
    replayed = [o for o in obligations if o.decider == "replay" and o.holds]
    reasons = tuple(
        Timed((*_MARKS[o.holds], f"{o.text} ({o.decider})"), o.seconds)
        for o in obligations
        if o not in replayed
    )
    return Timed((step,), sum(o.seconds for o in replayed), reasons)
