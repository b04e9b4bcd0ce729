"""The products that make up one entry, in the claim and in truth side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from derive.presentation.blocks import Block, Drawing, Grid, Inset, Listing, Paragraph
from verify.claims.differences import Difference
from verify.evaluation.polynomials import Monomial, Polynomial
from verify.examples.cells import DOT, Names, number_text, polynomial_text

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
