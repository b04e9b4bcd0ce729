"""Mistakes planted in generated text are noticed by the comparison with exact evaluation.

Broken array programs are in ``test_numeric_equivalence``; systematic mutants in the mutation score.
"""

from __future__ import annotations

import numpy as np
import pytest

import derive
import numeric
from numeric.emission.loading import loaded
from tests.numeric.cases import gradients, integers, outputs, same, sampled, upstream

LAYER = derive.layer("conv", channels=True, stride="s", padding="p", dilation="d", groups="G")
INPUTS = sampled(
    LAYER,
    {"x": (2, 4, 5, 12), "k": (6, 2, 2, 3), "b": (6,)},
    {"s": 2, "p": 1, "d": 3, "G": 2},
)
TRUTH = outputs(LAYER, INPUTS)
WEIGHTS = {"y": upstream(TRUTH["y"].shape)}
GRADIENTS = gradients(LAYER, INPUTS, WEIGHTS)


def agrees(text: str) -> bool:
    """Whether a module's functions give the exact values, on integers and in 64-bit floats."""
    module = loaded("sabotaged", text)
    for dtype in (np.int64, np.float64):
        given = {name: integers(array).astype(dtype) for name, array in INPUTS.arrays.items()}
        g = integers(WEIGHTS["y"]).astype(dtype)
        try:
            y = module.forward(**given, **INPUTS.hyperparameters)
            grads = module.backward(g, **given, **INPUTS.hyperparameters)
        except (ValueError, IndexError, TypeError):
            return False
        found = {"y": y, **grads}
        if not all(same(found[name], a) for name, a in (TRUTH | GRADIENTS).items()):
            return False
    return True


def test_the_module_itself_agrees() -> None:
    assert agrees(numeric.code(LAYER, "arrays"))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("(p, max(0, s * H_out", "(p + 1, max(0, s * H_out"),
        ("(0, 0, s, 0),", "(0, 0, 1, 0),"),
        ("(0, 0, d, 0),", "(0, 0, s, 0),"),
        ("(0, 0, d, 0),", "(0, 0, 1, 0),"),
        ("(0, C // G, 0, 0),", "(0, 0, 0, 0),"),
        ("x_windows.transpose(0, 1, 2, 4, 6, 3, 5)", "x_windows.transpose(0, 1, 2, 6, 4, 3, 5)"),
        ("k_split.transpose(0, 2, 3, 4, 1)", "k_split.transpose(0, 2, 4, 3, 1)"),
        ("b_split[:, :, None, None] + y_sum", "y_sum"),
        ("+= dx_sum[:, :, :, a, b_]", "= dx_sum[:, :, :, a, b_]"),
        ("d * a : d * a + s * H_out : s", "a : a + s * H_out : s"),
        ("[:, :, :, p : H + p, p : W + p]", "[:, :, :, :H, :W]"),
        ("np.sum(g, axis=(0, 2, 3), dtype=dtype)", "np.mean(g, axis=(0, 2, 3))"),
        ("np.sum(g, axis=(0, 2, 3), dtype=dtype)", "np.sum(g, axis=(0, 2), dtype=dtype)[:, 0]"),
        ("W_out = max(0, (W + 2 * p", "W_out = max(0, (W"),
    ],
)
def test_a_mistake_in_the_text_is_noticed(right: str, wrong: str) -> None:
    text = numeric.code(LAYER, "arrays")
    assert right in text
    assert not agrees(text.replace(right, wrong))
