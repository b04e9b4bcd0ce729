"""Backward functions that are right, written in as many ways as people write them."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view


def loops(g, x, k):
    dx, dk = np.zeros_like(x), np.zeros_like(k)
    for r, c in np.ndindex(g.shape):
        window = np.s_[r : r + k.shape[0], c : c + k.shape[1]]
        dx[window] += g[r, c] * k
        dk += g[r, c] * x[window]
    return dx, dk


def einsum_k(g, x):
    return np.einsum("rc,abrc->ab", g, sliding_window_view(x, g.shape))


def strided_view_k(g, x, k):
    return np.tensordot(as_strided(x, k.shape + g.shape, x.strides * 2), g, 2)


def fourier_x(dout, kernel):
    shape = [a + b - 1 for a, b in zip(dout.shape, kernel.shape, strict=True)]
    return np.fft.irfft2(np.fft.rfft2(dout, shape) * np.fft.rfft2(kernel, shape), shape)


def lists_x(g, k):
    """Nested lists, no NumPy at all."""
    rows, columns = len(g) + len(k) - 1, len(g[0]) + len(k[0]) - 1
    dx = [[0.0] * columns for _ in range(rows)]
    for r, row in enumerate(g):
        for c, value in enumerate(row):
            for a, line in enumerate(k):
                for b, weight in enumerate(line):
                    dx[r + a][c + b] += float(value * weight)
    return dx


def single_precision_x(g, k):
    dx = np.zeros([a + b - 1 for a, b in zip(g.shape, k.shape, strict=True)], np.float32)
    for a, b in np.ndindex(k.shape):
        dx[a : a + g.shape[0], b : b + g.shape[1]] += g * k[a, b]
    return dx


def any_stride(g, x, k, stride=1, padding=0, dilation=1):
    padded = np.pad(x, padding)
    dx, dk = np.zeros_like(padded), np.zeros_like(k)
    lengths = [stride * (n - 1) + 1 for n in g.shape]
    for a, b in np.ndindex(k.shape):
        i, j = dilation * a, dilation * b
        taken = np.s_[i : i + lengths[0] : stride, j : j + lengths[1] : stride]
        dx[taken] += g * k[a, b]
        dk[a, b] = (g * padded[taken]).sum()
    inside = tuple(slice(padding, padding + n) for n in x.shape)
    return {"dx": dx[inside], "dk": dk}


def grouped(grad_output, input, weight, bias, *, stride, padding, groups):
    """Named as in a well-known library."""
    dx = np.pad(np.zeros_like(input), ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    padded = np.pad(input, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    dw = np.zeros_like(weight)
    inner, outer = weight.shape[1], weight.shape[0] // groups
    lengths = [stride * (n - 1) + 1 for n in grad_output.shape[2:]]
    for group in range(groups):
        channels = slice(group * inner, (group + 1) * inner)
        own = slice(group * outer, (group + 1) * outer)
        for a, b in np.ndindex(weight.shape[2:]):
            taken = np.s_[:, channels, a : a + lengths[0] : stride, b : b + lengths[1] : stride]
            dx[taken] += np.einsum("norc,oi->nirc", grad_output[:, own], weight[own, :, a, b])
            dw[own, :, a, b] = np.einsum("norc,nirc->oi", grad_output[:, own], padded[taken])
    height, width = input.shape[2:]
    inside = dx[:, :, padding : padding + height, padding : padding + width]
    return inside, dw, grad_output.sum((0, 2, 3))


def pooling(g, x, kernel_size, s):
    dx = np.zeros_like(x)
    for r, c in np.ndindex(g.shape[2:]):
        rows, columns = (slice(i * s, i * s + n) for i, n in zip((r, c), kernel_size, strict=True))
        dx[:, :, rows, columns] += g[:, :, r : r + 1, c : c + 1] / np.prod(kernel_size)
    return dx


def maximum(g, x, K, s):
    dx = np.zeros_like(x)
    for n, c, r in np.ndindex(g.shape):
        dx[n, c, s * r + np.argmax(x[n, c, s * r : s * r + K])] += g[n, c, r]
    return dx


def cross_entropy(g, x, t):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    p[np.arange(len(t)), t] -= 1
    return g * p / len(t)


def normalised(g, x, eps):
    deviation = np.sqrt(x.var(axis=0) + eps)
    y = (x - x.mean(axis=0)) / deviation
    return (g - g.mean(axis=0) - y * (g * y).mean(axis=0)) / deviation


def rectifier(g, x):
    return g * (x > 0)


def rectifier_at_zero(g, x):
    """Right but at the kink, where it takes the other branch."""
    return g * (x >= 0)


def looked_up_w(g, t, w):
    dw = np.zeros_like(w)
    np.add.at(dw, t, g)
    return dw


def reshaped(g, x_shape):
    return g.reshape(x_shape)


def from_result(g, y):
    """The derivative of tanh from its value."""
    return g * (1 - y * y)


def any_names(p, q, r):
    return q, r, p
