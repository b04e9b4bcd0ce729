"""The command line as a newcomer meets it, wrong input included."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cli
import derive
from derive import catalog
from derive.presentation.formats import FORMATS
from tests.places import ROOT
from tests.suites import every, quick
from verify.verdict import INTERRUPTED, NO_READER


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


def test_the_version_of_a_tree_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", version)
    result = run("--version")
    assert result.exit_code == 0
    assert result.output == "derive, version unknown: this is a source tree that is not installed\n"


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


STYLES = ("text", "markdown", "latex", "json")
#: every layer in two of the formats, in turn
TOLD = [(n, s) for k, n in enumerate(catalog.names()) for s in STYLES[k % 2 :: 2]]


@pytest.mark.parametrize("told", every(6, TOLD))
def test_layers_in_every_format(told: tuple[str, str]) -> None:
    name, style = told
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


STRIDED = "f(x[N], k[K]; s=1): y[r] = sum[a] x[s*r + a]*k[a]"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--nosuch"], "No such option"),
        (["conv", "--nosuch"], "No such option"),
        (["conv", "conv"], "unexpected extra argument"),
        (["list", "x"], "unexpected extra argument"),
        (["conf"], "did you mean 'conv'"),
        (["lst"], "did you mean 'list'"),
        ([""], "there is no layer ''"),
        ([" "], "there is no layer ' '"),
        (["/"], "'/' is a folder"),
        (["x" * 300], "there is no layer"),
        (["missing.layer"], "cannot read 'missing.layer': No such file"),
        (["y[i] = x[i"], "^"),
        (["y[i] ="], "^"),
        (["= x[i]"], "^"),
        (["("], "^"),
        (["y[i] = x[i+1] + x[i]*z[j]"], "^"),
        (["y[i] = y[i]"], "defined by itself"),
        (["y[i] = z[i]; z[i] = y[i]"], "defined by itself"),
        (["y = 1/0"], "division by zero"),
        (["f(x[N]): y[i < N] = x[i+1]"], "N = 1"),
        (["y[i] = x[i]", "--stride", "2"], "--stride is an option of catalog layers"),
        (["y[i] = x[i]", "--dims", "2"], "--dims is an option of catalog layers"),
        (["y[i] = x[i]", "--no-bias"], "--bias is an option of catalog layers"),
        (["y[i] = x[i]", "--set", "oops"], "NAME=VALUE"),
        (["y[i] = x[i]", "--set", "s=2"], "no hyperparameters"),
        ([STRIDED, "--set", "s="], "NAME=VALUE"),
        ([STRIDED, "--set", "=2"], "NAME=VALUE"),
        ([STRIDED, "--set", "t=2"], "there are: s"),
        ([STRIDED, "--set", "text=2"], "there are: s"),
        ([STRIDED, "--set", "s=0"], "at least 1"),
        ([STRIDED, "--set", "s=1.5"], "must be an integer"),
        ([STRIDED, "--set", "s=r"], "cannot be an index too"),
        ([STRIDED, "--set", "s=" + "9" * 50], "must be a number or a name"),
        (["conv", "--set", "s=2"], "--set is for typed layers"),
        (["conv", "--wrt", "z"], "its inputs are: x, k"),
        (["conv", "--wrt", ""], "no input ''"),
        (["conv", "--wrt", "x,"], "no input ''"),
        (["conv", "--wrt", "x,,k"], "no input ''"),
        (["conv", "--wrt", "x,z"], "its inputs are: x, k, g"),
        (["f(x[C], t[N] int < C): y[n] = x[t[n]]", "--wrt", "t"], "integers"),
        (["conv", "--format", "pdf"], f"no format 'pdf'; there are: {', '.join(FORMATS.names())}"),
        (["conv", "--format", "ltex"], "did you mean 'latex'?"),
        (["conv", "--format", ""], f"no format ''; there are: {', '.join(FORMATS.names())}"),
        (["nosuchfile.txt"], "cannot read 'nosuchfile.txt': No such file"),
        (["folder/nosuchfile"], "cannot read 'folder/nosuchfile': No such file"),
        (["check", "y = 1", "--of", "nosuch.txt"], "cannot read 'nosuch.txt': No such file"),
        (["chek"], "there is no layer 'chek'; did you mean 'check'?"),
        (["chek", "--of", "conv"], "there is no layer 'chek'; did you mean 'check'?"),
        (["conv", "--of", "conv"], "No such option '--of'"),
        (["conv", "--dims", "two"], "'two' is not a valid integer"),
        (["conv", "--dims", "0"], "dims must be between 1 and 8, not 0"),
        (["conv", "--dims", "-1"], "dims must be between 1 and 8, not -1"),
        (["conv", "--dims", "99"], "dims must be between 1 and 8, not 99"),
        (["conv", "--stride", "0"], "stride must be at least 1"),
        (["conv", "--stride", "-1"], "stride must be at least 1"),
        (["conv", "--stride", ""], "stride must be a whole number or a name"),
        (["conv", "--stride", ","], "stride must be a whole number or a name"),
        (["conv", "--stride", "1x"], "not '1x'"),
        (["conv", "--stride", "1/2"], "not '1/2'"),
        (["conv", "--stride", "1_0"], "not '1_0'"),
        (["conv", "--stride", "٣"], "not '٣'"),
        (["conv", "--stride", "9" * 50], "stride must be a whole number or a name"),
        (["conv", "--stride", "sum"], "a word of the notation"),
        (["conv", "--stride", "1,2,3"], "3 values for 2 axes"),
        (["conv", "--stride", "1:2,1:2"], "stride must be a whole number or a name"),
        (["conv", "--stride", "H"], "stride cannot be called 'H'"),
        (["conv", "--stride", "q", "--padding", "q"], "cannot both be called 'q'"),
        (["conv", "--dilation", "0"], "dilation must be at least 1"),
        (["conv", "--kernel-size", "0"], "kernel_size must be at least 1"),
        (["conv", "--kernel-size", "x"], "kernel_size cannot be called 'x'"),
        (["conv", "--padding", "-1"], "padding must be at least 0"),
        (["conv", "--padding", "1:2"], "one pair (before, after) for each axis"),
        (["conv", "--padding", "1:2,3"], "one pair (before, after) for each axis"),
        (["conv", "--dims", "1", "--padding", "1:2:3"], "one pair"),
        (["conv", "--dims", "1", "--padding", "1:x"], "padding cannot be called 'x'"),
        (["conv", "--dims", "1", "--padding", ":"], "padding must be"),
        (["conv", "--padding", "same,same"], "a word of the notation"),
        (["conv", "--groups", "3"], "--channels"),
        (["conv", "--groups", "0", "--channels"], "groups must be at least 1"),
        (["conv", "--groups", "1,2", "--channels"], "groups must be a whole number or a name"),
        (["conv", "--groups", "C", "--channels"], "groups cannot be called 'C'"),
        (["conv", "--output-padding", "1"], "conv has no option 'output_padding'"),
        (["conv_transpose", "--output-padding", "-1"], "output_padding must be at least 0"),
        (["conv_transpose", "--padding", "same", "--stride", "2"], "needs stride 1"),
        (["conv_transpose", "--padding", "same", "--stride", "s"], "needs stride 1"),
        (["avgpool", "--padding", "2", "--kernel-size", "3"], "at most half the kernel size"),
        (["avgpool", "--dilation", "2"], "avgpool has no option 'dilation'"),
        (["linear", "--stride", "2"], "linear has no option 'stride'"),
        (["embedding", "--bias"], "embedding has no option 'bias'; it takes none"),
        (["conv", "--size", "big"], "4x4"),
        (["conv", "--size", ""], "4x4"),
        (["conv", "--size", "-1x4"], "4x4"),
        (["conv", "--size", "99999x9"], "4x4"),
        (["conv", "--size", "999x999"], "choose smaller sizes"),
        (["conv", "--size", "4x4x4"], "x has 2 axes"),
        (["conv", "--size", "2x2", "--kernel", "3x3x3"], "k has 2 axes"),
        (["conv", "--size", "4x4", "--kernel", "0x0"], "requires 1 <= K1"),
        (["conv", "--size", "4x4", "--channels", "--groups", "2"], "requires 2 divides C"),
        (["avgpool", "--size", "4x4", "--kernel", "2x2"], "no second tensor"),
        (["matmul", "--size", "2x2", "--kernel", "3x3"], "both 2 and 3"),
        (["f(): y = 1", "--size", "3"], "has no tensor"),
        (["f(x[3]): y[i] = x[i]", "--size", "4"], "does not fit: it would be 3"),
        (["f(x[E]; E): y[i] = x[i]", "--size", "4"], "hyperparameter E"),
        (["f(x[N]): y[i < N] = x[i]/(N-1)", "--size", "1"], "divides by zero"),
        (["y[i] = exp(x[i])", "--size", "3"], "no matrix product"),
        (["conv", "-o", "/no/such/folder/file"], "cannot write '/no/such/folder/file': No such"),
        (["conv", "-o", "/"], "cannot write '/': Is a directory"),
        (["conv", "-o", ""], "cannot write '': Is a directory"),
        (["conv", "--at", "N=1"], "--at goes with --explain, not --show"),
        (["conv", "--code", "--max-examples", "3"], "--max-examples goes with --test"),
        (["conv", "--show", "--target", "fast"], "--target goes with --code, --explain, --test"),
        (["conv", "--code", "--kernel", "2x2"], "--kernel goes with --size"),
        (["conv", "--brief", "--kernel", "2x2"], "--kernel goes with --size"),
        (["conv", "--explain", "--at", "H=4", "--target", "loops"], "about the target fast"),
        (["conv", "--prove", "--size", "4x4"], "--size goes with --show, not --prove"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
def test_wrong_use_exits_with_2_and_says_what_to_do(arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert message in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["conv", "--brief", "--stride", "9" * 20, "--padding", "9" * 20],
        ["conv", "--brief", "--kernel-size", "9" * 20, "--dilation", "+2"],
        ["conv", "--brief", "--dims", "1", "--padding", "p:1"],
        ["conv", "--brief", "--size", "4x4", "--kernel", "9x9"],
        ["conv", "--brief", "--size", "0x0"],
        ["conv_transpose", "--brief", "--padding", "1:0,0:1", "--stride", "2", "--size", "3x3"],
        ["avgpool", "--brief", "--padding", "p", "--stride", "s", "--ceil-mode"],
        ["f(): y = 1"],
        ["f(t[N] int): y[i] = t[i]", "--format", "json"],
    ],
    ids=" ".join,
)
def test_unusual_use_is_no_wrong_use(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "there is no equation"),
        (b"\xff\xfe", "not written in UTF-8"),
        (b"y[i] = 2*", "^"),
    ],
)
def test_wrong_files(content: bytes, message: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.layer"
    file.write_bytes(content)
    result = run(str(file))
    assert result.exit_code == 2
    assert message in result.output
    assert run(str(tmp_path / "missing.layer")).exit_code == 2
    (tmp_path / "folder.layer").mkdir()
    assert "Is a directory" in run(str(tmp_path / "folder.layer")).output


def test_a_file_may_come_from_any_system(tmp_path: Path) -> None:
    file = tmp_path / "mine.layer"
    file.write_bytes(b"\xef\xbb\xbff(x[N]):\r\n    y[i] = 2*x[i]\r\n")
    assert run(str(file)).output == run("f(x[N]): y[i] = 2*x[i]").output


# --- files that are written ---------------------------------------------------------------------


def test_a_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    target, plain = tmp_path / "derived.txt", tmp_path / "plain.txt"
    plain.touch()
    assert run("matmul", "-o", str(target)).exit_code == 0
    assert target.stat().st_mode == plain.stat().st_mode
    target.chmod(0o640)
    assert run("matmul", "-o", str(target)).exit_code == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "derived.txt", tmp_path / "link.txt"
    link.symlink_to(target)
    assert run("matmul", "-o", str(link)).exit_code == 0
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8").startswith("matmul")


def test_a_failure_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    target = tmp_path / "derived.txt"
    target.write_text("before", encoding="utf-8")
    monkeypatch.setattr(Path, "replace", full)
    result = run("matmul", "-o", str(target))
    assert result.exit_code == 2
    assert result.output == f"derive: cannot write {str(target)!r}: No space left on device\n"
    assert [p.name for p in tmp_path.iterdir()] == ["derived.txt"]
    assert target.read_text(encoding="utf-8") == "before"


def test_wrong_use_writes_no_file(tmp_path: Path) -> None:
    assert run("conv", "--wrt", "z", "-o", str(tmp_path / "derived.txt")).exit_code == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("arguments", [["list"], ["matmul"], ["matmul", "-o", "/dev/full"]])
def test_a_full_disk_is_reported(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "cli", *arguments]
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert re.fullmatch("derive: cannot write .*: No space left on device\n", done.stderr)
    assert Path("/dev/full").is_char_device()


# --- how it ends ----------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="pipes end differently there")
@pytest.mark.parametrize("arguments", [["list"], ["matmul"], ["matmul", "--format", "json"]])
def test_a_reader_that_stops_reading_hears_nothing(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "cli", *arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert done.returncode == NO_READER
    assert done.stderr == b""


def test_an_interruption_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(derive, "gradient", interrupted)
    result = run("conv")
    assert result.exit_code == INTERRUPTED
    assert result.output == ""


def test_pipe_without_unicode_gets_ascii() -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "cli", "conv", "--show"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
    assert b"sum" in done.stdout


@pytest.mark.parametrize("style", quick(["text", "json"], ["text"]))
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


def test_help_lists_the_options_that_the_layer_has() -> None:
    assert "--stride S" in run("conv", "--help").output
    linear = run("linear", "--help").output
    assert "--bias / --no-bias" in linear
    assert "--stride" not in linear
    assert "Of the layer" not in run("y[i] = x[i]", "--help").output
    assert "--count-include-pad" in run("check", "--help").output


def test_what_is_wrong_in_a_file_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "broken.layer"
    file.write_text("y[i] = x[i", encoding="utf-8")
    output = run(str(file), "--show").output
    assert "broken.layer" in output and "^" in output


def test_list_has_a_line_for_every_layer() -> None:
    lines = run("list").output.splitlines()
    assert [line.split()[0] for line in lines] == catalog.names()
