"""The calls of one request made, in the process of the user's code."""

from __future__ import annotations

import re
import sys
import sysconfig
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.trying.memory import LAYOUTS, touched
from verify.trying.process.returned import Returned, Unreadable, opened

#: the longest message of an exception that is passed on, in characters
_LONGEST = 500
#: how the names of gradients begin or end
_GRADIENT = re.compile(r"^_?(d|g_|grad)|(grad|_bar)$")


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
        return {**described(error, file), "kind": "raised"}, [], previous
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
        return opened(value, request, kept)

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


def described(error: BaseException, file: str) -> dict[str, Any]:
    """What was raised, and the last line of the user's that it came through: of their file, or of
    another one which is no installed package.
    """
    text = type(error).__name__
    with suppress(Exception):  # an exception of the user's own may fail to tell what it is
        text += f": {error}" if str(error) else ""
    if isinstance(error, SystemExit):
        text = f"sys.exit({error.code!r})"
    line, source, other = None, "", ""
    if isinstance(error, SyntaxError) and error.filename == file:
        line, source = error.lineno, (error.text or "").strip()
        text = f"{type(error).__name__}: {error.msg}"
    else:
        for frame in traceback.extract_tb(error.__traceback__):
            if frame.filename == file or _is_users(frame.filename):
                line, source = frame.lineno, frame.line or ""
                other = "" if frame.filename == file else Path(frame.filename).name
    return {"message": text[:_LONGEST], "line": line, "source": source, "file": other}


def _is_users(file: str) -> bool:
    """Whether a file is neither installed nor one of ours."""
    paths = sysconfig.get_paths()
    installed = [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    installed.append(str(Path(__file__).parents[2]))
    return not file.startswith("<") and not any(file.startswith(f) for f in installed)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # the user's code may have closed it, or replaced it by anything
            stream.flush()
