"""Theorems that the gradient is its named forms: equal entry by entry, for all sizes."""

from __future__ import annotations

from collections.abc import Iterator

from derive.engine.record import Form
from verify.coq.data import Data, Mode, values
from verify.coq.frame import Choice, Preliminaries
from verify.coq.integers import integer
from verify.coq.premises import Rates
from verify.coq.proofs import SumProof
from verify.coq.reader import tree_of_expression
from verify.coq.scalars import ADDITION, wrapped
from verify.coq.statement import introduction, law, size_law, theorem
from verify.coq.terms import Normaliser
from verify.coq.trees import Tree
from verify.coq.trials import Trials
from verify.coq.validity import Validity, computed


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
    comparison, opening = frame.attempted(lambda c, cancels: _compared(body, frame, c, cancels))
    laws = [law(n) for n in comparison.laws]
    laws += [size_law(n, place, frame) for place, n in enumerate(comparison.sizes)]
    return "\n".join(
        [
            theorem(name, frame, tensors, laws, quantified + equation),
            "Proof.",
            introduction(frame, tensors, laws),
            intros,
            *opening,
            *comparison.lines(),
            "Qed.",
        ]
    )


def _compared(
    body: Tree, frame: Preliminaries, choice: Choice, cancels: bool
) -> tuple[SumProof, list[str]]:
    """How the terms of the gradient are those of the form, and the proof's beginning."""
    claim = frame.claim
    bound = frame.prose(gradient=True).bind_all(claim.indices)
    view = frame.view(True, *choice)
    data = Data(frame.fixed, view, {})
    scope = data.bind_all(claim.indices)
    own = values(scope)
    left, right = (Normaliser(view, {}).values(tree, own) for tree in (claim.body, body))
    trials = Trials(frame.layer, [(scope[i].index, lo, hi) for i, lo, hi in claim.ranges])
    names = {scope[i].index: bound[i] for i in claim.indices}
    comparison = SumProof(frame, names, left, right, trials, cancels)
    depth, point = len(claim.indices), comparison.point
    lines = []
    proofs = []
    for number, tree in enumerate((claim.body, body)):
        text = data.text(tree, scope, depth, Mode.VALUES)
        lines.append(f"  pose (body{number} := ({text} : expression scalars)).")
        rates = Rates({}, frame.prose(gradient=True))
        proof = Validity(frame.fixed, view, rates, claim.ranges, [bound[i] for i in claim.indices])
        valid = proof.proof(tree, proof.bind_all(claim.indices), depth, Mode.VALUES)
        opened = computed(frame, f"body{number}")
        met = f"refine (evaluate_values scalars False body{number} {point} _)"
        proofs.append(f"{met};\n      {opened};\n      {valid}")
    atoms = " ".join(name for name, _ in frame.atoms.found.values())
    return comparison, [
        *frame.atom_definitions(),
        *lines,
        "  pose (left := values scalars body0). pose (right := values scalars body1).",
        f"  transitivity (meanings left {point});",
        f"    [{proofs[0]}|].",
        f"  transitivity (meanings right {point});",
        f"    [|symmetry; {proofs[1]}].",
        "  subst body0 body1.",
        *([f"  explicit left; explicit right; clearbody {atoms}."] if atoms else []),
    ]
