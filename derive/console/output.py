"""Where text goes: a screen or pipe that may know no Unicode, or a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from derive.presentation.blocks import Chapter


class Answer(NamedTuple):
    """What a command tells, in which format, and the file it goes to rather than the screen."""

    chapters: Sequence[Chapter]
    style: str = "text"
    file: str | None = None


def write(file: str, text: str) -> None:
    """Put the text into the file; ``ValueError`` says why that failed."""
    from pathlib import Path  # local: start-up time

    from derive.files import write_whole

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
