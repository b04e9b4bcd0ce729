"""A residual network at a size that trains on one core."""

from __future__ import annotations

from typing import Any

from numeric.networks import branches, residual

SUMMARY = "three residual blocks of two 3×3 convolutions with batch-norm: 16, 32, 64 channels"
INPUT = (3, 32, 32)


def layers(classes: int) -> list[Any]:
    """For images of any size.  After He, Zhang, Ren & Sun, Deep residual learning (2016)."""
    return [
        *convolution(16),
        "relu",
        residual(*convolution(16), "relu", *convolution(16)),
        "relu",
        *halving(32),
        *halving(64),
        "global_avgpool",
        f"linear O={classes}",
    ]


def convolution(channels: int, stride: int = 1) -> list[str]:
    """A 3×3 convolution and its norm, which makes a bias needless."""
    options = f"kernel_size=3, padding=1, stride={stride}, bias=False"
    return [f"conv({options}) O={channels}", "batchnorm"]


def halving(channels: int) -> list[Any]:
    """A block of half the size; what is added to it goes through a 1×1 convolution."""
    body = [*convolution(channels, 2), "relu", *convolution(channels)]
    shortcut = [f"conv(kernel_size=1, stride=2, bias=False) O={channels}", "batchnorm"]
    return [branches("add", body, shortcut), "relu"]


def recipe(shape: tuple[int, ...], images: int) -> dict[str, Any]:
    """Colour images are shifted and reflected, grey ones, which may be signs, shifted alone."""
    border = max(1, shape[1] // 8)
    changes = (
        (f"crop(pixels={border})", "flip")
        if shape[0] == 3
        else (f"crop(pixels={border // 2 or 1})",)
    )
    return {"epochs": 30 if images < 20000 else 8, "batch": 64, "rate": 0.1, "augment": changes}
