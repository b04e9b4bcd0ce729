"""What only code can do wrong is reported as what it is."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

import derive
import verify
from tests.suites import every
from tests.telling import text as in_text
from verify.trying.user.examination import CannotRun, ExaminedFunction, Limits, examined
from verify.trying.user.reporting import told

HERE = Path(__file__).parent
UNRULY = str(HERE / "candidates_unruly.py")
CORRECT = str(HERE / "candidates_correct.py")
TANH = "y[i] = tanh(x[i])"
THIRD = "y[i] = x[i]/3"
#: with respect to x, whose scale is w
NORM = "f(x[N], w[N]):\n    y[n] = x[n]*(sum[m] w[m]^2/N + 1/100000)^(-1/2)"
SQUARE = derive.parse("y[n, j] = x[n, j]^2")


def tried(function: str, **options: object) -> ExaminedFunction:
    return examined(SQUARE, UNRULY, function, examples=30, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "case",
    every(
        4,
        [
            ("raises", "it raises ValueError: one row only (line"),
            ("exits", "it calls sys.exit(3) (line"),
            ("aborts", "the process was ended by the signal SIGABRT"),
            ("leaves", "the process ended itself with exit code 0"),
            ("recurses", "it raises RecursionError"),
            ("returns_nothing", "it returned None: is a `return` missing?"),
            ("returns_words", "it returned an array of <U5 instead of numbers"),
            ("returns_ragged", "it returned what is no array"),
            ("wrong_shape", "flattened: the shape of the tensor is lost"),
            ("not_a_number", "∂L/∂x holds nan, which is no number"),
            ("by_chance", "it is not deterministic"),
            ("remembers", "something is kept between calls"),
        ],
    ),
    ids=lambda case: case[0],
)
def test_misbehaviour_is_reported_as_what_it_is(case: tuple[str, str]) -> None:
    function, words = case
    found = tried(function)
    text = in_text(told(found))
    assert found.verdict.word == "refuted" and told(found).status == 1, text
    assert words in found.verdict.reason, text
    assert found.verdict.counterexample is not None
    assert dict(found.verdict.counterexample.sizes)["J"] <= 2, text


@pytest.mark.parametrize(
    "case",
    every(
        4,
        [
            ("downcast", "∂L/∂x is returned as float32 where all inputs are float64"),
            ("complex_result", "∂L/∂x is returned as complex128 where all inputs are float64"),
            ("changes_g", "it changes its argument g in place"),
            ("changes_x", "it changes its argument x in place"),
            ("keeps_an_axis", "an axis of length one in front (keepdims?)"),
            ("same_buffer", "what one call returned is overwritten by the next"),
            ("memory_order", "for arrays whose columns come first in memory (Fortran order)"),
            ("contiguous_only", "(Fortran order): it raises TypeError"),
            ("writes_back", "read-only arrays: it raises ValueError"),
            ("float64_only", "for float32 arrays: ∂L/∂x is wrong"),
            ("no_empty_batch", "an empty batch: it raises AssertionError: no examples"),
            ("no_empty_reshape", "an empty batch: it raises ValueError: cannot reshape"),
            ("no_empty_maximum", "an empty batch: it raises ValueError: zero-size array"),
            ("refuses_odd", "cases: it raises ValueError: odd (line"),
            ("asserts_square", "cases: it raises AssertionError (line"),
        ],
    ),
    ids=lambda case: case[0],
)
def test_manners_refute_only_where_they_are_asked_for(case: tuple[str, str]) -> None:
    function, words = case
    found = tried(function)
    text = in_text(told(found))
    assert found.verdict.word == "tested" and told(found).status == 0, text
    assert "gradient right in all" in found.verdict.reason, text
    assert any(words in manner for manner in found.manners), text
    strict = tried(function, strict=True)
    text = in_text(told(strict))
    assert strict.verdict.word == "refuted" and told(strict).status == 1, text
    assert any(words in manner for manner in strict.manners), text
    assert strict.verdict.counterexample is not None
    assert dict(strict.verdict.counterexample.sizes)["J"] <= 2, text


@pytest.mark.complete
@pytest.mark.parametrize(
    ("code", "layer", "word"),
    [
        ("h = x.astype(np.float32); return g*(1 - np.tanh(h)**2).astype(float)", TANH, "tested"),
        ("return (g*(1 - np.tanh(x)**2)).astype(np.float32)", TANH, "tested"),
        ("return g.astype(np.float32)*(1 - np.tanh(x)**2)", TANH, "tested"),
        ("y = np.zeros(x.shape, 'f4'); y[:] = np.tanh(x); return g*(1 - y*y)", TANH, "tested"),
        ("return g*np.float32(1/3)", THIRD, "tested"),
        ("return g*np.float64(np.float32(1/3))", THIRD, "tested"),
        ("return g*0.3333333", THIRD, "tested"),
        ("return g*0.33333", THIRD, "refuted"),
        ("return g*(1/3 + 1e-6)", THIRD, "refuted"),
        ("return g*(1 - np.tanh(x)**2) + 3e-6", TANH, "refuted"),
        ("return g*(1 - np.tanh(x)**2)*(1 + 1e-5*x)", TANH, "refuted"),
        ("return (g*(1 - np.tanh(x)**2) + 0.01).astype(np.float16)", TANH, "refuted"),
        ("return np.zeros(x.shape, np.float16)", TANH, "refuted"),
        ("return g*(1 - np.tanh(x + 1e-5)**2)", TANH, "refuted"),
        ("v = (w*w).mean(); return g/np.sqrt(v + 1e-5)", NORM, "tested"),
        ("v = (w*w).mean(); return g/(np.sqrt(v) + 1e-5)", NORM, "refuted"),
        ("v = (w*w).mean(); return g/np.sqrt(v)", NORM, "refuted"),
        ("v = np.float32((w*w).mean() + 1e-5); return g/np.sqrt(v)", NORM, "tested"),
    ],
)
def test_fewer_digits_are_no_mistake_and_a_small_mistake_is_one(
    code: str, layer: str, word: str
) -> None:
    """Rounding is noise, or a rounded constant; a mistake stays the same nearby."""
    parameters = "g, x, w" if "w*w" in code else "g, x"
    source = f"import numpy as np\ndef backward_x({parameters}):\n    {code}\n"
    found = examined(derive.parse(layer), source, "backward_x", examples=40)
    assert found.verdict.word == word, in_text(told(found))
    exact = code.startswith("v = (w*w).mean(); return g/np.sqrt(v + 1e-5)")
    if word == "tested" and not exact:
        assert any("float32" in manner for manner in found.manners), in_text(told(found))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("code", "layer"),
    [
        ("dx = np.zeros(x.shape); dx[:] = g*(1 - np.tanh(x)**2); return dx", TANH),
        ("return (g*(1 - np.tanh(x)**2)).astype(float)", TANH),
        ("dx = np.zeros(x.shape); dx += g/3; return dx", THIRD),
    ],
)
def test_the_type_of_the_arguments_says_how_far_off_a_result_may_be(
    code: str, layer: str, dtype: str
) -> None:
    source = f"import numpy as np\ndef backward(g, x):\n    {code}\n"
    found = examined(derive.parse(layer), source, "backward", examples=40, dtype=dtype)
    assert found.verdict.word == "tested" and not found.manners, in_text(told(found))


def test_a_function_without_end_is_stopped() -> None:
    found = tried("never_ends", limits=Limits(seconds=0.5))
    assert "no end within 0.5 seconds" in found.verdict.reason
    assert "a small failing case" in in_text(told(found))


def test_memory_is_limited() -> None:
    pytest.importorskip("resource")
    found = tried("takes_all_memory", limits=Limits(memory=2048))
    assert "MemoryError" in found.verdict.reason


def test_what_the_function_prints_is_kept_and_shown() -> None:
    found = tried("prints")
    assert found.verdict.word == "tested"
    assert "g is (1, 1)" in found.printed and "past Python" in found.printed
    text = in_text(told(found))
    assert "printed by the function" in text and "    …" in text


def test_a_result_that_is_an_argument_is_remarked_on() -> None:
    layer = derive.parse("y[n, j] = x[n, j]")
    found = examined(layer, UNRULY, "shares", examples=20)
    assert found.verdict.word == "tested"
    assert any("shares memory with its argument g" in r for r in found.remarks)


def test_another_convention_at_kinks_is_remarked_on() -> None:
    layer = derive.parse("y[i] = if x[i] > 0 then x[i] else 0")
    found = examined(layer, CORRECT, "rectifier_at_zero", examples=20)
    assert found.verdict.word == "tested"
    assert any("at a kink" in r for r in found.remarks)
    assert not examined(layer, CORRECT, "rectifier", examples=20).remarks


def test_float32_is_a_type_like_any_other() -> None:
    assert tried("downcast", dtype="float32").verdict.word == "tested"


def test_hyperparameters_that_are_not_asked_for_keep_their_value() -> None:
    """Right for the default s = 2 alone; who asks for s has to be right for every s."""
    layer = derive.parse("every(x[N]; s=2):\n    y[r] = x[s*r]")
    body = "    dx = np.zeros(x.shape)\n    dx[::2] = g\n    return dx\n"
    for parameters, word in (("g, x", "tested"), ("g, x, s", "refuted")):
        code = f"import numpy as np\ndef f({parameters}):\n{body}"
        assert examined(layer, code, "f", examples=20).verdict.word == word


# --- what cannot be run ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "function", "words"),
    [
        (
            "def f(g, x):\n    return (\n",
            "f",
            "SyntaxError: '(' was never closed (line 2: return (",
        ),
        ("import nowhere\n", "f", "ModuleNotFoundError: No module named 'nowhere' (line 1"),
        (
            "def _g(x):\n    pass\ndef h(g, x):\n    pass\n",
            "f",
            "the file has no function 'f'; it has: h",
        ),
        ("f = 3\n\n", "f", "f is no function but int"),
        ("import os\nos._exit(4)\n", "f", "the process ended itself with exit code 4"),
        ("import sys\nsys.exit()\n", "f", "sys.exit(None) (line 2"),
        ("def f(g, scale):\n    pass\n", "f", None),
        ("def f(g, x, a, b):\n    pass\n", "f", "nothing is known that a and b could receive"),
        ("def f(g, x):\n    return {'dz': g}\n", "f", "the key 'dz', which is no tensor"),
        ("def f(g, x):\n    return g, x\n", "f", None),
    ],
)
def test_what_cannot_be_run_says_why(code: str, function: str, words: str | None) -> None:
    if words is None:  # tried after all: one unknown name for one tensor; a pair for one tensor
        assert examined(SQUARE, code, function, examples=5).verdict.word == "refuted"
        return
    with pytest.raises(CannotRun) as raised:
        examined(SQUARE, code, function, examples=5)
    assert words in str(raised.value)
    assert not re.search(r"\b_g\b", str(raised.value))


def test_a_loop_while_loading_is_stopped() -> None:
    with pytest.raises(CannotRun, match="no end within 1 seconds"):
        examined(SQUARE, "while True:\n    pass\n", "f", limits=Limits(loading=1))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"wrt": "k"}, "no gradient with respect to 'k'; there are: x"),
        ({"dtype": "int64"}, "the type must be one of floats"),
        ({"examples": 0}, "at least one case"),
    ],
)
def test_wrong_use_says_why(options: dict[str, object], words: str) -> None:
    with pytest.raises(CannotRun, match=words):
        examined(SQUARE, UNRULY, "square", **options)  # type: ignore[arg-type]


def test_a_missing_file_is_named() -> None:
    with pytest.raises(CannotRun, match=r"there is no file 'nowhere\.py'"):
        examined(SQUARE, "nowhere.py", "f")


def test_several_gradients_must_be_told_apart() -> None:
    with pytest.raises(CannotRun, match="returned one array for 2 tensors"):
        examined(derive.layer("conv"), "def f(g, x, k):\n    return x\n", "f")
    with pytest.raises(CannotRun, match="returned 3 arrays for 2 tensors"):
        examined(derive.layer("conv"), "def f(g, x, k):\n    return x, k, g\n", "f")


# --- the verdict itself ---------------------------------------------------------------------------


def test_the_verdict_is_the_same_every_time() -> None:
    random.seed()
    assert in_text(told(tried("memory_order"))) == in_text(told(tried("memory_order")))


def test_progress_is_told() -> None:
    seen: list[tuple[int, int]] = []
    tried("square", progress=lambda done, total: seen.append((done, total)))
    assert seen[0][0] == 1 and seen[-1][0] <= seen[-1][1]
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_only_the_verdict() -> None:
    assert verify.candidate(SQUARE, UNRULY, "square", examples=10).word == "tested"
