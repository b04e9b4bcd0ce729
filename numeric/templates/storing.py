"""Compiled loops kept on disk: each with all that it is made of in a file of its own.

The file is named after its text, so that what was compiled once is found again by every module that
contains the same loops; beside it Numba keeps machine code.  Where nothing can be written, nothing
is kept.
"""

from __future__ import annotations

import ast
import contextlib
import os
import sys
import tempfile
from collections.abc import Callable
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

#: the variable that names another folder than the user's for caches; empty: none
FOLDER_VARIABLE = "DERIVE_CACHE"
#: what loops may import beside the standard library
IMPORTABLE = ("numba", "numpy")


def stored(loops: Callable[..., Any]) -> Callable[..., Any] | None:
    """The same loops from a file, by which Numba knows them again; None where there can be none."""
    text, folder = self_contained(loops), cache_folder()
    if text is None or folder is None:
        return None
    name = f"derive_loops_{sha256(text.encode()).hexdigest()[:24]}"
    path = folder / f"{name}.py"
    try:
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            written(path, text)
        found: Callable[..., Any] = getattr(imported(name, path), loops.__name__)
    except OSError:
        return None
    return found


def cache_folder() -> Path | None:
    """The folder of files with loops, made if need be; only one that is the user's alone."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named == "":
        return None
    with contextlib.suppress(OSError, RuntimeError):
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(named) if named else Path(home) / "derive"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = folder.stat()
        if not hasattr(os, "getuid") or (state.st_uid == os.getuid() and not state.st_mode & 0o22):
            return folder
    return None


def written(path: Path, text: str) -> None:
    """The file at once: another process sees all of it or nothing."""
    number, made = tempfile.mkstemp(dir=path.parent, suffix=".new")
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(made, path)
    except OSError:
        Path(made).unlink(missing_ok=True)
        raise


def imported(name: str, path: Path) -> Any:
    """The module in a file, under a name by which it is found when machine code is loaded."""
    if name not in sys.modules:
        spec = spec_from_file_location(name, path)
        assert spec is not None and spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[name] = module
    return sys.modules[name]


def self_contained(loops: Callable[..., Any]) -> str | None:
    """The text of loops with everything of their module that they use.

    None where that is in another module: its text may change while this one does not.
    """
    about = loops.__globals__
    tree = ast.parse(about["__loader__"].get_source(about["__name__"]))
    made_by = {name: node for node in tree.body for name in names_made(node)}
    wanted, chosen = [loops.__name__], set[ast.stmt]()
    while wanted:
        node = made_by.get(wanted.pop())
        if node is not None and node not in chosen:
            chosen.add(node)
            wanted += [n.id for n in ast.walk(node) if isinstance(n, ast.Name)]
    if not all(map(is_importable, chosen)):
        return None
    return "\n\n".join(ast.unparse(node) for node in tree.body if node in chosen) + "\n"


def names_made(node: ast.stmt) -> list[str]:
    """The names that a statement of a module gives a meaning."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names]
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def is_importable(node: ast.stmt) -> bool:
    """Whether a statement imports nothing whose text may change unseen."""
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
    roots = {name.partition(".")[0] for name in names}
    return roots <= {*IMPORTABLE, *sys.stdlib_module_names}
