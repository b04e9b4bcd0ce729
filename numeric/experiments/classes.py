"""Some classes of a data set, written behind its name: ``mnist5k:0-4``, ``images:cat,dog``."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from numeric.data import Collection, DataSet


def written(source: str) -> tuple[str, str]:
    """The name or path of a data set, and the classes chosen of it, none if all are meant."""
    word, colon, classes = source.rpartition(":")
    if not colon or "/" in classes or "\\" in classes:
        return source, ""
    return word, classes


def chosen(found: Collection, classes: str, word: str) -> Collection:
    """The images of some classes: names, numbers, and ranges of numbers, with commas between.

    ``ValueError`` for a class that there is not.
    """
    known = found.train.classes
    numbers = sorted(
        {n for item in classes.split(",") for n in _numbers(item.strip(), known, word)}
    )
    test = _kept(found.test, numbers) if found.test else None
    return Collection(_kept(found.train, numbers), test)


def _numbers(item: str, known: tuple[str, ...], word: str) -> list[int]:
    if item in known:
        return [known.index(item)]
    ends = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", item)
    first, last = (int(ends[1]), int(ends[2] or ends[1])) if ends else (1, 0)
    if not 0 <= first <= last < len(known):
        raise ValueError(
            f"{word} has no class {item!r}; its {len(known)} classes, by name or by number from 0,"
            f" are {', '.join(known[:12])}{', …' if len(known) > 12 else ''}"
        )
    return list(range(first, last + 1))


def _kept(data: DataSet, numbers: list[int]) -> DataSet:
    rows = np.flatnonzero(np.isin(data.labels, numbers))
    labels = np.searchsorted(numbers, data.labels[rows])
    names = tuple(data.classes[n] for n in numbers)
    return replace(data, images=data.images[rows], labels=labels, classes=names)
