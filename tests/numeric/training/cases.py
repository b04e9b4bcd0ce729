"""Short trainings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from numeric.training.preparing import prepared
from numeric.training.state import Training

#: a network of every kind of layer that has a state of its own
SMALL = """
layers = [
    "conv(kernel_size=3, stride=2) O=3",
    "batchnorm",
    "relu",
    "flatten",
    "dropout(p=0.25)",
    "linear O=10",
]
RECIPE = {"epochs": 3, "batch": 32, "rate": 0.05, "augment": ["crop(pixels=1)"]}
"""


def images(folder: Path, count: int = 150) -> Path:
    """A file of small images of ten classes, each a bright spot at its own place, and noise."""
    rng = np.random.default_rng(0)
    y = np.arange(count) % 10
    x = rng.integers(0, 100, (count, 1, 6, 6))
    x[np.arange(count), 0, y // 5 * 3, y % 5] = 255
    path = folder / "spots.npz"
    np.savez(path, x=x.astype(np.uint8), y=y)
    return path


def network(folder: Path, text: str = SMALL) -> Path:
    """The file of a network of one's own."""
    path = folder / "own.py"
    path.write_text(text, encoding="utf-8")
    return path


def training(folder: Path, text: str = SMALL, **given: Any) -> Training:
    """A short training."""
    return prepared(str(network(folder, text)), str(images(folder)), given, threads=1)
