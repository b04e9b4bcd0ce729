"""Layers of the second assignment, written against the course's calling convention."""

import numpy as np


def affine_backward(dout, cache):
    """Backward pass of an affine layer; cache is (x, w, b)."""
    x, w, _ = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    db = np.sum(dout, axis=0)
    return dx, dw, db


def conv_backward_naive(dout, cache):
    """Backward pass of a convolution; cache is (x, w, b, conv_param)."""
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, _, H, W = x.shape
    F, _, HH, WW = w.shape
    _, _, H_out, W_out = dout.shape

    x_pad = np.pad(x, ((0,), (0,), (pad,), (pad,)), mode="constant")
    dx_pad = np.zeros_like(x_pad)
    dw = np.zeros_like(w)
    db = np.zeros_like(b)
    for n in range(N):
        for f in range(F):
            db[f] += dout[n, f].sum()
            for i in range(H_out):
                for j in range(W_out):
                    hs, ws = i * stride, j * stride
                    dw[f] += dout[n, f, i, j] * x_pad[n, :, hs : hs + HH, ws : ws + WW]
                    dx_pad[n, :, hs : hs + HH, ws : ws + WW] += dout[n, f, i, j] * w[f]
    dx = dx_pad[:, :, pad : pad + H, pad : pad + W]
    return dx, dw, db


def conv_backward_vectorised(dout, cache):
    """Backward pass of a convolution with fewer loops; cache is (x, w, b, conv_param)."""
    x, w, _, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    N, _, H, W = x.shape
    _, _, HH, WW = w.shape

    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    dxp = np.zeros(xp.shape)
    dw = np.zeros(w.shape)
    db = dout.sum(axis=(1, 2, 3))
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            d = dout[:, :, i, j]
            patch = xp[:, :, i * s : i * s + HH, j * s : j * s + WW]
            dw += np.tensordot(d, patch, axes=(0, 0)) / N
            dxp[:, :, i * s : i * s + HH, j * s : j * s + WW] += np.tensordot(d, w, axes=(1, 0))
    return dxp[:, :, p : H + p, p : W + p], dw, db


def max_pool_backward_naive(dout, cache):
    """Backward pass of max pooling; cache is (x, pool_param)."""
    x, pool_param = cache
    HH, WW, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H_out, W_out = dout.shape
    dx = np.zeros_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    window = x[n, c, i * s : i * s + HH, j * s : j * s + WW]
                    mask = window == np.max(window)
                    dx[n, c, i * s : i * s + HH, j * s : j * s + WW] += mask * dout[n, c, i, j]
    return dx


def batchnorm_forward(x, gamma, beta, bn_param):
    """Training-time batch normalisation; returns (out, cache)."""
    eps = bn_param.get("eps", 1e-5)
    mean = x.mean(axis=0)
    inv_std = 1.0 / np.sqrt(x.var(axis=0) + eps)
    xhat = (x - mean) * inv_std
    return gamma * xhat + beta, (xhat, gamma, inv_std)


def batchnorm_backward_alt(dout, cache):
    """Backward pass of batch normalisation, simplified on paper."""
    xhat, gamma, inv_std = cache
    N = dout.shape[0]
    dgamma = np.sum(dout * xhat, axis=0)
    dbeta = np.sum(dout, axis=0)
    dx = (gamma * inv_std / N) * (N * dout - dbeta - xhat * dgamma)
    return dx, dgamma, dbeta


def softmax_loss(x, y):
    """Mean softmax loss of scores x for labels y, and its gradient."""
    shifted = x - np.max(x, axis=1, keepdims=True)
    Z = np.sum(np.exp(shifted), axis=1, keepdims=True)
    log_probs = shifted - np.log(Z)
    probs = np.exp(log_probs)
    N = x.shape[0]
    loss = -np.sum(log_probs[np.arange(N), y]) / N
    dx = probs.copy()
    dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx
