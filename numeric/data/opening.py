"""What stands behind ``--data``: a data set by name, or files by path.

Data sets are the modules of ``sources``, ways to read files those of ``readers``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from derive.plugins import Plugins, meant
from numeric.data.sets import Collection


class Source(Protocol):
    """A data set that has a name."""

    SUMMARY: str

    def load(self) -> Collection:
        """All of it; ``ValueError`` says how to install what is missing."""
        ...


class Reader(Protocol):
    """A way to keep labelled images in files."""

    SUMMARY: str

    def fits(self, path: Path) -> bool:
        """Whether the names of files say that it is this way; nothing is read."""
        ...

    def read(self, path: Path) -> Collection:
        """All of it; ``ValueError`` says what is wrong with which file."""
        ...


SOURCES: Plugins[Source] = Plugins("numeric.data.sources", Source, "data set")
READERS: Plugins[Reader] = Plugins("numeric.data.readers", Reader, "reader")


def opened(word: str) -> Collection:
    """The data set of that name, or else the files at that path.

    ``ValueError`` where there is neither, and where files are damaged or do not fit together.
    """
    if word in SOURCES.names():
        return SOURCES.get(word).load()
    path = Path(word).expanduser()
    if not path.exists():
        known = SOURCES.names()
        there = f"there are: {', '.join(known)}{meant(word, known)}"
        raise ValueError(f"there is no data set {word!r}, and no such file; {there}")
    try:
        reader = next((r for r in READERS.all() if r.fits(path)), None)
        if reader is not None:
            return reader.read(path)
    except OSError as error:
        raise ValueError(f"{error.filename or path}: {error.strerror or error}") from error
    ways = "; ".join(r.SUMMARY for r in READERS.all())
    raise ValueError(f"{path} is nothing that can be read; what can: {ways}")
