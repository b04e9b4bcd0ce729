"""The products that make up one entry, in the claim and in truth: drawn side by side."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from fractions import Fraction

from verify.claims.differences import Difference
from verify.evaluation.polynomials import Monomial, Polynomial
from verify.examples.drawing import (
    DOT,
    Block,
    Names,
    fitting,
    indented,
    number_text,
    polynomial_text,
)

BOTH, ADDED, MISSING, CHANGED = "■", "+", "−", "≠"
LEGEND = {
    BOTH: "in both",
    ADDED: "only in the claim",
    MISSING: "missing in the claim",
    CHANGED: "with another factor",
}
#: how many rows of a drawing, or products of a list, are shown
TALLEST = 12


def drawn(difference: Difference, width: int) -> Block:
    """The products of entries on both sides, as a grid where all are products of two tensors."""
    if difference.products is None:
        return []
    truth, claim = difference.products
    marks = _marks(truth, claim)
    names = Names({n: a.shape for n, a in difference.tensors.items()})
    pair = _two_tensors(marks)
    body = _listed(truth, claim, names, width) if pair is None else _grid(marks, names, width)
    used = dict.fromkeys(mark for mark in LEGEND if mark in marks.values())
    legend = ", ".join(f"{mark} {LEGEND[mark]}" for mark in used)
    title = f"Products in this entry ({legend}):"
    return [*textwrap.wrap(title, width, subsequent_indent="  "), "", *indented(body)]


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


def _two_tensors(marks: Mapping[Monomial, str]) -> tuple[str, str] | None:
    """The two tensors whose entries all products multiply, one of each."""
    kinds = {tuple(tensor for tensor, _ in monomial) for monomial in marks}
    kind = kinds.pop() if len(kinds) == 1 else ()
    return (kind[0], kind[1]) if len(kind) == 2 and kind[0] != kind[1] else None


def _grid(marks: Mapping[Monomial, str], names: Names, width: int) -> Block:
    """One row an entry of the first tensor, one column an entry of the second."""
    rows = list(dict.fromkeys(m[0] for m in marks))
    columns = sorted({m[1] for m in marks})
    heads = [names(c) for c in columns]
    label = max(len(names(r)) for r in rows)
    count = fitting([len(h) for h in heads], width - label - 5)
    more = " …" if count < len(columns) else ""
    lines = [f"{'':>{label}} {' '.join(heads[:count])}{more}".rstrip()]
    for row in rows[:TALLEST]:
        cells = (
            f"{marks.get((row, column), DOT):^{len(head)}}"
            for column, head in zip(columns[:count], heads, strict=False)
        )
        lines.append(f"{names(row):>{label}} {' '.join(cells)}".rstrip())
    return [*lines, "…"] if len(rows) > TALLEST else lines


def _listed(truth: Polynomial, claim: Polynomial, names: Names, width: int) -> Block:
    """The products of each kind one after another."""
    marks = _marks(truth, claim)
    lines: Block = []
    for mark in LEGEND:
        own = [m for m, found in marks.items() if found == mark]
        source = claim if mark == ADDED else truth
        texts = [polynomial_text(Polynomial({m: source.terms[m]}), names) for m in own]
        if mark == CHANGED:
            texts = [
                f"{t} (claim: {_number(claim.terms[m])})" for t, m in zip(texts, own, strict=True)
            ]
        if texts:
            shown = texts[:TALLEST] + (["…"] if len(texts) > TALLEST else [])
            lines += _filled(f"{mark} ", shown, width)
    return lines


def _number(value: Fraction) -> str:
    return number_text(value)


def _filled(lead: str, words: Sequence[str], width: int) -> Block:
    lines = [lead]
    for place, word in enumerate(words):
        text = word + ("," if place < len(words) - 1 else "")
        if len(lines[-1]) + len(text) + 1 > width - 4:
            lines.append(" " * len(lead))
        lines[-1] += text + " "
    return [line.rstrip() for line in lines]
