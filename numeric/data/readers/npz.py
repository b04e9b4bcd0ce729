"""NumPy's .npz: arrays x and y, and x_test and y_test if there is a test set."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from numeric.data.assembling import Raw, collection
from numeric.data.sets import Array, Collection

SUMMARY = "an .npz with x (images) and y (labels), and x_test and y_test if there are any"

#: what NumPy raises for archives that it cannot read, and for arrays beyond the memory
REFUSED = (ValueError, EOFError, KeyError, NotImplementedError, RuntimeError, MemoryError)


def fits(path: Path) -> bool:
    """Whether the path is an .npz file."""
    return path.suffix == ".npz" and not path.is_dir()


def read(path: Path) -> Collection:
    """x[N, H, W], x[N, H, W, C] or x[N, C, H, W] with C = 1 or 3; y[N], whole numbers or names.

    Arrays of objects are refused, since reading them could run anything.
    """
    arrays = _arrays(path)
    tested = {"x_test", "y_test"} & set(arrays)
    test = _raw(path, arrays, "x_test", "y_test") if tested else None
    return collection(_raw(path, arrays, "x", "y"), test)


def _arrays(path: Path) -> Mapping[str, Array]:
    """The arrays with the names that are read, as far as they are there."""
    try:
        with path.open("rb") as file:
            _check_kind(file.read(6))
            file.seek(0)
            found = np.load(file, allow_pickle=False)
            wanted = [name for name in ("x", "y", "x_test", "y_test") if name in found.files]
            return {name: _array(name, found[name]) for name in wanted}
    except REFUSED as error:
        reason = "it holds pickled objects" if "pickle" in str(error) else str(error)
        raise ValueError(f"{path}: no .npz of arrays: {reason}") from error
    except (zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path}: the archive is damaged: {error}") from error


def _check_kind(head: bytes) -> None:
    """Whether the first bytes are an archive's; NumPy calls all else pickled."""
    if head == b"\x93NUMPY":
        raise ValueError("it is one array, not an archive of named ones")
    if not head.startswith(b"PK"):
        raise ValueError(f"it begins with the bytes {head.hex(' ') or 'none'}, as no archive does")


def _array(name: str, member: Array | bytes) -> Array:
    """A member of the archive; NumPy gives the bytes of those that are no arrays."""
    if isinstance(member, bytes):
        raise ValueError(f"{name} is no array")
    return member


def _raw(path: Path, arrays: Mapping[str, Array], x: str, y: str) -> Raw:
    for name in (x, y):
        if name not in arrays:
            there = ", ".join(arrays) or "none of x, y, x_test and y_test"
            raise ValueError(f"{path}: the array {name} is missing; there are: {there}")
    images, labels = _images(path, x, arrays[x]), arrays[y]
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or labels.dtype.kind not in "iuU":
        raise ValueError(f"{path}: {y} must be [N] whole numbers or names, not {_said(labels)}")
    return Raw(images, labels, f"{path}, {x}" if x != "x" else str(path))


def _images(path: Path, name: str, x: Array) -> Array:
    """The images with their channels first."""
    if x.dtype.kind not in "uif":
        raise ValueError(f"{path}: {name} must hold real numbers, not {_said(x)}")
    if x.ndim == 3:
        return x[:, None]
    last = x.ndim == 4 and x.shape[3] in (1, 3)
    first = x.ndim == 4 and x.shape[1] in (1, 3)
    if first and last:
        raise ValueError(f"{path}: {name}{[*x.shape]}: are channels the second or the last axis?")
    if not (first or last):
        raise ValueError(
            f"{path}: {name} must be [N, H, W], [N, H, W, C] or [N, C, H, W] with C = 1 or 3,"
            f" not {_said(x)}"
        )
    return np.ascontiguousarray(np.moveaxis(x, 3, 1)) if last else x


def _said(array: Array) -> str:
    return f"{[*array.shape]} of {array.dtype}"
