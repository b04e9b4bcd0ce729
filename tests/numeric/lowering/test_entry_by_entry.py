"""Where whole arrays cannot do an equation, loops do it: on NumPy arrays and on tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import derive
import numeric
from numeric.program import validity
from numeric.program.statements import EntryByEntry, Statement
from tests.suites import every

TEXTS = [
    "slow1(x[N], k[K]): y[r] = sum[a] x[r+a]*k[a]",
    "slow2(x[N pad all], k[K]): y[r < N] = sum[a] x[(r-a)/2]*k[a]",
    "slow3(x[N, M]): y[i] = log(sum[j] exp(x[i, j]))",
    "slow4(x[N, M], t[N] int < M): m[i] = max[j] x[i, j]; y = sum[i] (m[i] - x[i, t[i]])^2",
    "slow5(x[N]): y[i < N] = sqrt(sum[j < i] x[j]^2)*x[i] + erf(x[i])",
    "slow6(x[N]; s=2): y[i < N//s] = if x[i] > 0 then x[s*i]/(1 + x[i]^2) else 1",
    "slow7(x[N], w[M] int < 2): y[i < N, j < M] = x[i]*w[j]*sigmoid(x[i])",
    "slow8(x[N]): s = sum[i] x[i]; y[i < N] = [i > 0]*x[i-1]*tanh(s) + abs(x[i])",
]


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """No statement on whole arrays is well formed."""
    right = validity._Checker.check

    def check(checker: Any, statement: Statement) -> None:
        if not isinstance(statement, EntryByEntry):
            raise validity.InvalidProgram(f"{statement.name} is refused")
        right(checker, statement)

    monkeypatch.setattr(validity._Checker, "check", check)


def outcomes(text: str, target: str, given: dict[str, Any]) -> list[np.ndarray]:
    """The output and all gradients."""
    layer = derive.parse(text)
    kernel = numeric.compile(layer, target=target)
    y = kernel.forward(**given)
    shape = tuple(y.shape) if hasattr(y, "shape") else ()
    g = 1.0 + np.arange(int(np.prod(shape))).reshape(shape)
    if target == "torch":
        torch = pytest.importorskip("torch")
        gradients = kernel.backward(torch.as_tensor(g, dtype=torch.float64), **given)
    else:
        gradients = kernel.backward(g, **given)
    return [np.asarray(a) for a in (y, *gradients.values())]


@pytest.mark.parametrize("text", every(4, TEXTS))
@pytest.mark.parametrize("target", ["arrays", "torch"])
def test_the_slow_way_is_right_and_says_so(text: str, target: str, refused: None) -> None:
    pytest.importorskip("torch" if target == "torch" else "numpy")
    layer = derive.parse(text.replace("(", f"_{target}(", 1))
    rng = np.random.default_rng(0)
    sizes = {"N": 5, "M": 3, "K": 2}
    given: dict[str, Any] = {}
    for tensor in layer.tensors:
        shape = tuple(sizes[str(axis.size)] for axis in tensor.axes)
        given[tensor.name] = (
            rng.integers(0, 2, shape) if tensor.integer else rng.random(shape) - 0.5
        )
    expected = outcomes(str(layer), "loops", given)
    assert "computed entry by entry, which is slow" in numeric.compile(layer, target=target).explain
    if target == "torch":
        torch = pytest.importorskip("torch")
        given = {name: torch.as_tensor(array) for name, array in given.items()}
    for found, right in zip(outcomes(str(layer), target, given), expected, strict=True):
        np.testing.assert_allclose(found, right, 1e-12, 1e-12)


def test_other_equations_stay_on_whole_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    right = validity._Checker.check

    def check(checker: Any, statement: Statement) -> None:
        if statement.name == "m" and not isinstance(statement, EntryByEntry):
            raise validity.InvalidProgram("m is refused")
        right(checker, statement)

    monkeypatch.setattr(validity._Checker, "check", check)
    layer = derive.parse("slow_m(x[N, M]): m[i] = max[j] x[i, j]; y[i] = exp(m[i])")
    source = numeric.compile(layer, target="arrays").source
    assert "for i in range(N):" in source
    assert "np.exp(m)" in source
