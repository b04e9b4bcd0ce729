"""The layer linear, forward and backward.

Generated from the layer's equations; needs NumPy and the standard library only.
Do not edit: generate it anew instead.
"""

import numpy as np


def forward(x, w, b):
    """The layer linear.

        y[n, o] = b[o] + Σ_{i<I} x[n, i]·w[o, i]

    Shapes: x[N, I], w[O, I], b[O] → y[N, O].
    For all sizes N, I, O ≥ 0.
    Every read is inside its tensor, for all sizes (arithmetic).
    """
    dtype = common_dtype(x, w, b, integers=True)
    x, w, b = (np.asarray(array, dtype) for array in (x, w, b))
    N, I = shape_of("x", x, "N, I")
    O, _ = shape_of("w", w, "O, I")
    expect("w", w, "O, I", (O, I))
    expect("b", b, "O", (O,))
    if 0 in (N, O):
        return np.zeros((N, O), dtype)

    # y_sum[n, o] = Σ_{i<I} x[n, i]·w[o, i]
    y_sum = x @ w.T
    # y[n, o] = b[o] + y_sum[n, o]
    return b + y_sum


def gradient_x(g, x, w, b):
    """∂L/∂x.

        dx[n', i'] = Σ_{o<O} g[n', o]·w[o, i']

    In words: matrix product g·w.
    Of x and b only the shapes count.
    Shapes: x[N, I], w[O, I], b[O], g[N, O] → dx[N, I].
    For all sizes N, I, O ≥ 0.
    """
    dtype = common_dtype(x, w, b, g, integers=True)
    x, w, b, g = (np.asarray(array, dtype) for array in (x, w, b, g))
    N, I = shape_of("x", x, "N, I")
    O, _ = shape_of("w", w, "O, I")
    expect("w", w, "O, I", (O, I))
    expect("b", b, "O", (O,))
    expect("g", g, "N, O", (N, O))
    if 0 in (N, I):
        return np.zeros((N, I), dtype)

    # dx[n', i'] = Σ_{o<O} g[n', o]·w[o, i']
    # step 8: collapse δ, twice
    return g @ w


def gradient_w(g, x, w, b):
    """∂L/∂w.

        dw[o', i'] = Σ_{n<N} g[n, o']·x[n, i']

    In words: matrix product gᵀ·x.
    Of w and b only the shapes count.
    Shapes: x[N, I], w[O, I], b[O], g[N, O] → dw[O, I].
    For all sizes N, I, O ≥ 0.
    """
    dtype = common_dtype(x, w, b, g, integers=True)
    x, w, b, g = (np.asarray(array, dtype) for array in (x, w, b, g))
    N, I = shape_of("x", x, "N, I")
    O, _ = shape_of("w", w, "O, I")
    expect("w", w, "O, I", (O, I))
    expect("b", b, "O", (O,))
    expect("g", g, "N, O", (N, O))
    if 0 in (O, I):
        return np.zeros((O, I), dtype)

    # dw[o', i'] = Σ_{n<N} g[n, o']·x[n, i']
    # step 8: collapse δ, twice
    return g.T @ x


def gradient_b(g, x, w, b):
    """∂L/∂b.

        db[o'] = Σ_{n<N} g[n, o']

    In words: sum of g over n.
    Of x, w and b only the shapes count.
    Shapes: x[N, I], w[O, I], b[O], g[N, O] → db[O].
    For all sizes N, I, O ≥ 0.
    """
    dtype = common_dtype(x, w, b, g, integers=True)
    x, w, b, g = (np.asarray(array, dtype) for array in (x, w, b, g))
    N, I = shape_of("x", x, "N, I")
    O, _ = shape_of("w", w, "O, I")
    expect("w", w, "O, I", (O, I))
    expect("b", b, "O", (O,))
    expect("g", g, "N, O", (N, O))
    if O == 0:
        return np.zeros((O,), dtype)

    # db[o'] = Σ_{n<N} g[n, o']
    # step 6: collapse δ
    return np.sum(g, axis=0, dtype=dtype)


def backward(g, x, w, b):
    """The gradients by all tensors, under their names."""
    return {
        "x": gradient_x(g, x, w, b),
        "w": gradient_w(g, x, w, b),
        "b": gradient_b(g, x, w, b),
    }


def common_dtype(*arrays, integers):
    """The dtype to compute in: the arrays' common one; floats where ``integers`` do not do."""
    kinds = [a if isinstance(a, int | float) else np.asarray(a).dtype for a in arrays]
    dtype = np.result_type(*kinds) if kinds else np.dtype(np.int64)
    if dtype.kind not in "biufcO":
        raise ValueError(f"tensors must hold numbers, not {dtype}")
    if dtype.kind == "b":
        dtype = np.dtype(np.int64)
    return dtype if integers or dtype.kind in "fcO" else np.dtype(np.float64)


def shape_of(name, array, axes):
    """The array's shape, which must have as many axes as it is said to have."""
    rank = len(axes.split(", ")) if axes else 0
    if array.ndim != rank:
        raise ValueError(f"{name}: expected shape ({axes}), given {array.shape}")
    return array.shape


def expect(name, array, axes, shape):
    """Refuse an array of another shape."""
    if array.shape != shape:
        raise ValueError(f"{name}: expected shape ({axes}) = {shape}, given {array.shape}")
