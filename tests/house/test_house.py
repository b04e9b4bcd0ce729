"""What must never be called on text from outside, what start-up costs, what is documented."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.places import ROOT

PARTS = ["derive", "verify", "numeric"]
FORBIDDEN_METHODS = {"sympify", "parse_expr", "doit", "simplify", "subs"}
FORBIDDEN_NAMES = {"eval", "exec", "compile", "sympify", "parse_expr", "simplify"}


def sources() -> list[Path]:
    files = [p for part in PARTS for p in (ROOT / part).rglob("*.py")]
    return [*sorted(files), ROOT / "cli.py"]


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_text_is_never_run(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            assert not (isinstance(node.func, ast.Name) and node.func.id in FORBIDDEN_NAMES)
            assert not (
                isinstance(node.func, ast.Attribute) and node.func.attr in FORBIDDEN_METHODS
            )


@pytest.mark.parametrize("arguments", [["--help"], ["list"], ["--version"]])
def test_cheap_commands_do_not_import_sympy(arguments: list[str]) -> None:
    code = (
        "import sys, cli\n"
        "try: cli.main(sys.argv[1:])\n"
        "except SystemExit as stop: assert not stop.code\n"
        "assert 'sympy' not in sys.modules and 'islpy' not in sys.modules\n"
        "needless = {'dataclasses', 'importlib.metadata', 'textwrap'}.intersection(sys.modules)\n"
        "assert sys.argv[1] != 'list' or not needless, needless"
    )
    subprocess.run(
        [sys.executable, "-c", code, *arguments], check=True, cwd=ROOT, stdout=subprocess.DEVNULL
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["relu", "--prove"],
        ["check", "dL/dx[i] = 2*g[i]*x[i]", "--of", "y[i] = x[i]^2"],
        ["check", "--code", "mine.py:f", "--of", "y[i] = x[i]^2"],
    ],
)
def test_only_a_search_imports_hypothesis(arguments: list[str], tmp_path: Path) -> None:
    """What is proved, checked or tried smallest first does without it."""
    (tmp_path / "mine.py").write_text("def f(g, x):\n    return 2*g*x\n", encoding="utf-8")
    code = (
        "import sys, verify, cli\n"
        "try: cli.main(sys.argv[1:])\n"
        "except SystemExit as stop: assert not stop.code\n"
        "assert 'hypothesis' not in sys.modules"
    )
    subprocess.run(
        [sys.executable, "-c", code, *arguments],
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    )


def test_the_rule_book_is_documented() -> None:
    from derive.engine.rules import rules_by_phase

    for _, table in rules_by_phase():
        for rules in table.values():
            for rule in rules:
                assert rule.apply.__doc__ and "=" in rule.apply.__doc__, rule.name


def local_imports(file: Path) -> Iterator[tuple[str, str]]:
    """Each import inside a function, and it with the three lines before it."""
    lines = file.read_text(encoding="utf-8").splitlines()
    for function in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    around = lines[max(0, node.lineno - 4) : node.end_lineno]
                    yield f"{file.name}:{node.lineno}", "\n".join(around)


def test_imports_inside_functions_say_why() -> None:
    """What is embedded in generated modules apart, which says it in words."""
    for file in sources():
        if "templates" not in file.parts:
            for place, around in local_imports(file):
                assert "# local: " in around, place
