"""VGG-11: configuration A of Simonyan & Zisserman."""

from __future__ import annotations

from typing import Any

from numeric.networks import vgg

SUMMARY = "VGG with 8 convolutions (configuration A); 224×224"
INPUT = (3, 224, 224)


def layers(classes: int) -> list[Any]:
    """For images of at least 32×32."""
    return vgg.vgg((1, 1, 2, 2, 2), classes)


def recipe(shape: tuple[int, ...], images: int) -> dict[str, Any]:
    """The paper's."""
    return vgg.recipe()
