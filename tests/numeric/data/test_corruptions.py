"""Damaged, truncated, mismatched and empty files are refused, and what is wrong is said."""

from __future__ import annotations

import gzip
import io
import pickle
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from numeric.data import opened
from tests.numeric.data.files import WRITERS, X, Y, idx, idx_folder, image_folder, npz

Corruption = Callable[[Path], Path]


def changed(kind: str, name: str, change: Callable[[bytes], bytes]) -> Corruption:
    """One file of a good data set changed, by its path below the data set's."""

    def corrupt(folder: Path) -> Path:
        path = WRITERS[kind](folder)
        file = path / name
        file.write_bytes(change(file.read_bytes()))
        return path

    return corrupt


def replaced(kind: str, name: str, content: bytes) -> Corruption:
    return changed(kind, name, lambda _: content)


def removed(kind: str, name: str) -> Corruption:
    def corrupt(folder: Path) -> Path:
        path = WRITERS[kind](folder)
        (path / name).unlink()
        return path

    return corrupt


def archived(**arrays: np.ndarray) -> Corruption:
    return lambda folder: npz(folder / "set.npz", **arrays)


def written(name: str, content: bytes) -> Corruption:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return write


def copied(kind: str, name: str, other: str) -> Corruption:
    def copy(folder: Path) -> Path:
        path = WRITERS[kind](folder)
        shutil.copy(path / name, path / other)
        return path

    return copy


def folders(*names: str) -> Corruption:
    def make(folder: Path) -> Path:
        for name in names:
            (folder / name).mkdir(parents=True)
        return folder

    return make


def picture(mode: str, size: tuple[int, int]) -> Corruption:
    """A good folder of images, and one more of that mode and size."""

    def add(folder: Path) -> Path:
        path = image_folder(folder / "images")
        Image.new(mode, size).save(path / "class 0" / "new.png")
        return path

    return add


def archive_changed(change: Callable[[bytes], bytes]) -> Corruption:
    def corrupt(folder: Path) -> Path:
        path = npz(folder / "set.npz")
        path.write_bytes(change(path.read_bytes()))
        return path

    return corrupt


def pickled(folder: Path) -> Path:
    np.savez(folder / "set.npz", x=X, y=np.array([{}] * 12, object))
    return folder / "set.npz"


def one_array(folder: Path) -> Path:
    np.save(folder / "x.npy", X)
    return (folder / "x.npy").rename(folder / "set.npz")


def other_archive(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "set.npz", "w") as file:
        file.writestr("x.npy", b"no array")
    return folder / "set.npz"


def huge(folder: Path) -> Path:
    """An array that announces more than any machine can address."""
    head = io.BytesIO()
    announced = {"descr": "|u1", "fortran_order": False, "shape": (2**46, 4, 2)}
    np.lib.format.write_array_header_1_0(head, announced)
    with zipfile.ZipFile(folder / "set.npz", "w") as file:
        file.writestr("x.npy", head.getvalue())
    return folder / "set.npz"


def plain(folder: Path) -> Path:
    """An archive that is not compressed, so that changes reach the headers of arrays."""
    np.savez(folder / "set.npz", x=X, y=Y)
    return folder / "set.npz"


IMAGES, LABELS = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte"
TESTS = "t10k-images-idx3-ubyte"
FLOATS = X / 255
HOLES = np.where(X.max() == X, np.nan, FLOATS)

