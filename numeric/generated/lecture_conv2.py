"""The layer conv, forward and backward.

Generated from the layer's equations; needs NumPy and the standard library only.
Do not edit: generate it anew instead.
"""

import operator

import numpy as np
from numpy.lib.stride_tricks import as_strided


def forward(x, k):
    """The layer conv.

        y[r, c] = Σ_{a<K1, b<K2} x[r+a, c+b]·k[a, b]

    In words: cross-correlation of x with k.
    Shapes: x[H, W], k[K1, K2] → y[R, C].
    Where R = max(0, H−K1+1), C = max(0, W−K2+1).
    For all sizes H, W ≥ 0, K1, K2 ≥ 1.
    Every read is inside its tensor, for all sizes (arithmetic, islpy).
    """
    dtype = common_dtype(x, k, integers=True)
    x, k = (np.asarray(array, dtype) for array in (x, k))
    H, W = shape_of("x", x, "H, W")
    K1, K2 = shape_of("k", k, "K1, K2")
    R = max(0, H - K1 + 1)
    C = max(0, W - K2 + 1)
    require(K1 >= 1, "conv requires 1 <= K1", K1=K1)
    require(K2 >= 1, "conv requires 1 <= K2", K2=K2)
    require(R >= 1 or H == 0, "conv requires R >= 1 (the window must fit)", K1=K1, H=H)
    require(C >= 1 or W == 0, "conv requires C >= 1 (the window must fit)", K2=K2, W=W)
    if 0 in (R, C):
        return np.zeros((R, C), dtype)

    # x_windows[r, a, c, b] = x[r+a, c+b]
    x_windows = view(x, (R, K1, C, K2), (0, 0), ((1, 0), (1, 0), (0, 1), (0, 1)))
    # y[r, c] = Σ_{a<K1, b<K2} x_windows[r, a, c, b]·k[a, b]
    # as a matrix product: x_windows is copied into a matrix, a column a window (im2col)
    return np.matmul(
        k.reshape(1, K1 * K2),
        x_windows.transpose(1, 3, 0, 2).reshape(K1 * K2, R * C),
    ).reshape(R, C)


def gradient_x(g, x, k):
    """∂L/∂x.

        dx[r', c'] = Σ_{a<K1, b<K2} [0 ≤ r'−a < R]·[0 ≤ c'−b < C]·g[r'−a, c'−b]·k[a, b]

    In words: full convolution of g with k.
    Of x only the shape counts.
    Shapes: x[H, W], k[K1, K2], g[R, C] → dx[H, W].
    For all sizes H, W, R, C ≥ 0, K1, K2 ≥ 1.
    Provided that R = max(0, H−K1+1), C = max(0, W−K2+1).
    """
    dtype = common_dtype(x, k, g, integers=True)
    x, k, g = (np.asarray(array, dtype) for array in (x, k, g))
    H, W = shape_of("x", x, "H, W")
    K1, K2 = shape_of("k", k, "K1, K2")
    R = max(0, H - K1 + 1)
    C = max(0, W - K2 + 1)
    require(K1 >= 1, "conv_dx requires 1 <= K1", K1=K1)
    require(K2 >= 1, "conv_dx requires 1 <= K2", K2=K2)
    require(R >= 1 or H == 0, "conv_dx requires R >= 1 (the window must fit)", K1=K1, H=H)
    require(C >= 1 or W == 0, "conv_dx requires C >= 1 (the window must fit)", K2=K2, W=W)
    expect("g", g, "R, C", (R, C))
    if 0 in (H, W):
        return np.zeros((H, W), dtype)

    # g_padded: g with 0 around it, as far as it is read
    # step 7: collapse δ, twice
    g_padded = np.pad(g, ((K1 - 1, H - R), (K2 - 1, W - C)))
    # g_windows[r', a, c', b] = g_padded[r'+K1−a−1, c'+K2−b−1]
    # step 7: collapse δ, twice
    g_windows = view(g_padded, (H, K1, W, K2), (K1 - 1, K2 - 1), ((1, 0), (-1, 0), (0, 1), (0, -1)))
    # dx[r', c'] = Σ_{a<K1, b<K2} g_windows[r', a, c', b]·k[a, b]
    # as a matrix product: g_windows is copied into a matrix, a column a window (im2col)
    # step 7: collapse δ, twice
    return np.matmul(
        k.reshape(1, K1 * K2),
        g_windows.transpose(1, 3, 0, 2).reshape(K1 * K2, H * W),
    ).reshape(H, W)


def gradient_k(g, x, k):
    """∂L/∂k.

        dk[a', b'] = Σ_{r<R, c<C} g[r, c]·x[r+a', c+b']

    In words: cross-correlation of x with g.
    Of k only the shape counts.
    Shapes: x[H, W], k[K1, K2], g[R, C] → dk[K1, K2].
    For all sizes H, W, R, C ≥ 0, K1, K2 ≥ 1.
    Provided that R = max(0, H−K1+1), C = max(0, W−K2+1).
    """
    dtype = common_dtype(x, k, g, integers=True)
    x, k, g = (np.asarray(array, dtype) for array in (x, k, g))
    H, W = shape_of("x", x, "H, W")
    K1, K2 = shape_of("k", k, "K1, K2")
    R = max(0, H - K1 + 1)
    C = max(0, W - K2 + 1)
    require(K1 >= 1, "conv_dk requires 1 <= K1", K1=K1)
    require(K2 >= 1, "conv_dk requires 1 <= K2", K2=K2)
    require(R >= 1 or H == 0, "conv_dk requires R >= 1 (the window must fit)", K1=K1, H=H)
    require(C >= 1 or W == 0, "conv_dk requires C >= 1 (the window must fit)", K2=K2, W=W)
    expect("g", g, "R, C", (R, C))
    if 0 in (K1, K2):
        return np.zeros((K1, K2), dtype)

    # x_windows[a', r, b', c] = x[r+a', c+b']
    # step 6: collapse δ, twice
    x_windows = view(x, (K1, R, K2, C), (0, 0), ((1, 0), (1, 0), (0, 1), (0, 1)))
    # dk[a', b'] = Σ_{r<R, c<C} g[r, c]·x_windows[a', r, b', c]
    # as a matrix product: x_windows is copied into a matrix, a column a window (im2col)
    # step 6: collapse δ, twice
    return np.matmul(
        g.reshape(1, R * C),
        x_windows.transpose(1, 3, 0, 2).reshape(R * C, K1 * K2),
    ).reshape(K1, K2)


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
