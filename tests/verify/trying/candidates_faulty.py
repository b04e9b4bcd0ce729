"""Backward functions with the bugs that real projects shipped, one each; only ever run as files."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

# --- convolution: y[r, c] = sum[a, b] x[s1*r + d*a - p, s2*c + d*b - p]*k[a, b] ------------------


def correct(g, x, k, stride=(1, 1), padding=0, dilation=1, row_offset=0):
    """What the faulty ones below get wrong: scattered into a wide border, which is then cut off."""
    border = padding + 2
    wide = np.pad(x, border)
    dx, dk = np.zeros_like(wide), np.zeros_like(k)
    for r, c in np.ndindex(g.shape):
        for a, b in np.ndindex(k.shape):
            i = stride[0] * r + dilation * a + border - padding + row_offset
            j = stride[1] * c + dilation * b + border - padding
            if i < wide.shape[0] and j < wide.shape[1]:
                dx[i, j] += g[r, c] * k[a, b]
                dk[a, b] += g[r, c] * wide[i, j]
    return dx[border : border + x.shape[0], border : border + x.shape[1]], dk


def kernel_not_flipped_x(g, k):
    height, width = k.shape
    padded = np.pad(g, ((height - 1, height - 1), (width - 1, width - 1)))
    return np.einsum("pqab,ab->pq", sliding_window_view(padded, k.shape), k)


def kernel_gradient_flipped_k(g, x):
    return np.einsum("rc,abrc->ab", g, sliding_window_view(x, g.shape))[::-1, ::-1]


def windows_overwritten(g, x, k):
    dx, dk = np.zeros_like(x), np.zeros_like(k)
    for r, c in np.ndindex(g.shape):
        window = np.s_[r : r + k.shape[0], c : c + k.shape[1]]
        dx[window] = g[r, c] * k
        dk += g[r, c] * x[window]
    return dx, dk


def offsets_overwritten_x(g, x, k):
    dx = np.zeros_like(x)
    for a, b in np.ndindex(k.shape):
        dx[a : a + g.shape[0], b : b + g.shape[1]] = g * k[a, b]
    return dx


def floor_instead_of_divisible_x(g, x, k, s):
    dx = np.zeros_like(x)
    for p, q in np.ndindex(x.shape):
        for a, b in np.ndindex(k.shape):
            r, c = (p - a) // s, (q - b) // s
            if 0 <= r < g.shape[0] and 0 <= c < g.shape[1]:
                dx[p, q] += g[r, c] * k[a, b]
    return dx


def rows_lost_x(g, x, k, s):
    rows, columns = ((n - 1) * s + size for n, size in zip(g.shape, k.shape, strict=True))
    return correct(g, x, k, (s, s))[0][:rows, :columns]


def height_and_width_exchanged(g, x, k, stride):
    return correct(g, x, k, stride[::-1])


def stride_ignored(g, x, k, s):
    return correct(g, x, k)


def dilation_ignored(g, x, k, s, d):
    return correct(g, x, k, (s, s))


def padding_off_by_one(g, x, k, p):
    return correct(g, x, k, padding=p, row_offset=1)


def padding_ignored_k(g, x, k, p):
    return correct(g, x, k)[1]


def padding_kept_x(g, x, k, p):
    dx = np.zeros((x.shape[0] + 2 * p, x.shape[1] + 2 * p))
    for a, b in np.ndindex(k.shape):
        dx[a : a + g.shape[0], b : b + g.shape[1]] += g * k[a, b]
    return dx


def sign_reversed_x(g, x, k):
    return -correct(g, x, k)[0]


def factor_two_x(g, x, k):
    return 2 * correct(g, x, k)[0]


def averaged_k(g, x, k):
    return correct(g, x, k)[1] / g.size


def wrong_order(g, x, k):
    return correct(g, x, k)[::-1]


def cut_off_x(g, x, k):
    dx = np.zeros(x.shape, dtype=int)
    for a, b in np.ndindex(k.shape):
        dx[a : a + g.shape[0], b : b + g.shape[1]] += (g * k[a, b]).astype(int)
    return dx


# --- convolution with channels --------------------------------------------------------------------


def groups_sliced_wrongly_k(g, x, k, groups):
    dk = np.zeros_like(k)
    rows, columns = g.shape[2:]
    for o, i, a, b in np.ndindex(k.shape):
        dk[o, i, a, b] = (g[:, o] * x[:, i, a : a + rows, b : b + columns]).sum()
    return dk


def bias_summed_wrongly_b(g):
    return g.sum(axis=(0, 1, 3))


def bias_not_summed_b(g):
    return g.sum(axis=0)


# --- other layers ---------------------------------------------------------------------------------


def pooling_overwritten(g, x, K1, K2, s):
    dx = np.zeros_like(x)
    for r, c in np.ndindex(g.shape[2:]):
        window = np.s_[:, :, r * s : r * s + K1, c * s : c * s + K2]
        dx[window] = g[:, :, r : r + 1, c : c + 1] / (K1 * K2)
    return dx


def maximum_overwritten(g, x, K, s):
    dx = np.zeros_like(x)
    for n, c, r in np.ndindex(g.shape):
        dx[n, c, s * r + np.argmax(x[n, c, s * r : s * r + K])] = g[n, c, r]
    return dx


def looked_up_once_w(g, t, w):
    dw = np.zeros_like(w)
    dw[t] += g
    return dw


def square_counted_once(g, x):
    return g * x


def neighbour_forgotten(g, x):
    dx = np.zeros_like(x)
    dx[:-1] = g * x[1:]
    return dx


def statistics_held_fixed_x(g, x, eps):
    return g * (x.var(axis=0) + eps) ** -0.5


def variance_held_fixed_x(g, x, eps):
    return (g - g.mean(axis=0)) * (x.var(axis=0) + eps) ** -0.5


def transposed_w(g, x):
    return x.T @ g


def keeps_an_axis_b(g):
    return g.sum(axis=0)[:, np.newaxis]


def same_on_both_sides(g, x, k):
    """Forward and backward wrong alike (both convolve), so that their own gradient check passes."""
    return correct(g, x, k[::-1, ::-1])
