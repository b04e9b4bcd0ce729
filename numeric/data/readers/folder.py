"""A folder of images with a folder for each class."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from numeric.data import pictures
from numeric.data.assembling import Raw, collection
from numeric.data.sets import Array, Collection

PRIORITY = 1  # folders of other kinds are known by the names of their files
SUMMARY = "a folder of images with a folder for each class, or two such: train and test"


def fits(path: Path) -> bool:
    """Whether the path is a folder with a folder in it."""
    return path.is_dir() and any(_folders(path))


def read(path: Path) -> Collection:
    """All images, all of one size; grey ones in colour if any of them are."""
    names = {p.name for p in _folders(path)}
    if "train" not in names:
        return collection(_raw(path))
    if not names <= {"train", "test"}:
        others = ", ".join(sorted(names - {"train", "test"}))
        raise ValueError(
            f"{path}: beside train there may be test, not {others}; images to choose by are taken"
            " from train"
        )
    train = _raw(path / "train")
    if "test" not in names:
        return collection(train)
    test = _raw(path / "test")
    channels = max(raw.images.shape[1] for raw in (train, test))
    return collection(_coloured(train, channels), _coloured(test, channels))


def _folders(path: Path) -> list[Path]:
    return sorted(p for p in path.iterdir() if p.is_dir() and not p.name.startswith("."))


def _raw(path: Path) -> Raw:
    """The images in the folders of one folder, and the folders' names as labels."""
    found = [(p, folder.name) for folder in _folders(path) for p in _images(folder)]
    if not found:
        raise ValueError(f"{path}: there are no images in its folders")
    made = [pictures.read(p) for p, _ in found]
    for (p, _), image in zip(found, made, strict=True):
        if image.shape[1:] != made[0].shape[1:]:
            sizes = ["×".join(map(str, a.shape[1:])) for a in (image, made[0])]
            raise ValueError(
                f"{p}: this image is {sizes[0]}, and {found[0][0]} is {sizes[1]};"
                " bring all images to one size first"
            )
    channels = max(len(image) for image in made)
    images = np.stack([_spread(image, channels) for image in made])
    return Raw(images, _labels([name for _, name in found]), str(path))


def _images(folder: Path) -> list[Path]:
    """The images in one folder; what is in folders below belongs to no class."""
    below = _folders(folder)
    if below:
        raise ValueError(f"{below[0]}: a folder in the folder of a class")
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in pictures.SUFFIXES)


def _labels(names: list[str]) -> Array:
    """Names as labels; as numbers where all of them are, so that 10 comes after 9."""
    plain = all(name.isascii() and name.isdigit() and str(int(name)) == name for name in names)
    return np.array([int(name) for name in names] if plain else names)


def _coloured(raw: Raw, channels: int) -> Raw:
    return Raw(_spread(raw.images, channels, axis=1), raw.labels, raw.where)


def _spread(image: Array, channels: int, axis: int = 0) -> Array:
    """Grey as so many channels."""
    return image if image.shape[axis] == channels else np.repeat(image, channels, axis)
