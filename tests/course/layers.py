"""Layers as classes, each with forward and backward."""

import numpy as np


class Conv2D:
    def __init__(self, w, b, stride=1, pad=0):
        self.w = w
        self.b = b
        self.stride = stride
        self.pad = pad
        self.x = None
        self.dw = None
        self.db = None

    def _windows(self, padded, oh, ow):
        kh, kw = self.w.shape[2:]
        s = self.stride
        for i in range(oh):
            for j in range(ow):
                yield i, j, padded[:, :, i * s : i * s + kh, j * s : j * s + kw]

    def _pad(self, x):
        p = self.pad
        return np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))

    def forward(self, x):
        self.x = x
        xp = self._pad(x)
        oh = (xp.shape[2] - self.w.shape[2]) // self.stride + 1
        ow = (xp.shape[3] - self.w.shape[3]) // self.stride + 1
        out = np.zeros((x.shape[0], self.w.shape[0], oh, ow))
        for i, j, window in self._windows(xp, oh, ow):
            out[:, :, i, j] = np.tensordot(window, self.w, axes=([1, 2, 3], [1, 2, 3])) + self.b
        return out

    def backward(self, dout):
        xp = self._pad(self.x)
        dxp = np.zeros_like(xp)
        self.dw = np.zeros_like(self.w)
        self.db = dout.sum(axis=(0, 2, 3))
        oh, ow = dout.shape[2:]
        for i, j, window in self._windows(xp, oh, ow):
            self.dw += np.tensordot(dout[:, :, i, j], window, axes=(0, 0))
        for i, j, window in self._windows(dxp, oh, ow):
            window += np.tensordot(dout[:, :, i, j], self.w, axes=(1, 0))
        p = self.pad
        return dxp[:, :, p : p + self.x.shape[2], p : p + self.x.shape[3]]


class FullyConnected:
    def __init__(self, w, b, lr=0.1):
        self.w = w.copy()
        self.b = b.copy()
        self.lr = lr

    def forward(self, x):
        self.x = x
        return x @ self.w + self.b

    def backward(self, dout):
        self.dw = self.x.T @ dout
        self.db = dout.sum(axis=0)
        self.w -= self.lr * self.dw
        self.b -= self.lr * self.db
        return dout @ self.w.T


class Sigmoid:
    def __init__(self):
        self.out = None

    @staticmethod
    def function(z):
        return 1.0 / (1.0 + np.exp(-z))

    def forward(self, x):
        self.out = self.function(x)
        return self.out

    def backward(self, dout):
        s = self.function(self.out)
        return dout * s * (1.0 - s)
