"""Mistakes that show for some values only, and derivatives taken at the wrong place."""

from __future__ import annotations

import pytest

import derive
from tests.suites import every
from verify.trying.user.examination import examined

RELU6 = "f(x[N]): y[i] = min(max(x[i], 0), 6)"
LEAKY = "f(x[N]; alpha=0.1): y[i] = if x[i] > 0 then x[i] else alpha*x[i]"
TANH = "f(x[N, M]): y[i, j] = tanh(x[i, j])"
CUBE = "f(x[N]): y[i] = x[i]^3"
STEP = "f(h[N, M], w[M, M]): y[n, j] = tanh(sum[m] h[n, m]*w[m, j])"

MISTAKES = [
    (RELU6, "return g*(x > 0)", "only where x > 6"),
    (RELU6, "return g*(x < 6)", "only where x < 0"),
    (LEAKY, "return g*(x > 0)", "only where x < 0"),
    (LEAKY, "return g*np.where(x > 0, 1, 0.2)", "only where x < 0"),
    (CUBE, "return g*3*x*np.abs(x)", "only where x < 0"),
    (TANH, "return g*(1 - np.tanh(np.tanh(x))**2)", "taken with y in place of x"),
    (CUBE, "return g*3*(x**3)**2", "taken with y in place of x"),
]


@pytest.mark.parametrize("case", every(3, MISTAKES))
def test_the_mistake_is_named(case: tuple[str, str, str]) -> None:
    text, body, words = case
    layer = derive.parse(text)
    source = f"import numpy as np\ndef backward(g, x, alpha=0.1):\n    {body}\n"
    found = examined(layer, source, "backward")
    assert found.verdict.word == "refuted"
    assert words in found.verdict.reason


@pytest.mark.complete
def test_an_input_that_was_overwritten() -> None:
    source = (
        "import numpy as np\ndef backward(g, h, w):\n"
        "    h = np.tanh(h @ w)\n    dz = g*(1 - h**2)\n    return dz @ w.T, h.T @ dz\n"
    )
    found = examined(derive.parse(STEP), source, "backward", wrt="h,w")
    assert "taken with y in place of h" in found.verdict.reason


def test_what_is_wrong_on_both_sides_gets_no_such_words() -> None:
    source = "import numpy as np\ndef backward(g, x):\n    return g*np.cos(x)\n"
    found = examined(derive.parse(RELU6), source, "backward")
    assert "only where" not in found.verdict.reason
