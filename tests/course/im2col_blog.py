"""From the post "Convolution as one matrix product"."""

import numpy as np


def get_im2col_indices(x_shape, field_height, field_width, padding, stride):
    _, C, H, W = x_shape
    out_height = (H + 2 * padding - field_height) // stride + 1
    out_width = (W + 2 * padding - field_width) // stride + 1

    i0 = np.tile(np.repeat(np.arange(field_height), field_width), C)
    i1 = stride * np.repeat(np.arange(out_height), out_width)
    j0 = np.tile(np.arange(field_width), field_height * C)
    j1 = stride * np.tile(np.arange(out_width), out_height)
    i = i0.reshape(-1, 1) + i1.reshape(1, -1)
    j = j0.reshape(-1, 1) + j1.reshape(1, -1)
    k = np.repeat(np.arange(C), field_height * field_width).reshape(-1, 1)
    return k, i, j


def col2im_indices(cols, x_shape, field_height, field_width, padding, stride):
    N, C, H, W = x_shape
    x_padded = np.zeros((N, C, H + 2 * padding, W + 2 * padding), dtype=cols.dtype)
    k, i, j = get_im2col_indices(x_shape, field_height, field_width, padding, stride)
    np.add.at(x_padded, (slice(None), k, i, j), cols)
    if padding == 0:
        return x_padded
    return x_padded[:, :, padding:-padding, padding:-padding]


def conv_backward(dout, X, W, b, stride=1, padding=0):
    """Gradients of conv(X, W) + b, all from one column matrix."""
    n_filter, _, h_filter, w_filter = W.shape
    k, i, j = get_im2col_indices(X.shape, h_filter, w_filter, padding, stride)
    p = padding
    X_col = np.pad(X, ((0, 0), (0, 0), (p, p), (p, p)))[:, k, i, j]

    db = np.sum(dout, axis=(0, 2, 3)).reshape(b.shape)
    dout_rows = dout.reshape(dout.shape[0], n_filter, -1)
    dW = np.einsum("nfl,nml->fm", dout_rows, X_col).reshape(W.shape)
    dX_col = np.einsum("fm,nfl->nml", W.reshape(n_filter, -1), dout_rows)
    dX = col2im_indices(dX_col, X.shape, h_filter, w_filter, padding, stride)
    return dX, dW, db


def conv2d_backward(grad_out, x, kernel, stride=1, pad=0):
    """The same with a column array of six axes; returns the gradients of x and kernel."""
    n, c, h, w = x.shape
    _, _, kh, kw = kernel.shape
    _, _, oh, ow = grad_out.shape

    image = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    col = np.empty((n, c, kh, kw, oh, ow), x.dtype)
    for a in range(kh):
        for b in range(kw):
            rows, columns = slice(a, a + stride * oh, stride), slice(b, b + stride * ow, stride)
            col[:, :, a, b] = image[:, :, rows, columns]
    dkernel = np.tensordot(grad_out, col, ([0, 2, 3], [0, 4, 5]))

    dcol = np.tensordot(kernel, grad_out, ([0], [1])).transpose(3, 0, 1, 2, 4, 5)
    dimage = np.zeros_like(image)
    for a in range(kh):
        for b in range(kw):
            rows, columns = slice(a, a + stride * oh, stride), slice(b, b + stride * ow, stride)
            dimage[:, :, rows, columns] = dcol[:, :, a, b]
    return dimage[:, :, pad : pad + h, pad : pad + w], dkernel