CORRUPTIONS: dict[str, tuple[Corruption, str]] = {
    # --- IDX
    "nothing in it": (replaced("idx", LABELS, b""), f"{LABELS}: no IDX file: .* none"),
    "another format": (replaced("idx", LABELS, b"GIF89a"), "begins with the bytes 47 49 46 38"),
    "an unknown type": (replaced("idx", LABELS, b"\0\0\x0a\1"), "no IDX file"),
    "images as labels": (copied("idx", TESTS, LABELS), f"{LABELS}: expected 1 axes, .* has 3"),
    "labels as images": (copied("idx", LABELS, TESTS), f"{TESTS}: expected 3 axes, .* has 1"),
    "header cut off": (changed("idx", TESTS, lambda b: b[:9]), f"{TESTS}: the file ends in its"),
    "a pixel missing": (
        changed("idx", TESTS, lambda b: b[:-1]),
        f"{TESTS}: .* 3×4×2 numbers, 24 bytes; the file has 23",
    ),
    "a byte too many": (changed("idx", TESTS, lambda b: b + b"\0"), "the file has more"),
    "more announced than there is": (
        changed("idx", TESTS, lambda b: b[:4] + b"\xff\xff\xff\xff" + b[8:]),
        "4294967295×4×2 numbers",
    ),
    "gzip cut off": (changed("idx", IMAGES, lambda b: b[:-9]), f"{IMAGES}: the gzip file is dam"),
    "gzip with another sum": (
        changed("idx", IMAGES, lambda b: b[:-8] + b"\0" * 4 + b[-4:]),
        "the gzip file is damaged: CRC",
    ),
    "gzip with another content": (
        changed("idx", IMAGES, lambda b: b[:12] + b"\xff\xff\xff" + b[15:]),
        "the gzip file is damaged",
    ),
    "an image too few": (
        replaced("idx", IMAGES, gzip.compress(idx(X[:8]))),
        "8 images, but 9 labels",
    ),
    "no images at all": (
        changed("idx", IMAGES, lambda _: idx(X[:0])),
        "0 images, but 9 labels",
    ),
    "images without pixels": (
        replaced("idx", IMAGES, idx(np.zeros((9, 0, 2), np.uint8))),
        "images of 1×0×2 have no pixels",
    ),
    "labels that are no whole numbers": (
        replaced("idx", LABELS, idx(Y[:9].astype(np.float32), 0x0D)),
        f"{LABELS}: labels must be whole numbers",
    ),
    "a class of the test set alone": (
        replaced("idx", "t10k-labels-idx1-ubyte", idx(np.array([0, 7, 1], np.uint8))),
        f"{TESTS}: image 1 is of class 7; there are: 0, 1, 2",
    ),
    "test images of another size": (
        replaced("idx", TESTS, idx(X[9:, :, :1])),
        "images are 1×4×1, those of .* 1×4×2",
    ),
    "only one class": (
        replaced("idx", LABELS, idx(np.ones(9, np.uint8))),
        "all images are of class 1; two are needed",
    ),
    "labels missing": (removed("idx", LABELS), f"missing: {LABELS} or {LABELS}.gz"),
    "two training sets": (
        copied("idx", TESTS, "fold-images-idx3-ubyte"),
        "there are: train-images-idx3-ubyte.gz, fold-images",
    ),
    # --- CIFAR-10
    "half a record": (
        changed("cifar", "data_batch_2.bin", lambda b: b[:-5]),
        "data_batch_2.bin: 12,287 bytes are no whole number of records of 3073",
    ),
    "an empty batch": (replaced("cifar", "test_batch.bin", b""), "test_batch.bin: 0 bytes"),
    "an eleventh class": (
        changed("cifar", "data_batch_5.bin", lambda b: b[:3073] + b"\x0a" + b[3074:]),
        "data_batch_5.bin: record 1 has the label 10",
    ),
    "a batch missing": (removed("cifar", "data_batch_4.bin"), "batches are missing: data_batch_4"),
    "the version in pickles": (
        lambda folder: written("data_batch_1", pickle.dumps({}))(folder).parent,
        "pickle files, .* never read; get CIFAR-10's binary version",
    ),
    # --- npz
    "an empty archive": (
        written("set.npz", b""),
        "it begins with the bytes none, as no archive does",
    ),
    "no archive": (
        written("set.npz", b"hello, this is text"),
        "the bytes 68 65 6c 6c 6f 2c, as no",
    ),
    "an archive cut off": (archive_changed(lambda b: b[:-40]), "the archive is damaged"),
    "an archive with another content": (
        archive_changed(lambda b: b[:60] + b"\xff" * 8 + b[68:]),
        "set.npz: the archive is damaged",
    ),
    "one array": (one_array, "it is one array, not an archive"),
    "an archive of no arrays": (other_archive, "set.npz: no .npz of arrays"),
    "more announced than any memory": (huge, "set.npz: no .npz of arrays"),
    "objects": (pickled, "it holds pickled objects"),
    "no labels": (archived(x=X), "the array y is missing; there are: x$"),
    "other names": (archived(images=X), "x is missing; there are: none of x, y"),
    "test images without labels": (archived(x=X, y=Y, x_test=X), "the array y_test is missing"),
    "no images, no labels": (archived(x=X[:0], y=Y[:0]), "set.npz: there are no images in it"),
    "a label too many": (archived(x=X, y=np.append(Y, 1)), "12 images, but 13 labels"),
    "images as rows": (archived(x=X.reshape(12, 8), y=Y), r"x must be .* not \[12, 8\] of uint8"),
    "two channels": (archived(x=X[..., None].repeat(2, 3), y=Y), r"C = 1 or 3, not \[12, 4"),
    "channels at both ends": (
        archived(x=np.zeros((12, 3, 5, 1)), y=Y),
        r"x\[12, 3, 5, 1\]: are channels the second or the last axis",
    ),
    "complex images": (archived(x=X * 1j, y=Y), "x must hold real numbers, not .* complex128"),
    "labels one of many": (archived(x=X, y=np.eye(3)[Y]), r"y must be \[N\] whole numbers"),
    "labels with fractions": (archived(x=X, y=Y / 2), "y must be .* not .* float64"),
    "not a number": (archived(x=HOLES, y=Y), r"image \d+ has pixels that are no finite numbers"),
    # --- folders of images
    "no image in it": (folders("a", "b"), "there are no images in its folders"),
    "an image cut off": (
        changed("images", "class 1/01.png", lambda b: b[:-20]),
        "class 1/01.png: the image cannot be read",
    ),
    "text for an image": (
        replaced("images", "class 2/02.png", b"hello"),
        "class 2/02.png: the image cannot be read: cannot identify",
    ),
    "an image of another size": (
        picture("L", (3, 3)),
        "new.png: this image is 3×3, and .*00.png is 4×2; bring all",
    ),
    "sixteen bits": (picture("I;16", (2, 4)), "new.png: images of mode I;16"),
    "folders in the folder of a class": (folders("a/b"), "a/b: a folder in the folder of a class"),
    "a part that is not known": (folders("train", "val"), "there may be test, not val"),
    # --- none of these
    "nothing there": (lambda folder: folder / "absent", "there is no data set .*absent', and no"),
    "an empty folder": (lambda folder: folder, "is nothing that can be read; what can: "),
    "another file": (written("notes.txt", b"x"), "notes.txt is nothing that can be read"),
}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_corruptions_are_refused(name: str, tmp_path: Path) -> None:
    corrupt, message = CORRUPTIONS[name]
    with pytest.raises(ValueError, match=message) as caught:
        opened(str(corrupt(tmp_path)))
    assert str(tmp_path) in str(caught.value)


