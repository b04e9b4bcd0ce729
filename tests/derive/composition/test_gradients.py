"""Gradients of compositions: derived part by part, replayed together, told folded by layer."""

from __future__ import annotations

from cProfile import Profile
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner
from sympy import Basic

import cli
import derive
import verify
from derive.engine.record import Adjoint, Derivation
from derive.language.definition import Axis, Layer
from derive.language.normal_form import normal
from derive.language.terms import Index
from derive.networks import LateDerivation, NetworkDerivation
from tests.derive.composition.texts import LENET, TEXTS, chain
from tests.suites import quick
from verify.checker.together import judge_together


def gradients(layer: Layer) -> list[Derivation]:
    return [derive.gradient(layer, t.name) for t in layer.tensors if not t.integer]


@pytest.mark.parametrize("name", quick([*TEXTS, "lenet"], ["residual"]))
def test_gradients_are_checked(name: str) -> None:
    layer = derive.compose({**TEXTS, "lenet": LENET}[name])
    found = gradients(layer)
    verdict = verify.check(*found)
    assert verdict.word == "checked", verdict
    assert all(verify.check(d).word == "checked" for d in found[:2])


def plain(adjoint: Adjoint) -> Basic:
    """The result at indices of the same names."""
    names = {index: Index(f"at{place}") for place, index in enumerate(adjoint.target.at)}
    return normal(adjoint.result.xreplace(names))


@pytest.mark.parametrize("name", quick(TEXTS, ["residual"]))
def test_they_are_those_of_the_whole(name: str) -> None:
    """The layer read back from its text has no parts: all of it is derived at once."""
    layer = derive.compose(TEXTS[name])
    whole = derive.parse(layer.text)
    for tensor in (t.name for t in layer.tensors if not t.integer):
        ours, theirs = derive.gradient(layer, tensor), derive.gradient(whole, tensor)
        assert isinstance(ours, NetworkDerivation) and not isinstance(theirs, NetworkDerivation)
        both = [{a.target.tensor: plain(a) for a in d.adjoints} for d in (ours, theirs)]
        assert both[0] == both[1]
        assert verify.check(theirs).word == "checked"


def test_adjoints_are_shared() -> None:
    layer = derive.compose(chain(6))
    by_x, by_w = derive.gradient(layer, "x"), derive.gradient(layer, "w0")
    assert all(a is b for a, b in zip(by_x.adjoints[:-1], by_w.adjoints[:-1], strict=True))


@pytest.mark.complete
def test_a_second_derivative() -> None:
    first = derive.gradient(derive.compose(TEXTS["loss"]), "x")
    assert verify.check(derive.gradient(first.layer, "w")).word == "checked"


@pytest.mark.complete
def test_a_claim_about_a_composition() -> None:
    layer = derive.compose("relu(linear(x, w, b))")
    right = "dL/db[o] = sum[n] [linear[n, o] > 0]*g[n, o]"
    assert verify.claim(layer, right).word == "checked"
    wrong = right.replace("[linear[n, o] > 0]*", "")
    assert verify.claim(layer, wrong).word == "refuted"


# --- records that are not right -------------------------------------------------------------------


class Corrupted(NetworkDerivation):
    """A derivation with other views than were derived."""

    views: tuple[LateDerivation, ...] = ()

    def locals(self) -> tuple[LateDerivation, ...]:
        return self.views


def corrupted(derivation: Derivation, place: int, view: Layer, **more: Any) -> Corrupted:
    """The derivation with another layer in one of its views."""
    assert isinstance(derivation, NetworkDerivation)
    views = list(derivation.locals())
    old = views[place]
    fields = {"wrt": old.wrt, "upstream": old.upstream, "adjoints": old.adjoints}
    views[place] = LateDerivation(view, **{**fields, "forms": (), **more})
    made = Corrupted(
        derivation.source, derivation.wrt, derivation.upstream, derivation.adjoints, ()
    )
    made.__dict__["views"] = tuple(views)
    return made


