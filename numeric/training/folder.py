"""A run's folder: files that appear whole or not at all, and one process that writes them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from numeric.training import files

RUN, LOG, STATE = "run.json", "log.jsonl", "checkpoint.safetensors"
WEIGHTS, BEST = "weights.safetensors", "best.safetensors"
#: the weights under the names that PyTorch has for them, where they are asked for
TORCH = "torch.safetensors"
LOCK = ".lock"
RUNS = Path("runs")


def fresh(title: str) -> Path:
    """A new folder under ``runs``, named after what is trained, and numbered."""
    stem = title.replace(" on ", "-").replace(" ", "-")
    number = 1
    with files.told(RUNS):
        while True:
            folder = RUNS / f"{stem}-{number}"
            try:
                folder.mkdir(parents=True)
            except FileExistsError:
                number += 1
            else:
                return folder


def holds_run(folder: Path) -> bool:
    """Whether a training has been begun there."""
    return (folder / RUN).exists()


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """The folder for this process alone; ``ValueError`` while another one writes there.

    The system lets go of it when the process ends, however it ends.
    """
    with files.told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _lock(lock, folder)
        yield
    finally:
        os.close(lock)


def _lock(lock: int, folder: Path) -> None:
    try:
        import fcntl  # local: not on every system
    except ImportError:
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ValueError(
            f"another training is writing into {str(folder)!r}: wait for it, or choose another"
            " folder with -o"
        ) from None


def tidied(folder: Path) -> None:
    """Without what a process has left behind that was killed while it wrote."""
    for left in folder.glob(f".*{files.PARTIAL}"):
        with suppress(OSError):
            left.unlink()
