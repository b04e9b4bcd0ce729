"""The networks of Simonyan & Zisserman, which differ in their numbers of convolutions only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

#: channels of the five blocks
CHANNELS = (64, 128, 256, 512, 512)


def vgg(convolutions: Sequence[int], classes: int) -> list[Any]:
    """Five blocks of so many 3×3 convolutions, each followed by 2×2 pooling; three linear layers.

    Source: Simonyan & Zisserman, Very deep convolutional networks for large-scale image
    recognition (2015), table 1.
    """
    found = []
    for number, channels in zip(convolutions, CHANNELS, strict=True):
        found += [f"conv(kernel_size=3, padding=1) O={channels}", "relu"] * number
        found += ["maxpool(kernel_size=2)"]
    dense = ["linear O=4096", "relu", "dropout(p=0.5)"]
    return [*found, "flatten", *dense, *dense, f"linear O={classes}"]


def recipe() -> dict[str, Any]:
    """The paper's section 3.1; weights after He in place of those of a smaller network."""
    return {
        "epochs": 74,
        "batch": 256,
        "rate": 0.01,
        "optimiser": "sgd(momentum=0.9, decay=5e-4)",
        "schedule": "step(every=0.25, gamma=0.1)",
        "augment": ("crop(pixels=16)", "flip", "colour(sigma=0.1)"),
    }
