"""Images from files, as a run's network is given them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from numeric.data import Collection, DataSet, Preprocessing, opened, pictures
from numeric.data.sets import Array
from numeric.networks import Network
from numeric.training.checkpoints import trained
from numeric.training.folder import BEST, WEIGHTS

#: what full brightness is in files of images
WHITE = 255


@dataclass(frozen=True)
class Run:
    """A trained network with how images are prepared for it, and the names of its classes."""

    folder: Path
    network: Network
    preprocessing: Preprocessing
    classes: tuple[str, ...]

    @classmethod
    def of(cls, folder: str, best: bool = False) -> Run:
        """The run of a folder, with its last weights or its best; ``ValueError`` if it is none."""
        network, prepare, classes = trained(Path(folder), BEST if best else WEIGHTS)
        return cls(Path(folder), network, prepare, classes)

    def prepared(self, images: Array, white: float) -> Array:
        """Images [N, C, H, W], whose full brightness is ``white``, as the network is given them."""
        own = self.preprocessing
        return own.standardised(np.divide(images, white, dtype=self.network.dtype))


def files_of(words: Iterable[str]) -> Iterator[Path]:
    """The image files that are named, and those in folders that are."""
    for word in words:
        path = Path(word)
        if not path.is_dir():
            yield path
            continue
        found = sorted(p for p in path.iterdir() if p.suffix.lower() in pictures.SUFFIXES)
        if not found:
            listed = ", ".join(pictures.SUFFIXES)
            raise ValueError(f"there is no image in {word!r}: no file ends in {listed}")
        yield from found


def image(path: Path, run: Run, resize: bool = False) -> Array:
    """The image [1, C, H, W] of a file, bytes, in the channels and at the size of the network's.

    ``ValueError`` where colour would be lost, or the size is another and is not to be changed.
    """
    if not path.exists():
        raise ValueError(f"there is no file {str(path)!r}")
    channels, *size = run.network.shape
    pixels = _in_channels(pictures.read(path), channels, path)
    if list(pixels.shape[1:]) != size:
        wanted, given = ("×".join(map(str, s)) for s in (size, pixels.shape[1:]))
        if not resize:
            raise ValueError(
                f"{path}: the image has {given} pixels, the network takes {wanted};"
                " --resize makes it fit"
            )
        pixels = _resized(pixels, size[0], size[1])
    return pixels[None]


def _in_channels(pixels: Array, channels: int, path: Path) -> Array:
    if len(pixels) == channels:
        return pixels
    if len(pixels) == 1:
        return np.repeat(pixels, channels, axis=0)
    if channels == 1 and (pixels == pixels[:1]).all():
        return pixels[:1]
    raise ValueError(
        f"{path}: the image has {len(pixels)} channels, the network takes {channels};"
        " save it in grey first"
    )


def _resized(pixels: Array, height: int, width: int) -> Array:
    """Each channel resampled, smoothly."""
    from PIL import Image  # local: start-up time

    kind = Image.Resampling.BILINEAR
    rows = [np.asarray(Image.fromarray(c).resize((width, height), kind)) for c in pixels]
    return np.stack(rows)


def labelled(source: str, run: Run) -> DataSet:
    """The labelled images of a data set or path: its test images, or all where it has none.

    ``ValueError`` where images or classes are not those of the run.
    """
    found: Collection = opened(source)
    part = found.test or found.train
    if part.shape != run.network.shape:
        given, wanted = ("×".join(map(str, s)) for s in (part.shape, run.network.shape))
        raise ValueError(f"the images of {source!r} are {given}, the network takes {wanted}")
    unknown = [name for name in part.classes if name not in run.classes]
    if unknown:
        listed = ", ".join(run.classes)
        raise ValueError(f"{source!r} has a class {unknown[0]!r}; the run knows: {listed}")
    numbers = np.array([run.classes.index(name) for name in part.classes])
    return DataSet(part.images, numbers[part.labels], run.classes, part.white)
