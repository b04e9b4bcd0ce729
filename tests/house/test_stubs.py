"""What ``typings`` says of SymPy, z3 and mpmath is there in the installed versions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from tests.places import ROOT

TYPINGS = ROOT / "typings"
#: what only an instance has
OF_INSTANCES = {
    "MPContext.pi",
    "MPContext.e",
    "MPContext.mpf",
    "MPContext.__getattr__",
    "Matrix.rows",
    "Matrix.cols",
}


def declared(body: list[ast.stmt]) -> Iterator[tuple[str, list[ast.stmt]]]:
    """The public names that a module or class declares, with what is inside each."""
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name, node.body if isinstance(node, ast.ClassDef) else []
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, []


@pytest.mark.parametrize("path", sorted(TYPINGS.rglob("*.pyi")), ids=lambda p: p.parent.name)
def test_every_name_exists(path: Path) -> None:
    parts = path.relative_to(TYPINGS).with_suffix("").parts
    module = import_module(".".join(p for p in parts if p != "__init__"))
    for name, inside in declared(ast.parse(path.read_text(encoding="utf-8")).body):
        if name.startswith("_"):
            continue  # a base class that only the stub has
        assert hasattr(module, name), name
        for member, _ in declared(inside):
            if f"{name}.{member}" not in OF_INSTANCES:
                assert hasattr(getattr(module, name), member), f"{name}.{member}"
