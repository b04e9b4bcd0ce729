"""Names in templates: in a generated module they stand side by side, and the first one counts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from derive.plugins import modules
from numeric.emission.dialect import NUMPY
from numeric.targets.fast import TEMPLATES
from numeric.templates import loops

LOOPS = tuple(f"{loops.__name__}.{name}" for name in modules(loops.__name__))


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


def test_no_name_means_two_things() -> None:
    names = dict.fromkeys((*NUMPY.helpers, *TEMPLATES, *LOOPS))
    files = [Path(path) for n in names if (path := import_module_file(n))]
    assert clashes([file.read_text(encoding="utf-8") for file in files]) == []


def import_module_file(name: str) -> str:
    """Where a module's text is, without running what needs a compiler."""
    package, _, last = name.rpartition(".")
    return str(Path(str(import_module(package).__file__)).parent / f"{last}.py")


def test_a_clash_is_noticed() -> None:
    """Two block sizes of one name made every convolution beside a pass over blocks slower."""
    assert clashes(["BLOCK = 1", "BLOCK = 2"]) == ["BLOCK"]
    assert clashes(["def f():\n    pass", "def f():\n    return 1"]) == ["f"]
    assert clashes(["A = int", "A = int"]) == []
