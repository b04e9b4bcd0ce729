"""Where text goes: a screen or pipe that may know no Unicode, or a file."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from derive.files import write_whole


def write(file: str, text: str) -> None:
    """Put the text into the file; ``ValueError`` says why that failed."""
    try:
        write_whole(Path(file), text)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ValueError(f"cannot write {file!r}: {error.strerror}") from None


def encodable(text: str) -> str:
    """The text in what standard output can show: as it is, else in ASCII."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        from derive.language.printing import to_ascii  # local: SymPy takes long to import

        return to_ascii(text)
    return text


def abandon_output() -> None:
    """Let go of what is still buffered: Python would try to write it again when it ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
