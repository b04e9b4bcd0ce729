"""Answers of a network as they are told: for files, or against labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from derive.presentation.blocks import Chapter, Code, Told
from numeric.data import DataSet
from numeric.data.sets import Array
from numeric.inspection.judging import Judgement
from numeric.inspection.letters import grey, side_by_side
from numeric.tables import table

#: how many classes are told for a file, how many mistakes, how many confusions of many classes
LIKELIEST, MISTAKES, CONFUSIONS = 3, 8, 10
#: as a matrix confusions are shown of up to so many classes, with names up to so long
MATRIX, NAME = 12, 5


def of_files(paths: Sequence[Path], answers: Array, classes: Sequence[str]) -> Chapter:
    """The likeliest classes of each file's image, and of a single one all of them."""
    records = [
        {
            "file": str(path),
            "class": classes[int(answer.argmax())],
            "probabilities": dict(zip(classes, map(float, answer), strict=True)),
        }
        for path, answer in zip(paths, answers, strict=True)
    ]
    text = (
        _one(paths[0], answers[0], classes)
        if len(paths) == 1
        else _several(paths, answers, classes)
    )
    return Chapter("predictions", (Told(lambda: [Code(text)], lambda: records),))


def _one(path: Path, answer: Array, classes: Sequence[str]) -> str:
    order = np.argsort(-answer, kind="stable")
    width = max(len(classes[c]) for c in order)
    rows = [f"  {classes[c]:<{width}}  {answer[c]:6.1%}  {_bar(answer[c])}".rstrip() for c in order]
    return "\n".join([f"{path}: {classes[order[0]]}", "", *rows])


def _bar(share: float) -> str:
    return "█" * round(40 * float(share))


def _several(paths: Sequence[Path], answers: Array, classes: Sequence[str]) -> str:
    shown = min(LIKELIEST, len(classes))
    rows = []
    for path, answer in zip(paths, answers, strict=True):
        order = np.argsort(-answer, kind="stable")[:shown]
        rows.append([str(path), *(f"{classes[c]} {answer[c]:.1%}" for c in order)])
    return table(["file", "class", "then", "then"][: shown + 1], rows)


def of_labelled(title: str, data: DataSet, found: Judgement, folder: Path | None) -> Chapter:
    """Accuracy, confusions and the most confident mistakes; ``folder`` holds the pictures."""
    record = {
        "title": title,
        "images": len(data),
        "accuracy": found.accuracy,
        "standard_error": found.standard_error,
        "classes": list(data.classes),
        "confusion": found.confusion.tolist(),
        "mistakes": [_mistake(int(n), data, found) for n in found.mistakes[:MISTAKES]],
        "folder": None if folder is None else str(folder),
    }
    text = "\n\n".join(_judged(title, data, found, folder))
    return Chapter("judgements", (Told(lambda: [Code(text)], lambda: [record]),))


def _mistake(number: int, data: DataSet, found: Judgement) -> dict[str, Any]:
    truth, chosen = int(data.labels[number]), int(found.chosen[number])
    return {
        "image": number,
        "truth": data.classes[truth],
        "answer": data.classes[chosen],
        "probability": float(found.answers[number, chosen]),
        "probability_of_truth": float(found.answers[number, truth]),
    }


def _judged(title: str, data: DataSet, found: Judgement, folder: Path | None) -> Iterator[str]:
    yield (
        f"{title}: {len(data):,} images, accuracy {found.accuracy:.1%}"
        f" ± {found.standard_error:.1%} (standard error)"
    )
    small = len(data.classes) <= MATRIX and max(map(len, data.classes)) <= NAME
    yield _matrix(data, found) if small else _confusions(data, found)
    if len(found.mistakes):
        yield _mistakes(data, found)
    if folder is not None:
        names = ["confusion.png", *(["mistakes.png"] if len(found.mistakes) else [])]
        yield f"pictures: {', '.join(f'{folder}/{name}' for name in names)}"


def _matrix(data: DataSet, found: Judgement) -> str:
    """Rows are true classes, columns what they are taken for."""
    rows = []
    for name, counts in zip(data.classes, found.confusion.tolist(), strict=True):
        total = sum(counts)
        own = counts[data.classes.index(name)] / total if total else float("nan")
        right = f"{own:.1%}" if total else "–"
        rows.append([name, *(str(n) if n else "·" for n in counts), str(total), right])
    columns = ["true", *data.classes, "images", "right"]
    return f"taken for (columns), by true class (rows):\n\n{table(columns, rows)}"


def _confusions(data: DataSet, found: Judgement) -> str:
    """The commonest confusions."""
    off = found.confusion * (1 - np.eye(len(data.classes), dtype=int))
    order = np.argsort(-off, axis=None, kind="stable")[:CONFUSIONS]
    pairs = [divmod(int(n), len(data.classes)) for n in order if off.flat[n]]
    rows = [
        [
            data.classes[t],
            data.classes[c],
            str(off[t, c]),
            f"{off[t, c] / found.confusion[t].sum():.1%}",
        ]
        for t, c in pairs
    ]
    return table(["true", "taken for", "images", "of that class"], rows)


def _mistakes(data: DataSet, found: Judgement) -> str:
    """The most confident ones, and the first of them as pictures."""
    records = [_mistake(int(n), data, found) for n in found.mistakes[:MISTAKES]]
    rows = [
        [
            str(r["image"]),
            r["truth"],
            r["answer"],
            f"{r['probability']:.1%}",
            f"{r['probability_of_truth']:.1%}",
        ]
        for r in records
    ]
    columns = ["image", "true", "taken for", "probability", "of the truth"]
    images = [grey(data.images[r["image"]]) for r in records]
    captions = [f"{r['image']}: {r['truth']} as {r['answer']}" for r in records]
    return (
        f"the most confident of {len(found.mistakes)} mistakes:\n\n{table(columns, rows)}\n\n"
        f"{side_by_side(images, captions)}"
    )
