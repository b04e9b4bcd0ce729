"""LeNet-5 as it is taught today: ReLU and max pooling, convolutions that keep the image's size."""

from __future__ import annotations

from typing import Any

SUMMARY = "two 5×5 convolutions with max pooling, three fully connected layers"
INPUT = (1, 28, 28)


def layers(classes: int) -> list[Any]:
    """For images of at least 4×4.  Source: LeCun, Bottou, Bengio & Haffner, Gradient-based
    learning applied to document recognition (1998), which has tanh, subsampling with weights, and
    a second convolution without padding that sees some of the channels only.
    """
    return [
        "conv(kernel_size=5, padding=same) O=6",
        "relu",
        "maxpool(kernel_size=2)",
        "conv(kernel_size=5, padding=same) O=16",
        "relu",
        "maxpool(kernel_size=2)",
        "flatten",
        "linear O=120",
        "relu",
        "linear O=84",
        "relu",
        f"linear O={classes}",
    ]


def recipe(shape: tuple[int, ...], images: int) -> dict[str, Any]:
    """Grey images may be turned and shifted a little: as far as suits their size."""
    small = shape[1] < 16
    change = "affine(degrees=10, shift=0.7, scale=0.1)" if small else "affine(degrees=12, shift=2)"
    return {"epochs": 40 if small else 30, "augment": (change,)}
