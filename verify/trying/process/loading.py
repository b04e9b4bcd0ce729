"""A user's file loaded, and what it holds of the function that is asked for."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

MODULE = "candidate"
#: how many functions are named where the one that is asked for is not there
_LISTED = 12
#: the longest default value that is passed on, in characters
_LONGEST = 500


class NotThere(Exception):
    """The file has no function of that name."""


def loaded(file: str, root: str) -> ModuleType:
    if not root:
        spec = importlib.util.spec_from_file_location(MODULE, file)
        if spec is None or spec.loader is None:
            raise NotThere("this is no Python file: its name must end in .py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[MODULE] = module
        spec.loader.exec_module(module)
        return module
    inside, top = Path(file).resolve(), Path(root).resolve()
    if not inside.is_relative_to(top):
        raise NotThere(f"the file is not in the folder that --root names, {root!r}")
    sys.path.insert(0, str(top))
    parts = inside.relative_to(top).with_suffix("").parts
    return importlib.import_module(".".join(parts))


def advice(error: BaseException, file: str, root: str) -> str:
    """What to do where an import fails, in one more line."""
    if not isinstance(error, ImportError) or root:
        return ""
    folders = Path(file).resolve().parents
    if "relative import" in str(error):
        outside = (f for f in folders if not (f / "__init__.py").is_file())
        return f"\nthe file is part of a package: say where that starts with --root {next(outside)}"
    name = (error.name or "").partition(".")[0]
    for folder in folders[1:]:
        if name and ((folder / name).is_dir() or (folder / f"{name}.py").is_file()):
            return f"\nthere is a {name} in {folder}: try --root {folder}"
    return (
        "\nif that is part of the file's own repository, say where its imports start with"
        f" --root DIR; else install it for {sys.executable}"
    )


def contents(module: ModuleType | SimpleNamespace, name: str) -> dict[str, Any]:
    """What the module has of the function, or method of a class, and what may run before it."""
    called, method = _function(module, name)
    functions = {n: _parameters(f) for n, f in _own(module).items() if n != name}
    if method:
        owner = name.rpartition(".")[0]
        made = getattr(module, owner)
        others = inspect.getmembers(made, inspect.isfunction)
        functions |= {owner: _parameters(made)}
        functions |= {f"{owner}.{n}": _without_self(f) for n, f in others if n != "__init__"}
    return {
        "kind": "loaded",
        "parameters": _without_self(called) if method else _parameters(called),
        "functions": functions,
        "method": method,
    }


def _without_self(method: Callable[..., Any]) -> list[dict[str, Any]] | None:
    parameters = _parameters(method)
    return parameters[1:] if parameters else parameters


def _own(module: ModuleType | SimpleNamespace) -> dict[str, Callable[..., Any]]:
    """The functions that the file itself defines, for others to use."""
    own = getattr(module, "__name__", None)
    return {
        n: value
        for n, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == own and not n.startswith("_")
    }


def _function(module: ModuleType | SimpleNamespace, name: str) -> tuple[Callable[..., Any], bool]:
    """What is called by that name, and whether it needs an object."""
    owner, _, last = name.rpartition(".")
    place: object = getattr(module, owner, None) if owner else module
    found: object = getattr(place, last, None)
    if callable(found):
        needs = isinstance(place, type) and inspect.isfunction(inspect.getattr_static(place, last))
        return found, needs
    if found is not None:
        raise NotThere(f"{name} is no function but {type(found).__name__}")
    own = [*_own(module), *_methods(module, last or name)]
    more = ", …" if len(own) > _LISTED else ""
    there = f"it has: {', '.join(own[:_LISTED])}{more}" if own else "it has none at all"
    raise NotThere(f"the file has no function {name!r}; {there}")


def _methods(module: ModuleType | SimpleNamespace, name: str) -> list[str]:
    """``Class.backward`` for each class of the file that has one."""
    own = getattr(module, "__name__", None)
    return [
        f"{n}.{m}"
        for n, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == own
        for m in dict.fromkeys((name, "backward"))
        if callable(getattr(value, m, None))
    ]


def _parameters(called: Callable[..., Any]) -> list[dict[str, Any]] | None:
    """Name, kind and default of each parameter; None where the function does not tell."""
    try:
        signature = inspect.signature(called)
    except (TypeError, ValueError):
        return None
    return [
        {
            "name": p.name,
            "kind": p.kind.name,
            "default": None if p.default is p.empty else repr(p.default)[:_LONGEST],
        }
        for p in signature.parameters.values()
    ]
