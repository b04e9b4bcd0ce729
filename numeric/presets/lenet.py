"""LeNet-5 as it is taught today: ReLU and max pooling, convolutions that keep the image's size."""

from __future__ import annotations

from collections.abc import Mapping

import derive
from derive.language.definition import Layer

SUMMARY = "two 5×5 convolutions with max pooling, three fully connected layers"


def layers(classes: int) -> list[tuple[Layer, Mapping[str, int]]]:
    """For images of at least 4×4.  Source: LeCun, Bottou, Bengio & Haffner, Gradient-based
    learning applied to document recognition (1998), which has tanh, subsampling with weights, and
    a second convolution without padding that sees some of the channels only.
    """
    conv = derive.layer("conv", channels=True, kernel_size=5, padding="same")
    pool = derive.layer("maxpool", kernel_size=2)
    linear = derive.layer("linear")
    on_images, on_features = derive.layer("relu", dims=4), derive.layer("relu", dims=2)
    return [
        (conv, {"O": 6}),
        (on_images, {}),
        (pool, {}),
        (conv, {"O": 16}),
        (on_images, {}),
        (pool, {}),
        (derive.layer("flatten"), {}),
        (linear, {"O": 120}),
        (on_features, {}),
        (linear, {"O": 84}),
        (on_features, {}),
        (linear, {"O": classes}),
    ]
