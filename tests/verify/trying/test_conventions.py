"""Ways in which people's functions are called: losses, methods, caches, recipes, packages."""

from __future__ import annotations

from typing import Any

import pytest

import derive
from tests.suites import every
from verify.trying.user.examination import ExaminedFunction, examined

FEW = 6

#: right for the mean loss; %s is the signature
SOFTMAX = """
import numpy as np
def f({}):
    x, t = np.asarray({}), np.asarray({})
    p = np.exp(x - x.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    loss = -np.log(p[np.arange(len(x)), t]).mean()
    p[np.arange(len(x)), t] -= 1
    dx = p / len(x)
    return {}
"""


def tried(layer: Any, code: str, function: str = "f", **options: Any) -> ExaminedFunction:
    built = derive.layer(layer) if isinstance(layer, str) else layer
    return examined(built, code, function, examples=FEW, **options)


# --- losses without g ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "case",
    every(3, [
        ("x", "t", "dx"),
        ("x", "y", "dx"),
        ("X", "y", "dx"),
        ("logits", "labels", "(loss, dx)"),
        ("scores", "target", "[loss, dx]"),
        ("pred", "y", "(loss, {'dx': dx})"),
        ("y_pred", "y_true", "{'dpred': dx}"),
        ("y_hat", "y", "(loss, (dx,))"),
        ("inputs", "targets", "(loss, [dx])"),
        ("a", "c", "loss, dx"),
    ]),
)  # fmt: skip
def test_a_loss_without_g(case: tuple[str, str, str]) -> None:
    x, t, returned = case
    found = tried("cross_entropy", SOFTMAX.format(f"{x}, {t}", x, t, returned), wrt="x")
    assert found.verdict.word == "tested", (found.call, found.verdict)
    assert "g = 1" in found.call


def test_a_wrong_loss_without_g_is_refuted_at_g_1() -> None:
    wrong = SOFTMAX.format("x, y", "x", "y", "dx * len(x)")
    found = tried("cross_entropy", wrong, wrt="x")
    assert found.verdict.word == "refuted" and found.smallest is not None
    assert list(found.smallest.failure.case.tensors["g"].entries) == [1]


def test_a_loss_that_takes_g_gets_one() -> None:
    found = tried("cross_entropy", SOFTMAX.format("dout, x, y", "x", "y", "dx * dout"), wrt="x")
    assert found.verdict.word == "tested" and "g = 1" not in found.call
    assert (
        tried("cross_entropy", SOFTMAX.format("g, x, y", "x", "y", "dx")).verdict.word == "refuted"
    )


@pytest.mark.parametrize("returned", ["(loss, dx, -dx)", "loss, {'dx': dx, 'dt': -dx}", "dx, -dx"])
def test_a_loss_with_two_gradients(returned: str) -> None:
    layer = derive.parse("mse(x[N], t[N]):\n    y = sum[n] (x[n] - t[n])^2/N")
    code = f"""
def f(pred, y):
    d = pred - y
    loss, dx = (d*d).mean(), 2*d/len(d)
    return {returned}
"""
    found = tried(layer, code)
    assert found.verdict.word == "tested", found.verdict
    assert found.tensors == ("x", "t")


@pytest.mark.parametrize("name", every(3, ["backward_", "_", "d_", "__"]))
def test_names_that_end_in_an_underscore(name: str) -> None:
    code = f"def {name}(g, x):\n    return g * (x > 0)"
    assert tried("relu", code, name).verdict.word == "tested"


# --- methods -------------------------------------------------------------------------------------

FC = "fc(x[N, D], w[D, M], b[M]):\n    y[n, m] = b[m] + sum[d] x[n, d]*w[d, m]"
CLASS = """
import numpy as np
class Param:
    def __init__(self, data): self.data, self.grad = data, None
class FC:
    def __init__(self, {}):
        {}
    def forward(self, x):
        self.x = x
    def backward(self, dout):
        dx, dw, db = dout @ {}.T, self.x.T @ dout, dout.sum(0)
        {}
"""


@pytest.mark.parametrize(
    "case",
    every(3, [
        ("w, b", "self.w = w", "self.w", "self.dw, self.db = dw, db; return dx", "xwb"),
        ("W, b, lr=1", "self.W = W", "self.W", "self.dW, self.db = dw, db; return dx", "xwb"),
        ("W, b", "self.W = W", "self.W", "self.grads = {'W': dw, 'b': db}; return dx", "xwb"),
        ("W, b", "self.W = W", "self.W", "self.grads = {'dW': dw}; return dx", "xw"),
        ("W, b", "self.W = W", "self.W", "return dx, dw, db", "xwb"),
        ("W, b", "self.W = W", "self.W", "return dict(x=dx, w=dw, b=db)", "xwb"),
        ("W, b", "self.W = W", "self.W", "return dx", "x"),
        ("W, b", "self.W = W", "self.W", "self.dx, self.dw, self.db = dx, dw, db", "xwb"),
        ("weights, bias", "self.W = Param(weights)", "self.W.data",
         "self.W.grad = dw; return dx", "xw"),
        ("n_in, n_out", "self.W, self.b = np.zeros((n_in, n_out)), np.zeros(n_out)", "self.W",
         "self.grad_W, self.grad_b = dw, db; return dx", "xwb"),
        ("in_features, out_features",
         "self.params = {'W': np.zeros((in_features, out_features)), 'b': np.zeros(out_features)}",
         "self.params['W']", "self.grads = {'W': dw, 'b': db}; return dx", "xwb"),
        ("", "self.weights, self.bias = None, None", "self.weights",
         "self.dweights, self.dbias = dw, db; return dx", "xwb"),
    ]),
)  # fmt: skip
def test_methods(case: tuple[str, str, str, str, str]) -> None:
    takes, made, weight, kept, tensors = case
    code = CLASS.format(takes, made, weight, kept)
    if not takes:
        code = code.replace("__init__(self, )", "__init__(self)")
    found = tried(derive.parse(FC), code, "FC.backward")
    assert (found.verdict.word, found.tensors) == ("tested", tuple(tensors)), found.verdict


def test_a_wrong_gradient_that_is_kept_is_refuted() -> None:
    code = CLASS.format("W, b", "self.W = W", "self.W", "self.dW, self.db = dw, 2*db; return dx")
    assert tried(derive.parse(FC), code, "FC.backward").verdict.word == "refuted"
