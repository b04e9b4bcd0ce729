"""Backward functions with one typical mistake each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def softmax(x: Array, axis: int = -1) -> Array:
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


# --- softmax and its relatives --------------------------------------------------------------------


def softmax_diagonal(g: Array, x: Array) -> Array:
    y = softmax(x)
    return g * y * (1 - y)


def log_softmax_diagonal(g: Array, x: Array) -> Array:
    return g * (1 - softmax(x))


def softmax_held(g: Array, x: Array) -> Array:
    return g * softmax(x)


def log_softmax_held(g: Array, x: Array) -> Array:
    return g


def softmax_axis(g: Array, x: Array) -> Array:
    y = softmax(x, 0)
    return y * (g - (g * y).sum(0, keepdims=True))


def log_softmax_axis(g: Array, x: Array) -> Array:
    return g - softmax(x, 0) * g.sum(0, keepdims=True)


# --- losses ---------------------------------------------------------------------------------------


def cross_entropy_undivided(g: Array, x: Array, t: Array) -> Array:
    return g * (softmax(x) - np.eye(x.shape[1])[t])


def cross_entropy_twice(g: Array, x: Array, t: Array) -> Array:
    return g * (softmax(x) - np.eye(x.shape[1])[t]) / len(x) ** 2


def mse_undivided(g: Array, x: Array, t: Array) -> dict[str, Array]:
    return {"x": 2 * g * (x - t)}


def mse_twice(g: Array, x: Array, t: Array) -> dict[str, Array]:
    return {"x": 2 * g * (x - t) / x.size**2}


# --- normalisation --------------------------------------------------------------------------------


def normalised(x: Array, axes: Any, eps: Any, ddof: int = 0) -> tuple[Array, Array]:
    m = x.mean(axes, keepdims=True)
    count = x.size // m.size - ddof
    with np.errstate(all="ignore"):
        v = ((x - m) ** 2).sum(axes, keepdims=True) / np.float64(count)
        s = np.sqrt(v + float(eps))
        return (x - m) / s, s


def compact(d: Array, h: Array, s: Array, axes: Any, mean: Any = np.mean) -> Array:
    """The gradient of a normalisation: d without its mean and its part along h."""
    return (d - mean(d, axes, keepdims=True) - h * mean(d * h, axes, keepdims=True)) / s


def batchnorm_constant(g: Array, x: Array, w: Array, b: Array, eps: Any) -> dict[str, Array]:
    _, s = normalised(x, 0, eps)
    return {"x": g * w / s}


def layernorm_constant(g: Array, x: Array, w: Array, b: Array, eps: Any) -> dict[str, Array]:
    _, s = normalised(x, 1, eps)
    return {"x": g * w / s}


def batchnorm_mean_only(g: Array, x: Array, w: Array, b: Array, eps: Any) -> dict[str, Array]:
    _, s = normalised(x, 0, eps)
    return {"x": (g * w - (g * w).mean(0)) / s}


def layernorm_mean_only(g: Array, x: Array, w: Array, b: Array, eps: Any) -> dict[str, Array]:
    _, s = normalised(x, 1, eps)
    return {"x": (g * w - (g * w).mean(1, keepdims=True)) / s}


def batchnorm_deviation_only(g: Array, x: Array, w: Array, b: Array, eps: Any) -> dict[str, Array]:
    h, s = normalised(x, 0, eps)
    return {"x": (g * w - h * (g * w * h).mean(0)) / s}


def rmsnorm_constant(g: Array, x: Array, w: Array, eps: Any) -> dict[str, Array]:
    return {"x": g * w / np.sqrt((x**2).mean(1, keepdims=True) + float(eps))}


def groupnorm_constant(g: Array, x: Array, w: Array, b: Array, eps: Any) -> dict[str, Array]:
    """Two groups of channels."""
    _, s = normalised(x.reshape(len(x), 2, -1), 2, eps)
    return {"x": g * w / s.repeat(x.shape[1] // 2, 1).reshape(x.shape)}


def groupnorm_axes(g: Array, x: Array, w: Array, b: Array, eps: Any) -> dict[str, Array]:
    """All channels in one group."""
    h, s = normalised(x, 1, eps)
    return {"x": compact(g * w, h, s, 1)}


def batchnorm_unbiased(g: Array, x: Array, w: Array, b: Array, eps: Any) -> dict[str, Array]:
    h, s = normalised(x, 0, eps, ddof=1)
    return {"x": compact(g * w, h, s, 0)}


def layernorm_unbiased(g: Array, x: Array, w: Array, b: Array, eps: Any) -> dict[str, Array]:
    """The whole gradient of a layer with the unbiased variance."""
    h, s = normalised(x, 1, eps, ddof=1)
    d, n = g * w, x.shape[1]
    inner = (d * h).sum(1, keepdims=True) / (n - 1)
    return {"x": (d - d.mean(1, keepdims=True) - h * inner) / s}


def batchnorm_sums(g: Array, x: Array, w: Array, b: Array, eps: Any) -> dict[str, Array]:
    """Sums in the place of means."""
    h, s = normalised(x, 0, eps)
    return {"x": compact(g * w, h, s, 0, np.sum)}


def layernorm_sums(g: Array, x: Array, w: Array, b: Array, eps: Any) -> dict[str, Array]:
    h, s = normalised(x, 1, eps)
    return {"x": compact(g * w, h, s, 1, np.sum)}


def batchnorm_axes(g: Array, x: Array, w: Array, b: Array, eps: Any) -> dict[str, Array]:
    h, s = normalised(x, 1, eps)
    return {"x": compact(g * w, h, s, 1)}


def layernorm_axes(g: Array, x: Array, w: Array, b: Array, eps: Any) -> dict[str, Array]:
    h, s = normalised(x, 0, eps)
    return {"x": compact(g * w, h, s, 0)}


def layernorm_gradient_axes(g: Array, x: Array, w: Array, b: Array, eps: Any) -> dict[str, Array]:
    """The right statistics; in the gradient means over the batch, as in a batch normalisation."""
    h, s = normalised(x, 1, eps)
    return {"x": compact(g * w, h, s, 0)}


def batchnorm_image_axes(g: Array, x: Array, w: Array, b: Array, eps: Any) -> dict[str, Array]:
    """The batch alone where the space counts, too; in the gradient alone."""
    h, s = normalised(x, (0, 2), eps)
    return {"x": compact(g * w[:, None], h, s, 0)}


# --- response normalisation over four channels ----------------------------------------------------


def response(x: Array, before: int, alpha: Any, k: Any) -> Array:
    q = np.empty(x.shape)
    for c in range(x.shape[1]):
        window = x[:, max(0, c - before) : max(0, c - before + 4)]
        q[:, c] = float(k) + float(alpha) / 4 * (window**2).sum(1)
    return q


def lrn(g: Array, x: Array, forward: int, back: int, alpha: Any, beta: Any, k: Any) -> Array:
    q, beta = response(x, forward, alpha, k), float(beta)
    inner, dx = g * x * q ** (-beta - 1), g * q**-beta
    for c in range(x.shape[1]):
        window = inner[:, max(0, c - back) : max(0, c - back + 4)]
        dx[:, c] -= float(alpha) * beta / 2 * x[:, c] * window.sum(1)
    return dx


def lrn_unmirrored(g: Array, x: Array, alpha: Any, beta: Any, k: Any) -> Array:
    return lrn(g, x, 2, 2, alpha, beta, k)


def lrn_shifted(g: Array, x: Array, alpha: Any, beta: Any, k: Any) -> Array:
    return lrn(g, x, 1, 2, alpha, beta, k)


def sums_shifted(g: Array, x: Array) -> Array:
    """Of windows of four entries around every entry."""
    padded = np.pad(g, (2, 1))
    return sum(padded[a : a + len(x)] for a in range(4))


# --- masks and pools ------------------------------------------------------------------------------


def dropout_unscaled(g: Array, x: Array, mask: Array) -> dict[str, Array]:
    return {"x": g * mask}


def dropout_twice(g: Array, x: Array, mask: Array, p: Any) -> dict[str, Array]:
    return {"x": g * mask / (1 - float(p)) ** 2}


def spread(g: Array, x: Array, pad: int, count: Any) -> Array:
    """Windows of 3 with stride 2 along the last axis; ``count(start, size)`` divides."""
    size = x.shape[2]
    dx = np.zeros(x.shape)
    for r in range(g.shape[2]):
        start = 2 * r - pad
        dx[:, :, max(0, start) : start + 3] += g[:, :, r : r + 1] / count(start, size)
    return dx


def avgpool_kernel(g: Array, x: Array) -> Array:
    """Padding counts, although it must not."""
    return spread(g, x, 1, lambda start, size: 3)


def avgpool_image(g: Array, x: Array) -> Array:
    """Padding does not count, although it must."""
    return spread(g, x, 1, lambda start, size: min(start + 3, size) - max(start, 0))


def avgpool_ceil(g: Array, x: Array) -> Array:
    """Windows that are cut off have the kernel's size."""
    return spread(g, x, 0, lambda start, size: 3)


def adaptive_equal(g: Array, x: Array, E: int) -> Array:
    dx, size = np.zeros(x.shape), x.shape[2]
    for r in range(E):
        part = slice(r * size // E, -(-(r + 1) * size // E))
        dx[:, :, part] += g[:, :, r : r + 1] / -(-size // E)
    return dx


def maxpool_ties(g: Array, x: Array) -> Array:
    dx = np.zeros(x.shape)
    for r in range(g.shape[2]):
        window = x[:, :, 2 * r : 2 * r + 2]
        largest = window == window.max(2, keepdims=True)
        dx[:, :, 2 * r : 2 * r + 2] += g[:, :, r : r + 1] * largest
    return dx


def largest_ties(g: Array, x: Array) -> Array:
    return g[:, None] * (x == x.max(1, keepdims=True))
