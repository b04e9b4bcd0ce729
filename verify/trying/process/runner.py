"""The process that runs a user's function: loads its file, then answers one call after another.

It knows nothing about layers.  Everything the user's code prints goes to standard error, so that
standard output carries messages only.
"""

from __future__ import annotations

import importlib.util
import inspect
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from types import ModuleType
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


def serve(file: str, function: str, memory: int) -> None:
    """Load ``function`` from ``file``, then answer calls until there are no more.

    ``memory`` limits the address space in bytes where the platform can do that; 0: no limit.
    """
    requests, replies = _channels()
    _limit(memory)
    sys.path[0] = str(Path(file).resolve().parent)
    try:
        called = _function(_loaded(file), function)
        parameters = _parameters(called)
    except _NotThere as problem:
        send(replies, {"kind": "missing", "message": str(problem)})
        return
    except BaseException as error:
        send(replies, {**_described(error, file), "kind": "unloadable"})
        return
    send(replies, {"kind": "loaded", "parameters": parameters})
    previous = Returned("nothing", [], [])
    while (message := receive(requests)) is not None:
        previous = _answer(*message, called, file, replies, previous)


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
        import resource
    except ImportError:  # there is none on Windows
        return
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


class _NotThere(Exception):
    """The file has no function of that name."""


def _loaded(file: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(MODULE, file)
    if spec is None or spec.loader is None:
        raise _NotThere("this is no Python file: its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[MODULE] = module
    spec.loader.exec_module(module)
    return module


def _function(module: ModuleType, name: str) -> Callable[..., Any]:
    found: object = getattr(module, name, None)
    if callable(found):
        return found
    if found is not None:
        raise _NotThere(f"{name} is no function but {type(found).__name__}")
    own = [
        n for n, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == MODULE and not n.startswith("_")
    ]  # fmt: skip
    more = ", …" if len(own) > _LISTED else ""
    there = f"it has: {', '.join(own[:_LISTED])}{more}" if own else "it has none at all"
    raise _NotThere(f"the file has no function {name!r}; {there}")


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


def _answer(
    request: dict[str, Any],
    arrays: list[NDArray[Any]],
    called: Callable[..., Any],
    file: str,
    replies: IO[bytes],
    previous: Returned,
) -> Returned:
    """Call the function once and say what it did; what it returned, to be looked at once more."""
    laid = [LAYOUTS[request["layout"]].made(a) for a in arrays]
    given = dict(zip(request["given"], laid, strict=True))
    before = {name: a.copy() for name, a in given.items()}
    positional = [_argument(a, given) for a in request["positional"]]
    named = {name: _argument(a, given) for name, a in request["named"].items()}
    try:
        result = _opened(called(*positional, **named), request["wanted"])
    except Unreadable as problem:
        send(replies, {"kind": "unreadable", "message": str(problem)})
        return previous
    except BaseException as error:
        send(replies, {**_described(error, file), "kind": "raised"})
        return previous
    finally:
        _flush()
    report = {
        "kind": "returned",
        "structure": result.structure,
        "keys": result.keys,
        **asdict(touched(given, before, result.arrays)),
        "overwritten": previous.changed,
    }
    try:
        send(replies, report, result.plain)
    except Unreadable as problem:
        send(replies, {"kind": "unreadable", "message": str(problem)})
    return result


def _argument(described: dict[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Any:
    if "array" in described:
        return arrays[described["array"]]
    value = described["value"]
    return tuple(value) if isinstance(value, list) else value


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

    ``structure`` is "mapping", "sequence", "array" or "nothing".
    """

    structure: str
    keys: list[str]
    arrays: list[NDArray[Any]]
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


def _opened(value: Any, wanted: int) -> Returned:
    """What was returned, where ``wanted`` tensors are asked for.

    A list stands for one array where one tensor is wanted, else for one array a tensor.
    """
    if value is None:
        raise Unreadable("it returned None: is a `return` missing?")
    if isinstance(value, Mapping):
        keys = [str(key) for key in value]
        return Returned("mapping", keys, [_array(v, f" for {k!r}") for k, v in value.items()])
    several = isinstance(value, tuple | list) and wanted > 1
    if several or (isinstance(value, tuple) and len(value) == 1 and np.ndim(value[0]) > 0):
        return Returned("sequence", [], [_array(v, f" at place {i}") for i, v in enumerate(value)])
    return Returned("array", [], [_array(value, "")])


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
