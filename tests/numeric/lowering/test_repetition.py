"""What a program computes twice is computed once, whatever it is called."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import derive
import numeric
from derive.language.terms import ONE
from numeric.lowering import program_of, repetition
from numeric.program.equivalence import judged
from numeric.program.statements import Elementwise, Reduction, Statement

TWICE = "a[c] = sum[n] x[n, c]\nb[d] = sum[m] x[m, d]\ny[n, c] = x[n, c]*a[c] + b[c]"


def statements(text: str) -> list[Statement]:
    layer = derive.parse(text)
    return list(program_of(layer, tuple(e.name for e in layer.outputs)).statements)


def test_a_sum_under_two_names_is_one() -> None:
    assert sum(isinstance(s, Reduction) for s in statements(TWICE)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "a[c] = sum[n] x[n, c]\nb[d] = sum[m] x[d, m]\ny[n] = a[n] + b[n]",
        "a[c] = sum[n] x[n, c]\nb[d] = sum[m] x[m, d]^2\ny[n] = a[n] + b[n]",
        "a[c] = max[n] x[n, c]\nb[d] = sum[m] x[m, d]\ny[n] = a[n] + b[n]",
    ],
)
def test_sums_that_differ_stay(text: str) -> None:
    kernel = numeric.compile(derive.parse(text), target="arrays")
    x = np.arange(9.0).reshape(3, 3)
    loops = numeric.compile(derive.parse(text), target="loops")
    np.testing.assert_allclose(kernel.forward(x=x), loops.forward(x=x))
    assert kernel.verdicts["forward"].word == "checked"


def test_outputs_that_are_the_same_do_not_share_memory() -> None:
    text = "a[c] = sum[n] x[n, c]\nb[d] = sum[m] x[m, d]"
    made = numeric.compile(derive.parse(text), target="arrays").forward(x=np.ones((2, 3)))
    np.testing.assert_array_equal(made["a"], made["b"])
    assert not np.shares_memory(made["a"], made["b"])
    assert sum(isinstance(s, Elementwise) for s in statements(text)) == 1


def test_programs_are_judged_after_what_was_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums of different arrays taken for one: the equations notice."""
    text = "f(x[N, C], z[N, C]): a[c] = sum[n] x[n, c]; b[c] = sum[n] z[n, c]; y[c] = a[c] - b[c]"
    layer, right = derive.parse(text), repetition.nameless

    def blind(statement: Statement) -> Statement:
        made = right(statement)
        return replace(made, value=ONE) if isinstance(made, Reduction) else made

    assert judged(program_of(layer, ("y",))).word == "checked"
    monkeypatch.setattr(repetition, "nameless", blind)
    assert judged(program_of(layer, ("y",))).word == "refuted"
