"""The process that runs a user's function: loads its file, then answers one call after another.

It knows nothing about layers.  Everything the user's code prints goes to standard error, so that
standard output carries messages only.
"""

from __future__ import annotations

import importlib.util
import inspect
import os
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from verify.trying.memory import LAYOUTS, touched
from verify.trying.process.exchange import receive, send

MODULE = "candidate"
#: the longest message of an exception that is passed on, in characters
_LONGEST = 500
#: how many functions are named where the one that is asked for is not there
_LISTED = 12
#: what the process may write into one file, in bytes; it stops a loop that prints
_LARGEST_FILE = 64 << 20
#: arrays with more entries are not sent on
_LARGEST = 10_000_000
#: how the names of gradients begin or end
_GRADIENT = re.compile(r"^_?(d|g_|grad)|(grad|_bar)$")


def serve(file: str, function: str, memory: int, root: str) -> None:
    """Load ``function`` from ``file``, then answer calls until there are no more.

    ``memory`` limits the address space in bytes where the platform can do that; 0: no limit.
    ``root`` is the folder from which the file's imports start; "": its own.
    """
    requests, replies = _channels()
    _limit(memory)
    sys.path[0] = str(Path(file).resolve().parent)
    try:
        module = _loaded(file, root)
        message = described(module, function)
    except _NotThere as problem:
        send(replies, {"kind": "missing", "message": str(problem)})
        return
    except BaseException as error:
        advice = _advice(error, file, root)
        send(replies, {**_described(error, file), "kind": "unloadable", "advice": advice})
        return
    send(replies, message)
    previous = NOTHING
    while (request := receive(requests)) is not None:
        message, arrays, previous = answer(*request, module, file, previous)
        send(replies, message, arrays)


