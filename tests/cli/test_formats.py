"""Everything that is told, in every format; one more format is one more file."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from derive.presentation import formats
from tests.suites import every

FAULTY = """
import numpy as np

def backward(g, x, k):
    print("<here> & there_")
    dx, dk = np.zeros_like(x), np.zeros_like(k)
    for r, c in np.ndindex(g.shape):
        window = np.s_[r : r + k.shape[0], c : c + k.shape[1]]
        dx[window] = g[r, c] * k
        dk += g[r, c] * x[window]
    return dx, dk
"""
CLAIM = "dL/dx[p,q] = sum[a,b] g[p+a,q+b]*k[a,b]"
#: commands, what the JSON of each is a list of, and its exit code
COMMANDS = {
    "derivation": (["matmul"], "derivations", 0),
    "second": (["matmul", "--wrt", "A,B", "--brief"], "derivations", 0),
    "example": (["conv", "--brief", "--size", "4x4", "--kernel", "2x2"], "examples", 0),
    "proof": (["matmul", "--prove"], "verdicts", 0),
    "refuted": (["check", CLAIM, "--of", "conv"], "verdicts", 1),
    "listed": (["check", "dL/dk[a,b] = y[a,b]", "--of", "conv"], "verdicts", 1),
    "checked": (["check", "dL/db[o] = sum[n] g[n,o]", "--of", "linear"], "verdicts", 0),
    "tested": (["relu", "--test", "--max-examples", "2"], "verdicts", 0),
    "function": (["check", "--code", "FILE:backward", "--of", "conv"], "verdicts", 1),
    "batch": (["check", "--code", "FILE*:backward", "--of", "conv"], "batches", 1),
    "list": (["list"], "layers", 0),
    "module": (["matmul", "--code"], "modules", 0),
    "explanation": (["matmul", "--explain"], "explanations", 0),
}


def told(command: str, style: str, folder: Path) -> str:
    """What the command prints in a format."""
    (folder / "my.py").write_text(FAULTY, encoding="utf-8")
    words, _, status = COMMANDS[command]
    words = [word.replace("FILE", str(folder / "my.py")) for word in words]
    result = CliRunner().invoke(cli.main, [*words, "--format", style])
    assert result.exit_code == status, result.output
    return result.output


@pytest.mark.parametrize("command", every(2, COMMANDS))
def test_json_is_data(command: str, tmp_path: Path) -> None:
    document = json.loads(told(command, "json", tmp_path))
    kind = COMMANDS[command][1]
    assert document["schema"] == 1 and document[kind]
    if kind == "verdicts":
        assert max(v["exit_code"] for v in document[kind]) == COMMANDS[command][2]
        assert all(v["word"] in ("checked", "tested", "refuted") for v in document[kind])


def test_a_counterexample_is_data(tmp_path: Path) -> None:
    (verdict,) = json.loads(told("refuted", "json", tmp_path))["verdicts"]
    assert verdict["word"] == "refuted" and verdict["claim"] == CLAIM
    assert verdict["counterexample"] == {
        "sizes": {"H": 1, "W": 2, "K1": 1, "K2": 2},
        "indices": {"p": 0, "q": 1},
        "expected": 1,
        "found": 0,
    }
    assert verdict["tensors"]["k"] == {"shape": [1, 2], "entries": [0, 1]}
    (verdict,) = json.loads(told("function", "json", tmp_path))["verdicts"]
    assert verdict["counterexample"]["sizes"] == {"H": 1, "W": 3, "K1": 1, "K2": 2}
    assert [f["tensor"] for f in verdict["findings"]] == ["x", "k"]
    proofs = json.loads(told("proof", "json", tmp_path))["verdicts"]
    assert [p["of"] for p in proofs] == ["∂L/∂B of matmul", "∂L/∂A of matmul"]
    assert all(c["holds"] and c["decider"] for p in proofs for c in p["conditions"])


def test_an_example_is_data(tmp_path: Path) -> None:
    example = json.loads(told("example", "json", tmp_path))["examples"][1]
    assert (example["wrt"], example["differences"]) == ("x", [])
    assert example["matrix"]["cells"][0][:2] == ["k00", "k01"]
    assert example["by_matrix"] == example["by_formula"]
    assert example["shapes"]["y"] == [3, 3]


@pytest.mark.parametrize("command", every(2, COMMANDS))
def test_markdown(command: str, tmp_path: Path) -> None:
    text = told(command, "markdown", tmp_path)
    assert text.count("```") % 2 == 0 and text.count("$$") % 2 == 0
    assert all("\n\n\n" not in words for words in text.split("```")[::2])


def test_markdown_says_what_text_says(tmp_path: Path) -> None:
    assert "### **refuted**: `dL/dx[p,q] = " in told("refuted", "markdown", tmp_path)
    assert "    k01\ng00  −" in told("refuted", "markdown", tmp_path)
    assert "- step 1, chain rule (" in told("proof", "markdown", tmp_path)
    assert "  T  k00 k01 k10 k11" in told("example", "markdown", tmp_path)
    assert "- **conv**: y\\[r, c\\]" in told("list", "markdown", tmp_path)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
@pytest.mark.parametrize("command", every(3, COMMANDS))
def test_latex_compiles(command: str, tmp_path: Path) -> None:
    (tmp_path / "d.tex").write_text(told(command, "latex", tmp_path), encoding="utf-8")
    program = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "d.tex"]
    run = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-2000:]
    assert "invalid in math mode" not in run.stdout


TOY = '''
"""How many blocks of each kind there are: what a new format sees."""

from collections import Counter

from derive.presentation.blocks import Group, Inset


def kinds(blocks):
    for block in blocks:
        inner = block.blocks if isinstance(block, Group) else ()
        inner = (block.block,) if isinstance(block, Inset) else inner
        yield from kinds(inner) if inner else [type(block).__name__]


def render(chapters):
    counted = Counter(k for c in chapters for told in c.told for k in kinds(told.blocks()))
    return "\\\\n".join(f"{kind} {count}" for kind, count in sorted(counted.items()))
'''.replace("\\\\n", "\\n")


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A format in a file of its own, in the package's path."""
    folder = tmp_path / "more_formats"
    folder.mkdir()
    (folder / "toy.py").write_text(TOY, encoding="utf-8")
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(folder)])


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("derivation", "Shown "),
        ("example", "Drawing "),
        ("proof", "Timings 2"),
        ("refuted", "Drawing 1"),
        ("listed", "Listing 1"),
        ("tested", "Definitions 1"),
        ("function", "Code 1"),
        ("list", "Definitions 1"),
        ("module", "Code 1"),
    ],
)
def test_a_new_format_is_one_file(command: str, words: str, tmp_path: Path) -> None:
    assert words in told(command, "toy", tmp_path)


@pytest.mark.usefixtures("toy")
def test_a_new_format_is_listed() -> None:
    listed = CliRunner().invoke(cli.main, ["formats"]).output
    known = formats.FORMATS.names()
    assert listed.split() == known and "toy" in known
    wrong = CliRunner().invoke(cli.main, ["conv", "--format", "pdf"])
    assert f"there are: {', '.join(known)}" in wrong.output
