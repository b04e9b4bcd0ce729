"""The layer conv, forward and backward.

Generated from the layer's equations; needs NumPy and the standard library only.
Do not edit: generate it anew instead.
"""

import operator

import numpy as np
from numpy.lib.stride_tricks import as_strided


def forward(x, k):
    """The layer conv.

        y[r1, r2, r3] = Σ_{a1<K1, a2<K2, a3<K3} x[r1+a1, r2+a2, r3+a3]·k[a1, a2, a3]

    In words: cross-correlation of x with k.
    Shapes: x[H1, H2, H3], k[K1, K2, K3] → y[R1, R2, R3].
    Where R1 = max(0, H1−K1+1), R2 = max(0, H2−K2+1), R3 = max(0, H3−K3+1).
    For all sizes H1, H2, H3 ≥ 0, K1, K2, K3 ≥ 1.
    Every read is inside its tensor, for all sizes (arithmetic, islpy).
    """
    dtype = common_dtype(x, k, integers=True)
    x, k = (np.asarray(array, dtype) for array in (x, k))
    H1, H2, H3 = shape_of("x", x, "H1, H2, H3")
    K1, K2, K3 = shape_of("k", k, "K1, K2, K3")
    R1 = max(0, H1 - K1 + 1)
    R2 = max(0, H2 - K2 + 1)
    R3 = max(0, H3 - K3 + 1)
    require(K1 >= 1, "conv requires 1 <= K1", K1=K1)
    require(K2 >= 1, "conv requires 1 <= K2", K2=K2)
    require(K3 >= 1, "conv requires 1 <= K3", K3=K3)
    require(R1 >= 1 or H1 == 0, "conv requires R1 >= 1 (the window must fit)", K1=K1, H1=H1)
    require(R2 >= 1 or H2 == 0, "conv requires R2 >= 1 (the window must fit)", K2=K2, H2=H2)
    require(R3 >= 1 or H3 == 0, "conv requires R3 >= 1 (the window must fit)", K3=K3, H3=H3)
    if 0 in (R1, R2, R3):
        return np.zeros((R1, R2, R3), dtype)

    # x_windows[r1, a1, r2, a2, r3, a3] = x[r1+a1, r2+a2, r3+a3]
    x_windows = view(
        x,
        (R1, K1, R2, K2, R3, K3),
        (0, 0, 0),
        ((1, 0, 0), (1, 0, 0), (0, 1, 0), (0, 1, 0), (0, 0, 1), (0, 0, 1)),
    )
    # y[r1, r2, r3] = Σ_{a1<K1, a2<K2, a3<K3} x_windows[r1, a1, r2, a2, r3, a3]·k[a1, a2, a3]
    # as a matrix product: x_windows is copied into a matrix, a column a window (im2col)
    return np.matmul(
        k.reshape(1, K1 * K2 * K3),
        x_windows.transpose(1, 3, 5, 0, 2, 4).reshape(K1 * K2 * K3, R1 * R2 * R3),
    ).reshape(R1, R2, R3)


