"""Typical mistakes are named, in formulas and in code alike; nothing is named that is not made."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import derive
import verify
from derive.language.definition import Layer
from tests.suites import every, quick
from tests.verify.mistakes import functions as made
from verify.claims.evaluation import Evaluator
from verify.claims.mistaken import mistaken
from verify.claims.search import search
from verify.claims.subject import subject
from verify.evaluation.arithmetic import EXACT, FLOAT
from verify.evaluation.arrays import Array, indices_of
from verify.evaluation.small_sizes import Sizes
from verify.mistakes.families import mistakes
from verify.mistakes.mistake import (
    ALTOGETHER,
    DERIVATIVE,
    VALUE,
    Mistake,
    Other,
    entry,
    held,
    otherwise,
    with_body,
)
from verify.trying.case import Filler
from verify.trying.drawing import drawn
from verify.trying.numbers import numpy_array
from verify.trying.reasons import Observation, Observed, reason
from verify.trying.subject import LayerUnderTest
from verify.trying.truth import Truth
from verify.trying.user.examination import examined

SUMS = "sums(x[N pad all]): y[n < N] = sum[a < 4] x[n + a - 2]"
LARGEST = "largest(x[N, C]) where 1 <= C: y[n] = max[c] x[n, c]"


class Made(NamedTuple):
    """A mistake in a layer: words, a formula and a function that make it."""

    words: str
    layer: str
    options: dict[str, Any]
    claim: str
    code: Callable[..., Any]

    @property
    def built(self) -> Layer:
        if "(" in self.layer:
            return derive.parse(self.layer)
        return derive.layer(self.layer, **self.options)


DIAGONAL = "only the diagonal of the Jacobian of y by x is used"
HELD = "taken for constant, although computed from x"
TWO, ONE = {"dims": 0}, {"dims": 1}
GROUPS = {**TWO, "groups": 2}
PADDED = {"dims": 1, "kernel_size": 3, "stride": 2, "padding": 1}
LRN = {"dims": 0, "size": 4, "alpha": 0.5, "beta": 1.0}
#: what stands for the statistics of batch-norm, with x as rows, and of layer-norm
BN = "w[c]/sqrt(v[c] + eps)"
MEAN = "(sum[a] g[a, c])/N"
ALONG = "(x[n, c] - m[c])/(v[c] + eps)*(sum[a] g[a, c]*(x[a, c] - m[c]))"
LN = "1/sqrt(v[n] + eps)"
ROW = "(sum[j] w[j]*g[n, j])"
ALONG_ROW = "(x[n, c] - m[n])/(v[n] + eps)*(sum[j] w[j]*g[n, j]*(x[n, j] - m[n]))"
E = "exp(x[n, c])/(sum[j] exp(x[n, j]))"
UNBIASED = "(v[c]*N/(N - 1) + eps)"
UNBIASED_ROW = "(v[n]*C/(C - 1) + eps)"
#: as they would be over the other axis
OTHER_MEAN = "((sum[i] x[n, i])/C)"
OTHER = f"((sum[j] (x[n, j] - {OTHER_MEAN})^2)/C + eps)"
BATCH_MEAN = "((sum[a] x[a, c])/N)"
BATCH = f"((sum[i] (x[i, c] - {BATCH_MEAN})^2)/N + eps)"

MISTAKES = [
    Made(DIAGONAL, "softmax", {}, "y[n, c]*(1 - y[n, c])*g[n, c]", made.softmax_diagonal),
    Made(DIAGONAL, "log_softmax", {}, "g[n, c]*(1 - exp(y[n, c]))", made.log_softmax_diagonal),
    Made(f"exp(x[n, j]) {HELD}", "softmax", {}, "y[n, c]*g[n, c]", made.softmax_held),
    Made(f"exp(x[n, j]) {HELD}", "log_softmax", {}, "g[n, c]", made.log_softmax_held),
    Made(
        "exp(x[n, j]) over the wrong axes of x: (0,) instead of (1,)",
        "softmax",
        {},
        "exp(x[n, c])/(sum[i] exp(x[i, c]))*(g[n, c] - (sum[i] g[i, c]*exp(x[i, c]))"
        "/(sum[i] exp(x[i, c])))",
        made.softmax_axis,
    ),
    Made(
        "exp(x[n, j]) over the wrong axes of x: (0,) instead of (1,)",
        "log_softmax",
        {},
        "g[n, c] - exp(x[n, c])/(sum[i] exp(x[i, c]))*(sum[i] g[i, c])",
        made.log_softmax_axis,
    ),
    Made(
        "factor 1/N missing", "cross_entropy", {}, f"g*({E} - [t[n] == c])",
        made.cross_entropy_undivided,
    ),
    Made(
        "factor 1/N twice", "cross_entropy", {}, f"g*({E} - [t[n] == c])/N^2",
        made.cross_entropy_twice,
    ),
    Made("factor 1/(N*C) missing", "mse", {}, "2*g*(x[n, c] - t[n, c])", made.mse_undivided),
    Made("factor 1/(N*C) twice", "mse", {}, "2*g*(x[n, c] - t[n, c])/(N*C)^2", made.mse_twice),
    Made(f"m and v {HELD}", "batchnorm", TWO, f"{BN}*g[n, c]", made.batchnorm_constant),
    Made(f"m and v {HELD}", "layernorm", {}, f"{LN}*w[c]*g[n, c]", made.layernorm_constant),
    Made(
        f"m and v {HELD}", "groupnorm", GROUPS,
        "w[c]/sqrt(v[n, c//(C//2)] + eps)*g[n, c]", made.groupnorm_constant,
    ),
    Made(
        "m and v over the wrong axes of x: (1,) instead of (1 in groups,)", "groupnorm", GROUPS,
        f"1/sqrt({OTHER})*(w[c]*g[n, c] - {ROW}/C - (x[n, c] - {OTHER_MEAN})/{OTHER}"
        f"*(sum[j] w[j]*g[n, j]*(x[n, j] - {OTHER_MEAN}))/C)",
        made.groupnorm_axes,
    ),
    Made(f"v {HELD}", "batchnorm", TWO, f"{BN}*(g[n, c] - {MEAN})", made.batchnorm_mean_only),
    Made(
        f"v {HELD}", "layernorm", {}, f"{LN}*(w[c]*g[n, c] - {ROW}/C)", made.layernorm_mean_only
    ),
    Made(
        f"m {HELD}", "batchnorm", TWO, f"{BN}*(g[n, c] - {ALONG}/N)",
        made.batchnorm_deviation_only,
    ),
    Made(
        f"q {HELD}", "rmsnorm", {}, "g[n, c]*w[c]/sqrt(q[n] + eps)", made.rmsnorm_constant
    ),
    Made(
        "the unbiased variance (ddof = 1) stands for v, in the value only, not in the derivative",
        "batchnorm",
        TWO,
        f"w[c]/sqrt({UNBIASED})*(g[n, c] - {MEAN}"
        f" - {ALONG.replace('(v[c] + eps)', UNBIASED)}/N)",
        made.batchnorm_unbiased,
    ),
    Made(
        "the unbiased variance (ddof = 1) stands for v: divided by C - 1 instead of C",
        "layernorm",
        {},
        f"1/sqrt({UNBIASED_ROW})*(w[c]*g[n, c] - {ROW}/C"
        f" - {ALONG_ROW.replace('(v[n] + eps)', UNBIASED_ROW)}/(C - 1))",
        made.layernorm_unbiased,
    ),
    Made(
        "factor 1/N missing in the derivative of m and v", "batchnorm", TWO,
        f"{BN}*(g[n, c] - (sum[a] g[a, c]) - {ALONG})", made.batchnorm_sums,
    ),
    Made(
        "factor 1/C missing in the derivative of m and v", "layernorm", {},
        f"{LN}*(w[c]*g[n, c] - {ROW} - {ALONG_ROW})", made.layernorm_sums,
    ),
    Made(
        "m and v over the wrong axes of x: (1,) instead of (0,)",
        "batchnorm",
        TWO,
        f"1/sqrt({OTHER})*(w[c]*g[n, c] - {ROW}/C - (x[n, c] - {OTHER_MEAN})/{OTHER}"
        f"*(sum[j] w[j]*g[n, j]*(x[n, j] - {OTHER_MEAN}))/C)",
        made.batchnorm_axes,
    ),
    Made(
        "m and v over the wrong axes of x: (0,) instead of (1,)",
        "layernorm",
        {},
        f"w[c]/sqrt({BATCH})*(g[n, c] - {MEAN} - (x[n, c] - {BATCH_MEAN})/{BATCH}"
        f"*(sum[i] g[i, c]*(x[i, c] - {BATCH_MEAN}))/N)",
        made.layernorm_axes,
    ),
    Made(
        "the sums of the gradient over the wrong axes of g: (0,) instead of (1,)",
        "layernorm",
        {},
        f"{LN}*(w[c]*g[n, c] - w[c]*(sum[a] g[a, c])/N - (x[n, c] - m[n])*{LN}"
        "*(sum[a] w[c]*g[a, c]*(x[a, c] - m[a])/sqrt(v[a] + eps))/N)",
        made.layernorm_gradient_axes,
    ),
    Made(
        "m and v over the wrong axes of x, in the derivative only, not in the value: (0,)",
        "batchnorm",
        ONE,
        f"{BN}*(g[n, c, r] - (sum[a] g[a, c, r])/N - (x[n, c, r] - m[c])/(v[c] + eps)"
        "*(sum[a] g[a, c, r]*(x[a, c, r] - m[c]))/N)",
        made.batchnorm_image_axes,
    ),
    Made(
        "window of even size off by half, in the derivative only",
        "lrn",
        LRN,
        "g[n, c]*q[n, c]^(-beta) - alpha*beta/2*x[n, c]"
        "*(sum[j < 4] g[n, c+j-2]*x[n, c+j-2]*q[n, c+j-2]^(-beta-1))",
        made.lrn_unmirrored,
    ),
    Made(
        "window of even size off by half: it begins 1 before the middle, not 2",
        "lrn",
        LRN,
        "g[n, c]*(k + alpha*(sum[j < 4] x[n, c+j-1]^2)/4)^(-beta) - alpha*beta/2*x[n, c]"
        "*(sum[j < 4, 0 <= i < C] [i == c+j-2]*g[n, i]*x[n, i]"
        "*(k + alpha*(sum[a < 4] x[n, i+a-1]^2)/4)^(-beta-1))",
        made.lrn_shifted,
    ),
    Made(
        "window of even size off by half: it begins 1 before the middle, not 2", SUMS, {},
        "sum[a < 4] g[n+a-2]", made.sums_shifted,
    ),
    Made(
        "mask not scaled: factor 1/(1 - p) missing", "dropout", {}, "g[n, c]*mask[n, c]",
        made.dropout_unscaled,
    ),
    Made(
        "mask scaled twice: factor 1/(1 - p) twice", "dropout", {"p": "p"},
        "g[n, c]*mask[n, c]/(1 - p)^2", made.dropout_twice,
    ),
    Made(
        "each window is divided by the size of the kernel, wherever it lies: 3", "avgpool",
        {**PADDED, "count_include_pad": False}, "(sum[a < 3] g[n, c, (r+1-a)/2])/3",
        made.avgpool_kernel,
    ),
    Made(
        "each window is divided by how many of its entries are inside the image: ", "avgpool",
        PADDED,
        "sum[i] [0 <= r-2*i+1 < 3]*g[n, c, i]/(min(2*i+2, H) - max(2*i-1, 0))",
        made.avgpool_image,
    ),
    Made(
        "each window is divided by the size of the kernel, wherever it lies: 3", "avgpool",
        {**PADDED, "padding": 0, "ceil_mode": True}, "(sum[a < 3] g[n, c, (r-a)/2])/3",
        made.avgpool_ceil,
    ),
    Made(
        "each window is divided by the rounded up mean length: (H + E - 1)//E",
        "adaptive_avgpool", ONE,
        "sum[i < E] [i*H//E <= r < ((i+1)*H + E-1)//E]*g[n, c, i]/((H + E - 1)//E)",
        made.adaptive_equal,
    ),
]  # fmt: skip


def left(case: Made) -> str:
    """∂L/∂ the first tensor, at the indices that the claims use."""
    first = case.built.tensors[0]
    return f"dL/d{first.name}[{', '.join(['n', 'c', 'r', 't'][: len(first.axes)])}]"


def told_of_a_formula(layer: Layer, text: str) -> str:
    """What is said of a formula that differs, without what proves or shrinks."""
    found = subject(layer, text)
    tried = search(Evaluator(found), 20_000)
    assert tried.difference is not None
    return mistaken(found, tried.difference)


def told_of_code(layer: Layer, code: Callable[..., Any]) -> str:
    """What is said of a function, from a few cases in which it is called here."""
    under_test, names = LayerUnderTest(layer), inspect.signature(code).parameters
    wrt = layer.tensors[0].name
    seen, wrong = [], 0
    for case in drawn(under_test, 80, 1):
        if len(seen) >= 20 and wrong > 2:
            break
        if any(0 in a.shape for a in case.tensors.values()):
            continue
        given = {n: numpy_array(a, "float64") for n, a in case.tensors.items()}
        given |= {t.name: given[t.name].astype(int) for t in layer.tensors if t.integer}
        given |= {s.name: v for s, v in case.values.items()}
        truth = Truth(under_test, case)
        if not truth.has_values:
            continue
        returned = code(**{n: given[n] for n in names})
        array = np.asarray(returned[wrt] if isinstance(returned, dict) else returned)
        right = numpy_array(truth.gradient(wrt).array, "float64")
        seen.append(Observation(case, wrt, array, {wrt: right}))
        wrong += not seen[-1].shows(right)
    assert wrong > 2
    seen.sort(key=lambda o: o.shows(o.truth))
    return reason(Observed(under_test, tuple(seen)))


@pytest.mark.parametrize("case", every(12, MISTAKES), ids=lambda c: f"{c.layer}: {c.words}")
def test_a_formula_gets_the_words(case: Made) -> None:
    assert case.words in told_of_a_formula(case.built, f"{left(case)} = {case.claim}")


@pytest.mark.parametrize("case", every(12, MISTAKES[3:]), ids=lambda c: f"{c.layer}: {c.words}")
def test_code_gets_the_words(case: Made) -> None:
    assert case.words in told_of_code(case.built, case.code)


@pytest.mark.parametrize("case", quick([MISTAKES[0], *MISTAKES[-6:-3]], []))
def test_the_words_are_in_the_verdict(case: Made) -> None:
    claimed = verify.claim(case.built, f"{left(case)} = {case.claim}")
    tried = examined(case.built, case.code, examples=30)
    for verdict in (claimed, tried.verdict):
        assert verdict.word == "refuted"
        assert case.words in verdict.reason


#: two mistakes at once, or one that is made in some places only: no words fit
OTHERS = [
    ("softmax", {}, "y[n, c]*(1 - y[n, c])*g[n, c]*[c != 2] + [c == 2]*g[n, c]"),
    ("log_softmax", {}, "g[n, c] - exp(y[n, c])*g[n, c] - exp(y[n, c])^2*g[n, c]"),
    ("batchnorm", TWO, f"{BN}*(g[n, c] - {MEAN} + {ALONG}/N)"),
    ("batchnorm", TWO, f"{BN}*(g[n, c] - 2*{MEAN})"),
    ("dropout", {}, "g[n, c]*mask[n, c]^2"),
    ("mse", {}, "2*g*(x[n, c] + t[n, c])/N"),
]


@pytest.mark.parametrize("case", every(6, OTHERS), ids=lambda c: c[2])
def test_other_mistakes_get_no_such_words(case: tuple[str, dict[str, Any], str]) -> None:
    name, options, claim = case
    assert told_of_a_formula(derive.layer(name, **options), f"dL/dx[n, c] = {claim}") == ""


@pytest.mark.parametrize(
    "words, code, layer",
    [
        ("passes g on more than once at ties", made.maxpool_ties, "maxpool"),
        ("passes g on more than once at ties", made.largest_ties, LARGEST),
    ],
)
@pytest.mark.complete
def test_ties_refute_nothing_and_are_named(words: str, code: Any, layer: str) -> None:
    catalog = layer == "maxpool"
    built = derive.layer(layer, dims=1, kernel_size=2) if catalog else derive.parse(layer)
    at = "[0 <= h-2*r < 2]*[x[n, c, h] == y[n, c, r]]"
    claim = (
        f"dL/dx[n, c, h] = sum[r] g[n, c, r]*{at}"
        if catalog
        else "dL/dx[n, c] = g[n]*[x[n, c] == y[n]]"
    )
    found = examined(built, code)
    assert found.verdict.word == "tested"
    assert any(words in remark for remark in found.remarks)
    verdict = verify.claim(built, claim)
    assert verdict.word == "tested"
    assert words in verdict.reason


# --- the machinery --------------------------------------------------------------------------------


@pytest.mark.parametrize("case", every(4, [("softmax", {}), ("batchnorm", TWO), ("lrn", LRN)]))
def test_no_mistake_leads_to_the_right_gradient(case: tuple[str, dict[str, Any]]) -> None:
    """At sizes that are not too small, so that everything in the layer has an effect."""
    layer = derive.layer(case[0], **case[1])
    right = LayerUnderTest(layer)
    filler = Filler(layer, right.upstream)
    values = Sizes(layer).completed_from(dict(zip(layer.sizes, (3, 5), strict=True)))
    assert values is not None
    truth = Truth(right, filler.floats(values))
    found = list(mistakes(layer, "x"))
    assert len(found) > 5
    assert [m.words for m in found if not _leads_elsewhere(m, truth)] == []


def _leads_elsewhere(mistake: Mistake, truth: Truth) -> bool:
    upstream, case = truth.subject.upstream, truth.case
    array = truth.gradient("x").array
    given = (case.tensors, upstream, case.values, FLOAT)
    try:
        pairs = ((entry(mistake, "x", at, *given), array[at]) for at in indices_of(array.shape))
        return any(abs(float(a) - float(b)) > 1e-6 * (1 + abs(float(b))) for a, b in pairs)
    except ArithmeticError:
        return True


def test_a_held_value_does_not_move() -> None:
    layer = derive.parse("f(x[N]): m = sum[i] x[i]; y[i] = m*x[i]")
    arrays = {"x": Array.of([2, 3]), "g": Array.of([1, 10])}
    values = dict.fromkeys(layer.sizes, 2)
    given = ((0,), arrays, {"y": "g"}, values, EXACT)
    assert entry(Mistake("", layer), "x", *given) == 1 * (5 + 2) + 10 * 3
    assert entry(Mistake("", held(layer, ("m",))), "x", *given) == 5
    equation = layer.equation("m")
    assert equation is not None
    twice = {"m": Other(with_body(equation, 2 * equation.written))}
    ways: dict[str, list[Any]] = {}
    for where, other in otherwise(layer, twice):
        ways.setdefault(where, []).append(entry(Mistake("", other), "x", *given))
    assert ways[ALTOGETHER] == [2 * (5 + 2) + 10 * 2 * 3]
    assert set(ways[VALUE]) == {10 + 2 + 10 * 3}
    assert set(ways[DERIVATIVE]) == {5 + 2 * 2 + 10 * 2 * 3}