def _channels() -> tuple[IO[bytes], IO[bytes]]:
    """Standard input and output for messages; the user's code reads nothing, prints to stderr."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    return requests, replies


def _limit(memory: int) -> None:
    try:
        import resource  # local: only where there is such a thing
    except ImportError:  # there is none on Windows
        return
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


class _NotThere(Exception):
    """The file has no function of that name."""


def _loaded(file: str, root: str) -> ModuleType:
    if not root:
        spec = importlib.util.spec_from_file_location(MODULE, file)
        if spec is None or spec.loader is None:
            raise _NotThere("this is no Python file: its name must end in .py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[MODULE] = module
        spec.loader.exec_module(module)
        return module
    inside, top = Path(file).resolve(), Path(root).resolve()
    if not inside.is_relative_to(top):
        raise _NotThere(f"the file is not in the folder that --root names, {root!r}")
    sys.path.insert(0, str(top))
    parts = inside.relative_to(top).with_suffix("").parts
    return importlib.import_module(".".join(parts))


def _advice(error: BaseException, file: str, root: str) -> str:
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


def described(module: ModuleType | SimpleNamespace, name: str) -> dict[str, Any]:
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
        n: value for n, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == own and not n.startswith("_")
    }  # fmt: skip


def _function(module: ModuleType | SimpleNamespace, name: str) -> tuple[Callable[..., Any], bool]:
    """What is called by that name, and whether it needs an object."""
    owner, _, last = name.rpartition(".")
    place: object = getattr(module, owner, None) if owner else module
    found: object = getattr(place, last, None)
    if callable(found):
        needs = isinstance(place, type) and inspect.isfunction(inspect.getattr_static(place, last))
        return found, needs
    if found is not None:
        raise _NotThere(f"{name} is no function but {type(found).__name__}")
    own = [*_own(module), *_methods(module, last or name)]
    more = ", …" if len(own) > _LISTED else ""
    there = f"it has: {', '.join(own[:_LISTED])}{more}" if own else "it has none at all"
    raise _NotThere(f"the file has no function {name!r}; {there}")


def _methods(module: ModuleType | SimpleNamespace, name: str) -> list[str]:
    """``Class.backward`` for each class of the file that has one."""
    own = getattr(module, "__name__", None)
    return [
        f"{n}.{m}" for n, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == own
        for m in dict.fromkeys((name, "backward")) if callable(getattr(value, m, None))
    ]  # fmt: skip


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


def answer(
    request: dict[str, Any],
    arrays: list[NDArray[Any]],
    module: ModuleType | SimpleNamespace,
    file: str,
    previous: Returned,
) -> tuple[dict[str, Any], list[NDArray[Any]], Returned]:
    """Make the calls and say what came of them; what was returned is to be looked at once more."""
    laid = [LAYOUTS[request["layout"]].made(a) for a in arrays]
    given = dict(zip(request["given"], laid, strict=True))
    before = {name: a.copy() for name, a in given.items()}
    try:
        result = Caller(module, given).result(request)
        plain = result.plain
    except Unreadable as problem:
        return {"kind": "unreadable", "message": str(problem)}, [], previous
    except Uncallable as problem:
        return {"kind": "uncallable", "message": str(problem)}, [], previous
    except BaseException as error:
        return {**_described(error, file), "kind": "raised"}, [], previous
    finally:
        _flush()
    report = {
        "kind": "returned",
        "structure": result.structure,
        "keys": result.keys,
        "kept": result.kept,
        **asdict(touched(given, before, result.arrays)),
        "overwritten": previous.changed,
    }
    return report, plain, result


class Uncallable(Exception):
    """The calls do not fit what the file holds."""


@dataclass
class Caller:
    """Makes the calls of one request.

    A call is ``{"function": name, "positional": […], "named": {…}}``; an argument is ``{"array":
    name}``, ``{"value": …}``, a ``tuple`` or ``mapping`` of arguments, or what another ``call``
    returns, the whole or the part ``at`` a place.
    """

    module: ModuleType | SimpleNamespace
    arrays: Mapping[str, NDArray[Any]]
    made: dict[str, object] = field(default_factory=dict)

    def result(self, request: dict[str, Any]) -> Returned:
        """What the last call returns; with the gradients that the object of a method keeps."""
        for call in request["before"]:
            value = self._called(call)
            if not self.made:
                self.made[call["function"]] = value
                for name, spellings in request["attributes"].items():
                    _give(value, self.arrays[name], spellings, name)
        value = self._called(request["call"])
        kept = {}
        for thing in self.made.values():
            own = [id(a) for a in self.arrays.values()]
            kept = {n: a for n, a in _gradients(thing).items() if id(a) not in own}
        return _opened(value, request, kept)

    def _called(self, call: dict[str, Any]) -> Any:
        owner, _, last = call["function"].rpartition(".")
        place = self.made.get(owner, getattr(self.module, owner) if owner else self.module)
        positional = [self._argument(a) for a in call["positional"]]
        named = {name: self._argument(a) for name, a in call["named"].items()}
        return getattr(place, last)(*positional, **named)

    def _argument(self, described: dict[str, Any]) -> Any:
        ((kind, value), *rest) = described.items()
        match kind:
            case "array":
                return self.arrays[value]
            case "tuple":
                return tuple(self._argument(item) for item in value)
            case "mapping":
                return {key: self._argument(item) for key, item in value.items()}
            case "call":
                return _part(self._called(value), rest[0][1], value["function"])
        return tuple(value) if isinstance(value, list) else value


def _part(value: Any, at: int | None, function: str) -> Any:
    """``value[at]`` of a tuple; negative places count from the end."""
    if at is None:
        return value
    if not isinstance(value, tuple | list) or not -len(value) <= at < len(value):
        raise Uncallable(
            f"{function} should return a tuple, such as (output, cache), with a place {at};"
            f" it returned {type(value).__name__}"
        )
    return value[at]


def _give(thing: object, array: NDArray[Any], spellings: list[str], tensor: str) -> None:
    """Put a tensor into an object, or into a dictionary of parameters that it has."""
    own = getattr(thing, "__dict__", {})
    places = [own, *(v for v in own.values() if isinstance(v, dict))]
    for spelling in spellings:
        for place in places:
            for name, value in place.items():
                if str(name).lower().strip("_") != spelling or not isinstance(
                    value, np.ndarray | None
                ):
                    continue
                if value is not None and value.ndim != array.ndim:
                    raise Uncallable(
                        f"the object's {name} has the shape {value.shape}, the layer's {tensor}"
                        f" {array.shape}: type the layer with its axes in that order, or give the"
                        " class what it is made with in a recipe (--calls FILE.toml)"
                    )
                place[name] = array.copy()
                return
    raise Uncallable(
        f"nothing is known of {type(thing).__name__} that could receive {tensor}: neither what it"
        f" is made with nor an attribute; a recipe can say it (--calls FILE.toml)"
    )


def _gradients(thing: object) -> dict[str, NDArray[Any]]:
    """The arrays that an object keeps under the name of a gradient: dW, grads["W"], W.grad."""
    found = {}
    for name, value in getattr(thing, "__dict__", {}).items():
        if isinstance(value, np.ndarray) and _GRADIENT.search(name):
            found[name] = value
        elif isinstance(value, dict):
            whole = bool(re.match(r"_?(d|grads?|gradients?)(_|$)", name))
            for key, inner in value.items():
                if isinstance(inner, np.ndarray) and (whole or _GRADIENT.search(str(key))):
                    found[name if key == "grad" else str(key)] = inner
        else:
            inner = getattr(value, "grad", None)
            if isinstance(inner, np.ndarray):
                found[f"{name}.grad"] = inner
    return found


def _described(error: BaseException, file: str) -> dict[str, Any]:
    """What was raised, and the line of the user's file that it came from."""
    text = type(error).__name__
    with suppress(Exception):  # an exception of the user's own may fail to tell what it is
        text += f": {error}" if str(error) else ""
    if isinstance(error, SystemExit):
        text = f"sys.exit({error.code!r})"
    line, source = None, ""
    if isinstance(error, SyntaxError) and error.filename == file:
        line, source = error.lineno, (error.text or "").strip()
        text = f"{type(error).__name__}: {error.msg}"
    else:
        for frame in traceback.extract_tb(error.__traceback__):
            if frame.filename == file:
                line, source = frame.lineno, frame.line or ""
    return {"message": text[:_LONGEST], "line": line, "source": source}


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # the user's code may have closed it, or replaced it by anything
            stream.flush()


