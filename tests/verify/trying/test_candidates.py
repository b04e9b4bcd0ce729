"""Correct backward functions are accepted, faulty ones refuted with the right words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import derive
from derive.language.definition import Layer
from tests.places import DOCS
from tests.suites import every
from tests.telling import text as in_text
from verify.trying.user.examination import ExaminedFunction, examined
from verify.trying.user.reporting import told

HERE = Path(__file__).parent

MAXPOOL = "maxpool1(x[N, C, H]; K=2, s=2):\n    y[n, c, r] = max[a < K] x[n, c, s*r + a]"
EMBEDDING = "embedding(w[V, D], t[N] int < V):\n    y[n, d] = w[t[n], d]"
RELU = "y[i] = if x[i] > 0 then x[i] else 0"
CROSS_ENTROPY = (
    "cross_entropy(x[N, C], t[N] int < C):\n"
    "    y = sum[n] (log(sum[c] exp(x[n, c])) - x[n, t[n]]) / N"
)
NORMALISED = (
    "norm(x[N, C]; eps=1/100):\n"
    "    m[c] = sum[n] x[n, c]/N\n"
    "    v[c] = sum[n] (x[n, c] - m[c])^2/N\n"
    "    y[n, c] = (x[n, c] - m[c])*(v[c] + eps)^(-1/2)"
)
FLATTEN = "flatten(x[N, C, H, W]):\n    y[n, m < C*H*W] = x[n, m//(H*W), m//W%H, m%W]"


def layer_of(what: str | dict[str, Any]) -> Layer:
    """Notation text, or a catalog layer's name and options."""
    if isinstance(what, str):
        return derive.parse(what)
    options = dict(what)
    return derive.layer(options.pop("name", "conv"), **options)


def tried(file: str, function: str, what: str | dict[str, Any], **options: Any) -> ExaminedFunction:
    return examined(layer_of(what), str(HERE / file), function, **options)


CORRECT: list[tuple[str, str | dict[str, Any], dict[str, Any]]] = [
    ("loops", {}, {}),
    ("einsum_k", {}, {}),
    ("strided_view_k", {}, {}),
    ("fourier_x", {}, {}),
    ("lists_x", {}, {}),
    ("single_precision_x", {}, {"dtype": "float32"}),
    ("any_stride", {"stride": "s", "padding": "p", "dilation": "d"}, {}),
    ("any_stride", {"stride": 2, "padding": 1}, {"given": {"stride": 2, "padding": 1}}),
    ("grouped", {"channels": True, "stride": "s", "padding": "p", "groups": "G"}, {}),
    ("pooling", {"name": "avgpool", "stride": "s"}, {}),
    ("maximum", MAXPOOL, {}),
    ("cross_entropy", CROSS_ENTROPY, {}),
    ("rectifier", RELU, {}),
    ("normalised", NORMALISED, {}),
    ("looked_up_w", EMBEDDING, {}),
    ("reshaped", FLATTEN, {}),
    ("from_result", "y[i] = tanh(x[i])", {}),
]


@pytest.mark.parametrize("case", every(6, CORRECT), ids=lambda case: case[0])
def test_correct_functions_are_tested(
    case: tuple[str, str | dict[str, Any], dict[str, Any]],
) -> None:
    function, layer, options = case
    found = tried("candidates_correct.py", function, layer, examples=40, **options)
    assert found.verdict.word == "tested", in_text(told(found))
    assert told(found).status == 0
    assert "gradient right in all" in found.verdict.reason and "seed 0" in found.verdict.reason
    assert found.verdict.sample is not None and found.verdict.sample.examples > 100
    assert all(o.holds for o in found.verdict.obligations)


