"""Backward code is generated: a layer's file is its definition, and nothing else computes one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from derive import catalog
from tests.places import ROOT

LAYERS = ROOT / "derive" / "catalog" / "layers"
#: what passes arrays to generated code, by file, and from one layer's generated code to the next
PASSING = {
    "numeric/kernel.py",
    "numeric/generation.py",
    "numeric/examination.py",
    "numeric/networks/flowing.py",
    "numeric/networks/network.py",
    "numeric/wrapping/function.py",
    "verify/trying/trial.py",
}


@pytest.mark.parametrize("name", catalog.names())
def test_a_layer_is_a_text(name: str) -> None:
    """It imports no numbers and no engine, and returns a definition in the notation."""
    tree = ast.parse((LAYERS / f"{name}.py").read_text(encoding="utf-8"))
    imported = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert not any(isinstance(n, ast.Import) for n in ast.walk(tree))
    allowed = ("__future__", "collections.abc", "derive.catalog.")
    assert all(module is not None and module.startswith(allowed) for module in imported)


def defined(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]


def test_nothing_else_is_called_backward() -> None:
    found = {
        str(path.relative_to(ROOT))
        for storey in ("derive", "verify", "numeric")
        for path in (ROOT / storey).rglob("*.py")
        if "generated" not in path.parts and {"backward", "vjp", "grad"} & set(defined(path))
    }
    assert found == PASSING
