"""The assertion for other people's test suites."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import derive
import verify
from verify.trying.user.examination import CannotRun

RELU = derive.layer("relu")


def relu_backward(dout: Any, cache: Any) -> Any:
    x = cache
    return dout * (x > 0)


def loss_backward(logits: Any, y: Any) -> Any:
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    return 0.0, p / len(y)


class Relu:
    """A layer as a class."""

    def forward(self, x: Any) -> Any:
        self.x = x

    def backward(self, g: Any) -> Any:
        return g * (self.x > 0)

    @staticmethod
    def static(g: Any, x: Any) -> Any:
        return g * (x > 0)

    def bound(self, g: Any, x: Any) -> Any:
        return g * (x > 0)

    def __call__(self, g: Any, x: Any) -> Any:
        return g * (x > 0)


def scaled(factor: float, g: Any, x: Any) -> Any:
    return factor * g * (x > 0)


@pytest.mark.parametrize(
    "f",
    [
        lambda g, x: g * (x > 0),
        Relu.backward,
        Relu.static,
        Relu().bound,
        Relu(),
        partial(scaled, 1.0),
        lambda *arrays: arrays[0] * (arrays[1] > 0),
    ],
)
def test_right_functions_of_all_kinds(f: Callable[..., Any]) -> None:
    verify.assert_gradient(RELU, f, examples=6)


def test_options_say_how_it_is_called() -> None:
    verify.assert_gradient(RELU, relu_backward, calls="cs231n", examples=6)
    verify.assert_gradient(derive.layer("cross_entropy"), loss_backward, wrt="x", examples=6)


def test_the_report_is_the_text() -> None:
    with pytest.raises(AssertionError) as raised:
        verify.assert_gradient(RELU, partial(scaled, 2.0), examples=6)
    text = str(raised.value)
    assert text.startswith("refuted: ") and "smallest failing case: " in text
    with pytest.raises(AssertionError, match="ValueError: no"):
        verify.assert_gradient(RELU, raises, examples=6)
    with pytest.raises(CannotRun, match="nothing is known that cache and more could receive"):
        verify.assert_gradient(RELU, lambda g, cache, more: g, examples=6)


def raises(g: Any, x: Any) -> Any:
    raise ValueError("no")


def test_a_suite_of_somebody_else(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def f(g, x):\n    return g * (x >= 1)\n")
    (tmp_path / "test_mine.py").write_text(f"""
import derive, verify
from mine import f
def test_right():
    verify.assert_gradient(derive.layer("relu"), lambda g, x: g * (x > 0), examples=4)
def test_wrong():
    verify.assert_gradient(derive.layer("relu"), f, examples=4)
def test_file():
    verify.assert_gradient(derive.layer("relu"), {str(tmp_path / "mine.py:f")!r}, examples=4)
""")
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mine.py"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "2 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "refuted: mine.py:f as ∂L/∂x of relu" in done.stdout
