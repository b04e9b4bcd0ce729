"""Certificates that Coq accepts, and corrupted ones that it refuses.  Skipped without coqc."""

from __future__ import annotations

import shutil

import pytest

import derive
import verify
from verify.coq import Uncertified, certify

pytestmark = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")

CERTIFIED = {
    "the lecture's layer, x": (derive.layer("conv"), "x"),
    "the lecture's layer, k": (derive.layer("conv"), "k"),
    "symbolic stride, x": (derive.layer("conv", dims=1, stride="s", padding="p"), "x"),
    "channels and bias, b": (derive.layer("conv", dims=1, channels=True), "b"),
    "transposed convolution": (derive.layer("conv_transpose", dims=1, stride="s"), "k"),
    "linear": (derive.layer("linear"), "w"),
    "average pooling": (derive.layer("avgpool", dims=1), "x"),
    "a tensor read twice": (derive.parse("y[i] = x[i]*x[i+1]"), "x"),
}


@pytest.mark.parametrize("name", CERTIFIED)
def test_coq_accepts_without_axioms(name: str) -> None:
    layer, wrt = CERTIFIED[name]
    outcome = certify(verify.certificate(derive.gradient(layer, wrt)))
    assert outcome.certified, outcome
    assert "gradient_is_adjoint" in outcome.theorems


CORRUPTIONS = {
    "the limit of the claim": ("(r' - a <? R)", "(r' - a <? R - 1)"),
    "the kernel's index": ("g (r' - a)%Z (c' - b)%Z", "g (r' + a)%Z (c' + b)%Z"),
    "height and width": ("g (r' - a)%Z (c' - b)%Z", "g (c' - b)%Z (r' - a)%Z"),
    "the definition": ("x (a + r)%Z (b + c)%Z", "x (a + r)%Z (b + 2 * c)%Z"),
}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_coq_refuses_a_corrupted_certificate(name: str) -> None:
    old, new = CORRUPTIONS[name]
    text = verify.certificate(derive.gradient(derive.layer("conv"), "x"))
    head, theorems = text.split("Section Certificate.", 1)
    assert old in head
    corrupted = head.replace(old, new) + "Section Certificate." + theorems
    outcome = certify(corrupted)
    assert not outcome.certified
    assert outcome.reason


def test_an_axiom_is_noticed() -> None:
    text = verify.certificate(derive.gradient(derive.layer("linear"), "w"))
    cheated = text.replace(
        "Definition all_theorems :=", "Axiom cheat : False.\n\nDefinition all_theorems :=", 1
    ).replace("  (gradient_is_adjoint,", "  (cheat, gradient_is_adjoint,", 1)
    assert cheated != text
    assert not certify(cheated).certified


def test_what_certificates_do_not_cover_says_so() -> None:
    with pytest.raises(Uncertified, match=r"\S"):
        verify.certificate(derive.gradient(derive.parse("y[i] = exp(x[i])"), "x"))
