"""Normalisation, attention and a recurrent step."""

import numpy as np


def batchnorm_backward_staged(dout, x, gamma, beta, eps=1e-5):
    """One line for every node of the graph, from the end to the start."""
    N = x.shape[0]
    mu = x.sum(axis=0) / N
    xmu = x - mu
    var = (xmu**2).sum(axis=0) / N
    sqrtvar = np.sqrt(var + eps)
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar

    dbeta = dout.sum(axis=0).reshape(beta.shape)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    divar = (dxhat * xmu).sum(axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -divar / sqrtvar**2
    dvar = 0.5 * dsqrtvar / sqrtvar
    dsq = np.ones(x.shape) * dvar / N
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -dx1.sum(axis=0)
    dx2 = np.ones(x.shape) * dmu / N
    return dx1 + dx2, dgamma, dbeta


def batch_norm_backward(dy, x, gamma, eps):
    """Gradients of the input and of the scale."""
    inv = 1 / np.sqrt(x.var(axis=0) + eps)
    xhat = (x - x.mean(axis=0)) * inv
    dgamma = np.sum(dy * xhat, axis=0)
    dxhat = dy * gamma
    dx = inv * (dxhat - xhat * np.mean(dxhat * xhat, axis=0))
    return dx, dgamma


def layer_norm_backward(dout, x, gamma, beta, eps=1e-5):
    """Every row is normalised by itself."""
    mean = x.mean(axis=-1, keepdims=True)
    std = np.sqrt(((x - mean) ** 2).mean(axis=-1, keepdims=True) + eps)
    xhat = (x - mean) / std
    d = dout * gamma
    dx = (d - d.mean(-1, keepdims=True) - xhat * (d * xhat).mean(-1, keepdims=True)) / std
    return {"x": dx, "gamma": (dout * xhat).sum(0), "beta": dout.sum(0).reshape(beta.shape)}


def layernorm_grads(dout, x, gamma, beta, eps):
    """Layer normalisation, after the batch normalisation of the last chapter."""
    mu = x.mean(axis=1, keepdims=True)
    ivar = 1.0 / np.sqrt(x.var(axis=1, keepdims=True) + eps)
    xhat = (x - mu) * ivar
    dgamma = np.sum(dout * xhat, axis=0)
    dbeta = np.sum(dout, axis=0)
    dxhat = dout * gamma
    m1 = dxhat.mean(axis=0)
    m2 = (dxhat * xhat).mean(axis=0)
    dx = ivar * (dxhat - m1 - xhat * m2)
    return dx, dgamma, dbeta


def attention_backward(dout, Q, K, V):
    """Scaled dot-product attention of one head."""
    scale = 1 / np.sqrt(Q.shape[1])
    s = Q @ K.T * scale
    p = np.exp(s - s.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    dV = p.T @ dout
    dp = dout @ V.T
    ds = p * (dp - (dp * p).sum(axis=1, keepdims=True))
    return ds @ K * scale, ds.T @ Q * scale, dV


def self_attention_grads(g, Q, K, V):
    """Gradients of queries, keys and values."""
    d = Q.shape[-1]
    logits = Q.dot(K.T) / np.sqrt(d)
    weights = np.exp(logits - logits.max(-1, keepdims=True))
    weights = weights / weights.sum(-1, keepdims=True)
    dV = weights.T.dot(g)
    dweights = g.dot(V.T)
    dlogits = weights * (dweights - np.sum(dweights * weights, -1, keepdims=True))
    dQ = dlogits.dot(K) / np.sqrt(d)
    dK = dlogits.T.dot(Q)
    return dQ, dK, dV


def rnn_step_backward(dnext_h, x, prev_h, Wx, Wh, b):
    """One step of a vanilla recurrent network."""
    next_h = np.tanh(x.dot(Wx) + prev_h.dot(Wh) + b)
    da = dnext_h * (1 - next_h**2)
    dx = da.dot(Wx.T)
    dprev_h = da.dot(Wh.T)
    dWx = x.T.dot(da)
    dWh = prev_h.T.dot(da)
    db = da.sum(axis=0)
    return dx, dprev_h, dWx, dWh, db


def rnn_cell_backward(grad_out, x, h, Wx, Wh, b):
    """The same step, returned as a tuple in the order of the arguments."""
    h = np.tanh(x @ Wx + h @ Wh + b)
    dz = grad_out * (1 - h * h)
    return dz @ Wx.T, dz @ Wh.T, x.T @ dz, h.T @ dz, dz.sum(0)
