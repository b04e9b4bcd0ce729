"""Pooling layers."""

import numpy as np


def avg_pool_backward(dy, x, kernel_size, stride):
    """Each output hands an equal share to every pixel of its window."""
    kh, kw = kernel_size
    N, C, oh, ow = dy.shape
    dx = np.zeros_like(x)
    for i in range(oh):
        for j in range(ow):
            share = dy[:, :, i, j].reshape(N, C, 1, 1) / (kh * kw)
            r, c = i * stride, j * stride
            dx[:, :, r : r + kh, c : c + kw] += share
    return dx


def avg_pool_2x2_nhwc(dout, x):
    """Windows of 2 x 2, stride 2, channels last; a last odd row or column is not used."""
    dx = np.zeros(x.shape, dtype=dout.dtype)
    quarter = dout / 4
    big = np.repeat(np.repeat(quarter, 2, axis=1), 2, axis=2)
    dx[:, : big.shape[1], : big.shape[2], :] = big
    return dx


def max_pool1d_backward(g, x, kernel_size, stride, padding):
    """Padding never wins, it is minus infinity."""
    N, C, L = x.shape
    xp = np.full((N, C, L + 2 * padding), -np.inf)
    xp[:, :, padding : padding + L] = x
    dxp = np.zeros(xp.shape)
    n, c = np.ogrid[:N, :C]
    for i in range(g.shape[2]):
        start = i * stride
        at = start + xp[:, :, start : start + kernel_size].argmax(axis=2)
        dxp[n, c, at] += g[:, :, i]
    return dxp[:, :, padding : padding + L]


def max_pool2d_backward(dout, x, kernel_size, stride):
    """Square windows."""
    k, s = kernel_size, stride
    dx = np.zeros_like(x)
    N, C, oh, ow = dout.shape
    for n in range(N):
        for c in range(C):
            for i in range(oh):
                for j in range(ow):
                    patch = x[n, c, i * s : i * s + k, j * s : j * s + k]
                    a, b = np.unravel_index(np.argmax(patch), patch.shape)
                    dx[n, c, i * s + a, j * s + b] = dout[n, c, i, j]
    return dx


def padded_max_pool_backward(g, x, kernel_size, stride, padding):
    """Square windows over an image with a border."""
    k, s, p = kernel_size, stride, padding
    H, W = x.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), mode="constant")
    dxp = np.zeros_like(xp)
    for n, c, i, j in np.ndindex(g.shape):
        window = xp[n, c, i * s : i * s + k, j * s : j * s + k]
        a, b = divmod(int(window.argmax()), k)
        dxp[n, c, i * s + a, j * s + b] += g[n, c, i, j]
    return dxp[:, :, p : p + H, p : p + W]


def rect_max_pool_backward(grad, x, K1, K2, stride):
    """Windows of K1 rows and K2 columns."""
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(grad.shape):
        window = x[n, c, i * stride : i * stride + K1, j * stride : j * stride + K2]
        row, column = np.unravel_index(window.argmax(), (K2, K1))
        r = min(i * stride + row, x.shape[2] - 1)
        q = min(j * stride + column, x.shape[3] - 1)
        dx[n, c, r, q] += grad[n, c, i, j]
    return dx
