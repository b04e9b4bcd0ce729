"""AlexNet, the network that won ImageNet's competition of 2012."""

from __future__ import annotations

from typing import Any

SUMMARY = "five convolutions in two groups, LRN, overlapping pooling, dropout; 227×227"
INPUT = (3, 227, 227)
#: α is divided by the window's size here, and not in the paper, which has 10⁻⁴
NORM = "lrn(size=5, alpha=5e-4, beta=0.75, k=2)"
POOL = "maxpool(kernel_size=3, stride=2)"


def layers(classes: int) -> list[Any]:
    """For images of at least 63×63.

    Source: Krizhevsky, Sutskever & Hinton, ImageNet classification with deep convolutional neural
    networks (2012), sections 3 and 4.2.  Its two halves, each on a graphics card of its own, are
    the groups; 227 is the size of image for which its first layer gives the 55×55 it speaks of.
    """
    return [
        "conv(kernel_size=11, stride=4) O=96",
        "relu",
        NORM,
        POOL,
        "conv(kernel_size=5, padding=2, groups=2) O=256",
        "relu",
        NORM,
        POOL,
        "conv(kernel_size=3, padding=1) O=384",
        "relu",
        "conv(kernel_size=3, padding=1, groups=2) O=384",
        "relu",
        "conv(kernel_size=3, padding=1, groups=2) O=256",
        "relu",
        POOL,
        "flatten",
        "dropout(p=0.5)",
        "linear O=4096",
        "relu",
        "dropout(p=0.5)",
        "linear O=4096",
        "relu",
        f"linear O={classes}",
    ]


def recipe(shape: tuple[int, ...], images: int) -> dict[str, Any]:
    """The paper's section 5: small weights, steps of 128 images, a rate that falls three times."""
    return {
        "epochs": 90,
        "batch": 128,
        "rate": 0.01,
        "optimiser": "sgd(momentum=0.9, decay=5e-4)",
        "schedule": "step(every=0.25, gamma=0.1)",
        "initial": "hundredth",
        "augment": ("crop(pixels=16)", "flip", "colour(sigma=0.1)"),
    }