def test_a_view_must_be_part_of_the_layer() -> None:
    found = derive.gradient(derive.compose("relu(conv(x, k; stride=2))"), "x")
    assert isinstance(found, NetworkDerivation)
    view = found.locals()[-1].source
    assert judge_together([corrupted(found, -1, view)]).word == "checked"
    (one,) = view.equations
    requirement = derive.parse("f(x[N]) where 3 <= N: y[i] = x[i]").requirements[0]
    shorter = replace(view.tensors[0], axes=(Axis(view.tensors[1].axes[0].size),) * 2)
    wrong = [
        replace(view, equations=(replace(one, explicit=2 * one.explicit),)),
        replace(view, equations=(replace(one, given=tuple(not g for g in one.given)),)),
        replace(view, requirements=(*view.requirements, requirement)),
        replace(view, definitions=((view.definitions[0][0], view.definitions[1][1]),)),
        replace(view, tensors=(shorter, *view.tensors[1:])),
    ]
    for changed in wrong:
        assert judge_together([corrupted(found, -1, changed)]).word == "undecided"


def test_no_reader_may_be_left_out() -> None:
    """Of x, which a sum and a linear layer read, the sum's share alone is derived."""
    found = derive.gradient(derive.compose(TEXTS["residual"]), "x")
    assert isinstance(found, NetworkDerivation)
    view = found.locals()[-1].source
    partly = replace(view, equations=view.equations[-1:])
    alone = derive.gradient(replace(partly, tensors=view.tensors), "x")
    verdict = judge_together([corrupted(found, -1, partly, adjoints=alone.adjoints)])
    assert verdict.word == "undecided"
    assert "leaves out linear" in verdict.reason


def test_a_wrong_adjoint_is_refused() -> None:
    found = derive.gradient(derive.compose(TEXTS["residual"]), "w")
    for place in range(len(found.adjoints)):
        adjoint = found.adjoints[place]
        wrong = (
            *found.adjoints[:place],
            replace(adjoint, result=adjoint.result * 2),
            *found.adjoints[place + 1 :],
        )
        record = NetworkDerivation(found.source, "w", found.upstream, wrong, ())
        assert verify.check(record).word == "undecided"
    short = NetworkDerivation(found.source, "w", found.upstream, found.adjoints[1:], ())
    assert verify.check(short).word == "undecided"


# --- what is printed ------------------------------------------------------------------------------


def shown(*words: str) -> str:
    result = CliRunner().invoke(cli.main, list(words))
    assert result.exit_code == 0, result.output
    return result.output


def test_it_is_folded_by_layer() -> None:
    text = shown("relu(linear(x, w, b))")
    assert "linear[N, O] = linear(x, w, b)" in text
    assert text.index("y = relu(linear)") < text.index("linear = linear(x, w, b)\n───")
    assert "  = matrix product g_linearᵀ·x" in text
    assert "steps, folded by layer; --full opens them" in text
    assert "chain rule" not in text
    opened = shown("relu(linear(x, w, b))", "--full")
    assert opened.count("chain rule") == 4
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.complete
def test_each_adjoint_is_told_once() -> None:
    text = shown(TEXTS["norms"])
    assert text.count("g_relu[n', c', r', t'] =") + text.count("g_relu[n', c', r', t']\n") == 1


def test_it_is_told_in_every_format() -> None:
    for style in ("markdown", "latex", "json"):
        text = shown("relu(linear(x, w, b))", "--format", style)
        assert len(text) > 1000
    found = derive.gradient(derive.compose("relu(linear(x, w, b))"), "x")
    assert "folded by layer" in found.to("text")


def test_there_is_one_verdict() -> None:
    text = shown("relu(linear(x, w, b))", "--prove")
    assert text.startswith("∂L/∂w, ∂L/∂b, ∂L/∂x of relu_of_linear: checked")
    assert "g_linear: 9 steps" in text


# --- a hundred layers -----------------------------------------------------------------------------


def calls(length: int) -> int:
    """How many functions are called to derive and check all gradients of a chain."""
    with Profile() as profile:
        verify.check(*gradients(derive.compose(chain(length))))
    return sum(entry.callcount for entry in profile.getstats())


@pytest.mark.complete
def test_ten_times_the_layers_are_ten_times_the_work() -> None:
    """Counted, not timed: four times the layers, 4.8 times the calls at most."""
    assert calls(16) < 4.8 * calls(4)
