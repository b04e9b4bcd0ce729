"""The process that runs a user's function: loads its file, then answers one call after another.

It knows nothing about layers.  Everything the user's code prints goes to standard error, so that
standard output carries messages only.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO

from verify.trying.process.calling import answer, described
from verify.trying.process.exchange import receive, send
from verify.trying.process.loading import NotThere, advice, contents, loaded
from verify.trying.process.returned import NOTHING

#: what the process may write into one file, in bytes; it stops a loop that prints
_LARGEST_FILE = 64 << 20


def serve(memory: int) -> None:
    """Load a function of a file, then answer calls until there are no more.

    The first message says which: ``function``, ``file``, and ``root``, the folder from which the
    file's imports start; "": its own.  ``memory`` limits the address space in bytes where the
    platform can do that; 0: no limit.
    """
    requests, replies = _channels()
    _limit(memory)
    asked = receive(requests)
    if asked is None:
        return
    file, function, root = (asked[0][name] for name in ("file", "function", "root"))
    sys.path[0] = str(Path(file).resolve().parent)
    try:
        module = loaded(file, root)
        message = contents(module, function)
    except NotThere as problem:
        send(replies, {"kind": "missing", "message": str(problem)})
        return
    except BaseException as error:
        more = advice(error, file, root)
        send(replies, {**described(error, file), "kind": "unloadable", "advice": more})
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
