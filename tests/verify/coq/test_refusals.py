"""Wrong gradients, changed statements and borrowed axioms: Coq or ``certify`` must refuse them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sympy import Expr, Integer, Sum

import derive
import verify
from derive.engine.record import Derivation, Form
from derive.language.terms import Between, Divides, Entry, Iverson, Size, entries, subterms
from derive.language.terms import replace as put
from tests.suites import quick
from verify.coq import Uncertified, certify, proofs
from verify.coq.trials import Trials

needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")

STRIDED = {"stride": "s", "padding": "p", "dilation": "d"}


def first(expr: Expr, kind: type, inside: type | None = None) -> Any:
    """The first subterm of a kind, or the first bracket around that kind of condition."""
    return next(
        e
        for e in subterms(expr)
        if isinstance(e, kind) and (inside is None or isinstance(e.args[0], inside))
    )


def read(expr: Expr, tensor: str) -> Entry:
    return next(e for e in entries(expr) if e.tensor == tensor)


def shorter(expr: Expr) -> Expr:
    total = first(expr, Sum)
    (index, lo, hi), *rest = total.limits
    return put(expr, {total: Sum(total.function, (index, lo, hi - 1), *rest)})


def negative(expr: Expr) -> Expr:
    return -expr


def swapped(expr: Expr) -> Expr:
    kernel = read(expr, "k")
    return put(expr, {kernel: Entry("k", *reversed(kernel.indices))})


def unflipped(expr: Expr) -> Expr:
    kernel = read(expr, "k")
    *rest, last = kernel.indices
    return put(expr, {kernel: Entry("k", *rest, Size("K2") - 1 - last)})


def shifted(expr: Expr) -> Expr:
    upstream = read(expr, "g")
    return put(expr, {upstream: Entry("g", upstream.indices[0] + 1, *upstream.indices[1:])})


def without_divisibility(expr: Expr) -> Expr:
    return put(expr, {first(expr, Iverson, Divides): Integer(1)})


def without_range(expr: Expr) -> Expr:
    return put(expr, {first(expr, Iverson, Between): Integer(1)})


CORRUPTIONS = [
    shorter,
    negative,
    swapped,
    unflipped,
    shifted,
    without_divisibility,
    without_range,
]


def corrupted(derivation: Derivation, change: Callable[[Expr], Expr]) -> Derivation:
    """The derivation with another gradient as its result."""
    *others, last = derivation.layer.equations
    wrong = change(last.written)
    assert wrong != last.written
    equation = replace(last, written=wrong, explicit=wrong)
    layer = replace(derivation.layer, equations=(*others, equation))
    return replace(derivation, layer=layer, forms=())


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The generator's own trials switched off: what stops a wrong claim then is Coq."""
    monkeypatch.setattr(Trials, "agree", lambda *given: True)
    monkeypatch.setattr(Trials, "maps", lambda *given: True)
    monkeypatch.setattr(proofs, "require_balance", lambda *given: None)


@needs_coq
@pytest.mark.parametrize("change", quick(CORRUPTIONS, [negative]))
def test_coq_refuses_a_wrong_gradient(change: Callable[[Expr], Expr], trusting: None) -> None:
    derivation = derive.gradient(derive.layer("conv", **STRIDED), "x")
    outcome = certify(verify.certificate(corrupted(derivation, change)))
    assert not outcome.certified
    assert "gradient_is_adjoint" in outcome.place


@pytest.mark.parametrize("change", CORRUPTIONS)
def test_the_generator_finds_no_proof_of_a_wrong_gradient(change: Callable[[Expr], Expr]) -> None:
    derivation = derive.gradient(derive.layer("conv", **STRIDED), "x")
    with pytest.raises(Uncertified, match="no matching term"):
        verify.certificate(corrupted(derivation, change))


@pytest.mark.complete
@needs_coq
def test_the_right_gradient_passes_without_the_trials(trusting: None) -> None:
    derivation = derive.gradient(derive.layer("conv", **STRIDED), "x")
    assert certify(verify.certificate(replace(derivation, forms=()))).certified


def test_the_generator_finds_no_proof_of_a_wrong_form() -> None:
    derivation = derive.gradient(derive.layer("conv"), "x")
    form = derivation.forms[1]
    wrong: Form = replace(form, definition=shifted(form.definition))
    with pytest.raises(Uncertified, match="no matching term"):
        verify.certificate(replace(derivation, forms=(wrong,)))


STATEMENTS = {
    "the claim's guard": ("(r' - a <? R)", "(r' - a <? R - 1)"),
    "the layer's index": ("x (r + a)%Z (c + b)%Z", "x (r + a)%Z (c + 2 * b)%Z"),
    "the domain": ("R = Z.max 0 (H - K1 + 1)", "R = Z.max 0 (H - K1 + 2)"),
    "the output size": ("r < R <->", "r <= R <->"),
    "the flipped kernel": ("k (K1 - a - 1)%Z", "k (K1 - a)%Z"),
}


@needs_coq
@pytest.mark.parametrize("name", quick(STATEMENTS, ["the domain"]))
def test_coq_refuses_a_changed_statement(name: str) -> None:
    old, new = STATEMENTS[name]
    text = verify.certificate(derive.gradient(derive.layer("conv"), "x"))
    assert old in text
    outcome = certify(text.replace(old, new, 1))
    assert not outcome.certified
    assert outcome.reason


@needs_coq
def test_an_axiom_is_noticed() -> None:
    text = verify.certificate(derive.gradient(derive.layer("linear"), "b"))
    head, tail = text.split("Definition all_theorems :=", 1)
    borrowed = f"{head}Axiom cheat : False.\nDefinition all_theorems :=\n  (cheat,{tail[4:]}"
    outcome = certify(borrowed)
    assert not outcome.certified
    assert "axioms are used" in outcome.reason


@pytest.mark.complete
@needs_coq
def test_an_admitted_proof_is_noticed() -> None:
    text = verify.certificate(derive.gradient(derive.layer("linear"), "b"))
    head, tail = text.split("Theorem gradient_is_adjoint", 1)
    _, rest = tail.split("Qed.", 1)
    statement = tail.split("Proof.", 1)[0]
    admitted = f"{head}Theorem gradient_is_adjoint{statement}Proof.\nAdmitted.{rest}"
    assert "axioms are used" in certify(admitted).reason


@pytest.mark.complete
@needs_coq
def test_a_theorem_left_out_of_the_question_is_noticed() -> None:
    text = verify.certificate(derive.gradient(derive.layer("linear"), "b"))
    shorter_tuple = text.replace("  (gradient_is_adjoint,\n   ", "  (", 1)
    assert shorter_tuple != text
    assert "not asked about: gradient_is_adjoint" in certify(shorter_tuple).reason


@needs_coq
def test_the_time_limit_is_kept() -> None:
    text = verify.certificate(derive.gradient(derive.layer("linear"), "b"))
    outcome = certify(text, time_limit=0.01)
    assert not outcome.certified
    assert "did not finish within 0.01 s" in outcome.reason


def test_without_coqc_the_message_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    outcome = certify("")
    assert not outcome.certified
    assert "coqc is not installed" in outcome.reason
