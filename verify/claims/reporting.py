"""What is told of a claim's examination."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from sympy import Expr

from derive.language.printing import plain
from derive.language.terms import Partial, replace
from derive.presentation.blocks import (
    Block,
    Drawing,
    Formula,
    Grid,
    Group,
    Heading,
    Inset,
    Listing,
    Paragraph,
    Prose,
    Quoted,
    Strong,
    Told,
)
from verify.claims.differences import NO_DERIVATIVE, Difference
from verify.claims.examination import ExaminedClaim
from verify.evaluation.polynomials import Monomial, Polynomial
from verify.examples.cells import (
    DOT,
    Names,
    array_data,
    facts,
    number_text,
    polynomial_text,
    tensors_text,
)
from verify.verdict import EXIT_CODES


def told(examination: ExaminedClaim) -> Told:
    """The verdict with its reasons, the counterexample drawn, and the derived gradient."""
    status = EXIT_CODES["formula"][examination.verdict.word]
    return Told(partial(_blocks, examination), partial(_records, examination, status), status)


def _blocks(examination: ExaminedClaim) -> Iterator[Block]:
    verdict = examination.verdict
    claim = " ".join(examination.subject.claim.text.split())
    yield Heading((Strong(verdict.word), ": ", Quoted(claim)), 3)
    sample = [] if verdict.sample is None else [f"compared: {verdict.sample.text}"]
    if verdict.word == "checked":
        conditions: list[Prose] = [(f"{c.text} ({c.decider})",) for c in verdict.conditions]
        replayed = len(verdict.obligations) - len(verdict.conditions)
        if replayed:
            conditions.append((f"the derivation behind it: {replayed} parts replayed",))
        said = facts(verdict.reason, *sample, *_aside(examination))
        yield Group((said, Listing(tuple(conditions))))
        return
    if examination.difference is None:
        yield facts(verdict.reason, *sample, *_aside(examination))
    else:
        yield from _refutation(examination, examination.difference)
    left, right = _truth(examination)
    lead = "derived:" if examination.subject.derivation else "defined:"
    yield Group((Paragraph((lead,)), Inset(Formula(left, right))))


def _refutation(examination: ExaminedClaim, difference: Difference) -> Iterator[Block]:
    counterexample = examination.verdict.counterexample
    assert counterexample is not None
    if examination.diagnosis:
        yield facts(examination.diagnosis)
    subject = "the gradient" if examination.subject.derivation else "the entry"
    yield facts(
        f"{examination.smallest}: {counterexample.text.rsplit(': ', 1)[0]}",
        tensors_text(difference.tensors),
        f"{subject} is {number_text(difference.truth)}, the claim {_said(difference)}",
    )
    yield from products(difference)


def _aside(examination: ExaminedClaim) -> Iterator[str]:
    """A point that decides nothing, and what either side makes of it."""
    difference = examination.aside
    if difference is not None:
        sizes = [f"{s.name} = {difference.values[s]}" for s in examination.subject.layer.sizes]
        indices = zip(examination.subject.claim.free, difference.at, strict=True)
        parts = ", ".join(sizes), ", ".join(f"{i} = {n}" for i, n in indices)
        yield f"{'; '.join(filter(None, parts))}, {tensors_text(difference.tensors)}".lstrip(", ")
        conventional = difference.idle == NO_DERIVATIVE
        truth = "the stated convention says" if conventional else "the gradient is"
        yield f"there {truth} {number_text(difference.truth)}, the claim {_said(difference)}"


def _said(difference: Difference) -> str:
    if difference.claimed is None:
        return "has no value"
    return f"says {number_text(difference.claimed)}"


def _truth(examination: ExaminedClaim) -> tuple[Expr, Expr]:
    """Both sides of the truth, with its own index names, in closed form where it has one."""
    subject, claim = examination.subject, examination.subject.claim
    left: Expr = claim.by
    if claim.kind != "forward":
        left = Partial(claim.of or subject.layer.loss, claim.by)
    names = dict(zip(claim.free, subject.truth_indices, strict=True))
    truth, derivation = subject.truth, subject.derivation
    if derivation is not None and truth == derivation.result:
        truth = derivation.closed
    return replace(left, dict(names)), truth


def _records(examination: ExaminedClaim, status: int) -> Iterator[dict[str, Any]]:
    left, right = _truth(examination)
    difference = examination.difference
    tensors = {} if difference is None else difference.tensors
    yield {
        "claim": examination.subject.claim.text,
        "layer": examination.subject.layer.text,
        "exit_code": status,
        **examination.verdict.data(),
        "tensors": {name: array_data(array) for name, array in tensors.items()},
        "diagnosis": examination.diagnosis,
        "derived": {"left": plain(left), "right": plain(right)},
    }


BOTH, ADDED, MISSING, CHANGED = "■", "+", "−", "≠"
LEGEND = {
    BOTH: "in both",
    ADDED: "only in the claim",
    MISSING: "missing in the claim",
    CHANGED: "with another factor",
}
#: how many products of a list are shown
LONGEST = 12


def products(difference: Difference) -> Iterator[Block]:
    """The products of entries on both sides, as a grid where all are products of two tensors."""
    if difference.products is None:
        return
    truth, claim = difference.products
    marks = _marks(truth, claim)
    names = Names({n: a.shape for n, a in difference.tensors.items()})
    used = dict.fromkeys(mark for mark in LEGEND if mark in marks.values())
    legend = ", ".join(f"{mark} {LEGEND[mark]}" for mark in used)
    yield Paragraph((f"Products in this entry ({legend}):",))
    if _two_tensors(marks):
        yield Drawing((_grid(marks, names),))
    else:
        listed = {m: t for m in LEGEND if (t := _listed(m, marks, truth, claim, names))}
        items = tuple((", ".join(texts),) for texts in listed.values())
        yield Inset(Listing(items, tuple(listed)))


def _marks(truth: Polynomial, claim: Polynomial) -> dict[Monomial, str]:
    """For each product on which side it stands."""
    found = {}
    for monomial in sorted({*truth.terms, *claim.terms}):
        if monomial not in claim.terms:
            found[monomial] = MISSING
        elif monomial not in truth.terms:
            found[monomial] = ADDED
        else:
            same = truth.terms[monomial] == claim.terms[monomial]
            found[monomial] = BOTH if same else CHANGED
    return found


def _two_tensors(marks: Mapping[Monomial, str]) -> bool:
    """Whether all products multiply entries of the same two tensors, one of each."""
    kinds = {tuple(tensor for tensor, _ in monomial) for monomial in marks}
    kind = kinds.pop() if len(kinds) == 1 else ()
    return len(kind) == 2 and kind[0] != kind[1]


def _grid(marks: Mapping[Monomial, str], names: Names) -> Grid:
    """One row an entry of the first tensor, one column an entry of the second."""
    rows = list(dict.fromkeys(m[0] for m in marks))
    columns = sorted({m[1] for m in marks})
    cells = tuple(tuple(marks.get((row, column), DOT) for column in columns) for row in rows)
    return Grid(cells, rows=tuple(map(names, rows)), columns=tuple(map(names, columns)))


def _listed(
    mark: str, marks: Mapping[Monomial, str], truth: Polynomial, claim: Polynomial, names: Names
) -> list[str]:
    """The products with this mark, the first ones."""
    source = claim if mark == ADDED else truth
    own = [m for m, found in marks.items() if found == mark]
    texts = [polynomial_text(Polynomial({m: source.terms[m]}), names) for m in own[:LONGEST]]
    if mark == CHANGED:
        claimed = (number_text(claim.terms[m]) for m in own)
        texts = [f"{t} (claim: {c})" for t, c in zip(texts, claimed, strict=False)]
    return texts + ["…"] * (len(own) > LONGEST)
