"""Where a function fails is found from the cases that were run, and is true."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import derive
from derive.language.definition import Layer
from tests.suites import every
from tests.telling import text as in_text
from verify.evaluation.compiled import Values
from verify.trying.domain import Domain
from verify.trying.subject import LayerUnderTest
from verify.trying.user.examination import examined
from verify.trying.user.reporting import told
from verify.trying.user.where import where

CONV = derive.layer("conv", channels=True, bias=False, stride="s", padding="p", groups="G")
POOL = derive.layer("maxpool", stride="s")
NORM = derive.parse("f(x[N, C]; eps=1/100): y[n, c] = x[n, c]*(sum[m] x[m, c]^2/N + eps)^(-1/2)")

Wrong = Callable[[dict[str, int]], bool]

#: where a function is made to be wrong, and what has to be said of it
PLACES: list[tuple[Layer, Wrong, str]] = [
    (CONV, lambda v: v["p"] == 0, "in all cases with p = 0, right with p ≥ 1"),
    (CONV, lambda v: v["p"] > 0, "in all cases with p ≥ 1, right with p = 0"),
    (CONV, lambda v: v["s"] > 1, "in all cases with s > 1, right with s = 1"),
    (CONV, lambda v: v["G"] > 1, "in all cases with G > 1, right with G = 1"),
    (CONV, lambda v: v["N"] > 1, "in all cases with N > 1, right with N = 1"),
    (CONV, lambda v: v["H"] != v["W"], "in all cases with H ≠ W, right with H = W"),
    (CONV, lambda v: v["H"] < v["W"], "in all cases with H < W, right with H ≥ W"),
    (CONV, lambda v: v["K1"] != v["K2"], "in all cases with K1 ≠ K2, right with K1 = K2"),
    (CONV, lambda v: v["K2"] > 1, "in all cases with K2 > 1, right with K2 = 1"),
    (CONV, lambda v: v["s"] < v["K1"], "in all cases with s < K1, right with s ≥ K1"),
    (CONV, lambda v: (v["H"] + 2 * v["p"] - v["K1"]) % v["s"] > 0, "s not dividing"),
    (CONV, lambda v: v["s"] > 1 and v["p"] > 0, "with s > 1 and p ≥ 1, right in all others"),
    (CONV, lambda v: v["K1"] > 1 or v["K2"] > 1, "or K1 > 1, right in all others"),
    (CONV, lambda v: v["N"] != v["O"], "in all cases with N ≠ O, right with N = O"),
    (CONV, lambda v: v["C"] > 1 and v["N"] > 1, "N > 1 and C > 1, right in all others"),
    (CONV, lambda v: v["K1"] != v["K2"] and v["N"] * v["H"] % 3 > 0, "only with K1 ≠ K2"),
    (CONV, lambda v: v["p"] == 0 and (v["H"] * v["O"] + v["W"]) % 3 > 0, "only with p = 0"),
    (POOL, lambda v: v["s"] < v["K1"] or v["s"] < v["K2"], "s < K1 or s < K2"),
    (POOL, lambda v: v["s"] > v["K1"], "in all cases with s > K1, right with s ≤ K1"),
    (POOL, lambda v: v["K1"] != v["K2"], "in all cases with K1 ≠ K2, right with K1 = K2"),
    (POOL, lambda v: v["C"] > 1, "in all cases with C > 1, right with C = 1"),
    (NORM, lambda v: v["N"] > 1, "in all cases with N > 1, right with N = 1"),
    (CONV, lambda v: v["K1"] % 2 == 0, "in all cases with K1 even, right with K1 odd"),
    (NORM, lambda v: v["N"] == v["C"], ""),
    (CONV, lambda v: False, ""),
    (CONV, lambda v: True, ""),
    (CONV, lambda v: (v["H"] * 7 + v["W"] * 5 + v["N"] * 3 + v["C"]) % 5 > 2, ""),
    (CONV, lambda v: (v["H"] + v["W"] + v["K1"] + v["O"]) % 2 > 0, ""),
]


@pytest.mark.parametrize("case", every(9, PLACES))
def test_a_place_that_was_chosen_is_found(case: tuple[Layer, Wrong, str]) -> None:
    layer, wrong, words = case
    domain = Domain(layer, frozenset(h.symbol for h in layer.hyperparameters))

    def labelled(count: int, seed: int) -> list[tuple[Values, bool]]:
        drawn = domain.drawn(count, seed)
        return [(v, wrong({s.name: int(n) for s, n in v.items()})) for v in drawn]

    found, _ = where(layer, LayerUnderTest(layer).upstream, labelled(110, 0), labelled(60, 1))
    assert words in found if words else not found, found


CODE = """
import numpy as np
def backward(g, x, k, stride, pad):
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dxp, dk = np.zeros_like(xp), np.zeros_like(k)
    for r, c in np.ndindex(g.shape[2:]):
        w = np.s_[:, :, stride*r:stride*r+k.shape[2], stride*c:stride*c+k.shape[3]]
        v = {read}
        dk += np.einsum("no,nihw->oihw", g[:, :, r, c], xp[v])
        dxp[w] += np.einsum("no,oihw->nihw", g[:, :, r, c], k)
    return dxp{cut}, dk