def gradient_x(g, x, k):
    """∂L/∂x.

        dx[r1', r2', r3']
          = Σ_{a1<K1, a2<K2, a3<K3} [0 ≤ r1'−a1 < R1]·[0 ≤ r2'−a2 < R2]·[0 ≤ r3'−a3 < R3]
                ·g[r1'−a1, r2'−a2, r3'−a3]·k[a1, a2, a3]

    In words: full convolution of g with k.
    Of x only the shape counts.
    Shapes: x[H1, H2, H3], k[K1, K2, K3], g[R1, R2, R3] → dx[H1, H2, H3].
    For all sizes H1, H2, H3, R1, R2, R3 ≥ 0, K1, K2, K3 ≥ 1.
    Provided that R1 = max(0, H1−K1+1), R2 = max(0, H2−K2+1), R3 = max(0, H3−K3+1).
    """
    dtype = common_dtype(x, k, g, integers=True)
    x, k, g = (np.asarray(array, dtype) for array in (x, k, g))
    H1, H2, H3 = shape_of("x", x, "H1, H2, H3")
    K1, K2, K3 = shape_of("k", k, "K1, K2, K3")
    R1 = max(0, H1 - K1 + 1)
    R2 = max(0, H2 - K2 + 1)
    R3 = max(0, H3 - K3 + 1)
    require(K1 >= 1, "conv_dx requires 1 <= K1", K1=K1)
    require(K2 >= 1, "conv_dx requires 1 <= K2", K2=K2)
    require(K3 >= 1, "conv_dx requires 1 <= K3", K3=K3)
    require(R1 >= 1 or H1 == 0, "conv_dx requires R1 >= 1 (the window must fit)", K1=K1, H1=H1)
    require(R2 >= 1 or H2 == 0, "conv_dx requires R2 >= 1 (the window must fit)", K2=K2, H2=H2)
    require(R3 >= 1 or H3 == 0, "conv_dx requires R3 >= 1 (the window must fit)", K3=K3, H3=H3)
    expect("g", g, "R1, R2, R3", (R1, R2, R3))
    if 0 in (H1, H2, H3):
        return np.zeros((H1, H2, H3), dtype)

    # g_padded: g with 0 around it, as far as it is read
    # step 7: collapse δ, 3 times
    g_padded = np.pad(g, ((K1 - 1, H1 - R1), (K2 - 1, H2 - R2), (K3 - 1, H3 - R3)))
    # g_windows[r1', a1, r2', a2, r3', a3] = g_padded[r1'+K1−a1−1, r2'+K2−a2−1, r3'+K3−a3−1]
    # step 7: collapse δ, 3 times
    g_windows = view(
        g_padded,
        (H1, K1, H2, K2, H3, K3),
        (K1 - 1, K2 - 1, K3 - 1),
        ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)),
    )
    # dx[r1', r2', r3'] = Σ_{a1<K1, a2<K2, a3<K3} g_windows[r1', a1, r2', a2, r3', a3]·k[a1, a2, a3]
    # as a matrix product: g_windows is copied into a matrix, a column a window (im2col)
    # step 7: collapse δ, 3 times
    return np.matmul(
        k.reshape(1, K1 * K2 * K3),
        g_windows.transpose(1, 3, 5, 0, 2, 4).reshape(K1 * K2 * K3, H1 * H2 * H3),
    ).reshape(H1, H2, H3)


def gradient_k(g, x, k):
    """∂L/∂k.

        dk[a1', a2', a3'] = Σ_{r1<R1, r2<R2, r3<R3} g[r1, r2, r3]·x[r1+a1', r2+a2', r3+a3']

    In words: cross-correlation of x with g.
    Of k only the shape counts.
    Shapes: x[H1, H2, H3], k[K1, K2, K3], g[R1, R2, R3] → dk[K1, K2, K3].
    For all sizes H1, H2, H3, R1, R2, R3 ≥ 0, K1, K2, K3 ≥ 1.
    Provided that R1 = max(0, H1−K1+1), R2 = max(0, H2−K2+1), R3 = max(0, H3−K3+1).
    """
    dtype = common_dtype(x, k, g, integers=True)
    x, k, g = (np.asarray(array, dtype) for array in (x, k, g))
    H1, H2, H3 = shape_of("x", x, "H1, H2, H3")
    K1, K2, K3 = shape_of("k", k, "K1, K2, K3")
    R1 = max(0, H1 - K1 + 1)
    R2 = max(0, H2 - K2 + 1)
    R3 = max(0, H3 - K3 + 1)
    require(K1 >= 1, "conv_dk requires 1 <= K1", K1=K1)
    require(K2 >= 1, "conv_dk requires 1 <= K2", K2=K2)
    require(K3 >= 1, "conv_dk requires 1 <= K3", K3=K3)
    require(R1 >= 1 or H1 == 0, "conv_dk requires R1 >= 1 (the window must fit)", K1=K1, H1=H1)
    require(R2 >= 1 or H2 == 0, "conv_dk requires R2 >= 1 (the window must fit)", K2=K2, H2=H2)
    require(R3 >= 1 or H3 == 0, "conv_dk requires R3 >= 1 (the window must fit)", K3=K3, H3=H3)
    expect("g", g, "R1, R2, R3", (R1, R2, R3))
    if 0 in (K1, K2, K3):
        return np.zeros((K1, K2, K3), dtype)

    # x_windows[a1', r1, a2', r2, a3', r3] = x[r1+a1', r2+a2', r3+a3']
    # step 6: collapse δ, 3 times
    x_windows = view(
        x,
        (K1, R1, K2, R2, K3, R3),
        (0, 0, 0),
        ((1, 0, 0), (1, 0, 0), (0, 1, 0), (0, 1, 0), (0, 0, 1), (0, 0, 1)),
    )
    # dk[a1', a2', a3'] = Σ_{r1<R1, r2<R2, r3<R3} g[r1, r2, r3]·x_windows[a1', r1, a2', r2, a3', r3]
    # as a matrix product: x_windows is copied into a matrix, a column a window (im2col)
    # step 6: collapse δ, 3 times
    return np.matmul(
        g.reshape(1, R1 * R2 * R3),
        x_windows.transpose(1, 3, 5, 0, 2, 4).reshape(R1 * R2 * R3, K1 * K2 * K3),
    ).reshape(K1, K2, K3)


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
