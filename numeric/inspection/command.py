"""What ``derive predict`` and ``derive inspect`` do and tell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from derive.presentation.blocks import Chapter
from numeric.data import DataSet
from numeric.inspection import images, inspecting, predicting
from numeric.inspection.images import WHITE, Run
from numeric.inspection.inspecting import Subject
from numeric.inspection.judging import judgement, probabilities
from numeric.training.checkpoints import restored


def predicted(
    folder: str,
    words: Sequence[str],
    source: str | None,
    best: bool,
    resize: bool,
    pictures: str | None,
) -> list[Chapter]:
    """The answers for image files, or for labelled images: the run's own test images, unless
    others are given.
    """
    run = Run.of(folder, best)
    if words:
        if source is not None or pictures is not None:
            raise ValueError("--data and -o are about labelled images: leave IMAGES out")
        paths = list(images.files_of(words))
        pixels = np.concatenate([images.image(path, run, resize) for path in paths])
        answers = probabilities(run.network, run.prepared(pixels, WHITE))
        return [predicting.of_files(paths, answers, run.classes)]
    if resize:
        raise ValueError("--resize is about IMAGES: name some")
    return [_judged(run, source, pictures)]


def _judged(run: Run, source: str | None, pictures: str | None) -> Chapter:
    data, title = _data(run, source)
    found = judgement(run.network, run.prepared(data.images, data.white), data.labels)
    from numeric.inspection import pictures as drawing  # local: start-up time

    place = run.folder if pictures is None else Path(pictures)
    drawing.written(place, "confusion.png", drawing.confusion(data.classes, found))
    if len(found.mistakes):
        drawing.written(place, "mistakes.png", drawing.mistakes(data, found))
    return predicting.of_labelled(title, data, found, place)


def _data(run: Run, source: str | None) -> tuple[DataSet, str]:
    """Labelled images, and what is told of them."""
    if source is not None:
        return images.labelled(source, run), f"{run.folder} on {source}"
    training = restored(run.folder)
    return training.parts.test, f"{training.title}, its test images"


def inspected(folder: str, word: str | None, best: bool, pictures: str | None) -> list[Chapter]:
    """Kernels before and after training, and what the network sees in one image: a file's, or
    the one of that number of the run's test images.
    """
    run, training = Run.of(folder, best), restored(Path(folder))
    subject = _subject(run, training.parts.test, word)
    found = inspecting.examined(run, training, subject)
    place = run.folder if pictures is None else Path(pictures)
    from numeric.inspection import pictures as drawing  # local: start-up time

    if found.kernels:
        drawing.written(place, "layers.png", drawing.kernels(found.kernels))
    drawing.written(place, "maps.png", drawing.maps(subject.pixels, found.maps))
    answer = inspecting.answer(run, found)
    salient = drawing.saliency(subject.pixels, found.gradient, answer)
    drawing.written(place, "saliency.png", salient)
    return [inspecting.told(run, found, place)]


def _subject(run: Run, test: DataSet, word: str | None) -> Subject:
    """The image that is looked at."""
    if word is not None and not word.isdecimal():
        pixels = images.image(Path(word), run)
        return Subject(word, pixels[0], run.prepared(pixels, WHITE))
    number = int(word or 0)
    if number >= len(test):
        raise ValueError(f"there are {len(test)} test images: --image 0 to {len(test) - 1}")
    pixels, truth = test.images[number], test.classes[test.labels[number]]
    title = f"test image {number}, of class {truth}"
    return Subject(title, pixels, run.prepared(pixels[None], test.white))
