"""Fully connected layers, products of matrices, embedding and other small things."""

import numpy as np


def dense_backward(dy, X, W):
    """y = X W + b."""
    grads = {}
    grads["dW"] = np.dot(X.T, dy)
    grads["db"] = np.sum(dy, axis=0)
    grads["dX"] = np.dot(dy, W.T)
    return grads


def linear_backward(dout, x, W, b):
    """y = x W^T + b, with W of shape (out_features, in_features)."""
    db = dout.sum(0)
    dW = dout.T @ x
    dx = dout @ W.T
    return dx, dW, db


def matmul_backward(dC, A, B):
    """C = A B."""
    dA = dC @ B.T
    dB = A.T @ dC
    return [dA, dB]


def gram_backward(g, x):
    """The Gram matrix x x^T of style transfer."""
    return 2 * g @ x


def mse_backward(g, x, t):
    """Mean squared error; gradients of the prediction x and of the target t."""
    N, D = x.shape
    diff = x - t
    dx = g * diff / (N * D)
    dt = -2 * g * diff / N
    return dx, dt


def embedding_backward(dout, ids, weight):
    """Gradient of the table of vectors."""
    dweight = np.zeros_like(weight)
    np.add.at(dweight, ids, dout)
    return dweight


def word_vector_grad(g, t, w):
    """Gradient of the table of vectors, rows that were not looked up stay 0."""
    dw = np.zeros(w.shape)
    dw[t] += g
    return dw


def flatten_backward(g, x):
    """Back to the image's shape."""
    N, C, H, W = x.shape
    return g.reshape(N, H, W, C).transpose(0, 3, 1, 2)


def dropout_backward(dout, mask, p=0.5):
    """p is the probability of dropping a unit, mask holds 0 and 1."""
    dx = np.zeros_like(dout)
    keep = mask != 0
    dx[keep] = dout[keep]
    return dx
