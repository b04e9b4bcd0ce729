"""CIFAR-10 in its binary version: records of a label and 3×32×32 bytes.

Source: Krizhevsky, Learning multiple layers of features from tiny images (2009).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from numeric.data.assembling import Raw, collection
from numeric.data.sets import Array, Collection

SUMMARY = "CIFAR-10, binary version (a .bin file, or the folder with data_batch_1.bin …)"

SHAPE = (3, 32, 32)
RECORD = 1 + 3 * 32 * 32
CLASSES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip


def fits(path: Path) -> bool:
    """Whether the path is a .bin file, or a folder with a batch of CIFAR's."""
    return any(path.glob("data_batch_*")) if path.is_dir() else path.suffix == ".bin"


def read(path: Path) -> Collection:
    """All batches of a folder and its test batch, if it is there; or one file."""
    if not path.is_dir():
        return collection(_batches([path]), None, CLASSES)
    batches = sorted(path.glob("data_batch_*.bin"))
    if not batches:
        raise ValueError(
            f"{path}: these are pickle files, which could run anything and are never read;"
            " get CIFAR-10's binary version"
        )
    expected = [f"data_batch_{n}.bin" for n in range(1, 6)]
    missing = [name for name in expected if not (path / name).exists()]
    if missing:
        raise ValueError(f"{path}: batches are missing: {', '.join(missing)}")
    test = path / "test_batch.bin"
    tested = _batches([test]) if test.exists() else None
    return collection(_batches(batches), tested, CLASSES)


def _batches(paths: list[Path]) -> Raw:
    records = np.concatenate([_records(path) for path in paths])
    where = str(paths[0] if len(paths) == 1 else paths[0].parent)
    return Raw(records[:, 1:].reshape(-1, *SHAPE), records[:, 0], where)


def _records(path: Path) -> Array:
    """Records [N, 3073] of one file, each with a label that there is."""
    data = np.fromfile(path, np.uint8)
    if not len(data) or len(data) % RECORD:
        raise ValueError(
            f"{path}: {len(data):,} bytes are no whole number of records of {RECORD} bytes"
        )
    records = data.reshape(-1, RECORD)
    wrong = np.flatnonzero(records[:, 0] >= len(CLASSES))
    if len(wrong):
        raise ValueError(
            f"{path}: record {wrong[0]} has the label {records[wrong[0], 0]}; labels are 0 … 9"
        )
    return records
