"""An entry of an intermediate that no output reads may lack a value: its adjoint is zero there."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import derive
import numeric
from tests.suites import every

#: without a value, or infinite, at the last entry of x, which is 0
UNREAD = (
    "log(sum[i <= c < N] x[c]^2)",
    "1/x[i]",
    "sqrt(x[i])",
    "x[i]^(-1/2)",
    "log(x[i])*x[0]",
    "1/(sum[i <= c < N] x[c])",
    "log(log1p(x[i]))",
)
READ = ("u[i]*sigmoid(x[i])", "u[i]^2 + x[0]*u[i]", "tanh(u[i])*x[i+1]", "u[i]*v[i]")


@pytest.mark.parametrize("target", ["loops", "arrays"])
@pytest.mark.parametrize("pair", every(9, product(UNREAD, READ)))
def test_what_no_output_reads_has_no_gradient(pair: tuple[str, str], target: str) -> None:
    unread, read = pair
    text = "f(x[N]): u[i < {0}] = " + unread + "; "
    text += "v[i < {0}] = 2*x[i] + u[i]; " if "v" in read else ""
    text += "y[i < N-1] = " + read
    found, expected = (
        numeric.compile(derive.parse(text.format(extent)), target=target) for extent in ("N", "N-1")
    )
    x, g = np.array([1.0, 0.5, 2.0, 0.0]), np.array([1.0, -2.0, 3.0])
    with np.errstate(divide="ignore", invalid="ignore"):
        np.testing.assert_allclose(found.backward(g, x=x)["x"], expected.backward(g, x=x)["x"])
