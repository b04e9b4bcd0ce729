"""AlexNet's ideas at a size that trains on one core."""

from __future__ import annotations

from typing import Any

SUMMARY = "AlexNet for small images: LRN, overlapping pooling, two groups, dropout"
INPUT = (3, 32, 32)
NORM = "lrn(size=5, alpha=5e-4, beta=0.75, k=2)"
POOL = "maxpool(kernel_size=3, stride=2, padding=1)"


def layers(classes: int) -> list[Any]:
    """For images of at least 4×4.  After Krizhevsky, Sutskever & Hinton (2012)."""
    return [
        "conv(kernel_size=5, padding=2) O=32",
        "relu",
        NORM,
        POOL,
        "conv(kernel_size=5, padding=2, groups=2) O=64",
        "relu",
        NORM,
        POOL,
        "conv(kernel_size=3, padding=1) O=96",
        "relu",
        "conv(kernel_size=3, padding=1, groups=2) O=64",
        "relu",
        POOL,
        "flatten",
        "dropout(p=0.5)",
        "linear O=256",
        "relu",
        "dropout(p=0.5)",
        "linear O=128",
        "relu",
        f"linear O={classes}",
    ]


def recipe(shape: tuple[int, ...], images: int) -> dict[str, Any]:
    """Colour images are shifted and reflected, grey ones, which may be signs, shifted alone."""
    changes = ("crop(pixels=4)", "flip") if shape[0] == 3 else ("crop(pixels=1)",)
    return {"epochs": 30 if images < 20000 else 10, "augment": changes}
