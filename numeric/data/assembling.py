"""From arrays that were read to a collection, or a refusal that says what does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numeric.data.sets import Array, Collection, DataSet


@dataclass(frozen=True)
class Raw:
    """``images`` [N, C, H, W] and ``labels`` [N], whole numbers or names, read at ``where``."""

    images: Array
    labels: Array
    where: str


def collection(train: Raw, test: Raw | None = None, classes: Sequence[str] = ()) -> Collection:
    """The collection of what was read.

    ``classes`` names those that labels are numbers of; else they are the labels of ``train``.
    ``ValueError`` names the file and what is wrong with it.
    """
    for raw in (train, test) if test else (train,):
        _check(raw)
    labels = np.arange(len(classes)) if classes else np.unique(train.labels)
    names = tuple(classes) or tuple(map(str, labels.tolist()))
    if len(names) < 2:
        raise ValueError(f"{train.where}: all images are of class {names[0]}; two are needed")
    white = _white(train.images)
    if test is None:
        return Collection(DataSet(train.images, _numbers(train, labels), names, white))
    if test.images.shape[1:] != train.images.shape[1:]:
        sizes = [_size(raw.images.shape[1:]) for raw in (test, train)]
        raise ValueError(f"{test.where}: images are {sizes[0]}, those of {train.where} {sizes[1]}")
    parts = (DataSet(r.images, _numbers(r, labels), names, white) for r in (train, test))
    return Collection(*parts)


def _check(raw: Raw) -> None:
    images, labels, where = raw.images, raw.labels, raw.where
    if len(images) != len(labels):
        raise ValueError(f"{where}: {len(images)} images, but {len(labels)} labels")
    if not len(images):
        raise ValueError(f"{where}: there are no images in it")
    if not images.size:
        raise ValueError(f"{where}: images of {_size(images.shape[1:])} have no pixels")
    if images.dtype.kind == "f":
        wrong = np.flatnonzero(~np.isfinite(images).reshape(len(images), -1).all(1))
        if len(wrong):
            raise ValueError(f"{where}: image {wrong[0]} has pixels that are no finite numbers")


def _size(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape))


def _numbers(raw: Raw, known: Array) -> Array:
    """The place of each label among the sorted known ones."""
    places = np.searchsorted(known, raw.labels).clip(0, len(known) - 1)
    wrong = np.flatnonzero(known[places] != raw.labels)
    if len(wrong):
        label = raw.labels[wrong[0]]
        raise ValueError(
            f"{raw.where}: image {wrong[0]} is of class {label}; there are: {_listed(known)}"
        )
    return places.astype(np.int64)


def _listed(labels: Array) -> str:
    names = list(map(str, labels.tolist()))
    return ", ".join(names if len(names) <= 12 else [*names[:10], "…", names[-1]])


def _white(images: Array) -> float:
    """Full brightness: the largest number of 8 or 16 bits; else 1 or 255 if no value is beyond.

    Where some are, or are negative, it is the largest magnitude.
    """
    if images.dtype in (np.uint8, np.uint16):
        return float(np.iinfo(images.dtype).max)
    least, most = float(images.min()), float(images.max())
    if least >= 0 and most <= 255:
        return 1.0 if most <= 1 else 255.0
    return max(abs(least), abs(most))
