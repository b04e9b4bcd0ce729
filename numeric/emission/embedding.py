"""The text of helpers and templates, for generated modules: what they call comes along.

Annotations do not, since they would need further imports; records become ``namedtuple``, and the
search for algorithms the table of what it finds.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from importlib.util import find_spec
from pathlib import Path

from numeric.emission.folding import folded

#: imports that only annotations and the project itself need, and those that a target writes
LEFT_OUT = ("__future__", "typing", "collections.abc", "derive", "verify", "numeric")
#: what lines of generated functions may need of the standard library
STANDARD = ("itertools", "math", "operator")
#: the template that searches for algorithms: functions ``NAME`` beside which there is ``NAME_cost``
SEARCH = "repertoire"
#: the import that a record needs
NAMED_TUPLE = (("namedtuple", "from collections import namedtuple"),)


@dataclass(frozen=True)
class Helper:
    """A function or constant: its text, the names it uses, and the imports it may need by name.

    A module needs few of all helpers: text and names are worked out where they are wanted.
    """

    written: Callable[[], tuple[str, frozenset[str]]]
    imports: tuple[tuple[str, str], ...]

    @cached_property
    def _written(self) -> tuple[str, frozenset[str]]:
        return self.written()

    @property
    def text(self) -> str:
        return self._written[0]

    @property
    def used(self) -> frozenset[str]:
        return self._written[1]


@cache
def parts(modules: tuple[str, ...]) -> dict[str, Helper]:
    """Every function and constant of the modules, in order; of one name the first counts."""
    found: dict[str, Helper] = {}
    for name in modules:
        spec = find_spec(name)
        assert spec is not None and spec.origin is not None, name
        source = Path(spec.origin).read_text(encoding="utf-8")
        tree, lines = ast.parse(source), source.splitlines()
        imports = tuple(pair for node in tree.body for pair in _imported(node))
        for node in tree.body:
            for own in _defined(node):
                if isinstance(node, ast.ClassDef):
                    found[own] = Helper(partial(_record, node), NAMED_TUPLE)
                elif own not in found:
                    found[own] = Helper(partial(_copied, node, lines), imports)
    if SEARCH in found:
        algorithms = [name for name in found if f"{name}_cost" in found]
        found[SEARCH] = Helper(partial(_table, algorithms), ())
    return found


def _record(node: ast.ClassDef) -> tuple[str, frozenset[str]]:
    """A class of named fields without their types."""
    targets = [field.target for field in node.body if isinstance(field, ast.AnnAssign)]
    fields = " ".join(t.id for t in targets if isinstance(t, ast.Name))
    said = [f"#: {line}" for line in (ast.get_docstring(node) or "").splitlines()]
    made = folded(f'{node.name} = namedtuple("{node.name}", "{fields}")')
    return "\n".join([*said, *made]), frozenset({"namedtuple"})


def _table(names: Sequence[str]) -> tuple[str, frozenset[str]]:
    """The algorithms of these names, each with its cost."""
    rows = [f'        "{name.replace("_", " ")}": ({name}, {name}_cost),' for name in names]
    text = "\n".join([f"def {SEARCH}():", "    return {", *rows, "    }"])
    return text, frozenset({*names, *(f"{name}_cost" for name in names)})


def _copied(node: ast.stmt, lines: Sequence[str]) -> tuple[str, frozenset[str]]:
    """A function or constant without annotations, which are no names that it uses."""
    return _text(node, lines), _used(node)


def embedded(wanted: Iterable[str], modules: tuple[str, ...]) -> tuple[set[str], list[str]]:
    """The import lines and the texts of what is wanted and of all that it uses.

    ``LookupError`` names what is wanted and stands in none of the modules: code that calls it could
    not run.
    """
    known, pending, needed = parts(modules), list(wanted), set[str]()
    missing = sorted(name for name in pending if name not in known)
    if missing:
        raise LookupError(
            f"there is no {', '.join(missing)} in {', '.join(modules)}: write it there"
        )
    while pending:
        name = pending.pop()
        if name in known and name not in needed:
            needed.add(name)
            pending += known[name].used
    chosen = [part for name, part in known.items() if name in needed]
    lines = {line for part in chosen for name, line in part.imports if name in part.used}
    return lines, [part.text for part in chosen]


def module(
    docstring: Sequence[str],
    functions: Iterable[str],
    wanted: Iterable[str],
    modules: tuple[str, ...],
    imports: Iterable[str],
) -> str:
    """The text of a module of these functions with the helpers they want."""
    lines, helpers = embedded(wanted, modules)
    code = "\n\n\n".join([*functions, *helpers])
    lines |= {*imports, *(f"import {m}" for m in STANDARD if f"{m}." in code)}
    own = sorted(line for line in lines if re.split(r"\W", line)[1] in sys.stdlib_module_names)
    others = sorted((line for line in lines if line not in own), key=lambda s: (s[0] == "f", s))
    head = [*docstring, "", *own, *([""] if own else []), *others]
    return "\n".join(head) + "\n\n\n" + code + "\n"


def _imported(node: ast.stmt) -> list[tuple[str, str]]:
    """The names that an import brings, each with a line that brings it alone."""
    if isinstance(node, ast.Import):
        return [(a.name, f"import {a.name}") for a in node.names if a.asname is None]
    if not isinstance(node, ast.ImportFrom) or node.module is None:
        return []
    if {node.module, node.module.partition(".")[0]} & {*LEFT_OUT}:
        return []
    return [(a.name, f"from {node.module} import {a.name}") for a in node.names]


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        names = [t.id for t in node.targets if isinstance(t, ast.Name)]
        return [name for name in names if name != "Array"]
    return []


def _text(node: ast.stmt, lines: Sequence[str]) -> str:
    """The source with the comment above it, without annotations; they leave the node, too."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1
    while first and lines[first - 1].startswith("#"):
        first -= 1
    made: list[str | None] = list(lines)
    for inner in ast.walk(node):
        if isinstance(inner, ast.AnnAssign):
            line, stated = lines[inner.lineno - 1], inner.annotation
            kept = line[: inner.target.end_col_offset] + line[stated.end_col_offset :]
            made[inner.lineno - 1], inner.annotation = kept, ast.Constant(None)
        elif isinstance(inner, ast.FunctionDef):
            inner.returns = None
            for argument in ast.walk(inner.args):
                if isinstance(argument, ast.arg):
                    argument.annotation = None
            start, end = inner.lineno - 1, inner.body[0].lineno - 1
            head = folded(f"def {inner.name}({ast.unparse(inner.args)}):", inner.col_offset)
            made[start:end] = [*head, *[None] * (end - start - len(head))]
    return "\n".join(line for line in made[first : node.end_lineno] if line is not None)


def _used(node: ast.stmt) -> frozenset[str]:
    """The names of others that are read."""
    names = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
    own = {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
    own |= {n.id for n in names if isinstance(n.ctx, ast.Store)}
    return frozenset(n.id for n in names if n.id not in own)
