"""Where something computed has a derivative, and where only a convention."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import derive
from verify.evaluation.arithmetic import EXACT, FLOAT, Arithmetic, NotExact
from verify.evaluation.arrays import Array
from verify.evaluation.dual import Dual
from verify.evaluation.exact import WRITTEN, run
from verify.evaluation.sizes import bindings
from verify.evaluation.smoothness import smooth

CASES = [
    ("y[i] = relu(x[i])", [0], False),
    ("y[i] = relu(x[i])", [1], True),
    ("y[i] = abs(x[i])", [0], False),
    ("y[i] = abs(x[i])^2", [0], True),
    ("y[i] = relu(x[i]) - relu(-x[i])", [0], True),
    ("y[i] = sqrt(x[i]^2)", [0], False),
    ("y[i] = sqrt(x[i])", [0], False),
    ("y[i] = x[i]^(3/2)", [0], True),
    ("y[i] = x[i]^(1/3)", [0], False),
    ("y[i] = 1/x[i]", [0], False),
    ("f(x[N]): y = max[i<N] x[i]", [1, 1], False),
    ("f(x[N]): y = max[i<N] x[i]", [1, 2], True),
    ("y[i] = [x[i] > 0]*x[i]", [0], False),
    ("y[i] = [x[i] > 0]*x[i]^2", [0], True),
    ("y[i] = [x[i] > 0]", [0], False),
    ("y[i] = [x[i] == 0]", [0], False),
]


def moved(text: str, numbers: Sequence[int], arithmetic: Arithmetic) -> bool:
    """Whether Σ (k+1)·y[k] has a derivative with respect to x[0]."""
    layer = derive.parse(text)
    x = Array.of(numbers)
    values = bindings(layer, {"x": x}, {}, {})
    dual = Array(x.shape, tuple(Dual(v, int(i == 0)) for i, v in enumerate(x.entries)))

    def computed(over: Arithmetic) -> Dual:
        entries = run(layer, {"x": dual}, values, WRITTEN, over)["y"].entries
        return sum(((k + 1) * e for k, e in enumerate(entries)), start=Dual(0, 0))

    return smooth(computed, arithmetic)


@pytest.mark.parametrize("arithmetic", [EXACT, FLOAT], ids=["exact", "float"])
@pytest.mark.parametrize(("text", "numbers", "expected"), CASES)
def test_kinks(text: str, numbers: list[int], expected: bool, arithmetic: Arithmetic) -> None:
    assert moved(text, numbers, arithmetic) is expected


def test_a_smooth_function_of_two_parts_with_kinks() -> None:
    text = "y[i] = relu(x[i]) + log(1 + exp(-abs(x[i])))"
    assert moved(text, [0], FLOAT)
    with pytest.raises(NotExact):
        moved(text, [0], EXACT)
