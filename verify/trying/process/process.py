"""The process in which a user's function runs, seen from outside: start, call, time limit, end."""

from __future__ import annotations

import queue
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from verify.trying.memory import ROWS_FIRST, Touched
from verify.trying.process.child import PATIENCE, Child
from verify.trying.process.children import Children
from verify.trying.process.exchange import Arrays


@dataclass(frozen=True)
class SignatureParameter:
    """One parameter of the function; ``kind`` is a name of ``inspect.Parameter``'s kinds."""

    name: str
    kind: str
    default: str | None


Parameters = tuple[SignatureParameter, ...]


@dataclass(frozen=True)
class Loaded:
    """What the file holds of what was asked for.

    ``parameters`` are those of the function, None where it hides them; of a ``method`` without
    ``self``.  ``functions`` are the file's other functions, and of a method's class its methods
    and, by the name of the class itself, what makes an object.
    """

    parameters: Parameters | None
    functions: Mapping[str, Parameters | None] = field(default_factory=dict)
    method: bool = False


@dataclass(frozen=True)
class FunctionCall:
    """One try: arrays by name, and what is called with them.

    ``calls`` holds the ``call`` whose result counts, those ``before`` it, and ``attributes``; a
    call is a function's name and arguments, as ``calling.Caller`` reads them.  ``wanted`` is the
    number of tensors that are asked for, ``skipped`` are places of what is returned that are of
    no interest; ``loss`` says that a number may be returned before the gradients.
    """

    arrays: Mapping[str, NDArray[Any]]
    calls: Mapping[str, Any]
    wanted: int
    layout: str = ROWS_FIRST
    skipped: tuple[int, ...] = ()
    loss: bool = False

    @property
    def header(self) -> dict[str, Any]:
        """All but the arrays themselves."""
        return {
            "given": list(self.arrays),
            **self.calls,
            "wanted": self.wanted,
            "layout": self.layout,
            "skipped": self.skipped,
            "loss": self.loss,
        }


@dataclass(frozen=True)
class Reply:
    """What a call came to.

    ``kind`` is "returned", "raised", "refused" (raised on purpose), "unreadable" (it returned what
    is no array), "uncallable" (it could not be called that way), "time" (no end within the limit)
    or "ended" (the process died); ``message`` says more unless it returned.  The last of the
    ``arrays`` are those that a method's object has ``kept``, by name.  ``overwritten``: what the
    call before had returned has changed since.
    """

    kind: str
    message: str = ""
    structure: str = ""
    keys: tuple[str, ...] = ()
    arrays: tuple[NDArray[Any], ...] = ()
    kept: tuple[str, ...] = ()
    touched: Touched = field(default_factory=Touched)
    overwritten: bool = False


class CannotRun(ValueError):
    """The function could not even be tried: no such file, a syntax error, a missing name."""


@dataclass
class Process:
    """Runs one function of one file, in one of the ``children``, and in the next one after that has
    died.

    ``root`` is the folder from which the file's imports start, if that is not its own.
    """

    file: str
    function: str
    children: Children
    root: str | None = None
    _child: Child | None = None

    def load(self) -> Loaded:
        """Start the process and load the file; ``CannotRun`` with the reason where that fails."""
        if not Path(self.file).is_file():
            raise CannotRun(f"there is no file {self.file!r}")
        if self.root is not None and not Path(self.root).is_dir():
            raise CannotRun(f"there is no folder {self.root!r}")
        return loaded(self._start())

    def call(self, call: FunctionCall) -> Reply:
        """Call the function once."""
        if self._child is None:
            self._start()
        assert self._child is not None
        self._child.ask(call.header, list(call.arrays.values()))
        found = self._next(self.children.limits.seconds)
        if isinstance(found, Reply):
            return found
        return reply_of(*found)

    def printed(self) -> str:
        """All that the user's code has printed so far."""
        return self.children.printed()

    def stop(self) -> None:
        """End the process and whatever it has started."""
        child, self._child = self._child, None
        if child is not None:
            child.stop()

    def _start(self) -> dict[str, Any]:
        """A fresh process with the file loaded; ``CannotRun`` where that fails."""
        self.stop()
        self._child = self.children.next()
        self._child.ask({"file": self.file, "function": self.function, "root": self.root or ""}, [])
        found = self._next(self.children.limits.loading)
        if isinstance(found, Reply):
            raise CannotRun(
                f"{self.file}: could not be loaded: {found.message}{self._last_words()}"
            )
        message, _ = found
        if message["kind"] != "loaded":
            self.stop()
            failed = "could not be loaded: " if message["kind"] == "unloadable" else ""
            raise CannotRun(
                f"{self.file}: {failed}{_with_line(message)}{message.get('advice', '')}"
            )
        return message

    def _next(self, seconds: float) -> tuple[dict[str, Any], Arrays] | Reply:
        """The next message, or why there is none; then the process has been ended."""
        assert self._child is not None
        try:
            found = self._child.replies.get(timeout=seconds)
        except queue.Empty:
            self.stop()
            return Reply("time", f"no end within {seconds:g} seconds (an infinite loop?)")
        if found is None:
            return Reply("ended", self._death())
        return found

    def _death(self) -> str:
        """How the process came to its end."""
        child = self._child
        assert child is not None
        try:
            code = child.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.stop()
            return "the process stopped answering"
        self.stop()
        if code < 0:
            return f"the process was ended by the signal {signal.Signals(-code).name}"
        return f"the process ended itself with exit code {code}"

    def _last_words(self) -> str:
        lines = self.printed().strip().splitlines()
        return f"\n{lines[-1]}" if lines else ""


def loaded(message: Mapping[str, Any]) -> Loaded:
    """What is there, from the runner's message."""

    def parameters(described: list[dict[str, Any]] | None) -> Parameters | None:
        return None if described is None else tuple(SignatureParameter(**p) for p in described)

    functions = {name: parameters(p) for name, p in message["functions"].items()}
    return Loaded(parameters(message["parameters"]), functions, message["method"])


def reply_of(message: dict[str, Any], arrays: Arrays) -> Reply:
    """What a call came to, from the runner's message."""
    if message["kind"] != "returned":
        return Reply(_kind(message), _with_line(message))
    return Reply(
        "returned",
        structure=message["structure"],
        keys=tuple(message["keys"]),
        arrays=tuple(arrays),
        kept=tuple(message["kept"]),
        touched=Touched(tuple(message["modified"]), tuple(message["shared"])),
        overwritten=message["overwritten"],
    )


def _kind(message: Mapping[str, Any]) -> str:
    """What is raised on purpose is a refusal: the line itself says ``raise`` or ``assert``."""
    on_purpose = str(message.get("source", "")).startswith(("raise ", "assert ", "assert("))
    return "refused" if on_purpose and message["kind"] == "raised" else str(message["kind"])


def _with_line(message: Mapping[str, Any]) -> str:
    """``ValueError: … (line 12: dx[i] = …)``."""
    text, line = message["message"], message.get("line")
    if line is None:
        return str(text)
    place = f"{message['file']}, line {line}" if message.get("file") else f"line {line}"
    source = message.get("source")
    return f"{text} ({place}: {source})" if source else f"{text} ({place})"
