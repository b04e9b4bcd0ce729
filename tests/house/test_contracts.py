"""The contracts on imports (pyproject.toml) are kept, and each refuses what it forbids."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT
from tests.suites import every

PARTS = ["derive", "verify", "numeric"]
LINT = "from importlinter.cli import lint_imports_command as lint; lint()"

#: for each contract: a module and an import planted in it
PLANTED = [
    ("storeys", "verify/verdict.py", "import numeric.kernel"),
    ("storeys", "derive/domains/__init__.py", "from verify.verdict import Verdict"),
    ("console", "numeric/kernel.py", "import cli"),
    ("checker", "verify/checker/steps.py", "from derive.engine.rules import rules_by_phase"),
    ("checker", "verify/verdict.py", "import derive.engine.scope"),
    ("checker", "verify/checker/named.py", "from derive.forms import products"),
    ("checker", "verify/checker/canonical.py", "import derive.gradients"),
    ("checker", "verify/checker/trials.py", "from verify.equality import proof"),
    ("light", "derive/language/printing/layout.py", "import rich.text"),
    ("light", "derive/engine/rules/sums.py", "import numpy as np"),
    ("search", "verify/verdict.py", "from hypothesis import given"),
    ("data", "verify/verdict.py", "import pickle"),
    ("templates", "numeric/templates/support.py", "import sympy"),
    ("templates", "numeric/templates/algorithms/rows.py", "from numeric.fast import recognition"),
    ("cycles", "derive/domains/refutation.py", "from derive.forms import products"),
    ("rooms", "verify/evaluation/closures.py", "from verify.evaluation import nodes"),
    ("rooms", "derive/presentation/blocks.py", "from derive.presentation.formats import render"),
    ("rooms", "derive/language/terms.py", "from derive.language.notation import reader"),
    ("rooms", "numeric/lowering/naming.py", "from numeric.lowering import nesting"),
    ("rooms", "verify/trying/case.py", "from verify.trying.user import fitting"),
    ("rooms", "numeric/emission/folding.py", "from numeric.emission import modules"),
    ("cycles", "numeric/program/reads.py", "from numeric.lowering import naming"),
]


def kept(source: Path, *options: str) -> bool:
    command = [sys.executable, "-c", LINT, "--no-cache", *options]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert "Contracts:" in done.stdout, done.stdout + done.stderr
    return done.returncode == 0


def test_contracts_are_kept() -> None:
    assert kept(ROOT)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources, to plant imports in."""
    place = tmp_path_factory.mktemp("contracts")
    for part in PARTS:
        shutil.copytree(ROOT / part, place / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("cli.py", "pyproject.toml"):
        shutil.copy(ROOT / file, place)
    return place


@pytest.mark.parametrize("planted", every(2, PLANTED), ids=lambda planted: planted[1])
def test_a_planted_import_is_refused(copy: Path, planted: tuple[str, str, str]) -> None:
    contract, module, line = planted
    path = copy / module
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n{line}\n", encoding="utf-8")
    try:
        assert not kept(copy, "--contract", contract)
    finally:
        path.write_text(text, encoding="utf-8")
