"""What a function takes is varied; what is not varied stands in the first line."""

from __future__ import annotations

from typing import Any

import pytest

from derive.console.arguments import layer_from
from tests.suites import every
from tests.telling import text as in_text
from verify.trying.user.arguments import settings, unasked
from verify.trying.user.examination import ExaminedFunction, examined
from verify.trying.user.reporting import told


def tried(
    word: str, options: dict[str, Any], code: str, examples: int = 20, **more: Any
) -> ExaminedFunction:
    """As the command line has it."""
    return examined(
        layer_from(word, options, ()), "import numpy as np\n" + code, "backward",
        given=settings(word, options), unasked=unasked(word, options), examples=examples, **more,
    )  # fmt: skip


POOL = """
def backward(g, x, K1, K2{more}):
    dx = np.zeros_like(x)
    for n, i, r, c in np.ndindex(g.shape):
        r1, c1 = {at}
        w = x[n, i, r1:r1 + K1, c1:c1 + K2]
        a, b = np.unravel_index(w.argmax(), w.shape)
        dx[n, i, r1 + a, c1 + b] {assigned} g[n, i, r, c]
    return dx
"""
CONV = """
def backward(dout, x, w, b{more}):
    pad, stride, dilation = {values}
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    H, W = dout.shape[2:]
    for a, c in np.ndindex(w.shape[2:]):
        at = np.s_[:, :, dilation*a:dilation*a + stride*(H-1) + 1:stride,
                   dilation*c:dilation*c + stride*(W-1) + 1:stride]
        dw[:, :, a, c] = np.einsum("norc,nirc->oi", dout, xp[at])
        dxp[at] += np.einsum("norc,oi->nirc", dout, w[:, :, a, c])
    return dxp[:, :, pad:pad + x.shape[2], pad:pad + x.shape[3]], dw, dout.sum((0, 2, 3))
"""
CHANNELS = {"channels": True}

#: layer, its options, code, the word, what is held, hyperparameters that are varied
CASES: list[tuple[str, dict[str, Any], str, str, list[str], list[str]]] = [
    ("maxpool", {}, POOL.format(more="", at="K1*r, K2*c", assigned="="), "tested",
     ["stride = kernel_size", "padding = 0", "dilation = 1"], ["K1", "K2"]),
    ("maxpool", {}, POOL.format(more=", stride", at="stride*r, stride*c", assigned="+="), "tested",
     ["padding = 0", "dilation = 1"], ["K1", "K2", "s"]),
    ("maxpool", {}, POOL.format(more=", stride", at="stride*r, stride*c", assigned="="), "refuted",
     [], ["s"]),
    ("maxpool", {}, POOL.format(more=", stride=None", at="K1*r, K2*c", assigned="+="), "refuted",
     [], ["s"]),
    ("maxpool", {"stride": "2"}, POOL.format(more="", at="2*r, 2*c", assigned="+="), "tested",
     ["padding = 0", "dilation = 1"], ["K1", "K2"]),
    ("conv", CHANNELS, CONV.format(more=", stride=1, pad=0", values="pad, stride, 1"), "tested",
     ["dilation = 1", "groups = 1"], ["s", "p"]),
    ("conv", CHANNELS, CONV.format(more=", stride=1, pad=0", values="0, 1, 1"), "refuted",
     [], ["s", "p"]),
    ("conv", CHANNELS, CONV.format(more=", stride=1", values="0, stride, 1"), "tested",
     ["padding = 0", "dilation = 1", "groups = 1"], ["s"]),
    ("conv", CHANNELS, CONV.format(more=", stride=1", values="0, 1, 1"), "refuted", [], ["s"]),
    ("conv", CHANNELS, CONV.format(more=", padding=0", values="padding, 1, 1"), "tested",
     ["stride = 1", "dilation = 1", "groups = 1"], ["p"]),
    ("conv", CHANNELS, CONV.format(more=", pad", values="0, 1, 1"), "refuted", [], ["p"]),
    ("conv", CHANNELS, CONV.format(more=", *, dilation=1", values="0, 1, dilation"), "tested",
     ["stride = 1", "padding = 0", "groups = 1"], ["d"]),
    ("conv", CHANNELS, CONV.format(more=", dilation=1", values="0, 1, 1"), "refuted", [], ["d"]),
    ("conv", CHANNELS, CONV.format(more=", groups=1", values="0, 1, 1"), "refuted", [], ["G"]),
    ("conv", CHANNELS, CONV.format(more="", values="0, 1, 1"), "tested",
     ["stride = 1", "padding = 0", "dilation = 1", "groups = 1"], []),
    ("conv", {**CHANNELS, "stride": "2"}, CONV.format(more=", stride=2", values="0, 2, 1"),
     "tested", ["padding = 0", "dilation = 1", "groups = 1"], []),
    ("conv", {**CHANNELS, "stride": "2"}, CONV.format(more=", pad", values="pad, 2, 1"),
     "tested", ["dilation = 1", "groups = 1"], ["p"]),
    ("conv", {**CHANNELS, "stride": "s"}, CONV.format(more=", stride", values="0, stride, 1"),
     "tested", ["padding = 0", "dilation = 1", "groups = 1"], ["s"]),
    ("conv", CHANNELS, CONV.format(more=", verbose=False", values="0, 1, 1"), "tested",
     ["stride = 1", "padding = 0", "dilation = 1", "groups = 1", "verbose = False"], []),
    ("relu", {}, "def backward(g, x):\n    return g*(x > 0)\n", "tested", [], []),
    ("linear", {}, "def backward(g, x, w):\n    return g @ w, g.T @ x, g.sum(0)\n", "tested",
     [], []),
]  # fmt: skip


@pytest.mark.parametrize("case", every(30, CASES))
def test_what_is_taken_is_varied_and_the_rest_is_said(
    case: tuple[str, dict[str, Any], str, str, list[str], list[str]],
) -> None:
    word, options, code, verdict, held, varied = case
    found = tried(word, options, code)
    text = in_text(told(found))
    assert found.verdict.word == verdict, text
    assert {*varied} <= {h.name for h in found.layer.hyperparameters}
    if verdict == "tested":
        assert {*varied} <= {*found.scope.varied} and list(found.scope.held) == held, text
        first = " ".join(text.split("\n\n")[0].split())
        assert all(h in first for h in held) and (" only)" in first) == bool(held), text
        assert all(name in found.verdict.reason for name in found.scope.varied), text


@pytest.mark.complete
def test_a_size_that_never_varies_is_said() -> None:
    """Hyperparameters that are refused on purpose are held by the function itself."""
    code = (
        "def backward(g, x, K1, K2, stride):\n    assert stride == K1 == K2\n"
        "    return np.repeat(np.repeat(g, K1, 2), K2, 3)[:, :, :x.shape[2], :x.shape[3]]/(K1*K2)\n"
    )
    found = tried("avgpool", {}, code, examples=60)
    assert found.verdict.word == "refuted"  # rows that are left over get no zeros
    code = "def backward(g, x, K1, K2, stride):\n    assert K2 == 1 == K1 == stride\n    return g\n"
    found = tried("avgpool", {}, code, examples=300)
    assert found.verdict.word == "tested", in_text(told(found))
    assert {"K1 = 1", "K2 = 1", "s = 1"} <= {*found.scope.held}, in_text(told(found))
    assert any("it refuses" in manner for manner in found.manners)
