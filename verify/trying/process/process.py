"""The process in which a user's function runs, seen from outside: start, call, time limit, end."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from numpy.typing import NDArray

from verify.trying.memory import ROWS_FIRST, Touched
from verify.trying.process.exchange import Arrays, receive, send

#: the child finds this package, and only then looks where the user's file is
_START = (
    "import sys; sys.path[0] = sys.argv[1]; from verify.trying.process.runner import serve; "
    "serve(sys.argv[2], sys.argv[3], int(sys.argv[4]))"
)
_ROOT = str(Path(__file__).parents[3])
#: seconds that a process which has nothing more to say may take to end
_PATIENCE = 2


@dataclass(frozen=True)
class SignatureParameter:
    """One parameter of the function; ``kind`` is a name of ``inspect.Parameter``'s kinds."""

    name: str
    kind: str
    default: str | None


@dataclass(frozen=True)
class FunctionCall:
    """One call: arrays by name, and how each parameter is filled.

    ``positional`` and ``named`` hold names of arrays as ``{"array": name}``, other values as
    ``{"value": …}``.  ``wanted`` is the number of tensors that are asked for.
    """

    arrays: Mapping[str, NDArray[Any]]
    positional: Sequence[dict[str, Any]]
    named: Mapping[str, dict[str, Any]]
    wanted: int
    layout: str = ROWS_FIRST


@dataclass(frozen=True)
class Reply:
    """What a call came to.

    ``kind`` is "returned", "raised", "unreadable" (it returned what is no array), "time" (no end
    within the limit) or "ended" (the process died); ``message`` says more unless it returned.
    ``overwritten``: what the call before had returned has changed since.
    """

    kind: str
    message: str = ""
    structure: str = ""
    keys: tuple[str, ...] = ()
    arrays: tuple[NDArray[Any], ...] = ()
    touched: Touched = field(default_factory=Touched)
    overwritten: bool = False


class CannotRun(ValueError):
    """The function could not even be tried: no such file, a syntax error, a missing name."""


@dataclass(frozen=True)
class Limits:
    """Seconds for a call and for loading the file; memory in MiB, where the platform limits it."""

    seconds: float = 10.0
    loading: float = 60.0
    memory: int = 4096


@dataclass
class Process:
    """Runs one function of one file, in a process that is started again after it has died.

    Use as a context manager.  ``seed`` is the child's PYTHONHASHSEED.
    """

    file: str
    function: str
    limits: Limits = field(default_factory=Limits)
    seed: int = 0
    _child: subprocess.Popen[bytes] | None = None
    _replies: queue.Queue[tuple[dict[str, Any], Arrays] | None] = field(default_factory=queue.Queue)
    _listener: threading.Thread | None = None
    _output: IO[bytes] = field(default_factory=tempfile.TemporaryFile)

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._output.close()

    def parameters(self) -> tuple[SignatureParameter, ...] | None:
        """Start the process and load the file; None where the function hides its parameters.

        Raises ``CannotRun`` with the reason where that fails.
        """
        if not Path(self.file).is_file():
            raise CannotRun(f"there is no file {self.file!r}")
        message = self._start()
        if message["parameters"] is None:
            return None
        return tuple(SignatureParameter(**p) for p in message["parameters"])

    def call(self, call: FunctionCall) -> Reply:
        """Call the function once."""
        if self._child is None:
            self._start()
        header = {
            "given": list(call.arrays),
            "positional": call.positional,
            "named": call.named,
            "wanted": call.wanted,
            "layout": call.layout,
        }
        assert self._child is not None and self._child.stdin is not None
        with suppress(OSError):  # the child has died since; what follows says how
            send(self._child.stdin, header, list(call.arrays.values()))
        found = self._next(self.limits.seconds)
        if isinstance(found, Reply):
            return found
        return _reply(*found)

    def printed(self) -> str:
        """All that the user's code has printed so far."""
        self._output.seek(0)
        return self._output.read().decode("utf-8", "replace")

    def stop(self) -> None:
        """End the process and whatever it has started."""
        child, self._child = self._child, None
        if child is None:
            return
        _kill(child)
        child.wait()
        if self._listener is not None:
            self._listener.join(_PATIENCE)
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                with suppress(OSError, ValueError):  # with something left that nobody reads
                    stream.close()

    def _start(self) -> dict[str, Any]:
        """A fresh process with the file loaded; ``CannotRun`` where that fails."""
        self.stop()
        self._replies = queue.Queue()
        memory = str(self.limits.memory << 20)
        self._child = subprocess.Popen(
            [sys.executable, "-B", "-c", _START, _ROOT, self.file, self.function, memory],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._output,
            env={**os.environ, **_ENVIRONMENT, "PYTHONHASHSEED": str(self.seed)},
            start_new_session=True,
        )
        self._listener = threading.Thread(
            target=_listen, args=(self._child, self._replies), daemon=True
        )
        self._listener.start()
        found = self._next(self.limits.loading)
        if isinstance(found, Reply):
            raise CannotRun(
                f"{self.file}: could not be loaded: {found.message}{self._last_words()}"
            )
        message, _ = found
        if message["kind"] != "loaded":
            self.stop()
            failed = "could not be loaded: " if message["kind"] == "unloadable" else ""
            raise CannotRun(f"{self.file}: {failed}{_with_line(message)}")
        return message

    def _next(self, seconds: float) -> tuple[dict[str, Any], Arrays] | Reply:
        """The next message, or why there is none; then the process has been ended."""
        try:
            found = self._replies.get(timeout=seconds)
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
            code = child.wait(_PATIENCE)
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


#: one thread is enough for small arrays; whatever is printed can be shown
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONIOENCODING": "utf-8:backslashreplace",
}


def _listen(
    child: subprocess.Popen[bytes], replies: queue.Queue[tuple[dict[str, Any], Arrays] | None]
) -> None:
    """Pass messages on until the stream ends: waiting for a queue can have a time limit."""
    assert child.stdout is not None
    try:
        while (message := receive(child.stdout)) is not None:
            replies.put(message)
    except (OSError, ValueError, MemoryError):  # closed from outside, or no message
        pass
    replies.put(None)


def _reply(message: dict[str, Any], arrays: Arrays) -> Reply:
    if message["kind"] != "returned":
        return Reply(message["kind"], _with_line(message))
    return Reply(
        "returned",
        structure=message["structure"],
        keys=tuple(message["keys"]),
        arrays=tuple(arrays),
        touched=Touched(tuple(message["modified"]), tuple(message["shared"])),
        overwritten=message["overwritten"],
    )


def _with_line(message: Mapping[str, Any]) -> str:
    """``ValueError: … (line 12: dx[i] = …)``."""
    text, line = message["message"], message.get("line")
    if line is None:
        return str(text)
    source = message.get("source")
    return f"{text} (line {line}: {source})" if source else f"{text} (line {line})"


def _kill(child: subprocess.Popen[bytes]) -> None:
    """The child leads a process group of its own: what it has started ends with it."""
    if child.returncode is not None:
        return
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
