"""The committed modules: what the generator writes today, on any machine, and fit to be read."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import derive
import numeric
from derive.presentation.telling import shown
from numeric import regenerate
from numeric.emission.embedding import embedded
from numeric.generation import derivations
from tests.suites import quick

NAMES = list(regenerate.CATALOG)


@pytest.mark.parametrize("name", quick(NAMES, [n for n in NAMES if "3" not in n and "1" not in n]))
def test_committed_modules_are_what_the_generator_writes_from_checked_programs(name: str) -> None:
    """After a change of the generator: ``python -m numeric.regenerate``, and read the diff.

    Forward and all gradients, with every hyperparameter symbolic, are equal for all sizes.
    """
    committed = (regenerate.FOLDER / f"{name}.py").read_text(encoding="utf-8")
    assert committed == regenerate.text(name)
    layer, options = regenerate.CATALOG[name]
    verdicts = numeric.compile(derive.layer(layer, **options), target="arrays").verdicts
    assert {function: v.word for function, v in verdicts.items()} == dict.fromkeys(
        verdicts, "checked"
    )
    assert len(verdicts) >= 2


def test_every_committed_module_is_generated() -> None:
    found = {path.stem for path in regenerate.FOLDER.glob("*.py")} - {"__init__"}
    assert found == set(NAMES)


def test_regenerating_writes_the_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regenerate, "FOLDER", tmp_path)
    monkeypatch.setattr(regenerate, "CATALOG", {"matmul": regenerate.CATALOG["matmul"]})
    regenerate.main()
    assert (tmp_path / "matmul.py").read_text(encoding="utf-8") == regenerate.text("matmul")


def test_the_text_does_not_depend_on_hash_order() -> None:
    program = (
        "import derive, numeric, hashlib\n"
        "layer = derive.layer('conv', dims=1, channels=True, stride='s', padding=1)\n"
        "text = numeric.code(layer, 'arrays') + numeric.code(layer, 'loops')\n"
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    digests = {run(program, PYTHONHASHSEED=seed) for seed in ("0", "1")}
    assert len(digests) == 1


def run(program: str, *options: str, **environment: str) -> str:
    """What a fresh interpreter prints."""
    made = subprocess.run(
        [sys.executable, *options, "-c", program],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return made.stdout


@pytest.mark.parametrize("target", ["arrays", "loops"])
def test_a_module_needs_nothing_but_numpy(target: str, tmp_path: Path) -> None:
    """In an interpreter that can import nothing of this project, and no SymPy."""
    text = numeric.code(derive.layer("conv", channels=True, padding=1, stride=2), target)
    (tmp_path / "made.py").write_text(text, encoding="utf-8")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "for name in ('derive', 'numeric', 'verify', 'sympy', 'islpy', 'z3', 'cli'):\n"
        "    sys.modules[name] = None\n"
        "import numpy as np, made\n"
        "x, k, b = np.ones((1, 1, 4, 4)), np.ones((1, 1, 3, 3)), np.ones(1)\n"
        "y = made.forward(x, k, b)\n"
        "print(y.tolist(), sorted(made.backward(y, x, k, b)))"
    )
    assert run(program) == "[[[[5.0, 7.0], [7.0, 10.0]]]] ['b', 'k', 'x']\n"


@pytest.mark.parametrize("name", NAMES)
def test_modules_import_only_numpy_and_the_standard_library(name: str) -> None:
    tree = ast.parse((regenerate.FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    found = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    found |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert found <= {"math", "operator", "numpy", "numpy.lib.stride_tricks"}


@pytest.mark.parametrize("name", NAMES)
def test_lines_are_short_and_functions_documented(name: str) -> None:
    text = (regenerate.FOLDER / f"{name}.py").read_text(encoding="utf-8")
    assert max(map(len, text.splitlines())) <= 100
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert ast.get_docstring(node), node.name


def test_docstrings_show_formula_shapes_and_form() -> None:
    from numeric.generated import lecture_conv2

    forward, gradient = lecture_conv2.forward.__doc__, lecture_conv2.gradient_x.__doc__
    assert forward is not None and gradient is not None
    assert "y[r, c] = Σ_{a<K1, b<K2} x[r+a, c+b]·k[a, b]" in forward
    assert "Shapes: x[H, W], k[K1, K2] → y[R, C]." in forward
    assert "full convolution of g with k" in gradient
    assert "[0 ≤ r'−a < R]·[0 ≤ c'−b < C]·g[r'−a, c'−b]·k[a, b]" in gradient


def test_lines_cite_steps_of_the_derivation() -> None:
    """Every step that a comment names is a step that ``--show`` prints, with that title."""
    layer = derive.layer("conv", channels=True, stride=2, padding=1)
    text = numeric.code(layer, "arrays")
    for derivation in derivations(layer):
        steps = shown(derivation.steps, "default")
        printed = {f"step {step.number}: {step.title}" for step in steps}
        body = text.split(f"def gradient_{derivation.wrt}(")[1].split("\ndef ")[0]
        cited = set(re.findall(r"# (step \d+: .*)", body))
        assert cited
        assert cited <= printed


def test_tracebacks_show_generated_lines() -> None:
    import traceback

    kernel = numeric.compile(derive.layer("matmul"))
    try:
        kernel.forward(A=np.ones((2, 3)), B=np.ones((2, 2)))
    except ValueError as error:
        text = "".join(traceback.format_exception(error))
    assert "B: expected shape" in text
    assert 'expect("B", B' in text


def test_rank_zero_and_names_that_python_reserves() -> None:
    layer = derive.parse("f(lambda[H], np'[H]; if'=2): y[] = sum[i] lambda[i]*np'[i]*if'")
    kernel = numeric.compile(layer)
    given = {"lambda": np.array([1, 2]), "np'": np.array([3, 4])}
    y = kernel.forward(**given)
    assert (y.shape, int(y)) == ((), 22)
    assert kernel.backward(np.array(1), **given, **{"if'": 3})["np'"].tolist() == [3, 6]


def test_a_helper_that_nobody_wrote_is_refused() -> None:
    with pytest.raises(LookupError, match="there is no arsinh in numeric"):
        embedded(["largest", "arsinh"], ("numeric.templates.support",))