"""
SLICED, CUT = "[:, :, pad:-pad, pad:-pad]", "[:, :, pad:pad+x.shape[2], pad:pad+x.shape[3]]"
FORGOTTEN = "np.s_[:, :, stride*r:stride*r+k.shape[2], c:c+k.shape[3]]"
WIDE = {"channels": True, "bias": False, "stride": "s", "padding": "p"}
POOLED = """
import numpy as np
def backward(g, x, K1, K2, stride):
    dx = np.zeros_like(x)
    for n, i, r, c in np.ndindex(g.shape):
        w = x[n, i, stride*r:stride*r+K1, stride*c:stride*c+K2]
        {body}
    return dx
"""
FLAT = (
    "m = w.argmax(); a, b = min(m // K1, K1 - 1), m % K2; "
    "dx[n, i, stride*r+a, stride*c+b] += g[n, i, r, c]"
)
ASSIGNED = "dx[n, i, stride*r:stride*r+K1, stride*c:stride*c+K2] = (w == w.max())*g[n, i, r, c]"
SOFTMAX = derive.parse("softmax(x[N]): y[i] = exp(x[i])/(sum[j] exp(x[j]))")
FIRST = """
import numpy as np
def backward(g, x):
    y = np.exp(x) / np.exp(x).sum()
    for i in range(len(g)):
        if g[i]:
            return g[i] * y[i] * ((np.arange(len(x)) == i) - y)
    return np.zeros_like(x)
