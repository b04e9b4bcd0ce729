"""The layer conv, forward and backward.

Generated from the layer's equations; needs NumPy and the standard library only.
Do not edit: generate it anew instead.
"""

import operator

import numpy as np
from numpy.lib.stride_tricks import as_strided


def forward(x, k):
    """The layer conv.

        y[r] = Σ_{a<K} x[r+a]·k[a]

    In words: cross-correlation of x with k.
    Shapes: x[H], k[K] → y[R].
    Where R = max(0, H−K+1).
    For all sizes H ≥ 0, K ≥ 1.
    Every read is inside its tensor, for all sizes (arithmetic, islpy).
    """
    dtype = common_dtype(x, k, integers=True)
    x, k = (np.asarray(array, dtype) for array in (x, k))
    (H,) = shape_of("x", x, "H")
    (K,) = shape_of("k", k, "K")
    R = max(0, H - K + 1)
    require(K >= 1, "conv requires 1 <= K", K=K)
    require(R >= 1 or H == 0, "conv requires R >= 1 (the window must fit)", K=K, H=H)
    if R == 0:
        return np.zeros((R,), dtype)

    # x_windows[r, a] = x[r+a]
    x_windows = view(x, (R, K), (0,), ((1,), (1,)))
    # y[r] = Σ_{a<K} x_windows[r, a]·k[a]
    # as a matrix product: x_windows is copied into a matrix, a column a window (im2col)
    return x_windows @ k


def gradient_x(g, x, k):
    """∂L/∂x.

        dx[r'] = Σ_{a<K} [0 ≤ r'−a < R]·g[r'−a]·k[a]

    In words: full convolution of g with k.
    Of x only the shape counts.
    Shapes: x[H], k[K], g[R] → dx[H].
    For all sizes H, R ≥ 0, K ≥ 1.
    Provided that R = max(0, H−K+1).
    """
    dtype = common_dtype(x, k, g, integers=True)
    x, k, g = (np.asarray(array, dtype) for array in (x, k, g))
    (H,) = shape_of("x", x, "H")
    (K,) = shape_of("k", k, "K")
    R = max(0, H - K + 1)
    require(K >= 1, "conv_dx requires 1 <= K", K=K)
    require(R >= 1 or H == 0, "conv_dx requires R >= 1 (the window must fit)", K=K, H=H)
    expect("g", g, "R", (R,))
    if H == 0:
        return np.zeros((H,), dtype)

    # g_padded: g with 0 around it, as far as it is read
    # step 7: collapse δ
    g_padded = np.pad(g, ((K - 1, H - R),))
    # g_windows[r', a] = g_padded[r'+K−a−1]
    # step 7: collapse δ
    g_windows = view(g_padded, (H, K), (K - 1,), ((1,), (-1,)))
    # dx[r'] = Σ_{a<K} g_windows[r', a]·k[a]
    # as a matrix product: g_windows is copied into a matrix, a column a window (im2col)
    # step 7: collapse δ
    return g_windows @ k


def gradient_k(g, x, k):
    """∂L/∂k.

        dk[a'] = Σ_{r<R} g[r]·x[r+a']

    In words: cross-correlation of x with g.
    Of k only the shape counts.
    Shapes: x[H], k[K], g[R] → dk[K].
    For all sizes H, R ≥ 0, K ≥ 1.
    Provided that R = max(0, H−K+1).
    """
    dtype = common_dtype(x, k, g, integers=True)
    x, k, g = (np.asarray(array, dtype) for array in (x, k, g))
    (H,) = shape_of("x", x, "H")
    (K,) = shape_of("k", k, "K")
    R = max(0, H - K + 1)
    require(K >= 1, "conv_dk requires 1 <= K", K=K)
    require(R >= 1 or H == 0, "conv_dk requires R >= 1 (the window must fit)", K=K, H=H)
    expect("g", g, "R", (R,))
    if K == 0:
        return np.zeros((K,), dtype)

    # x_windows[a', r] = x[r+a']
    # step 6: collapse δ
    x_windows = view(x, (K, R), (0,), ((1,), (1,)))
    # dk[a'] = Σ_{r<R} g[r]·x_windows[a', r]
    # as a matrix product: x_windows is copied into a matrix, a column a window (im2col)
    # step 6: collapse δ
    return x_windows @ g


def backward(g, x, k):
    """The gradients by all tensors, under their names."""
    return {
        "x": gradient_x(g, x, k),
        "k": gradient_k(g, x, k),
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


def require(holds, statement, **values):
    """Refuse sizes and hyperparameters under which the layer is not defined."""
    if not holds:
        stated = ", ".join(f"{name} = {value}" for name, value in values.items())
        raise ValueError(f"{statement}, which fails for {stated}" if stated else statement)


def view(array, shape, start, steps):
    """The array read at ``start + Σ step·index`` along each axis: a view, never outside the array.

    ``steps[j][k]`` is how far the j-th index of the view moves along axis k of the array.
    """
    if 0 in shape:
        return np.zeros(shape, array.dtype)
    for axis, size in enumerate(array.shape):
        reach = [step[axis] * (n - 1) for step, n in zip(steps, shape, strict=True)]
        low = start[axis] + sum(r for r in reach if r < 0)
        high = start[axis] + sum(r for r in reach if r > 0)
        if low < 0 or high >= size:
            raise IndexError(f"axis {axis} of length {size} would be read from {low} to {high}")
    corner = array[tuple(slice(first, None) for first in start)]
    strides = [sum(map(operator.mul, step, array.strides)) for step in steps]
    return as_strided(corner, shape, strides, writeable=False)