def test_files_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "set.npz").symlink_to("/proc/self/mem")
    with pytest.raises(ValueError, match=r"set\.npz"):
        opened(str(tmp_path / "set.npz"))


# --- all of a kind --------------------------------------------------------------------------------


def outcome(path: Path) -> str:
    """What became of reading: only ``ValueError`` may be raised."""
    try:
        opened(str(path))
    except ValueError as error:
        assert str(path) in str(error)
        return "refused"
    return "read"


FILES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "idx": (lambda folder: idx_folder(folder / "mnist"), TESTS),
    "gzip": (lambda folder: idx_folder(folder / "mnist"), IMAGES),
    "npz": (lambda folder: npz(folder / "set.npz"), ""),
    "npz, not compressed": (plain, ""),
    "png": (lambda folder: image_folder(folder / "images"), "class 0/00.png"),
}


@pytest.mark.parametrize("kind", FILES)
def test_no_beginning_of_a_file_is_read_as_all_of_it(kind: str, tmp_path: Path) -> None:
    write, name = FILES[kind]
    path = write(tmp_path)
    file = path / name if name else path
    whole = file.read_bytes()
    endings = {"png": 12}  # Pillow needs no end mark after the last row
    for length in range(0, len(whole) - endings.get(kind, 0), 1 if len(whole) < 300 else 7):
        file.write_bytes(whole[:length])
        assert outcome(path) == "refused", length


@pytest.mark.parametrize("kind", FILES)
def test_changed_bytes_raise_nothing_but_refusals(kind: str, tmp_path: Path) -> None:
    write, name = FILES[kind]
    path = write(tmp_path)
    file = path / name if name else path
    whole, rng = file.read_bytes(), np.random.default_rng(0)
    for _ in range(150):
        data = bytearray(whole)
        data[rng.integers(len(data))] = rng.integers(256)
        file.write_bytes(data)
        outcome(path)
