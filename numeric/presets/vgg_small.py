"""VGG's pattern at a size that trains on one core, with batch-norm."""

from __future__ import annotations

from typing import Any

SUMMARY = "3×3 convolutions with batch-norm, 16 | 32, 32 | 64, each block halved; dropout"
INPUT = (3, 32, 32)


def layers(classes: int) -> list[Any]:
    """For images of at least 8×8.  After Simonyan & Zisserman (2015) and Ioffe & Szegedy (2015)."""
    return [
        *block(16),
        *block(32, 32),
        *block(64),
        "flatten",
        "dropout(p=0.25)",
        "linear O=128",
        "relu",
        f"linear O={classes}",
    ]


def block(*channels: int) -> list[str]:
    """Convolutions with so many channels, then half the size; the norm makes a bias needless."""
    found = []
    for count in channels:
        found += [f"conv(kernel_size=3, padding=1, bias=False) O={count}", "batchnorm", "relu"]
    return [*found, "maxpool(kernel_size=2)"]


def recipe(shape: tuple[int, ...], images: int) -> dict[str, Any]:
    """Colour images, of which there are few, have more of what holds the network back."""
    if shape[0] == 3:
        changes = ("flip", f"crop(pixels={max(1, shape[1] // 8)})")
        more = {"smoothing": 0.1, "optimiser": "nesterov(decay=1e-3)", "augment": changes}
        return {"epochs": 40 if images < 20000 else 10, "batch": 64, "rate": 0.08, **more}
    if shape[1] < 16:
        return {"epochs": 40, "augment": ("affine(degrees=10, shift=0.7, scale=0.1)",)}
    few = images < 20000
    change = ("flip", "crop(pixels=2)") if not few else ("affine(degrees=12, shift=2)",)
    return {"epochs": 20 if few else 8, "batch": 64, "rate": 0.05, "augment": change}
