"""Fashion-MNIST, from Debian's package."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from numeric.data.readers import idx
from numeric.data.sets import Collection, DataSet

SUMMARY = "70,000 articles of clothing, 28×28, grey (Zalando; package dataset-fashion-mnist)"

FOLDER = Path("/usr/share/datasets/fashion-mnist")
CLASSES = (
    "T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot",
)  # fmt: skip


def load() -> Collection:
    """images[60000, 1, 28, 28] and a test set of 10,000, bytes; ten classes.

    Source: Xiao, Rasul & Vollgraf, Fashion-MNIST: a novel image dataset for benchmarking machine
    learning algorithms (2017).
    """
    if not FOLDER.is_dir():
        raise ValueError(
            f"the data set fashion is not at {FOLDER}; on Debian and Ubuntu:"
            " apt install dataset-fashion-mnist; elsewhere give the folder with its IDX files"
            " as --data"
        )
    found = idx.read(FOLDER)
    return Collection(_named(found.train), _named(found.test) if found.test else None)


def _named(data: DataSet) -> DataSet:
    if len(data.classes) != len(CLASSES):
        raise ValueError(f"{FOLDER}: expected ten classes, not {len(data.classes)}")
    return replace(data, classes=CLASSES)
