"""Tiny data sets in files of every kind that is read: 12 images of 4×2 pixels, three classes."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

RNG = np.random.default_rng(0)
X = RNG.integers(0, 256, (12, 4, 2)).astype(np.uint8)
Y = np.arange(12) % 3
CIFAR = RNG.integers(0, 256, (4, 3073)).astype(np.uint8)
CIFAR[:, 0] = [3, 9, 0, 1]


def idx(array: np.ndarray, kind: int = 0x08) -> bytes:
    """An IDX file, written from the description of the format."""
    big = array.astype(array.dtype.newbyteorder(">"))
    head = struct.pack(f">HBB{array.ndim}I", 0, kind, array.ndim, *array.shape)
    return head + big.tobytes()


def idx_folder(folder: Path) -> Path:
    """MNIST's four files; the images of training packed."""
    folder.mkdir()
    (folder / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(X[:9]), mtime=0))
    (folder / "train-labels-idx1-ubyte").write_bytes(idx(Y[:9].astype(np.uint8)))
    (folder / "t10k-images-idx3-ubyte").write_bytes(idx(X[9:]))
    (folder / "t10k-labels-idx1-ubyte").write_bytes(idx(Y[9:].astype(np.uint8)))
    return folder


def cifar_folder(folder: Path) -> Path:
    folder.mkdir()
    for name in (*(f"data_batch_{n}" for n in range(1, 6)), "test_batch"):
        (folder / f"{name}.bin").write_bytes(CIFAR.tobytes())
    return folder


def npz(path: Path, **arrays: np.ndarray) -> Path:
    np.savez_compressed(path, **(arrays or {"x": X, "y": Y}))
    return path


def image_folder(folder: Path) -> Path:
    """A folder a class; what is no image is left alone."""
    for k, image in enumerate(X):
        own = folder / f"class {Y[k]}"
        own.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(own / f"{k:02d}.png")
    (folder / "README").write_text("not an image")
    (folder / ".hidden").mkdir()
    Image.fromarray(X[0]).save(folder / ".hidden" / "thumbnail.png")
    return folder


#: the name of a kind → writes it below a folder and returns its path
WRITERS: dict[str, Callable[[Path], Path]] = {
    "idx": lambda folder: idx_folder(folder / "mnist"),
    "cifar": lambda folder: cifar_folder(folder / "cifar"),
    "npz": lambda folder: npz(folder / "set.npz"),
    "images": lambda folder: image_folder(folder / "images"),
}
