"""Writing a file whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from shutil import copymode


def write_whole(path: Path, text: str) -> None:
    """Put the text, in UTF-8, in place of what the file holds; on failure that stays.

    The text goes into a file beside it, which then takes its name and its mode.  What is no plain
    file, such as a device, is written to directly.  Raises ``OSError``.
    """
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    target = Path(os.path.realpath(path))
    beside = target.with_name(f".derive-{os.getpid()}")
    beside.touch(exist_ok=False)
    try:
        beside.write_text(text, encoding="utf-8")
        if target.exists():
            copymode(target, beside)
        beside.replace(target)
    except BaseException:
        beside.unlink()
        raise
