"""What is said of kinks, and of two that do not fit together."""

from __future__ import annotations

import pytest

import derive
from derive.presentation.blocks import spoken
from derive.presentation.guard_words import remarks


def said(text: str) -> str:
    return " ".join(spoken(r) for r in remarks(derive.gradient(derive.parse(text), "x")))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "y[i] = relu(x[i])",
            "where x[i] = 0, the derivative is that of the branch taken there: 0",
        ),
        (
            "y[i] = max(x[i], 0)",
            "where x[i] = 0, the derivative is that of the branch taken there: x[i]",
        ),
        (
            "y[i] = abs(x[i])",
            "where x[i] = 0, the derivative is that of the branch taken there: x[i]",
        ),
        (
            "y[i] = min(x[i], a[i])",
            "where x[i] = a[i], the derivative is that of the branch taken there: x[i]",
        ),
        (
            "y[i] = if x[i] < 1 then 0 else x[i]",
            "where x[i] = 1, the derivative is that of the branch taken there: x[i]",
        ),
    ],
)
def test_the_branch_is_named(text: str, words: str) -> None:
    assert words in said(text)


@pytest.mark.parametrize(
    "text",
    [
        "y[i] = relu(x[i]) + log(1 + exp(-abs(x[i])))",
        "y[i] = relu(x[i]) - relu(-x[i])",
        "y[i] = max(x[i], 1) + (if x[i] > 1 then 0 else 1 - x[i])",
    ],
)
def test_two_that_do_not_fit_together_are_pointed_out(text: str) -> None:
    assert "one branch is taken from above and another from below" in said(text)


@pytest.mark.parametrize(
    "text",
    [
        "y[i] = relu(x[i]) + relu(x[i] - 1)",
        "y[i] = max(x[i], 0) + log(1 + exp(-abs(x[i])))",
        "y[i] = if i < 3 then x[i] else 0",
        "y[i] = exp(x[i])",
    ],
)
def test_others_are_not(text: str) -> None:
    assert "from above and another" not in said(text)
