"""Convolutions of signals and of single images, without any framework."""

import numpy as np


def correlate2d(image, kernel):
    """Every place at which the kernel lies inside the image."""
    rows = image.shape[0] - kernel.shape[0] + 1
    columns = image.shape[1] - kernel.shape[1] + 1
    out = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            out[i, j] = (image[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel).sum()
    return out


def conv2d_backward_full(grad_output, x, kernel):
    """dL/dx is the full convolution of the gradient with the kernel turned by 180 degrees."""
    kh, kw = kernel.shape
    padded = np.pad(grad_output, ((kh - 1, kh - 1), (kw - 1, kw - 1)))
    dx = correlate2d(padded, kernel[::-1, ::-1])
    dkernel = correlate2d(x, grad_output)
    return dx, dkernel


def full_convolution_gradients(dy, img, filt):
    """Gradients with respect to the image and to the filter."""
    fh, fw = filt.shape
    dfilt = correlate2d(img, dy)
    border = np.pad(dy, ((fh - 1, fh - 1), (fw - 1, fw - 1)))
    dimg = correlate2d(border, np.flipud(filt))
    return dimg, dfilt


def stride2_backward(g, x, k):
    """For stride 2: zeros between the entries of g make it a convolution of stride 1."""
    up = np.zeros((2 * g.shape[0] - 1, 2 * g.shape[1] - 1))
    up[::2, ::2] = g
    a, b = k.shape
    dk = correlate2d(x, up)[:a, :b]
    dx = correlate2d(np.pad(up, ((a - 1,), (b - 1,))), np.rot90(k, 2))
    return dx, dk


def conv1d_backward(g, x, weight, stride=1, dilation=1):
    """x is (batch, channels, length), weight is (filters, channels, taps)."""
    _, _, taps = weight.shape
    length = g.shape[2]
    dx = np.zeros_like(x)
    dweight = np.zeros_like(weight)
    for t in range(taps):
        first = t * dilation
        idx = first + stride * np.arange(length)
        dweight[:, :, t] = np.einsum("nfl,ncl->fc", g, x[:, :, idx])
        dx[:, :, idx] += np.einsum("nfl,fc->ncl", g, weight[:, :, t])
    return dx, dweight


def dilated_conv1d_grads(dout, x, w, b, stride, pad, dilation):
    """Gradients of a dilated convolution, as a dictionary."""
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad)))
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for r in range(dout.shape[-1]):
        for a in range(w.shape[-1]):
            at = r * stride + a * dilation
            dw[:, :, a] += dout[:, :, r].T @ xp[:, :, r * stride + a]
            dxp[:, :, at] += dout[:, :, r] @ w[:, :, a]
    return {"dx": dxp[:, :, pad : pad + x.shape[-1]], "dk": dw, "db": dout.sum(axis=(0, 2))}


def padded_conv1d_backward(dout, x, w, pad=1):
    """Stride 1; pad zeros on both sides."""
    x_padded = np.pad(x, ((0, 0), (0, 0), (pad, pad)), "constant")
    dx_padded = np.zeros_like(x_padded)
    dw = np.zeros_like(w)
    k = w.shape[2]
    for i in range(dout.shape[2]):
        piece = dout[:, :, i]
        dw += np.einsum("no,nck->ock", piece, x_padded[:, :, i : i + k])
        dx_padded[:, :, i : i + k] += np.einsum("no,ock->nck", piece, w)
    dx = dx_padded[:, :, pad:-pad]
    return dx, dw
