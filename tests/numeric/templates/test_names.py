"""Names in templates: in a generated module they stand side by side, and the first one counts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from numeric.emission.dialect import NUMPY
from numeric.targets.compiled import COMPILING, LOOPS
from numeric.targets.fast import TEMPLATES


def defined(text: str) -> Iterator[tuple[str, str]]:
    """The names that a module's text defines, with their definitions."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, ast.unparse(node)
        elif isinstance(node, ast.Assign):
            yield from ((ast.unparse(target), ast.unparse(node)) for target in node.targets)


def clashes(texts: list[str]) -> list[str]:
    """Names that mean different things in different modules."""
    known: dict[str, str] = {}
    found = [pair for text in texts for pair in defined(text)]
    return [name for name, meaning in found if known.setdefault(name, meaning) != meaning]


@pytest.mark.parametrize("helpers", [NUMPY.helpers, COMPILING])
def test_no_name_means_two_things(helpers: tuple[str, ...]) -> None:
    """A target's own words stand for NumPy's on purpose, but not for those of templates."""
    assert clashes([text_of(name) for name in dict.fromkeys((*helpers, *TEMPLATES, *LOOPS))]) == []


def text_of(name: str) -> str:
    """A module's text, without running what needs a compiler."""
    package, _, last = name.rpartition(".")
    folder = Path(str(import_module(package).__file__)).parent
    return (folder / f"{last}.py").read_text(encoding="utf-8")


def test_a_clash_is_noticed() -> None:
    """Two block sizes of one name made every convolution beside a pass over blocks slower."""
    assert clashes(["BLOCK = 1", "BLOCK = 2"]) == ["BLOCK"]
    assert clashes(["def f():\n    pass", "def f():\n    return 1"]) == ["f"]
    assert clashes(["A = int", "A = int"]) == []
