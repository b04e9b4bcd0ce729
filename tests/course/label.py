"""What `labels.json` rests on: every function against central differences.

`python tests/course/label.py` runs each function on CASES random cases.  The forward functions are
written here from the layers' definitions, entry by entry; neither they nor the comparison know
anything of the checker.  Asserted are: right functions agree everywhere; wrong ones differ exactly
in the gradients and exactly in the cases that their label names (`WHERE`); arguments are changed
only where the label says so.  `failing.json` records which cases those are.
"""

import importlib.util
import json
import sys
import warnings
from functools import cache
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
CASES = 24
STEP = 1e-4
TOLERANCE = 2e-6


# Forward functions, by definition


def places(y):
    return np.ndindex(y.shape)


def conv(x, k, b=None, s=1, p=0, d=1, G=1):
    spatial, window = x.shape[2:], k.shape[2:]
    sizes = [(n + 2 * p - d * (m - 1) - 1) // s + 1 for n, m in zip(spatial, window, strict=True)]
    y = np.zeros((x.shape[0], k.shape[0], *sizes))
    per_in, per_out = x.shape[1] // G, k.shape[0] // G
    for o, *r in np.ndindex(y.shape[1:]):
        total = np.zeros(x.shape[0]) if b is None else np.full(x.shape[0], b[o])
        for i, *a in np.ndindex(k.shape[1:]):
            at = [s * r_ + d * a_ - p for r_, a_ in zip(r, a, strict=True)]
            if all(0 <= q < n for q, n in zip(at, spatial, strict=True)):
                total = total + x[(slice(None), o // per_out * per_in + i, *at)] * k[(o, i, *a)]
        y[(slice(None), o, *r)] = total
    return y


def conv_single(x, k, s=1):
    return conv(x[None, None], k[None, None], s=s)[0, 0]


def conv_last(x, k, b=None, s=1):
    y = conv(x.transpose(0, 3, 1, 2), k.transpose(3, 2, 0, 1), b, s)
    return y.transpose(0, 2, 3, 1)


def conv_same(x, k):
    y = np.zeros((x.shape[0], k.shape[0], *x.shape[2:]))
    for m, r, c in np.ndindex(y.shape[1:]):
        for i, a, b in np.ndindex(k.shape[1:]):
            row, column = r + a - (k.shape[2] - 1) // 2, c + b - (k.shape[3] - 1) // 2
            if 0 <= row < x.shape[2] and 0 <= column < x.shape[3]:
                y[:, m, r, c] += x[:, i, row, column] * k[m, i, a, b]
    return y


def depthwise(x, k, s=1):
    rows = (x.shape[1] - k.shape[0]) // s + 1
    columns = (x.shape[2] - k.shape[1]) // s + 1
    y = np.zeros((x.shape[0], rows, columns, x.shape[3]))
    for n, r, c, m in places(y):
        for a, b in np.ndindex(k.shape[:2]):
            y[n, r, c, m] += x[n, s * r + a, s * c + b, m] * k[a, b, m]
    return y


def conv_transpose(x, k, s=1, p=0):
    spatial, window = x.shape[2:], k.shape[2:]
    sizes = [(n - 1) * s - 2 * p + m for n, m in zip(spatial, window, strict=True)]
    y = np.zeros((x.shape[0], k.shape[1], *sizes))
    for i, o, *rest in np.ndindex((*k.shape[:2], *spatial, *window)):
        h, a = rest[: len(spatial)], rest[len(spatial) :]
        at = [s * h_ + a_ - p for h_, a_ in zip(h, a, strict=True)]
        if all(0 <= q < n for q, n in zip(at, sizes, strict=True)):
            y[(slice(None), o, *at)] += x[(slice(None), i, *h)] * k[(i, o, *a)]
    return y


def conv_transpose_single(x, k, s=1):
    return conv_transpose(x[None, None], k[None, None], s)[0, 0]


def pool(x, window, s, p, reduce):
    spatial = x.shape[2:]
    sizes = [(n + 2 * p - m) // s + 1 for n, m in zip(spatial, window, strict=True)]
    y = np.zeros((*x.shape[:2], *sizes))
    for n, c, *r in places(y):
        values = []
        for a in np.ndindex(*window):
            at = [s * r_ + a_ - p for r_, a_ in zip(r, a, strict=True)]
            if all(0 <= q < m for q, m in zip(at, spatial, strict=True)):
                values.append(x[(n, c, *at)])
        y[(n, c, *r)] = reduce(values)
    return y


def softmax(x):
    return np.array([np.exp(row) / np.exp(row).sum() for row in x])


def cross_entropy(x, t):
    return np.array(np.mean([np.log(np.exp(x[n]).sum()) - x[n, t[n]] for n in range(len(x))]))


def batch_norm(x, gamma, beta, eps):
    y = np.zeros_like(x)
    for d in range(x.shape[1]):
        mean = sum(x[:, d]) / len(x)
        variance = sum((x[:, d] - mean) ** 2) / len(x)
        y[:, d] = gamma[d] * (x[:, d] - mean) / np.sqrt(variance + eps) + beta[d]
    return y


def layer_norm(x, gamma, beta, eps):
    size = x.shape[1]
    ones, zeros = np.ones(len(x)), np.zeros(len(x))
    return batch_norm(x.T, ones, zeros, eps).T * gamma[:size] + beta[:size]


def attention(Q, K, V):
    return softmax(np.einsum("td,sd->ts", Q, K) / np.sqrt(Q.shape[1])) @ V


def rnn(x, h, Wx, Wh, b):
    return np.tanh(np.einsum("nd,dm->nm", x, Wx) + np.einsum("nk,km->nm", h, Wh) + b)


# Random cases: (tensors, options, sizes).  Sizes and options are drawn independently for each axis.


def normal(rng, *shape):
    return rng.standard_normal(shape)


def spread(rng, *shape):
    """Entries of both signs that differ by 0.1 at least and keep 0.05 away from 0."""
    size = int(np.prod(shape))
    return ((rng.permutation(size) - rng.integers(size + 1)) * 0.1 + 0.05).reshape(shape)


def drawn(rng, **ranges):
    return {name: int(rng.integers(low, high + 1)) for name, (low, high) in ranges.items()}


def conv_case(rng, dims=2, bias=True, **options):
    """A convolution with channels; options are ranges of s, p, d, G or fixed numbers."""
    while True:
        o = {
            k: v if isinstance(v, int) else int(rng.integers(v[0], v[1] + 1))
            for k, v in options.items()
        }
        s, p, d, G = (o.get(k, v) for k, v in {"s": 1, "p": 0, "d": 1, "G": 1}.items())
        spatial = rng.integers(1, 6 if dims == 2 else 9, dims)
        window = rng.integers(1, 4, dims)
        if all(spatial + 2 * p >= d * (window - 1) + 1):
            break
    n, per_in, per_out = rng.integers(1, 3), rng.integers(1, 3), rng.integers(1, 3)
    if G == 1:
        per_out = rng.integers(1, 4)
    t = {"x": normal(rng, n, G * per_in, *spatial), "k": normal(rng, G * per_out, per_in, *window)}
    if bias:
        t["b"] = normal(rng, G * per_out)
    return t, {k: {"s": s, "p": p, "d": d, "G": G}[k] for k in options}


def single_case(rng, **options):
    t, o = conv_case(rng, 2, False, **options)
    return {"x": t["x"][0, 0], "k": t["k"][0, 0]}, o


def last_case(rng, bias, **options):
    t, o = conv_case(rng, 2, bias, **options)
    t["x"], t["k"] = t["x"].transpose(0, 2, 3, 1).copy(), t["k"].transpose(2, 3, 1, 0).copy()
    return t, o


def depthwise_case(rng):
    t, o = last_case(rng, False, s=(1, 3))
    return {"x": t["x"], "k": normal(rng, *t["k"].shape[:2], t["x"].shape[3])}, o


def same_case(rng):
    z = drawn(rng, N=(1, 2), C=(1, 2), M=(1, 2), H=(1, 5), W=(1, 5), K1=(1, 4), K2=(1, 4))
    x = normal(rng, z["N"], z["C"], z["H"], z["W"])
    return {"x": x, "k": normal(rng, z["M"], z["C"], z["K1"], z["K2"])}, {}


def transpose_case(rng, dims, **options):
    while True:
        o = drawn(rng, **options)
        spatial, window = rng.integers(1, 4, dims), rng.integers(1, 4, dims)
        if all((spatial - 1) * o["s"] - 2 * o.get("p", 0) + window >= 1):
            break
    n, c, m = rng.integers(1, 3, 3)
    return {"x": normal(rng, n, c, *spatial), "k": normal(rng, c, m, *window)}, o


def transpose_single_case(rng):
    t, o = transpose_case(rng, 2, s=(1, 3))
    return {"x": t["x"][0, 0], "k": t["k"][0, 0]}, o


def pool_case(rng, dims, square=False, pad=False):
    while True:
        spatial, window = rng.integers(1, 7, dims), rng.integers(1, 4, dims)
        if square:
            window[:] = window[0]
        p = int(rng.integers(0, window.min())) if pad else 0
        if all(spatial + 2 * p >= window):
            break
    o = {"s": int(rng.integers(1, 4)), "K": tuple(int(k) for k in window)}
    if pad:
        o["p"] = p
    return {"x": spread(rng, *rng.integers(1, 3, 2), *spatial)}, o


def image_case(rng, high=5):
    z = drawn(rng, N=(1, 2), C=(1, 3), H=(1, high), W=(1, high))
    return {"x": normal(rng, *z.values())}, {}


def matrix_case(rng, values=normal, **options):
    z = drawn(rng, N=(1, 4), D=(1, 4))
    o = {k: float(rng.uniform(*v)) for k, v in options.items()}
    return {"x": values(rng, z["N"], z["D"])}, o


def relu6_case(rng):
    t, _ = matrix_case(rng, spread)
    return {"x": t["x"] * 10 + 0.2}, {}  # entries 0.3 away from 0 and 6 at least


def affine_case(rng, turned=False):
    z = drawn(rng, N=(1, 4), D=(1, 4), M=(1, 4))
    w = normal(rng, z["M"], z["D"]) if turned else normal(rng, z["D"], z["M"])
    return {"x": normal(rng, z["N"], z["D"]), "w": w, "b": normal(rng, z["M"])}, {}


def matmul_case(rng):
    z = drawn(rng, N=(1, 4), D=(1, 4), M=(1, 4))
    return {"A": normal(rng, z["N"], z["D"]), "B": normal(rng, z["D"], z["M"])}, {}


def mse_case(rng):
    t, _ = matrix_case(rng)
    return {**t, "t": normal(rng, *t["x"].shape)}, {}


def embedding_case(rng):
    z = drawn(rng, V=(1, 6), E=(1, 3), N=(1, 4))
    return {"t": rng.integers(0, z["V"], z["N"]), "w": normal(rng, z["V"], z["E"])}, {}


def dropout_case(rng):
    t, _ = matrix_case(rng)
    p = float(rng.choice([0.0, 0.2, 0.5, 0.75]))
    return {**t, "mask": rng.integers(0, 2, t["x"].shape)}, {"p": p}


def classes_case(rng):
    t, _ = matrix_case(rng)
    return {**t, "t": rng.integers(0, t["x"].shape[1], t["x"].shape[0])}, {}


def norm_case(rng):
    t, _ = matrix_case(rng)
    d = t["x"].shape[1]
    eps = float(rng.choice([1e-5, 1e-3, 0.1]))
    if min(t["x"].shape) == 1:
        eps = 0.1  # with one entry x - mean is 0, and differences of 1/sqrt(eps) too rough
    return {**t, "gamma": normal(rng, d), "beta": normal(rng, d)}, {"eps": eps}


def attention_case(rng):
    z = drawn(rng, T=(1, 3), S=(1, 4), D=(1, 4), E=(1, 3))
    T, S, D, E = z.values()
    return {"Q": normal(rng, T, D), "K": normal(rng, S, D), "V": normal(rng, S, E)}, {}


def rnn_case(rng):
    N, D, M = drawn(rng, N=(1, 3), D=(1, 3), M=(1, 3)).values()
    t = {"x": normal(rng, N, D), "h": normal(rng, N, M), "Wx": normal(rng, D, M)}
    return {**t, "Wh": normal(rng, M, M), "b": normal(rng, M)}, {}


# Layers: (case, forward of tensors and options)

LAYERS = {
    "conv": (lambda r: conv_case(r, s=(1, 3), p=(0, 2)), conv),
    "conv no bias": (lambda r: conv_case(r, bias=False, s=(1, 3), p=(0, 2)), conv),
    "conv single": (single_case, conv_single),
    "conv single 2": (lambda r: single_case(r, s=2), conv_single),
    "conv1 d": (lambda r: conv_case(r, 1, False, s=(1, 3), d=(1, 3)), conv),
    "conv1 all": (lambda r: conv_case(r, 1, True, s=(1, 3), p=(0, 2), d=(1, 3)), conv),
    "conv1 p": (lambda r: conv_case(r, 1, False, p=(0, 2)), conv),
    "groups": (lambda r: conv_case(r, 2, False, G=(1, 3)), conv),
    "groups s": (lambda r: conv_case(r, 2, True, s=(1, 2), G=(1, 3)), conv),
    "depthwise": (depthwise_case, depthwise),
    "last 2": (lambda r: last_case(r, True, s=2), conv_last),
    "last": (lambda r: last_case(r, False, s=(1, 3)), conv_last),
    "same": (same_case, conv_same),
    "transpose": (lambda r: transpose_case(r, 2, s=(1, 3), p=(0, 2)), conv_transpose),
    "transpose1": (lambda r: transpose_case(r, 1, s=(1, 3)), conv_transpose),
    "transpose single": (transpose_single_case, conv_transpose_single),
    "affine": (affine_case, lambda x, w, b: np.einsum("nd,dm->nm", x, w) + b),
    "linear": (lambda r: affine_case(r, True), lambda x, w, b: np.einsum("ni,oi->no", x, w) + b),
    "matmul": (matmul_case, lambda A, B: np.einsum("ik,kj->ij", A, B)),
    "gram": (matrix_case, lambda x: np.einsum("id,jd->ij", x, x)),
    "mse": (mse_case, lambda x, t: np.array(((x - t) ** 2).mean())),
    "embedding": (embedding_case, lambda t, w: np.array([w[i] for i in t])),
    "flatten": (image_case, lambda x: np.array([image.ravel() for image in x])),
    "dropout": (dropout_case, lambda x, mask, p: np.where(mask == 1, x / (1 - p), 0)),
    "avgpool": (
        lambda r: pool_case(r, 2),
        lambda x, s, K: pool(x, K, s, 0, lambda v: sum(v) / (K[0] * K[1])),
    ),
    "avg last": (
        lambda r: ({"x": image_case(r, 6)[0]["x"].transpose(0, 2, 3, 1).copy()}, {}),
        lambda x: pool(x.transpose(0, 3, 1, 2), (2, 2), 2, 0, np.mean).transpose(0, 2, 3, 1),
    ),
    "maxpool": (lambda r: pool_case(r, 2), lambda x, s, K: pool(x, K, s, 0, max)),
    "maxpool square": (lambda r: pool_case(r, 2, True), lambda x, s, K: pool(x, K, s, 0, max)),
    "maxpool pad": (
        lambda r: pool_case(r, 2, True, True),
        lambda x, s, K, p: pool(x, K, s, p, max),
    ),
    "maxpool1": (lambda r: pool_case(r, 1, True, True), lambda x, s, K, p: pool(x, K, s, p, max)),
    "relu": (lambda r: matrix_case(r, spread), lambda x: np.maximum(x, 0)),
    "leaky": (
        lambda r: matrix_case(r, spread, alpha=(0.01, 0.9)),
        lambda x, alpha: np.where(x > 0, x, alpha * x),
    ),
    "tanh": (matrix_case, lambda x: np.tanh(x)),
    "sigmoid": (matrix_case, lambda x: 1 / (1 + np.exp(-x))),
    "elu": (
        lambda r: matrix_case(r, spread, alpha=(0.1, 2)),
        lambda x, alpha: np.where(x > 0, x, alpha * np.expm1(x)),
    ),
    "relu6": (relu6_case, lambda x: np.clip(x, 0, 6)),
    "softmax": (matrix_case, softmax),
    "log softmax": (matrix_case, lambda x: np.log(softmax(x))),
    "cross entropy": (classes_case, cross_entropy),
    "batch norm": (norm_case, batch_norm),
    "layer norm": (norm_case, layer_norm),
    "attention": (attention_case, attention),
    "rnn": (rnn_case, rnn),
}


# How each function is called: (layer, call).  f is the function, t the tensors, o the options.


def course(f, g, t, o):
    return f(g, (t["x"], t["k"], t["b"], {"stride": o["s"], "pad": o["p"]}))


def course_pool(f, g, t, o):
    sizes = {"pool_height": o["K"][0], "pool_width": o["K"][1], "stride": o["s"]}
    return f(g, (t["x"], sizes))


def course_norm(f, g, t, o):
    forward = sys.modules[f.__module__].batchnorm_forward
    out, kept = forward(t["x"], t["gamma"], t["beta"], {"eps": o["eps"]})
    assert np.allclose(out, batch_norm(**t, **o))
    return f(g, kept)


def conv_class(f, g, t, o):
    m = f(t["k"], t["b"], stride=o["s"], pad=o["p"])
    assert np.allclose(m.forward(t["x"]), conv(**t, **o))
    return m.backward(g), m.dw, m.db


def connected_class(f, g, t, o):
    m = f(t["w"], t["b"])
    assert np.allclose(m.forward(t["x"]), t["x"] @ t["w"] + t["b"])
    return m.backward(g), m.dw, m.db


def sigmoid_class(f, g, t, o):
    m = f()
    assert np.allclose(m.forward(t["x"]), 1 / (1 + np.exp(-t["x"])))
    return m.backward(g)


def named(*tensors, **options):
    """Called with g and these tensors by position, with options by their names."""
    return lambda f, g, t, o: f(
        g, *(t[n] for n in tensors), **{k: o[v] for k, v in options.items()}
    )


XKB = ("x", "k", "b")
STEPS = {"stride": "s", "pad": "p"}
CALLS = {
    "affine_backward": ("affine", lambda f, g, t, o: f(g, (t["x"], t["w"], t["b"]))),
    "conv_backward_naive": ("conv", course),
    "conv_backward_vectorised": ("conv", course),
    "max_pool_backward_naive": ("maxpool", course_pool),
    "batchnorm_backward_alt": ("batch norm", course_norm),
    "softmax_loss": ("cross entropy", lambda f, g, t, o: f(t["x"], t["t"])),
    "conv_backward": ("conv", named(*XKB, stride="s", padding="p")),
    "im2col_blog.py:conv2d_backward": ("conv no bias", named("x", "k", **STEPS)),
    "conv2d_backward_full": ("conv single", named("x", "k")),
    "full_convolution_gradients": ("conv single", named("x", "k")),
    "stride2_backward": ("conv single 2", named("x", "k")),
    "conv1d_backward": ("conv1 d", named("x", "k", stride="s", dilation="d")),
    "dilated_conv1d_grads": ("conv1 all", named(*XKB, dilation="d", **STEPS)),
    "padded_conv1d_backward": ("conv1 p", named("x", "k", pad="p")),
    "group_conv_backward": ("groups", named("x", "k", groups="G")),
    "grouped_backward": ("groups s", named(*XKB, stride="s", groups="G")),
    "depthwise_backward": ("depthwise", named("x", "k", stride="s")),
    "conv_nhwc_backward": ("last 2", named(*XKB)),
    "conv_hwio_backward": ("last", named("x", "k", stride="s")),
    "conv_variants.py:conv2d_backward": ("conv no bias", named("x", "k", **STEPS)),
    "same_conv_backward": ("same", named("x", "k")),
    "conv_transpose2d_backward": ("transpose", named("x", "k", stride="s", padding="p")),
    "deconv1d_backward": ("transpose1", named("x", "k", stride="s")),
    "deconv2d_backward": ("transpose single", named("x", "k", stride="s")),
    "Conv2D.backward": ("conv", conv_class),
    "FullyConnected.backward": ("affine", connected_class),
    "Sigmoid.backward": ("sigmoid", sigmoid_class),
    "dense_backward": ("affine", named("x", "w")),
    "linear_backward": ("linear", named("x", "w", "b")),
    "matmul_backward": ("matmul", named("A", "B")),
    "gram_backward": ("gram", named("x")),
    "mse_backward": ("mse", named("x", "t")),
    "embedding_backward": ("embedding", named("t", "w")),
    "word_vector_grad": ("embedding", named("t", "w")),
    "flatten_backward": ("flatten", named("x")),
    "dropout_backward": ("dropout", named("mask", p="p")),
    "avg_pool_backward": ("avgpool", named("x", kernel_size="K", stride="s")),
    "avg_pool_2x2_nhwc": ("avg last", named("x")),
    "max_pool1d_backward": (
        "maxpool1",
        lambda f, g, t, o: f(g, t["x"], o["K"][0], o["s"], o["p"]),
    ),
    "max_pool2d_backward": ("maxpool square", lambda f, g, t, o: f(g, t["x"], o["K"][0], o["s"])),
    "padded_max_pool_backward": (
        "maxpool pad",
        lambda f, g, t, o: f(g, t["x"], o["K"][0], o["s"], o["p"]),
    ),
    "rect_max_pool_backward": ("maxpool", lambda f, g, t, o: f(g, t["x"], *o["K"], o["s"])),
    "relu_backward": ("relu", named("x")),
    "leaky_relu_backward": ("leaky", named("x", alpha="alpha")),
    "tanh_grad": ("tanh", named("x")),
    "elu_backward": ("elu", named("x", alpha="alpha")),
    "relu6_backward": ("relu6", named("x")),
    "softmax_backward": ("softmax", named("x")),
    "softmax_grad": ("softmax", lambda f, g, t, o: f(g, softmax(t["x"]))),
    "log_softmax_backward": ("log softmax", named("x")),
    "cross_entropy_backward": ("cross entropy", named("x", "t")),
    "cross_entropy_grad": ("cross entropy", lambda f, g, t, o: f(t["x"], t["t"])),
    "batchnorm_backward_staged": ("batch norm", named("x", "gamma", "beta", eps="eps")),
    "batch_norm_backward": ("batch norm", named("x", "gamma", eps="eps")),
    "layer_norm_backward": ("layer norm", named("x", "gamma", "beta", eps="eps")),
    "layernorm_grads": ("layer norm", named("x", "gamma", "beta", eps="eps")),
    "attention_backward": ("attention", named("Q", "K", "V")),
    "self_attention_grads": ("attention", named("Q", "K", "V")),
    "rnn_step_backward": ("rnn", named("x", "h", "Wx", "Wh", "b")),
    "rnn_cell_backward": ("rnn", named("x", "h", "Wx", "Wh", "b")),
}
WITHOUT_G = {"softmax_loss", "cross_entropy_grad"}
WITHOUT_BATCH = {"conv single", "conv single 2", "transpose single", "matmul", "attention"}
WITHOUT_BATCH |= {"batch norm", "cross entropy", "mse", "gram"}  # divided by N, or g is N x N


# Where the wrong ones fail, for each gradient: exactly there, as is asserted.


def overlap(t, o, g):
    """Whether some entry inside the image belongs to several windows."""
    s, p = o["s"], o["p"]
    count = np.zeros([n + 2 * p for n in t["x"].shape[2:]])
    for r in np.ndindex(g.shape[2:]):
        count[tuple(slice(s * a, s * a + k) for a, k in zip(r, t["k"].shape[2:], strict=True))] += 1
    return count[tuple(slice(p, p + n) for n in t["x"].shape[2:])].max() > 1


def windows(t, o, g):
    """Each window's place, and its entries by their position in the (unpadded) image."""
    s, p = o["s"], o.get("p", 0)
    for n, c, i, j in np.ndindex(g.shape):
        yield (
            (n, c, i, j),
            {
                (a, b): t["x"][n, c, s * i + a - p, s * j + b - p]
                for a, b in np.ndindex(*o["K"])
                if 0 <= s * i + a - p < t["x"].shape[2] and 0 <= s * j + b - p < t["x"].shape[3]
            },
        )


def won_twice(t, o, g):
    won = []
    for (n, c, i, j), entries in windows(t, o, g):
        a, b = max(entries, key=entries.get)
        won.append((n, c, o["s"] * i + a, o["s"] * j + b))
    return len(set(won)) < len(won)


def padding_wins(t, o, g):
    full = o["K"][0] * o["K"][1]
    return any(len(e) < full and max(e.values()) < 0 for _, e in windows(t, o, g))


def misread(t, o, g):
    """Whether a maximum lies elsewhere when width and height of the window are exchanged."""
    K1, K2 = o["K"]
    flat = [np.ravel_multi_index(max(e, key=e.get), (K1, K2)) for _, e in windows(t, o, g)]
    return any(divmod(m, K1) != divmod(m, K2) for m in flat)


def channels_in_groups(t, o, g):
    return o["G"] > 1 and max(t["x"].shape[1], t["k"].shape[0]) > o["G"]


WHERE = {
    "conv_backward_vectorised": {
        "k": lambda t, o, g: g.shape[0] > 1,
        "b": lambda t, o, g: max(g.shape[:2]) > 1,
    },
    "im2col_blog.py:conv2d_backward": {"x": overlap},
    "full_convolution_gradients": {"x": lambda t, o, g: t["k"].shape[1] > 1},
    "stride2_backward": {"x": lambda t, o, g: any((np.array(t["x"].shape) - t["k"].shape) % 2 > 0)},
    "dilated_conv1d_grads": {"k": lambda t, o, g: o["d"] > 1 and t["k"].shape[2] > 1},
    "padded_conv1d_backward": {"x": lambda t, o, g: o["p"] == 0},
    "grouped_backward": {"x": channels_in_groups, "k": channels_in_groups},
    "conv_hwio_backward": {"k": lambda t, o, g: o["s"] > 1 and g.shape[2] > 1},
    "conv_variants.py:conv2d_backward": {"x": lambda t, o, g: t["x"].shape[2] != t["x"].shape[3]},
    "same_conv_backward": {
        "x": lambda t, o, g: min(k % 2 for k in t["k"].shape[2:]) == 0,
        "k": lambda t, o, g: min(k % 2 for k in t["k"].shape[2:]) == 0,
    },
    "deconv2d_backward": {"x": lambda t, o, g: o["s"] > 1 and t["x"].size > 1},
    "FullyConnected.backward": {"x": lambda t, o, g: True},
    "Sigmoid.backward": {"x": lambda t, o, g: True},
    # Where the shapes do not fit it raises, so that no gradient arrives.
    "linear_backward": {"x": lambda t, o, g: max(t["w"].shape) > 1},
    "gram_backward": {"x": lambda t, o, g: len(g) > 1},
    "mse_backward": {"x": lambda t, o, g: True, "t": lambda t, o, g: t["x"].shape[1] > 1},
    "word_vector_grad": {"w": lambda t, o, g: len(set(t["t"].tolist())) < len(t["t"])},
    "flatten_backward": {"x": lambda t, o, g: t["x"].shape[1] > 1 and max(t["x"].shape[2:]) > 1},
    "dropout_backward": {"x": lambda t, o, g: o["p"] > 0 and t["mask"].any()},
    "max_pool2d_backward": {"x": won_twice},
    "padded_max_pool_backward": {"x": padding_wins},
    "rect_max_pool_backward": {"x": misread},
    "elu_backward": {"x": lambda t, o, g: (t["x"] < 0).any()},
    "relu6_backward": {"x": lambda t, o, g: (t["x"] > 6).any()},
    "softmax_grad": {"x": lambda t, o, g: t["x"].shape[1] > 1},
    "cross_entropy_grad": {"x": lambda t, o, g: len(set(t["t"].tolist())) > 1},
    "batch_norm_backward": {"x": lambda t, o, g: True},
    "layernorm_grads": {"x": lambda t, o, g: t["x"].size > 1},
    "self_attention_grads": {"K": lambda t, o, g: min(t["K"].shape) > 1},
    "rnn_cell_backward": {"Wh": lambda t, o, g: True},
}


# The comparison


def differences(forward, t, o, g):
    """Central differences of sum(g * forward) along each entry of each real tensor."""
    truth = {}
    for name, tensor in t.items():
        if tensor.dtype != np.float64:
            continue
        truth[name] = np.zeros(tensor.shape)
        for at in np.ndindex(tensor.shape):
            ends = []
            for step in (STEP, -STEP, 2 * STEP, -2 * STEP):
                moved = tensor.copy()
                moved[at] += step
                ends.append((g * forward(**{**t, name: moved}, **o)).sum())
            truth[name][at] = (8 * (ends[0] - ends[1]) - (ends[2] - ends[3])) / (12 * STEP)
    return truth


@cache
def cases(layer):
    """The cases of a layer: tensors, options, g, gradients by differences."""
    draw, forward = LAYERS[layer]
    found = []
    for number in range(CASES):
        rng = np.random.default_rng([2026, number])
        t, o = draw(rng)
        g = rng.standard_normal(forward(**t, **o).shape)
        found.append((t, o, g, differences(forward, t, o, g)))
    return found


@cache
def of_unit_g(layer):
    """The same with g = 1, for functions that differentiate the loss itself."""
    forward = LAYERS[layer][1]
    return [
        (t, o, np.ones(()), differences(forward, t, o, np.ones(()))) for t, o, *_ in cases(layer)
    ]


def gradients(returned, label):
    """What was returned, by tensor."""
    names = label["gradients"]
    if label["returns"] == "(loss, dx)":
        returned = returned[1]
    if isinstance(returned, dict):
        short = {
            "dk": "k",
            "grad_k": "k",
            "grad_x": "x",
            "dW": "w",
            "dX": "x",
            "dx": "x",
            "db": "b",
        }
        return {short.get(name, name): value for name, value in returned.items()}
    if len(names) == 1 or not isinstance(returned, tuple | list):
        returned = [returned]
    assert len(returned) == len(names)
    return dict(zip(names, returned, strict=True))


def compared(right, value):
    """None where it agrees, else in what it differs."""
    if np.shape(value) != right.shape:
        return f"shape {np.shape(value)} instead of {right.shape}"
    if right.size and not (np.abs(value - right) < TOLERANCE * (1 + np.abs(right).max())).all():
        return "values"
    return None


@cache
def module(file):
    spec = importlib.util.spec_from_file_location("course_" + file[:-3], HERE / file)
    found = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = found
    spec.loader.exec_module(found)
    return found


def tried(label, key, call, t, o, g):
    """The gradients of one call, or what it raised; and the arguments that it changed."""
    function = getattr(module(label["file"]), label["function"].split(".")[0])
    given = {"g": g.copy(), **{name: tensor.copy() for name, tensor in t.items()}}
    try:
        returned = call(function, given["g"], {name: given[name] for name in t}, o)
        found = {name: np.array(a) for name, a in gradients(returned, label).items()}
    except (ValueError, IndexError) as error:
        found = f"raises {type(error).__name__}"
    before = {"g": g, **t}
    return found, [n for n, a in given.items() if not np.array_equal(a, before[n])]


def empty_batch(label, call, t, o, g):
    """What happens when there is no row at all: None if nothing does."""
    none = {n: a[:0] if n in {"x", "h", "mask"} else a for n, a in t.items()}
    if label["of"].startswith(("embedding", "cross_entropy")):
        none["t"] = t["t"][:0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found, _ = tried(label, None, call, none, o, g[:0] if g.ndim else g)
    return found if isinstance(found, str) else None


def judged(label):
    """One function: its failing cases, after asserting that they are those of its label."""
    key = label["function"]
    key = key if key in CALLS else f"{label['file']}:{key}"
    layer, call = CALLS[key]
    where = WHERE.get(key, {})
    assert set(where) == set(label["wrong"]), key
    assert bool(where) != label["right"] and bool(label["mistake"]) != label["right"], key
    failing, agreeing, changed = [], set(), set()
    for number, (t, o, g, truth) in enumerate((of_unit_g if key in WITHOUT_G else cases)(layer)):
        found, touched = tried(label, key, call, t, o, g)
        changed.update(touched)
        if isinstance(found, str):
            wrong = dict.fromkeys(where or label["gradients"], found)
        else:
            assert set(found) == set(label["gradients"]), key
            wrong = {n: compared(truth[n], found[n]) for n in found}
            wrong = {n: what for n, what in wrong.items() if what}
        # A gradient that is 0 throughout (all windows inside the padding) may come out right.
        expected = {n for n, fails in where.items() if fails(t, o, g)}
        expected -= {n for n in expected - set(wrong) if not truth[n].any()}
        assert set(wrong) == expected, (key, number, wrong, expected, o)
        agreeing.update(set(where) - set(wrong))
        if wrong:
            shapes = {n: list(a.shape) for n, a in t.items()}
            failing.append({"case": number, "shapes": shapes, "options": o, "wrong": wrong})
    assert all(any(n in f["wrong"] for f in failing) for n in where), key
    assert bool(changed) == any(m.startswith("in place") for m in label["manners"]), (key, changed)
    if layer not in WITHOUT_BATCH:
        t, o, g, _ = cases(layer)[0]
        what = empty_batch(label, call, t, o, g)
        said = any(m.startswith("empty batch") for m in label["manners"])
        assert bool(what) == said, (key, what)
    return {"fails": len(failing), "of": CASES, "always": not agreeing, "cases": failing}


def main():
    labels = json.loads((HERE / "labels.json").read_text())
    assert len(labels) == 60 and sum(label["right"] for label in labels) == 30
    report = {}
    for label in labels:
        result = judged(label)
        if not label["right"]:
            report[f"{label['file']}:{label['function']}"] = result
        print(f"{label['file']}:{label['function']:<30} wrong in {result['fails']} of {CASES}")
    text = json.dumps(report).replace('{"case', '\n{"case')
    (HERE / "failing.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