"""
MATRIX = derive.parse("y[j] = sum[i] x[i]*w[i, j]")

EXPLAINED: list[tuple[Layer, str, list[str], list[str]]] = [
    (derive.layer("conv", **WIDE), CODE.format(read="w", cut=SLICED),
     ["∂L/∂x is wrong in all cases with p = 0, right with p ≥ 1", "∂L/∂k is right in all"], []),
    (derive.layer("conv", **WIDE), CODE.format(read=FORGOTTEN, cut=SLICED),
     ["∂L/∂x is wrong in all cases with p = 0, right with p ≥ 1", "∂L/∂k is wrong too",
      "∂L/∂k is wrong only with s > 1"], []),
    (derive.layer("conv", **WIDE), CODE.format(read=FORGOTTEN, cut=CUT),
     ["∂L/∂k is wrong: only with s > 1", "∂L/∂x is right in all"], []),
    (POOL, POOLED.format(body=FLAT), ["K1 ≠ K2"], ["overlap"]),
    (POOL, POOLED.format(body=ASSIGNED), ["overlapping windows overwritten"], []),
    (SOFTMAX, FIRST, ["only the first of them counts"], ["overlap"]),
    (MATRIX, "import numpy as np\ndef f(g, x, w):\n"
     "    dw = np.outer(x, g)\n    return (w - dw) @ g, dw\n",
     ["∂L/∂x is wrong: not linear in g", "∂L/∂w is right"], []),
    (MATRIX, "import numpy as np\ndef f(g, x, w):\n"
     "    return w @ g + 0.5*(w.shape[0] > 2), np.outer(x, g)\n", ["nonzero where g = 0"], []),
    (derive.parse("leaky(x[N]; a=1/2): y[i] = max(a*x[i], x[i])"),
     "import numpy as np\ndef f(g, x, a):\n    return np.where(x < 0, a*g, g)\n",
     ["in all cases with a > 1, right with a ≤ 1", "x[0] ="], []),
]  # fmt: skip


@pytest.mark.parametrize("case", every(12, EXPLAINED))
def test_what_is_said_of_a_wrong_function(case: tuple[Layer, str, list[str], list[str]]) -> None:
    layer, code, said, unsaid = case
    found = examined(layer, code, "backward" if "def backward" in code else "f")
    text = " ".join(in_text(told(found)).split())
    assert found.verdict.word == "refuted", text
    assert all(words in text for words in said), text
    assert not any(words in text for words in unsaid), text


@pytest.mark.complete
@pytest.mark.parametrize(
    ("layer", "code", "entry"),
    [
        ("leaky(x[N]; a=1/2): y[i] = max(a*x[i], x[i])", "g*np.where(x < 0, a, 1)", "x"),
        ("y[i] = if x[i] > 0 then x[i] else 0", "2*g*(x >= 0)", "x"),
        ("y[i] = max(x[i], 0)", "3*g*(x >= 0)", "x"),
        ("y[i] = abs(x[i])", "g*np.where(x < 0, 1, -1)", "x"),
        ("y[i] = max(x[i], k[i])", "g*(x <= k)", "x"),
        ("y[i] = min(x[i], k[i])", "g*(x >= k)", "x"),
    ],
)
def test_the_smallest_case_is_not_at_a_kink(layer: str, code: str, entry: str) -> None:
    parameters = ["g", "x", *(["a"] if "; a" in layer else []), *(["k"] if "k[" in layer else [])]
    source = f"import numpy as np\ndef dx({', '.join(parameters)}):\n    return {code}\n"
    found = examined(derive.parse(layer), source, "dx", wrt="x", examples=40)
    assert found.verdict.word == "refuted" and found.smallest is not None, in_text(told(found))
    tensors = found.smallest.failure.case.tensors
    other = tensors["k"].entries if "k" in tensors else [0] * len(tensors["x"].entries)
    assert all(a != b for a, b in zip(tensors["x"].entries, other, strict=True))


@pytest.mark.complete
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("w = (w == w.max())*1.0; dx[at] += w*g[n, i, r, c]", "passes g on more than once"),
        (
            "w = (w == w.max())*1.0; dx[at] += w/w.sum()*g[n, i, r, c]",
            "shares g among equal entries at ties",
        ),
        (
            "w = np.arange(w.size).reshape(w.shape) == w.size - 1 - w[::-1, ::-1].argmax();"
            " dx[at] += w*g[n, i, r, c]",
            "takes another than the first at ties",
        ),
        ("w = np.arange(w.size).reshape(w.shape) == w.argmax(); dx[at] += w*g[n, i, r, c]", ""),
    ],
)
def test_another_choice_at_ties_is_remarked_on(body: str, words: str) -> None:
    at = "at = np.s_[n, i, stride*r:stride*r+K1, stride*c:stride*c+K2]; "
    found = examined(POOL, POOLED.format(body=at + body), "backward", examples=60)
    text = in_text(told(found))
    assert found.verdict.word == "tested", text
    assert any(words in remark for remark in found.remarks) if words else not found.remarks, text
