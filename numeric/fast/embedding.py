"""The text of templates, for generated modules: what they call comes along, annotations do not."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path

#: the modules with templates, in the order in which their text is written
MODULES = (
    "correlation",
    "choice",
    "costs",
    "geometry",
    "sharing",
    "windows",
    "columns",
    "pointwise",
    "channels_last",
    "rows",
    "inner_products",
    "contraction",
    "shifting",
    "parting",
    "winograd",
    "planes",
    "fourier",
    "constants",
)
#: imports that only annotations and the project itself need
LEFT_OUT = ("__future__", "typing", "collections.abc", "numeric", "numpy")


@dataclass(frozen=True)
class Part:
    """A function or constant: its text, the names it uses, and the imports it may need by name."""

    text: str
    used: frozenset[str]
    imports: tuple[tuple[str, str], ...]


@cache
def parts() -> dict[str, Part]:
    """Every function and constant of the template modules, in order."""
    found: dict[str, Part] = {}
    for name in MODULES:
        spec = find_spec(f"numeric.fast.{name}")
        assert spec is not None and spec.origin is not None
        source = Path(spec.origin).read_bytes()
        tree, lines = ast.parse(source), source.splitlines(keepends=True)
        imports = tuple(pair for node in tree.body for pair in _imported(node))
        for node in tree.body:
            for own in _defined(node):
                assert own not in found, f"two templates are called {own}"
                names, annotations = _read(node)
                found[own] = Part(_text(node, lines, annotations), frozenset(names), imports)
    return found


def embedded(wanted: Iterable[str]) -> tuple[list[str], list[str]]:
    """The import lines and the texts of what is wanted and of all that it uses."""
    known, pending, needed = parts(), list(wanted), set[str]()
    while pending:
        name = pending.pop()
        if name in known and name not in needed:
            needed.add(name)
            pending += known[name].used
    chosen = [part for name, part in known.items() if name in needed]
    lines = {line for part in chosen for name, line in part.imports if name in part.used}
    return sorted(lines), [part.text for part in chosen]


def _imported(node: ast.stmt) -> list[tuple[str, str]]:
    """The names that an import brings, each with a line that brings it alone."""
    if isinstance(node, ast.Import):
        return [(a.name, f"import {a.name}") for a in node.names if a.name not in LEFT_OUT]
    if isinstance(node, ast.ImportFrom) and node.module is not None:
        if node.module in LEFT_OUT or node.module.partition(".")[0] in LEFT_OUT:
            return []
        return [(a.name, f"from {node.module} import {a.name}") for a in node.names]
    return []


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        names = [t.id for t in node.targets if isinstance(t, ast.Name)]
        return [name for name in names if name != "Array"]
    return []


def _read(node: ast.AST) -> tuple[list[str], list[ast.expr]]:
    """The names that are read, annotations left out, and the annotations."""
    names: list[str] = []
    annotations: list[ast.expr] = []
    pending = [node]
    while pending:
        inner = pending.pop()
        if isinstance(inner, ast.Name):
            names.append(inner.id)
        for field, value in ast.iter_fields(inner):
            if field in ("annotation", "returns"):
                annotations += [value] if value is not None else []
            elif isinstance(value, ast.AST):
                pending.append(value)
            elif isinstance(value, list):
                pending += [child for child in value if isinstance(child, ast.AST)]
    return names, annotations


def _text(node: ast.stmt, lines: Sequence[bytes], annotations: Iterable[ast.expr]) -> str:
    """The source with the comment above it, without annotations."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1
    while first and lines[first - 1].startswith(b"#"):
        first -= 1
    assert node.end_lineno is not None
    source = b"".join(lines[first : node.end_lineno])
    starts = [0, *accumulate(len(line) for line in lines[first : node.end_lineno])]
    spans = []
    for annotation in annotations:
        assert annotation.end_lineno is not None and annotation.end_col_offset is not None
        begin = starts[annotation.lineno - 1 - first] + annotation.col_offset
        end = starts[annotation.end_lineno - 1 - first] + annotation.end_col_offset
        before = source[:begin].rstrip()
        spans.append((len(before[: -2 if before.endswith(b"->") else -1].rstrip()), end))
    made, at = b"", 0
    for begin, end in sorted(spans):
        made, at = made + source[at:begin], end
    return (made + source[at:]).decode().rstrip()
