"""VGG-19: configuration E of Simonyan & Zisserman."""

from __future__ import annotations

from typing import Any

from numeric.networks import vgg

SUMMARY = "VGG with 16 convolutions (configuration E); 224×224"
INPUT = (3, 224, 224)


def layers(classes: int) -> list[Any]:
    """For images of at least 32×32."""
    return vgg.vgg((2, 2, 4, 4, 4), classes)


def recipe(shape: tuple[int, ...], images: int) -> dict[str, Any]:
    """The paper's."""
    return vgg.recipe()
