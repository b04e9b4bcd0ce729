"""How parameters are filled and results told apart; and that the judge itself can be wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import cli
import derive
from derive.engine.reverse import upstream_names
from verify.trying.differences import Estimate
from verify.trying.process.process import CannotRun, Loaded, SignatureParameter
from verify.trying.truth import Truth
from verify.trying.user.arguments import Offers, settings
from verify.trying.user.calls import plan
from verify.trying.user.examination import examined
from verify.trying.user.names import tensor_of
from verify.trying.user.results import wanted

CONV = derive.layer("conv", channels=True, stride=("s1", "s2"), padding="p", groups="G")


def called(*names: str, layer: Any = CONV, given: dict[str, Any] | None = None) -> str:
    parameters = tuple(
        SignatureParameter(
            n.rstrip("?"), "POSITIONAL_OR_KEYWORD", "None" if n.endswith("?") else None
        )
        for n in names
    )
    return plan("f", Loaded(parameters), Offers(layer, upstream_names(layer), given or {})).text


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (("g", "x", "k", "b"), "f(g, x, k, b)"),
        (("dout", "x", "weight", "bias"), "f(dout=g, x, weight=k, bias=b)"),
        (("X", "W"), "f(X=x, W=k)"),
        (("dout", "X", "W", "b", "stride"), "f(dout=g, X=x, W=k, b, stride=(s1, s2))"),
        (("g", "k", "H", "W"), "f(g, k, H, W)"),
        (("g", "x", "H", "W"), "f(g, x, H, W)"),
        (("g", "W", "x"), "f(g, W=k, x)"),
        (("g", "x", "kernel", "W"), "f(g, x, kernel=k, W)"),
        (("g", "K", "inputs", "B"), "f(g, K=k, inputs=x, B=b)"),
        (
            ("g", "x", "k", "in_channels", "out_channels"),
            "f(g, x, k, in_channels=x.shape[1], out_channels=y.shape[1])",
        ),
        (("stride_w", "pad_h", "g"), "f(stride_w=s2, pad_h=p, g)"),
        (("grad_output", "input", "kernel"), "f(grad_output=g, input=x, kernel=k)"),
        (("g", "x_shape", "k", "stride"), "f(g, x_shape=x.shape, k, stride=(s1, s2))"),
        (("g", "s1", "s2", "pad", "groups"), "f(g, s1, s2, pad=p, groups=G)"),
        (("g", "k", "H", "kernel_size"), "f(g, k, H, kernel_size=(K1, K2))"),
        (("g", "y", "unknown?"), "f(g, y)"),
        (("one", "two", "three", "four"), "f(one=g, two=x, three=k, four=b)"),
        (("g", "inp", "foo", "b"), "f(g, inp=x, foo=k, b)"),
    ],
)
def test_parameters_are_filled_by_name(names: tuple[str, ...], text: str) -> None:
    assert called(*names) == text


def test_options_that_are_numbers_are_given() -> None:
    layer = derive.layer("conv", stride=(2, 1), padding=1)
    given = settings("conv", {"stride": "2,1", "padding": "1", "groups": None})
    names = ("g", "x", "k", "stride", "padding", "dilation", "s2")
    assert called(*names, layer=layer, given=given) == (
        "f(g, x, k, stride=(2, 1), padding=1, dilation=1, s2=1)"
    )
    typed = derive.parse("every(x[N]; s=1):\n    y[r] = x[s*r]", s=2)
    given = settings("every(x[N]; s=1): …", {}, ["s=2"])
    assert called("g", "x", "s", layer=typed, given=given) == "f(g, x, s=2)"


def test_unknown_names_are_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(CannotRun) as raised:
        called("dout", "cache")
    message = str(raised.value)
    assert "nothing is known that cache could receive" in message
    assert "g, x, k, b (tensors)" in message and "hyperparameters: s1, s2, p, G" in message


def test_arguments_in_order_where_there_are_no_names() -> None:
    star = SignatureParameter("args", "VAR_POSITIONAL", None)
    offers = Offers(CONV, upstream_names(CONV))
    assert plan("f", Loaded((star,)), offers).text == "f(g, x, k, b)"
    assert plan("f", Loaded(None), offers).text == "f(g, x, k, b)"
    keywords = (
        SignatureParameter("g", "POSITIONAL_ONLY", None),
        SignatureParameter("more", "VAR_KEYWORD", None),
    )
    found = plan("f", Loaded(keywords), offers)
    assert len(found.call.positional) == 1 and list(found.call.named) == ["x", "k", "b"]


@pytest.mark.parametrize(
    ("key", "tensor"),
    [
        ("x", "x"),
        ("dx", "x"),
        ("grad_k", "k"),
        ("dL_dx", "x"),
        ("x_grad", "x"),
        ("weight", "k"),
        ("d_bias", "b"),
        ("dweight", "k"),
        ("z", None),
        ("cache", None),
    ],
)
def test_keys_of_a_dictionary(key: str, tensor: str | None) -> None:
    assert tensor_of(key, ["x", "k", "b"]) == tensor


@pytest.mark.parametrize(
    ("function", "tensors"),
    [
        ("backward", ("x", "k", "b")),
        ("backward_x", ("x",)),
        ("conv_dk", ("k",)),
        ("dx", ("x",)),
        ("grad_weight", ("k",)),
        ("conv_backward", ("x", "k", "b")),
    ],
)
def test_the_name_of_the_function_tells_what_it_returns(
    function: str, tensors: tuple[str, ...]
) -> None:
    assert wanted(CONV, None, function).tensors == tensors
    assert wanted(CONV, "b, x", function).tensors == ("b", "x")


def test_a_dictionary_may_hold_some_of_the_gradients() -> None:
    code = "def f(g, w, x):\n    return {'dw': g.T @ x}\n"
    found = examined(derive.layer("linear"), code, "f", examples=10)
    assert found.verdict.word == "tested" and found.tensors == ("w",)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        pytest.param(
            ["any_stride", "--of", "conv", "--stride", "2"],
            0,
            "any_stride(g, x, k, stride=2, padd",
            marks=pytest.mark.complete,
        ),
        (["loops", "--of", "conv", "--stride", "2"], 1, "stride ignored"),
        (["loop", "--of", "conv"], 2, "the file has no function 'loop'; it has: loops, einsum_k"),
    ],
)
def test_the_command(words: list[str], status: int, said: str) -> None:
    file = Path(__file__).with_name("candidates_correct.py")
    function, *options = words
    done = CliRunner().invoke(cli.main, ["check", "--code", f"{file}:{function}", *options])
    assert done.exit_code == status, done.output
    assert said in " ".join(done.output.split())


# --- sabotage: when the judge's own sources disagree, nothing is said ----------------------------

RIGHT = "def f(g, x):\n    return 2*g*x\n"
WRONG = "def f(g, x):\n    return 3*g*x\n"
SQUARE = derive.parse("y[n, j] = x[n, j]^2")


def test_a_refutation_that_dual_numbers_do_not_confirm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Truth, "slope", lambda *_: 12345)
    found = examined(SQUARE, WRONG, "f", examples=5)
    assert found.verdict.word == "undecided" and "dual numbers say 12345" in found.verdict.reason


def test_an_agreement_that_differences_do_not_confirm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Truth, "difference", lambda *_: Estimate(12345.0, 0.0))
    found = examined(SQUARE, RIGHT, "f", examples=5)
    assert found.verdict.word == "undecided" and "finite differences" in found.verdict.reason


def test_a_wrong_truth_refutes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    true = Truth._gradient

    def doubled(self: Truth, tensor: str) -> Any:
        found = true(self, tensor)
        return replace(found, array=found.array.map(lambda e: 2 * e))

    monkeypatch.setattr(Truth, "_gradient", doubled)
    found = examined(SQUARE, RIGHT, "f", examples=5)
    assert found.verdict.word == "undecided" and "please report this" in found.verdict.reason
