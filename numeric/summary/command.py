"""What ``derive summary`` does and tells."""

from __future__ import annotations

from pathlib import Path

from derive.presentation.blocks import Chapter
from numeric.networks.description import Shape, shape
from numeric.networks.stages import Parts, bound
from numeric.presets import PRESETS
from numeric.summary.reporting import told
from numeric.summary.table import Summary, summary

#: images at least so high are ImageNet's, of so many classes; others are of ten
HIGH, IMAGENET, FEW = 200, 1000, 10


def summarised(
    word: str, image: str | None, classes: int | None, batch: int, picture: str | None
) -> list[Chapter]:
    """The table of a network; ``picture`` is the file of its receptive fields, if one is wanted."""
    found = found_summary(word, image, classes, batch)
    if picture is not None:
        from numeric.summary.pictures import drawn  # local: start-up time

        drawn(found, Path(picture))
    return [told(found)]


def found_summary(
    word: str, image: str | None = None, classes: int | None = None, batch: int = 1
) -> Summary:
    """The summary of a preset, of the network in a Python file, or of the one in a run's folder."""
    if Path(word).is_dir():
        return _of_run(word, image, classes, batch)
    given = _image(word, image)
    from numeric.training.preparing import network_nodes  # local: start-up time

    made = network_nodes(word, classes or (IMAGENET if given[-1] >= HIGH else FEW))
    return summary(Path(word).stem, bound(made, given), given, batch)


def _image(word: str, image: str | None) -> Shape:
    """The shape of an image: as it is given, or as the preset assumes it."""
    if image is not None:
        return shape(image)
    if word.endswith(".py"):
        raise ValueError(f"say which images {word!r} is for: --input 1x28x28")
    return PRESETS.get(word).INPUT


def _of_run(word: str, image: str | None, classes: int | None, batch: int) -> Summary:
    """The run says itself what its images and classes are."""
    if image is not None or classes is not None:
        raise ValueError(f"the run in {word!r} has its input and classes: leave them out")
    from numeric.training.checkpoints import trained  # local: start-up time

    network, *_ = trained(Path(word))
    parts: Parts = network.parts
    return summary(word, parts, network.shape, batch)
