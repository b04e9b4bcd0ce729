"""IDX files, the format of MNIST, packed with gzip or not.

Source: LeCun, Cortes & Burges, The MNIST database of handwritten digits (1998).
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable
from math import prod
from pathlib import Path
from typing import IO, cast

import numpy as np

from numeric.data.assembling import Raw, collection
from numeric.data.sets import Array, Collection

SUMMARY = "IDX files (NAME-images-idx3-ubyte and NAME-labels-idx1-ubyte, also .gz) or their folder"

IMAGES = re.compile(r"(.*)images([-.]?idx.*?)(\.gz)?")
#: the third byte of a file → the type of its entries, the highest byte first
TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}

#: bytes that are read at once
PIECE = 2**24


def fits(path: Path) -> bool:
    """Whether the path is a file of images, or a folder with one."""
    names = (p.name for p in path.iterdir()) if path.is_dir() else iter([path.name])
    return any(map(IMAGES.fullmatch, names))


def read(path: Path) -> Collection:
    """The pair of files that a file of images is one of; of a folder the train and the test pair.

    Test files have t10k or test in their names, and may be missing.
    """
    if not path.is_dir():
        return collection(_pair(path))
    found = {p.name.removesuffix(".gz"): p for p in sorted(path.iterdir(), reverse=True)}
    images = [p for p in found.values() if IMAGES.fullmatch(p.name)]
    tests = [p for p in images if re.search("t10k|test", p.name)]
    trains = [p for p in images if p not in tests]
    if len(trains) != 1 or len(tests) > 1:
        raise ValueError(
            f"{path}: one file of images for training and at most one for testing (t10k) can be"
            f" read from a folder; there are: {_names(trains)}; {_names(tests)}."
            " Give the path of a file of images"
        )
    return collection(_pair(trains[0]), _pair(tests[0]) if tests else None)


def _names(paths: Iterable[Path]) -> str:
    return ", ".join(p.name for p in paths) or "none"


def _pair(path: Path) -> Raw:
    images, labels = array(path, 3), array(_partner(path), 1)
    if labels.dtype.kind == "f":
        raise ValueError(f"{_partner(path)}: labels must be whole numbers, not {labels.dtype}")
    return Raw(images[:, None], labels, str(path))


def _partner(path: Path) -> Path:
    """The file of labels beside a file of images."""
    found = IMAGES.fullmatch(path.name)
    assert found is not None
    name = f"{found[1]}labels{found[2].replace('idx3', 'idx1')}"
    for beside in (path.with_name(name), path.with_name(f"{name}.gz")):
        if beside.exists():
            return beside
    raise ValueError(f"{path}: the file of its labels is missing: {name} or {name}.gz")


# --- one file -------------------------------------------------------------------------------------


def array(path: Path, axes: int) -> Array:
    """The array in a file, which must have so many axes; ``ValueError`` for a damaged one."""
    try:
        with _opened(path) as file:
            return _array(path, file, axes)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path}: the gzip file is damaged: {error}") from error


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return cast(IO[bytes], gzip.open(path)) if packed else path.open("rb")


def _array(path: Path, file: IO[bytes], axes: int) -> Array:
    head = file.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in TYPES:
        raise ValueError(f"{path}: no IDX file: it begins with the bytes {head.hex(' ') or 'none'}")
    if head[3] != axes:
        raise ValueError(f"{path}: expected {axes} axes, the file has {head[3]}")
    sizes = file.read(4 * axes)
    if len(sizes) < 4 * axes:
        raise ValueError(f"{path}: the file ends in its header")
    shape = tuple(np.frombuffer(sizes, ">u4").tolist())
    dtype = np.dtype(TYPES[head[2]])
    expected = prod(shape) * dtype.itemsize
    data = _at_most(expected + 1, file)
    if len(data) != expected:
        given = "more" if len(data) > expected else f"{len(data):,}"
        raise ValueError(
            f"{path}: the header announces {'×'.join(map(str, shape))} numbers, {expected:,} bytes;"
            f" the file has {given}"
        )
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="))


def _at_most(count: int, file: IO[bytes]) -> bytes:
    """So many bytes, or all there are; a header that is wrong must not take up the memory."""
    pieces = []
    while count and (piece := file.read(min(count, PIECE))):
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)
