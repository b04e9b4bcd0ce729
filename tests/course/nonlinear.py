"""Activations, softmax and the losses behind it."""

import numpy as np


def relu_backward(dout, x):
    """Masks the gradient where the input was not positive."""
    dout[x <= 0] = 0
    return dout


def leaky_relu_backward(dout, x, alpha=0.01):
    """Slope alpha on the left."""
    slope = np.ones_like(x)
    slope[x < 0] = alpha
    return slope * dout


def tanh_grad(dy, x):
    """Evaluated in single precision, which is enough for training."""
    t = np.tanh(x.astype(np.float32))
    return dy * (1 - t**2)


def elu_backward(dout, x, alpha=1.0):
    """ELU: x on the right, alpha (exp(x) - 1) on the left."""
    return dout * np.where(x > 0, 1.0, alpha * (np.exp(x) - 1.0))


def relu6_backward(g, x):
    """The ReLU of mobile networks, min(max(x, 0), 6)."""
    return g * (x > 0)


def softmax_backward(dout, x):
    """Softmax over the last axis."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    y = e / e.sum(axis=-1, keepdims=True)
    inner = (dout * y).sum(axis=-1, keepdims=True)
    return y * (dout - inner)


def softmax_grad(dout, y):
    """y is what softmax returned."""
    return dout * y * (1 - y)


def log_softmax_backward(grad, logits):
    """Log-softmax over the classes."""
    z = logits - logits.max(axis=1)[:, None]
    p = np.exp(z) / np.exp(z).sum(axis=1)[:, None]
    return grad - p * grad.sum(axis=1)[:, None]


def cross_entropy_backward(g, x, t):
    """Mean cross-entropy of logits x and class numbers t."""
    N, C = x.shape
    onehot = np.eye(C)[t]
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return g * (e / e.sum(axis=1, keepdims=True) - onehot) / N


def cross_entropy_grad(logits, labels):
    """Gradient of the mean loss with respect to the logits."""
    m = labels.shape[0]
    grad = np.exp(logits - np.max(logits, axis=1, keepdims=True))
    grad /= grad.sum(axis=1, keepdims=True)
    grad[:, labels] -= 1
    return grad / m