# --- what was returned, opened up: arrays, by key or by position ---------------------------------


class Unreadable(ValueError):
    """What was returned is no array, and no dictionary, tuple or list of arrays."""


@dataclass(frozen=True)
class Returned:
    """The arrays as they were returned, and copies that later calls cannot reach.

    ``structure`` is "mapping", "sequence", "array" or "nothing"; the last arrays are those that
    an object has ``kept``, by name.
    """

    structure: str
    keys: list[str]
    arrays: list[NDArray[Any]]
    kept: list[str] = field(default_factory=list)
    copies: list[NDArray[Any]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "copies", [a.copy() for a in self.arrays])

    @property
    def changed(self) -> bool:
        """Whether an array is no longer what it was when it was returned."""
        pairs = zip(self.arrays, self.copies, strict=True)
        return any(not np.array_equal(a, b, equal_nan=a.dtype.kind in "fc") for a, b in pairs)

    @property
    def plain(self) -> list[NDArray[Any]]:
        """The arrays as numbers of the machine; ``Unreadable`` where there are others."""
        return [_plain(a) for a in self.arrays]


NOTHING = Returned("nothing", [], [])


def _opened(value: Any, request: Mapping[str, Any], kept: Mapping[str, NDArray[Any]]) -> Returned:
    """What was returned, where so many tensors are ``wanted``, and the gradients ``kept``.

    A list stands for one array where one tensor is wanted, else for one array a tensor.
    """
    names, more = list(kept), [_array(a, f" for {n!r}") for n, a in kept.items()]
    if value is None and kept:
        return Returned("nothing", [], more, names)
    if value is None:
        raise Unreadable("it returned None: is a `return` missing?")
    if request["loss"]:
        value = _without_loss(value, request["wanted"])
    if isinstance(value, tuple | list) and request["skipped"]:
        value = tuple(v for i, v in enumerate(value) if i not in request["skipped"])
    if isinstance(value, Mapping):
        keys = [str(key) for key in value]
        arrays = [_array(v, f" for {k!r}") for k, v in value.items()]
        return Returned("mapping", keys, arrays + more, names)
    several = isinstance(value, tuple | list) and request["wanted"] > 1
    if several or (isinstance(value, tuple) and len(value) == 1 and np.ndim(value[0]) > 0):
        arrays = [_array(v, f" at place {i}") for i, v in enumerate(value)]
        return Returned("sequence", [], arrays + more, names)
    return Returned("array", [], [_array(value, ""), *more], names)


def _without_loss(value: Any, wanted: int) -> Any:
    """The gradients out of ``(loss, dx)``, ``(loss, dx, dw)`` and ``(loss, gradients)``."""
    if not isinstance(value, tuple | list) or len(value) < 2 or isinstance(value[0], Mapping):
        return value
    loss, *rest = value
    if np.ndim(loss) or not isinstance(loss, int | float | np.number | np.ndarray):
        return value
    arrays = isinstance(rest[0], list) and all(isinstance(a, np.ndarray) for a in rest[0])
    if len(rest) == 1 and arrays:
        return tuple(rest[0])
    if len(rest) == 1 and (wanted == 1 or isinstance(rest[0], Mapping | tuple | list)):
        return rest[0]
    return tuple(rest) if len(rest) == wanted else value


def _array(value: Any, where: str) -> NDArray[Any]:
    if value is None:
        raise Unreadable(f"it returned None{where}")
    try:
        array = np.asarray(value)
    except Exception as error:
        raise Unreadable(f"it returned what is no array{where}: {error}") from None
    if array.dtype.kind == "O" and array.ndim == 0:
        raise Unreadable(f"it returned what is no array{where}: {type(value).__name__}")
    if array.size > _LARGEST:
        raise Unreadable(f"it returned an array of the shape {array.shape}{where}: far too large")
    if array.dtype.kind not in "biufcO":
        raise Unreadable(f"it returned an array of {array.dtype} instead of numbers{where}")
    return array


def _plain(array: NDArray[Any]) -> NDArray[Any]:
    """Python's own integers and fractions as floats; anything else as it is."""
    if array.dtype.kind != "O":
        return array
    if not all(isinstance(e, int | float | Fraction | np.number) for e in array.flat):
        raise Unreadable("it returned an array of Python objects that are no numbers")
    return array.astype(np.float64)
