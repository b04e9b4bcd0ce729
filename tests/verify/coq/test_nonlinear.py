"""Certificates of what is no polynomial: accepted ones, and wrong ones that must be refused."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace

import pytest
from sympy import Expr, Integer, exp

import derive
import verify
from derive.engine.record import Derivation
from derive.language.definition import Layer
from derive.language.terms import FirstMax, Less, Negation, Size, subterms
from derive.language.terms import replace as put
from tests.suites import quick
from verify.coq import Uncertified, certify, proofs
from verify.coq.document import written
from verify.coq.trials import Trials

needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")

VARIANCE = """f(x[N], w[N]; eps=1.0):
    m = sum[i] x[i]/N
    v = sum[i] (x[i] - m)^2/N
    y[i] = (x[i] - m)/sqrt(v + eps)"""
LAYERS: dict[str, Layer] = {
    "softmax": derive.layer("softmax"),
    "a choice by entries": derive.layer("huber"),
    "maximum, symbolic": derive.layer(
        "maxpool", dims=1, channels=False, stride="s", padding="p", dilation="d"
    ),
    "maximum over two indices": derive.parse("y[r, c] = max[i < 2, j < 2] x[r+i, c+j]"),
    "a variance": derive.parse(VARIANCE),
    "a real power": derive.layer("lrn"),
    "rates and a mean": derive.parse("f(x[N]):\n    m = sum[i] tanh(x[i])/N\n    y = log1p(m^2)"),
}


COMPACT = """f_dx(x[N], w[N], g[N]; eps=1.0):
    m = sum[i] x[i]/N
    v = sum[i] (x[i] - m)^2/N
    xhat[i] = (x[i] - m)/sqrt(v + eps)
    dx[i] = (N*g[i] - sum[j] g[j] - xhat[i]*(sum[j] g[j]*xhat[j]))/N/sqrt(v + eps)"""


def compact(text: str) -> Derivation:
    """The gradient by x of a normalisation, in the form that everybody knows."""
    derivation = derive.gradient(derive.parse(VARIANCE), "x")
    return replace(derivation, layer=derive.parse(text), forms=())


def test_a_sum_of_deviations_vanishes_where_n_has_an_inverse() -> None:
    assert written(compact(COMPACT)).hypotheses == ("2·(1/2) = 1", "N·(1/N) = 1")
    with pytest.raises(Uncertified, match="no matching term"):
        written(compact(COMPACT.replace("- sum[j] g[j] ", "")))


@pytest.mark.complete
@needs_coq
def test_coq_accepts_the_compact_form() -> None:
    outcome = certify(written(compact(COMPACT)).text)
    assert outcome.certified, f"{outcome.place}: {outcome.reason}"


@needs_coq
@pytest.mark.parametrize("name", quick(LAYERS, ["softmax"]))
def test_coq_accepts_without_axioms(name: str) -> None:
    outcome = certify(verify.certificate(derive.gradient(LAYERS[name], "x")))
    assert outcome.certified, f"{outcome.place}: {outcome.reason}"
    assert {"gradient_is_adjoint", "theorem_applies"} <= set(outcome.theorems)


def test_what_is_assumed_is_said() -> None:
    found = written(derive.gradient(derive.layer("cross_entropy"), "x")).hypotheses
    assert found == (
        "log'(u) = 1/u at u = sum [0 <= c < C] Exp (x n c)",
        "exp'(u) = exp(u) at u = x n c",
    )
    assert written(derive.gradient(derive.layer("relu"), "x")).hypotheses == ()


def changed(derivation: Derivation, change: Callable[[Expr], Expr]) -> Derivation:
    """The derivation with another gradient as its result."""
    *others, last = derivation.layer.equations
    wrong = change(last.written)
    assert wrong != last.written
    equation = replace(last, written=wrong, explicit=wrong)
    layer = replace(derivation.layer, equations=(*others, equation))
    return replace(derivation, layer=layer, forms=())


def diagonal_only(expr: Expr) -> Expr:
    return next(t for t in expr.args if not t.could_extract_minus_sign())


def factor_missing(expr: Expr) -> Expr:
    found = next(e for e in subterms(expr) if isinstance(e, exp))
    return put(expr, {found: Integer(1)})


def kink_elsewhere(expr: Expr) -> Expr:
    """[0 < x] becomes [not x < 0]: the other side's derivative at 0."""
    found = next(e for e in subterms(expr) if isinstance(e, Less))
    return put(expr, {found: Negation(Less(*reversed(found.args)))})


