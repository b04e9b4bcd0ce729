"""Files of every kind are read as what was written into them."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from numeric.data import READERS, opened, pictures
from numeric.data.readers.idx import TYPES
from numeric.data.readers.idx import array as idx_array
from tests.numeric.data.files import CIFAR, WRITERS, X, Y, cifar_folder, idx, idx_folder, npz


@pytest.mark.parametrize("kind", WRITERS)
def test_only_one_reader_takes_a_path(kind: str, tmp_path: Path) -> None:
    path = WRITERS[kind](tmp_path)
    assert len([r for r in READERS.all() if r.fits(path)]) == 1


def test_mnist_in_a_folder(tmp_path: Path) -> None:
    found = opened(str(idx_folder(tmp_path / "mnist")))
    assert found.test is not None and found.train.classes == ("0", "1", "2")
    np.testing.assert_array_equal(found.train.images, X[:9, None])
    np.testing.assert_array_equal(found.test.images, X[9:, None])
    np.testing.assert_array_equal(found.test.labels, Y[9:])
    assert found.train.images.dtype == np.uint8 and found.train.white == 255


def test_a_file_of_images_with_its_labels_beside_it(tmp_path: Path) -> None:
    folder = idx_folder(tmp_path / "mnist")
    found = opened(str(folder / "train-images-idx3-ubyte.gz"))
    assert found.test is None and len(found.train) == 9
    (tmp_path / "my.images.idx").write_bytes(idx(X))
    (tmp_path / "my.labels.idx.gz").write_bytes(gzip.compress(idx(Y.astype(np.uint8))))
    np.testing.assert_array_equal(opened(str(tmp_path / "my.images.idx")).train.labels, Y)


@pytest.mark.parametrize("kind", TYPES)
def test_all_types_of_idx(kind: int, tmp_path: Path) -> None:
    values = np.array([[1, 2, 3], [4, 5, 127]], TYPES[kind])
    (tmp_path / "file").write_bytes(idx(values, kind))
    read = idx_array(tmp_path / "file", 2)
    assert read.dtype.isnative
    np.testing.assert_array_equal(read, values)


def test_cifar(tmp_path: Path) -> None:
    folder = cifar_folder(tmp_path / "cifar")
    found, one = opened(str(folder)), opened(str(folder / "test_batch.bin"))
    assert found.test is not None and one.test is None
    assert len(found.train) == 20 and len(found.test) == 4 == len(one.train)
    assert found.train.classes[3] == "cat" and len(found.train.classes) == 10
    np.testing.assert_array_equal(one.train.labels, [3, 9, 0, 1])
    assert one.train.images[2, 1, 4, 5] == CIFAR[2, 1 + 1024 + 4 * 32 + 5]


LAYOUTS = {
    "grey": (X, X[:, None]),
    "channels last": (np.stack([X] * 3, -1), np.stack([X] * 3, 1)),
    "channels first": (np.stack([X] * 3, 1), np.stack([X] * 3, 1)),
    "one channel": (X[..., None], X[:, None]),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_of_npz(layout: str, tmp_path: Path) -> None:
    given, expected = LAYOUTS[layout]
    found = opened(str(npz(tmp_path / "a.npz", x=given, y=Y[:, None])))
    np.testing.assert_array_equal(found.train.images, expected)
    np.testing.assert_array_equal(found.train.labels, Y)


def test_npz_with_a_test_set_and_named_classes(tmp_path: Path) -> None:
    names = np.array(["cat", "ant", "bee"])[Y]
    path = npz(tmp_path / "a.npz", x=X, y=names, x_test=X[:4], y_test=names[:4], other=names)
    found = opened(str(path))
    assert found.test is not None and found.train.classes == ("ant", "bee", "cat")
    assert [found.test.classes[k] for k in found.test.labels] == names[:4].tolist()


WHITES = [
    (np.uint8, 0, 1, 255),
    (np.uint16, 0, 900, 65535),
    (np.int64, 0, 200, 255),
    (np.float32, 0, 1, 1),
    (np.float64, 0, 200, 255),
    (np.float64, -2, 1, 2),
    (np.float32, 0, 1000, 1000),
]


@pytest.mark.parametrize(("dtype", "least", "most", "white"), WHITES)
def test_full_brightness(
    dtype: type, least: float, most: float, white: float, tmp_path: Path
) -> None:
    x = np.linspace(least, most, X.size).reshape(X.shape).astype(dtype)
    assert opened(str(npz(tmp_path / "a.npz", x=x, y=Y))).train.white == white


def test_images_by_class(tmp_path: Path) -> None:
    found = opened(str(WRITERS["images"](tmp_path))).train
    assert found.classes == ("class 0", "class 1", "class 2") and found.shape == (1, 4, 2)
    order = np.argsort(Y, kind="stable")
    np.testing.assert_array_equal(found.images[:, 0], X[order])
    np.testing.assert_array_equal(found.labels, Y[order])


def test_folders_for_training_and_testing_and_one_image_in_colour(tmp_path: Path) -> None:
    for part in ("train", "test"):
        for name in ("2", "10"):
            (tmp_path / part / name).mkdir(parents=True)
            Image.fromarray(X[0]).save(tmp_path / part / name / "a.PNG")
    Image.fromarray(np.stack([X[1]] * 3, -1)).save(tmp_path / "test" / "10" / "b.png")
    found = opened(str(tmp_path))
    assert found.test is not None and found.train.classes == ("2", "10")
    assert found.train.shape == found.test.shape == (3, 4, 2) and len(found.test) == 3
    np.testing.assert_array_equal(found.train.images[0], np.stack([X[0]] * 3))


@pytest.mark.parametrize(("mode", "channels"), [("1", 1), ("LA", 1), ("P", 3), ("RGBA", 3)])
def test_modes_of_pictures(mode: str, channels: int, tmp_path: Path) -> None:
    Image.new(mode, (4, 2)).save(tmp_path / "a.png")
    read = pictures.read(tmp_path / "a.png")
    assert read.shape == (channels, 2, 4) and read.dtype == np.uint8


def test_a_camera_on_its_side(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    Image.fromarray(X[0]).save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(pictures.read(tmp_path / "a.png")[0], np.rot90(X[0], -1))
