"""Files that appear whole or not at all, whenever the process is killed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PARTIAL = ".partial"


def written(path: Path, content: bytes) -> None:
    """Put the content in place of what the file holds; on failure that stays.

    It goes into a file beside it, is brought to the disk, and then takes the name.
    ``ValueError`` says what failed.
    """
    beside = path.with_name(f".{path.name}{PARTIAL}")
    with told(path):
        try:
            with open(beside, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        except BaseException:
            with suppress(OSError):
                beside.unlink()
            raise


def read(path: Path) -> bytes:
    """All of a file; ``ValueError`` says why it cannot be read."""
    with told(path, "read"):
        return path.read_bytes()


@contextmanager
def told(path: Path, act: str = "write") -> Iterator[None]:
    """What the system refuses as a ``ValueError`` that names the file."""
    try:
        yield
    except OSError as error:
        raise ValueError(f"cannot {act} {str(path)!r}: {error.strerror or error}") from None
