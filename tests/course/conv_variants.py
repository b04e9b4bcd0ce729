"""Grouped, depthwise, channels-last and transposed convolutions."""

import numpy as np


def group_conv_backward(g, x, w, groups=1):
    """x (N, C, H, W), w (F, C/groups, h, w); stride 1."""
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    cin, cout = x.shape[1] // groups, w.shape[0] // groups
    kh, kw = w.shape[2:]
    for q in range(groups):
        ins, outs = slice(q * cin, (q + 1) * cin), slice(q * cout, (q + 1) * cout)
        for i in range(g.shape[2]):
            for j in range(g.shape[3]):
                gij = g[:, outs, i, j]
                dw[outs] += np.einsum("no,nchw->ochw", gij, x[:, ins, i : i + kh, j : j + kw])
                dx[:, ins, i : i + kh, j : j + kw] += np.einsum("no,ochw->nchw", gij, w[outs])
    return dx, dw


def grouped_backward(dout, x, w, b, stride=1, groups=1):
    """Gradients of a grouped convolution with bias."""
    s = stride
    kh, kw = w.shape[-2:]
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    db = np.einsum("nohw->o", dout)
    for q in range(groups):
        xq, wq, dq = x[:, q::groups], w[q::groups], dout[:, q::groups]
        for i, j in np.ndindex(dout.shape[2:]):
            rows, cols = slice(s * i, s * i + kh), slice(s * j, s * j + kw)
            dw[q::groups] += np.einsum("no,nchw->ochw", dq[:, :, i, j], xq[:, :, rows, cols])
            dx[:, q::groups, rows, cols] += np.einsum("no,ochw->nchw", dq[:, :, i, j], wq)
    return dx, dw, db


def depthwise_backward(upstream, x, k, stride=1):
    """One filter for each channel, channels last: x (N, H, W, C), k (h, w, C)."""
    kh, kw, _ = k.shape
    _, oh, ow, _ = upstream.shape
    dx, dk = np.zeros_like(x), np.zeros_like(k)
    for a in range(kh):
        for b in range(kw):
            rows = slice(a, a + stride * (oh - 1) + 1, stride)
            cols = slice(b, b + stride * (ow - 1) + 1, stride)
            dk[a, b] = (upstream * x[:, rows, cols]).sum(axis=(0, 1, 2))
            dx[:, rows, cols] += upstream * k[a, b]
    return dx, dk


def conv_nhwc_backward(dy, x, w, b):
    """Stride 2, no padding, everything channels last: x (N, H, W, C), w (h, w, C, F)."""
    h, v = w.shape[:2]
    dx = np.zeros_like(x)
    dw = np.zeros_like(w)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            patch = x[:, 2 * i : 2 * i + h, 2 * j : 2 * j + v, :]
            dw += np.tensordot(patch, dy[:, i, j, :], axes=([0], [0]))
            dx[:, 2 * i : 2 * i + h, 2 * j : 2 * j + v, :] += np.tensordot(
                dy[:, i, j, :], w, axes=([1], [3])
            )
    db = dy.sum(axis=(0, 1, 2)).reshape(b.shape)
    return dx, dw, db


def conv_hwio_backward(dout, x, w, stride=1):
    """Channels last: x (N, H, W, C), w (kh, kw, C, F), valid padding."""
    kh, kw, _, _ = w.shape
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            top, left = i * stride, j * stride
            d = dout[:, i, j]
            dw += np.einsum("nhwc,nf->hwcf", x[:, top : top + kh, j : j + kw], d)
            dx[:, top : top + kh, left : left + kw] += np.einsum("hwcf,nf->nhwc", w, d)
    return dx, dw


def conv2d_backward(dout, x, w, stride, pad):
    """dL/dx and dL/dw of a convolution without bias."""
    N, C, W, H = x.shape
    _, _, kh, kw = w.shape
    dxp = np.zeros((N, C, x.shape[2] + 2 * pad, x.shape[3] + 2 * pad))
    dw = np.zeros_like(w)
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            hs, ws = i * stride, j * stride
            for n in range(N):
                for f in range(w.shape[0]):
                    dw[f] += dout[n, f, i, j] * xp[n, :, hs : hs + kh, ws : ws + kw]
                    dxp[n, :, hs : hs + kh, ws : ws + kw] += dout[n, f, i, j] * w[f]
    return dxp[:, :, pad : pad + H, pad : pad + W], dw


def same_conv_backward(g, x, w):
    """The output is as large as the input ("same" padding, stride 1)."""
    H, W = x.shape[2:]
    kh, kw = w.shape[2:]
    top, left = kh // 2, kw // 2
    xp = np.zeros((x.shape[0], x.shape[1], H + kh - 1, W + kw - 1))
    xp[:, :, top : top + H, left : left + W] = x
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for a in range(kh):
        for b in range(kw):
            dw[:, :, a, b] = np.einsum("nohw,nchw->oc", g, xp[:, :, a : a + H, b : b + W])
            dxp[:, :, a : a + H, b : b + W] += np.einsum("nohw,oc->nchw", g, w[:, :, a, b])
    return dxp[:, :, top : top + H, left : left + W], dw


def conv_transpose2d_backward(dout, x, w, stride=1, padding=0):
    """w is (C_in, C_out, kh, kw), as in PyTorch."""
    s, p = stride, padding
    kh, kw = w.shape[2:]
    H, W = x.shape[2:]
    d = np.zeros((*dout.shape[:2], s * (H - 1) + kh, s * (W - 1) + kw))
    d[:, :, p : p + dout.shape[2], p : p + dout.shape[3]] = dout
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(H):
        for j in range(W):
            window = d[:, :, s * i : s * i + kh, s * j : s * j + kw]
            dx[:, :, i, j] = np.einsum("nohw,cohw->nc", window, w)
            dw += np.einsum("nc,nohw->cohw", x[:, :, i, j], window)
    return dx, dw


def deconv1d_backward(grad, x, k, stride=1):
    """Upsampling convolution in one dimension."""
    dx = np.zeros_like(x)
    dk = np.zeros_like(k)
    for i in range(x.shape[2]):
        for a in range(k.shape[2]):
            column = grad[:, :, stride * i + a]
            dx[:, :, i] += column @ k[:, :, a].T
            dk[:, :, a] += x[:, :, i].T @ column
    return {"grad_k": dk, "grad_x": dx}


def deconv2d_backward(dy, x, k, stride=2):
    """A single image and a single filter."""
    kh, kw = k.shape
    dx, dk = np.zeros(x.shape), np.zeros(k.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            dk += x[i, j] * dy[i * stride : i * stride + kh, j * stride : j * stride + kw]
            dx[i, j] = np.sum(k * dy[i : i + kh, j : j + kw])
    return dx, dk
