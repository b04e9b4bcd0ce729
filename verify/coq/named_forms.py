"""Theorems that the gradient is its named forms: equal entry by entry, for all sizes."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Symbol

from derive.engine.record import Form
from derive.language.terms import Index
from verify.coq.frame import Preliminaries
from verify.coq.integers import integer
from verify.coq.proofs import SumProof
from verify.coq.scalars import ADDITION, Data, Placed, coordinate, wrapped
from verify.coq.statement import introduction, theorem
from verify.coq.terms import Normaliser
from verify.coq.trees import Tree, tree_of_expression
from verify.coq.trials import Trials


def form_theorems(frame: Preliminaries) -> Iterator[tuple[str, str, Form]]:
    """Name and text for each form of the derivation."""
    for number, form in enumerate(frame.derivation.forms, 1):
        name = frame.fresh(f"gradient_is_form_{number}")
        yield name, _theorem(name, form, frame), form


def _theorem(name: str, form: Form, frame: Preliminaries) -> str:
    prose = frame.prose(gradient=True)
    claim = frame.claim
    bound = prose.bind_all(claim.indices)
    naming = prose.naming(bound)
    body = tree_of_expression(form.definition, frame.gradient)
    premises = "".join(
        f"{integer(lo, naming)} <= {bound[i]} < {integer(hi, naming)} -> "
        for i, lo, hi in claim.ranges
    )
    quantified = f"forall {' '.join(bound.values())} : Z, {premises}\n    " if bound else ""
    entry = " ".join([prose.fixed[frame.gradient.outputs[-1].name], *bound.values()])
    text = wrapped(f"= {prose.text(body, bound, ADDITION)})%scalar", 5)
    equation = f"({entry}\n{text}"
    tensors = frame.gradient_tensors
    intros = f"  intros {' '.join(bound.values())}{' ?' * len(bound)}.".replace(
        "intros .", "idtac."
    )
    if body == claim.body:
        return "\n".join(
            [
                theorem(name, frame, tensors, (), quantified + equation),
                "Proof. intros; reflexivity. Qed.",
            ]
        )
    comparison, opening = _compared(body, frame)
    return "\n".join(
        [
            theorem(name, frame, tensors, comparison.laws, quantified + equation),
            "Proof.",
            introduction(frame, tensors, comparison.laws),
            intros,
            *opening,
            *comparison.lines(),
            "Qed.",
        ]
    )


def _compared(body: Tree, frame: Preliminaries) -> tuple[SumProof, list[str]]:
    """How the terms of the gradient are those of the form, and the proof's beginning."""
    claim = frame.claim
    prose = frame.prose(gradient=True)
    bound = prose.bind_all(claim.indices)
    own = {i: Index(f"{i.name}#o") for i in claim.indices}
    scope: dict[Symbol, Expr] = dict(own.items())
    left = Normaliser(frame.claims, {}).values(claim.body, scope)
    right = Normaliser(frame.claims, {}).values(body, scope)
    outer = [(own[i], lo, hi) for i, lo, hi in claim.ranges]
    trials = Trials(frame.layer, outer)
    names = {own[i]: bound[i] for i in claim.indices}
    comparison = SumProof(frame, names, left, right, trials)
    placed: dict[Symbol, Placed] = {i: coordinate(n) for n, i in enumerate(claim.indices)}
    data = Data(frame.fixed, frame.claims, {})
    depth = len(claim.indices)
    point = comparison.point
    return comparison, [
        f"  pose (body0 := ({data.text(claim.body, placed, depth)} : expression scalars)).",
        f"  pose (body1 := ({data.text(body, placed, depth)} : expression scalars)).",
        "  pose (left := values scalars body0). pose (right := values scalars body1).",
        f"  transitivity (meanings left {point});",
        f"    [exact (evaluate_values scalars body0 {point})|].",
        f"  transitivity (meanings right {point});",
        f"    [|symmetry; exact (evaluate_values scalars body1 {point})].",
        "  subst body0 body1.",
    ]
