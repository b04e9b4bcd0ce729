"""The command line as a newcomer meets it, wrong input included."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cli
from derive import catalog

ROOT = Path(__file__).parent.parent


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, arguments)


def test_show_prints_both_gradients_and_names_them() -> None:
    result = run("conv", "--show")
    assert result.exit_code == 0
    for words in (
        "cross-correlation of x with g",
        "full convolution of g with k",
        "cross-correlation of g zero-padded by (K1−1, K2−1) with the flipped k",
        "this is the padding",
        "∂y[r, c]/∂k[a', b'] = x[r+a', c+b']",
    ):
        assert words in result.output
    assert all(len(line) <= 80 for line in result.output.splitlines())
    assert "\x1b" not in result.output


def test_wrt_chooses_and_a_comma_differentiates_twice() -> None:
    assert "∂L/∂k" not in run("conv", "--show", "--wrt", "x").output
    twice = run("conv", "--show", "--wrt", "x,k").output
    assert "∂²L/∂x∂k" in twice
    assert "∂²L/∂x[r', c']∂k[a', b'] = [0 ≤ r'−a' < R]·[0 ≤ c'−b' < C]" in twice


def test_details() -> None:
    brief, usual, full = (
        run("conv", "--show", *flag).output for flag in (["--brief"], [], ["--full"])
    )
    assert len(brief) < len(usual) < len(full)
    assert "convolution of x with the flipped k" in full


@pytest.mark.parametrize(
    "options",
    [
        ["--stride", "s", "--padding", "p", "--dilation", "d"],
        ["--channels", "--groups", "G", "--stride", "2,1", "--padding", "1"],
        ["--dims", "3", "--channels", "--no-bias", "--padding", "same"],
        ["--dims", "1", "--padding", "1:2"],
        ["--kernel-size", "3", "--padding", "valid"],
    ],
)
def test_hyperparameters(options: list[str]) -> None:
    result = run("conv", "--show", *options)
    assert result.exit_code == 0, result.output
    assert all(len(line) <= 80 for line in result.output.splitlines())


@pytest.mark.parametrize("name", catalog.names())
@pytest.mark.parametrize("style", ["text", "markdown", "latex", "json"])
def test_every_layer_in_every_format(name: str, style: str) -> None:
    result = run(name, "--show", "--format", style)
    assert result.exit_code == 0, result.output
    if style == "json":
        json.loads(result.output)


def test_worked_example() -> None:
    output = run("conv", "--show", "--size", "4x4", "--kernel", "2x2").output
    assert "Equal in all 16 entries." in output
    assert "Equal in all 4 entries." in output


def test_typed_layers_and_files(tmp_path: Path) -> None:
    text = "y[i] = sum[j] A[i,j]*x[j]"
    typed = run(text, "--show")
    assert typed.exit_code == 0
    file = tmp_path / "product.layer"
    file.write_text(text, encoding="utf-8")
    assert run(str(file), "--show").output == typed.output
    strided = "f(x[N], k[K]; s=1): y[r] = sum[a] x[s*r + a]*k[a]"
    assert run(strided, "--show", "--set", "s=2").exit_code == 0


def test_output_file(tmp_path: Path) -> None:
    target = tmp_path / "conv.tex"
    assert run("conv", "--show", "--format", "latex", "-o", str(target)).exit_code == 0
    assert target.read_text(encoding="utf-8").startswith("\\documentclass")
    assert [p.name for p in tmp_path.iterdir()] == ["conv.tex"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["conf", "--show"], "did you mean 'conv'"),
        (["conv", "--show", "--wrt", "z"], "its inputs are: x, k"),
        (["conv", "--show", "--format", "pdf"], "choose from: json, latex, markdown, text"),
        (["conv", "--show", "--stride", "0"], "stride must be at least 1"),
        (["conv", "--show", "--stride", "1,2,3"], "3 values for 2 axes"),
        (["conv", "--show", "--groups", "2"], "--channels"),
        (["conv", "--show", "--dims", "0"], "dims must be between"),
        (["conv", "--show", "--padding", "same", "--stride", "2"], "stride 1"),
        (["conv", "--show", "--padding", "1:x"], ""),
        (["conv", "--show", "--stride", "sum"], ""),
        (["conv", "--show", "--stride", "1/2"], ""),
        (["linear", "--show", "--stride", "2"], "linear has no option 'stride'"),
        (["conv", "--show", "--set", "s=2"], "--set is for typed layers"),
        (["y[i] = x[i", "--show"], "^"),
        (["y[i] = x[i+1] + x[i]*z[j]", "--show"], "^"),
        (["f(x[N]): y[i < N] = x[i+1]", "--show"], "N = 1"),
        (["y[i] = x[i]", "--stride", "2", "--show"], "--stride is an option of catalog layers"),
        (["y[i] = x[i]", "--set", "oops", "--show"], "NAME=VALUE"),
        (["missing.layer", "--show"], "cannot read"),
        (["conv", "--show", "--size", "big"], "4x4"),
        (["conv", "--show", "--size", "2x2", "--kernel", "3x3x3"], "k has 2 axes"),
        (["conv", "--show", "-o", "/no/such/folder/file"], "cannot write"),
        (["conv", "--show", "--dims", "two"], "two"),
        (["f(x[C], t[N] int < C): y[n] = x[t[n]]", "--show", "--wrt", "t"], "integers"),
    ],
)
def test_wrong_use_exits_with_2_and_says_what_to_do(arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert message in result.output
    assert "Traceback" not in result.output


def test_pipe_without_unicode_gets_ascii() -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "cli", "conv", "--show"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
    assert b"sum" in done.stdout


@pytest.mark.parametrize("style", ["text", "json"])
def test_same_bytes_under_every_hash_seed(style: str) -> None:
    words = ["conv", "--show", "--channels", "--groups", "G", "--stride", "s", "--padding", "p"]
    command = [sys.executable, "-m", "cli", *words, "--format", style]
    outputs = {
        subprocess.run(
            command,
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "42")
    }
    assert len(outputs) == 1


def test_list_has_a_line_for_every_layer() -> None:
    lines = run("list").output.splitlines()
    assert [line.split()[0] for line in lines] == catalog.names()