def last_of_several(expr: Expr) -> Expr:
    """The place of a maximum counted from the window's other end."""
    found = next(e for e in subterms(expr) if isinstance(e, FirstMax))
    at, maximum = found.args
    ((index, _, hi),) = maximum.limits
    backwards = put(maximum.function, {index: hi - index})
    other = maximum.func(backwards, *maximum.limits)
    return put(expr, {found: found.func(type(at)(hi - at[0]), other)})


def unbiased(expr: Expr) -> Expr:
    return put(expr, {Size("N"): Size("N") - 1})


SOFTMAX = derive.layer("softmax")
POOL = derive.layer("maxpool", dims=1, channels=False, kernel_size=2, stride=1)
WRONG: dict[str, tuple[Layer, Callable[[Expr], Expr]]] = {
    "only the diagonal": (SOFTMAX, diagonal_only),
    "a factor": (SOFTMAX, factor_missing),
    "the derivative at a kink": (derive.layer("relu"), kink_elsewhere),
    "the last of several largest": (POOL, last_of_several),
    "divided by N - 1": (derive.parse(VARIANCE), unbiased),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_generator_finds_no_proof_of_a_wrong_gradient(name: str) -> None:
    layer, change = WRONG[name]
    with pytest.raises(Uncertified, match="no matching term"):
        verify.certificate(changed(derive.gradient(layer, "x"), change))


@pytest.mark.complete
@needs_coq
@pytest.mark.parametrize("name", ["only the diagonal", "the last of several largest"])
def test_coq_refuses_a_wrong_gradient(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The generator's own trials switched off."""
    monkeypatch.setattr(Trials, "agree", lambda *given: True)
    monkeypatch.setattr(Trials, "maps", lambda *given: True)
    monkeypatch.setattr(proofs, "require_balance", lambda *given: None)
    layer, change = WRONG[name]
    outcome = certify(verify.certificate(changed(derive.gradient(layer, "x"), change)))
    assert not outcome.certified
    assert "gradient_is_adjoint" in outcome.place


SIGMOID = verify.certificate(derive.gradient(derive.layer("sigmoid"), "x"))
PREMISE = "(forall n c : Z, 0 <= n < N -> 0 <= c < C -> rate scalars Sigmoid (x n c) ="


def edited(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def main_theorem(text: str) -> tuple[str, str, str]:
    head, rest = text.split("Theorem gradient_is_adjoint", 1)
    body, tail = rest.split("Qed.", 1)
    return f"{head}Theorem gradient_is_adjoint", body, f"Qed.{tail}"


EXTRA = "  (one (plain scalars) = zero (plain scalars))%scalar ->\n"


def contradiction_assumed(text: str) -> str:
    """A premise that nothing satisfies, in the theorem alone."""
    head, body, tail = main_theorem(text)
    body = edited(body, ("  " + PREMISE, EXTRA + "  " + PREMISE), ("v rate0.", "v absurd rate0."))
    return head + body + tail


def premise_dropped(text: str) -> str:
    head, body, tail = main_theorem(text)
    start = body.index("  " + PREMISE)
    end = body.index("->\n", start) + 3
    return head + body[:start] + body[end:].replace("v rate0.", "v.", 1) + tail


def rate_of_another_function(text: str) -> str:
    """The premise says what the rate of tanh is; the instance agrees with it."""
    return re.sub(r"= apply _ Sigmoid(\s+\(x n c\) \* \()", r"= apply _ Tanh\1", text)


SABOTAGED: dict[str, tuple[Callable[[str], str], str]] = {
    "an unsatisfiable premise": (contradiction_assumed, "theorem_applies"),
    "a premise that is dropped": (premise_dropped, "gradient_is_adjoint"),
    "a premise about another function": (rate_of_another_function, "gradient_is_adjoint"),
    "a dual inverse that is none": (
        lambda text: edited(text, ("negate o (times o (inverse o u) (inverse o u))", "one o")),
        "dual_inverse",
    ),
    "an instance that has another slope": (
        lambda text: edited(text, ("Q2Qc (1 # 2); Q2Qc (1 # 4)", "Q2Qc (1 # 2)")),
        "premises_are_satisfiable",
    ),
}


@pytest.mark.complete
@needs_coq
@pytest.mark.parametrize("name", SABOTAGED)
def test_coq_refuses_a_sabotaged_certificate(name: str) -> None:
    change, place = SABOTAGED[name]
    text = change(SIGMOID)
    assert text != SIGMOID
    outcome = certify(text)
    assert not outcome.certified
    assert place in outcome.place, outcome.place
