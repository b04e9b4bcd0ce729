"""One process that runs a user's function, and the messages that come from it."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from verify.trying.process.exchange import Arrays, receive, send

#: the child finds this package, and only then looks where the user's file is
_START = (
    "import sys; sys.path[0] = sys.argv[1]; from verify.trying.process.runner import serve; "
    "serve(int(sys.argv[2]))"
)
_ROOT = str(Path(__file__).parents[3])
#: one thread is enough for small arrays; whatever is printed can be shown
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONIOENCODING": "utf-8:backslashreplace",
}
#: seconds that a process which has nothing more to say may take to end
PATIENCE = 2

Message = tuple[dict[str, Any], Arrays]


@dataclass(frozen=True)
class Child:
    """A process, what it has sent: messages, and None at the end of the stream; and the file that
    everything goes into which it prints.
    """

    process: subprocess.Popen[bytes]
    replies: queue.Queue[Message | None]
    listener: threading.Thread
    output: IO[bytes]

    def ask(self, header: dict[str, Any], arrays: Arrays) -> None:
        """Send one message; where the process has died, what is received says so."""
        assert self.process.stdin is not None
        with suppress(OSError):
            send(self.process.stdin, header, arrays)

    def stop(self) -> None:
        """End the process and whatever it has started."""
        self._kill()
        self.process.wait()
        self.listener.join(PATIENCE)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with suppress(OSError, ValueError):  # with something left that nobody reads
                    stream.close()

    def printed(self) -> bytes:
        """All that it has printed so far."""
        self.output.seek(0)
        return self.output.read()

    def _kill(self) -> None:
        """The process leads a group of its own: what it has started ends with it."""
        if self.process.returncode is not None:
            return
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()


def begun(seed: int, memory: int) -> Child:
    """A process that waits to be told what to load.

    ``seed`` is its PYTHONHASHSEED, ``memory`` its limit in MiB, where the platform has one.
    """
    output = tempfile.TemporaryFile()  # noqa: SIM115 — it is open as long as somebody may look
    process = subprocess.Popen(
        [sys.executable, "-B", "-c", _START, _ROOT, str(memory << 20)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=output,
        env={**os.environ, **_ENVIRONMENT, "PYTHONHASHSEED": str(seed)},
        start_new_session=True,
    )
    replies: queue.Queue[Message | None] = queue.Queue()
    listener = threading.Thread(target=_listen, args=(process, replies), daemon=True)
    listener.start()
    return Child(process, replies, listener, output)


def _listen(process: subprocess.Popen[bytes], replies: queue.Queue[Message | None]) -> None:
    """Pass messages on until the stream ends: waiting for a queue can have a time limit."""
    assert process.stdout is not None
    with suppress(Exception):  # closed from outside, or something else than a message
        while (message := receive(process.stdout)) is not None:
            replies.put(message)
    replies.put(None)