FAULTY: list[tuple[str, str | dict[str, Any], str, dict[str, int]]] = [
    ("kernel_not_flipped_x", {}, "kernel not flipped", {"H": 1, "W": 2, "K1": 1, "K2": 2}),
    ("kernel_gradient_flipped_k", {}, "flipped along", {"H": 1, "W": 2, "K1": 1, "K2": 2}),
    (
        "windows_overwritten",
        {},
        "overlapping windows overwritten instead of accumulated",
        {"H": 1, "W": 3, "K1": 1, "K2": 2},
    ),
    (
        "offsets_overwritten_x",
        {},
        "overlapping windows overwritten instead of accumulated",
        {"H": 1, "W": 3, "K1": 1, "K2": 2},
    ),
    (
        "floor_instead_of_divisible_x",
        {"stride": "s"},
        "floor instead of divisibility",
        {"H": 1, "W": 2, "K1": 1, "K2": 1, "s": 2},
    ),
    (
        "rows_lost_x",
        {"stride": "s"},
        "shape (1, 1) instead of (1, 2): entries at the end are missing",
        {"H": 1, "W": 2, "K1": 1, "K2": 1, "s": 2},
    ),
    (
        "height_and_width_exchanged",
        {"stride": ("s1", "s2")},
        "stride of height and width exchanged",
        {"H": 1, "W": 2, "K1": 1, "K2": 1, "s1": 2, "s2": 1},
    ),
    ("stride_ignored", {"stride": "s"}, "stride ignored", {"H": 1, "W": 3, "s": 2}),
    ("dilation_ignored", {"stride": "s", "dilation": "d"}, "dilation ignored", {"d": 2, "H": 1}),
    ("padding_off_by_one", {"padding": "p"}, "off by one", {"H": 1, "W": 1, "p": 0}),
    ("padding_ignored_k", {"padding": "p"}, "padding ignored", {"H": 1, "W": 1, "p": 1}),
    ("padding_kept_x", {"padding": "p"}, "the padding is not cut off", {"H": 1, "W": 1, "p": 1}),
    ("sign_reversed_x", {}, "sign reversed", {"H": 1, "W": 1}),
    ("factor_two_x", {}, "correct up to the factor 2", {"H": 1, "W": 1}),
    ("averaged_k", {}, "divided by R·C once too often", {"H": 1, "W": 2, "K1": 1, "K2": 1}),
    ("wrong_order", {}, "returned in another order", {"H": 1, "W": 1, "K1": 1, "K2": 1}),
    ("cut_off_x", {}, "an array of integers holds the result", {"H": 1, "W": 1}),
    (
        "groups_sliced_wrongly_k",
        {"channels": True, "groups": "G"},
        "groups sliced wrongly",
        {"N": 1, "C": 2, "O": 2, "G": 2, "H": 1, "W": 1},
    ),
    (
        "bias_summed_wrongly_b",
        {"channels": True},
        "bias summed over the wrong axes of g: (0, 1, 3) instead of (0, 2, 3)",
        {"O": 2, "N": 1},
    ),
    (
        "bias_not_summed_b",
        {"channels": True},
        "bias summed over the wrong axes of g: (0,) instead of (0, 2, 3)",
        {"O": 2, "N": 1},
    ),
    (
        "pooling_overwritten",
        {"name": "avgpool", "stride": "s"},
        "overlapping windows overwritten instead of accumulated",
        {"N": 1, "C": 1, "H": 1, "W": 3, "K2": 2, "s": 1},
    ),
    (
        "maximum_overwritten",
        MAXPOOL,
        "overlapping windows overwritten instead of accumulated",
        {"N": 1, "C": 1, "H": 3, "K": 2, "s": 1},
    ),
    ("looked_up_once_w", EMBEDDING, "np.add.at adds up", {"V": 1, "D": 1, "N": 2}),
    ("square_counted_once", "y[i] = x[i]^2", "x is read twice, and counted once", {"I": 1}),
    ("neighbour_forgotten", "y[i] = x[i]*x[i+1]", "x is read 2 times, and each counts", {"I": 2}),
    ("statistics_held_fixed_x", NORMALISED, "m and v taken for constant", {"N": 1, "C": 1}),
    ("variance_held_fixed_x", NORMALISED, "v taken for constant", {"N": 2, "C": 1}),
    ("transposed_w", {"name": "linear", "bias": False}, "transposed", {"N": 1, "I": 1, "O": 2}),
    ("keeps_an_axis_b", {"name": "linear"}, "(keepdims?)", {"N": 1, "I": 1, "O": 2}),
    ("same_on_both_sides", {}, "kernel not flipped", {"H": 1, "W": 2}),
]


@pytest.mark.parametrize("case", every(16, FAULTY), ids=lambda case: case[0])
def test_faulty_functions_are_refuted_with_the_mistake(
    case: tuple[str, str | dict[str, Any], str, dict[str, int]],
) -> None:
    function, layer, words, smallest = case
    found = tried("candidates_faulty.py", function, layer)
    text = in_text(told(found))
    assert found.verdict.word == "refuted" and told(found).status == 1, text
    assert words in found.verdict.reason, text
    assert words in " ".join(text.split()), text
    assert found.verdict.counterexample is not None
    sizes = dict(found.verdict.counterexample.sizes)
    assert sizes | smallest == sizes, text
    assert "smallest failing case" in text


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("2*g*x + (x > 3)", "nonzero where g = 0"),
        ("(2 if x.shape[0] < 3 else 4)*g*x", "only with N > 1"),
        ("2*g*x*x", "taken with y in place of x"),
        ("2*g*x*x*x", ""),
    ],
)
def test_no_mistake_is_named_where_none_explains_every_case(code: str, reason: str) -> None:
    source = f"def f(g, x):\n    return {code}\n"
    found = examined(layer_of("y[n, j] = x[n, j]^2"), source, "f")
    assert found.verdict.word == "refuted"
    assert found.verdict.reason.startswith("∂L/∂x is wrong" + (f": {reason}" if reason else ""))
    assert reason or found.verdict.reason == "∂L/∂x is wrong"


def test_the_example_of_the_documentation() -> None:
    text = (DOCS / "check-code.md").read_text(encoding="utf-8")
    code = text.split("```python\n")[1].split("```")[0]
    said = text.split("--of conv\n\n")[1].split("```")[0]
    found = examined(derive.layer("conv"), code, "backward")
    assert in_text(told(found)).replace(": backward as", ": my.py:backward as") == said
