"""``derive LAYER --code`` and ``--explain``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cli
import derive
import numeric
from numeric import targets


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, arguments)


def test_code_prints_the_module() -> None:
    result = run("conv", "--code", "--channels", "--stride", "2")
    assert result.exit_code == 0
    assert result.output == numeric.code(derive.layer("conv", channels=True, stride=2))


def test_code_of_a_typed_layer_runs(tmp_path: Path) -> None:
    path = tmp_path / "made.py"
    result = run("y[i] = sum[j] A[i,j]*x[j]", "--code", "-o", str(path))
    assert (result.exit_code, result.output) == (0, "")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import made\n"
        "print(made.forward([[1, 2], [3, 4]], [1, 1]).tolist())"
    )
    made = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert made.stdout == "[3, 7]\n"


def test_a_library_that_is_missing_is_named_where_it_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The text can be written and explained without PyTorch; only computing needs it."""
    monkeypatch.setattr("numeric.targets.torch.find_spec", lambda name: None)
    text = run("matmul", "--code", "--target", "torch").output
    assert "import torch" in text and "needs PyTorch and the standard library only." in text
    assert "array program → PyTorch" in run("matmul", "--explain", "--target", "torch").output
    result = run("matmul", "--test", "--target", "torch")
    assert result.exit_code == 2
    assert "PyTorch, which is not installed: pip install 'derive[torch]'" in result.output
    with pytest.raises(ValueError, match=r"pip install 'derive\[torch\]'"):
        numeric.compile(derive.layer("matmul"), target="torch")


def test_properties_are_tried_on_tensors() -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed (extra torch)")
    result = run("maxpool", "--test", "--target", "torch", "--max-examples", "5")
    assert result.exit_code == 0
    assert result.output.startswith("tested: maxpool, code for the target torch")


@pytest.mark.parametrize("target", ["loops", "arrays"])
def test_targets(target: str) -> None:
    result = run("matmul", "--code", "--target", target)
    assert result.output == numeric.code(derive.layer("matmul"), target)


@pytest.mark.parametrize("act", ["--code", "--explain"])
def test_an_unknown_target_lists_those_there_are(act: str) -> None:
    result = run("conv", act, "--target", "fortran")
    assert result.exit_code == 2
    assert "there is no target 'fortran'" in result.output
    assert all(name in result.output for name in targets.TARGETS.names())


def test_explain_shows_stages_decisions_and_verdicts() -> None:
    options = ["--channels", "--stride", "s", "--target", "arrays"]
    result = run("conv", "--explain", *options)
    assert result.exit_code == 0
    for words in (
        "equations → loop nests → array program → NumPy",
        "x_windows[n, i, r, a, c, b], shape (N, C, H_out, K1, W_out, K2): View of x",
        "s·H_out+K1−s−1 < H for all sizes (islpy)",
        "the array program and the equations: checked: equal for all sizes",
    ):
        assert words in result.output


def test_explain_says_what_is_slow_and_why() -> None:
    result = run("f(x[H pad all]): y[i < H] = x[i*i]", "--explain", "--target", "arrays")
    assert "slow: x[i²] is gathered entry by entry: a position is not affine" in result.output


def test_loops_have_nothing_to_explain() -> None:
    result = run("conv", "--explain", "--target", "loops")
    assert "equations → loops, nothing rearranged" in result.output
