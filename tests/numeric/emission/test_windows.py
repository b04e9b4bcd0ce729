"""A window that does not fit is refused in words; an output that is merely empty is not."""

from __future__ import annotations

import numpy as np
import pytest

import derive
import numeric
from derive.language.definition import Layer

#: output sizes written or inferred, no window, and a length of the input for which nothing is left
EMPTY = {
    "f(x[N]): y[i < N//2] = x[2*i]": 1,
    "f(x[N]): y[i < N-1] = x[i+1]": 1,
    "f(x[N]): y[i < N-1] = x[i+1]*x[i]": 1,
    "f(x[N]): y[i] = x[i+1] - x[i]": 1,
    "f(x[N]): y[i < N-2] = x[i]": 1,
    "f(x[N]): y[i < N//3] = x[3*i+1]*x[3*i]": 2,
    "f(x[N]): y[i < (N-1)//2] = x[2*i+1]": 2,
    "f(x[N]; p=2): y[i < N-p] = x[i+p]": 2,
    "f(x[N]; p=2): y[i < N//p] = x[p*i]": 1,
    "f(x[N, M]): y[i < N-1] = sum[j] x[i+1, j]": 1,
    "f(x[N, M]): y[i < N//2] = max(0, sum[j] x[2*i, j])": 1,
}
#: windows over x, and how long x is so that they do not fit
LARGE = {
    "f(x[N]): y[i] = sum[a < 3] x[i+a]": (2, "a window of 3 to fit N "),
    "f(x[N]): y[i] = max[a < 3] x[i+2*a]": (4, "a window of 5 to fit N "),
    "f(x[N pad 1]): y[i] = sum[a < 5] x[2*i+a-1]": (2, "a window of 5 to fit N and its padding "),
    "f(x[N], k[K]): y[i] = sum[a] x[i+a]*k[a]": (2, "I >= 1 "),
}


@pytest.mark.parametrize("target", ["loops", "arrays", "fast"])
@pytest.mark.parametrize("text", EMPTY)
def test_an_output_may_be_empty(text: str, target: str) -> None:
    layer = derive.parse(text)
    x = np.ones((EMPTY[text],) + (2,) * (len(layer.tensors[0].axes) - 1))
    kernel = numeric.compile(layer, target=target)
    y = kernel.forward(x=x)
    assert y.shape == (0,)
    assert not kernel.backward(y, x=x)["x"].any()


@pytest.mark.parametrize("text", LARGE)
def test_a_window_that_does_not_fit_is_refused(text: str) -> None:
    length, words = LARGE[text]
    layer = derive.parse(text)
    given = {"x": np.ones(length), **({"k": np.ones(3)} if layer.tensor("k") else {})}
    with pytest.raises(ValueError) as refused:
        numeric.compile(layer, target="arrays").forward(**given)
    assert f"f requires {words}(the window must fit)" in str(refused.value)


@pytest.mark.parametrize("name", ["maxpool", "avgpool"])
def test_pooling_says_which_window_does_not_fit(name: str) -> None:
    layer: Layer = derive.layer(name, dims=2, kernel_size=3)
    with pytest.raises(ValueError, match=r"a window of 3 to fit H .*fails for H = 2"):
        numeric.compile(layer, target="arrays").forward(x=np.ones((1, 1, 2, 5)))


def test_without_real_tensors_there_is_no_gradient() -> None:
    kernel = numeric.compile(derive.parse("f(; s=2): y[i < 2] = s*i"), target="arrays")
    with pytest.raises(ValueError, match="no tensor of real numbers"):
        kernel.backward(np.ones(2))


@pytest.mark.parametrize("target", ["loops", "arrays", "fast"])
def test_a_gradient_summed_over_an_empty_output_is_zero(target: str) -> None:
    layer = derive.parse("f(x[N], b[K]): y[i < N-1, j < K] = x[i+1]*b[j]")
    found = numeric.compile(layer, target=target).backward(
        np.ones((0, 2)), x=np.ones(1), b=np.ones(2)
    )
    assert found["b"].tolist() == [0, 0]
