"""The layer conv_transpose, forward and backward.

Generated from the layer's equations; needs NumPy and the standard library only.
Do not edit: generate it anew instead.
"""

import operator

import numpy as np
from numpy.lib.stride_tricks import as_strided


def forward(x, k, b, *, s=1, d=1, p=0, e=0, G=1):
    """The layer conv_transpose.

        y[n, o, r] = b[o]
                     + Σ_{i<⌊C/G⌋, a<K} x[n, ⌊o/⌊O/G⌋⌋·⌊C/G⌋+i, (r+p−d·a)/s]
                                        ·k[⌊o/⌊O/G⌋⌋·⌊C/G⌋+i, o mod ⌊O/G⌋, a]

    Shapes: x[N, C, H], k[C, ⌊O/G⌋, K], b[O] → y[N, O, R].
    Where R = max(0, s·(H−1)+d·(K−1)+e−2·p+1).
    For all sizes N, C, H, O, K ≥ 0, s, d ≥ 1, p, e ≥ 0, G ≥ 1.
    Provided that G ∣ O, G ∣ C.
    x reads as 0 everywhere outside its axis H.
    Every read is inside its tensor, for all sizes (arithmetic, islpy).
    """
    dtype = common_dtype(x, k, b, integers=True)
    x, k, b = (np.asarray(array, dtype) for array in (x, k, b))
    s, d, G = integers(1, s=s, d=d, G=G)
    p, e = integers(0, p=p, e=e)
    N, C, H = shape_of("x", x, "N, C, H")
    _, _, K = shape_of("k", k, "C, O//G, K")
    O = k.shape[1] * G
    R = max(0, s * (H - 1) + d * (K - 1) + e - 2 * p + 1)
    require(O % G == 0, "conv_transpose requires G divides O", G=G, O=O)
    require(C % G == 0, "conv_transpose requires G divides C", G=G, C=C)
    require(
        R >= 1 or 0 in (H, K),
        "conv_transpose requires R >= 1 (the window must fit)",
        p=p,
        H=H,
        s=s,
        K=K,
        d=d,
        e=e,
    )
    expect("k", k, "C, O//G, K", (C, O // G, K))
    expect("b", b, "O", (O,))
    if 0 in (N, O, R):
        return np.zeros((N, O, R), dtype)

    # k_split[o1, i, o2, a] = k[o1·⌊C/G⌋+i, o2, a]
    k_split = k.reshape(G, C // G, O // G, K)
    # x_split[n, o1, i, r'] = x[n, o1·⌊C/G⌋+i, r']
    x_split = x.reshape(N, G, C // G, H)
    # y_sum[n, o1, o2, a, r'] = Σ_{i<⌊C/G⌋} k_split[o1, i, o2, a]·x_split[n, o1, i, r']
    y_sum = np.matmul(
        k_split.transpose(0, 2, 3, 1).reshape(G, (O // G) * K, C // G),
        x_split,
    ).reshape(N, G, O // G, K, H)
    # y_spread[n, o1, o2, s·r'+d·a−p] += y_sum[n, o1, o2, a, r'], wherever that is inside
    y_spread = np.zeros((N, G, O // G, max(0, s * H + d * K - R - d - p - s + 1) + R + p), dtype)
    for (a,) in np.ndindex(K):
        y_spread[:, :, :, d * a : d * a + s * H : s] += y_sum[:, :, :, a]
    y_spread = y_spread[:, :, :, p : R + p]
    # b_split[o1, o2] = b[o1·⌊O/G⌋+o2]
    b_split = b.reshape(G, O // G)
    # y_parts[n, o1, o2, r] = b_split[o1, o2] + y_spread[n, o1, o2, r]
    y_parts = b_split[:, :, None] + y_spread
    # y[n, o, r] = y_parts[n, ⌊o/⌊O/G⌋⌋, o mod ⌊O/G⌋, r]
    return y_parts.reshape(N, O, R)


def gradient_x(g, x, k, b, *, s=1, d=1, p=0, e=0, G=1):
    """∂L/∂x.

        dx[n', o', r']
          = Σ_{o<O, a<K} [⌊o'/⌊C/G⌋⌋ = ⌊o/⌊O/G⌋⌋]·[0 ≤ s·r'+d·a−p < R]·g[n', o, s·r'+d·a−p]
                         ·k[o', o mod ⌊O/G⌋, a]

    In words: cross-correlation of zero-padded g with k dilated by d, read with stride s, summed
    over o, within each of the G groups.
    Of x and b only the shapes count.
    Shapes: x[N, C, H], k[C, ⌊O/G⌋, K], b[O], g[N, O, R] → dx[N, C, H].
    For all sizes N, C, H, O, K, R ≥ 0, s, d ≥ 1, p, e ≥ 0, G ≥ 1.
    Provided that G ∣ O, G ∣ C, R = max(0, s·(H−1)+d·(K−1)+e−2·p+1).
    """
    dtype = common_dtype(x, k, b, g, integers=True)
    x, k, b, g = (np.asarray(array, dtype) for array in (x, k, b, g))
    s, d, G = integers(1, s=s, d=d, G=G)
    p, e = integers(0, p=p, e=e)
    N, C, H = shape_of("x", x, "N, C, H")
    _, _, K = shape_of("k", k, "C, O//G, K")
    O = k.shape[1] * G
    R = max(0, s * (H - 1) + d * (K - 1) + e - 2 * p + 1)
    require(O % G == 0, "conv_transpose_dx requires G divides O", G=G, O=O)
    require(C % G == 0, "conv_transpose_dx requires G divides C", G=G, C=C)
    require(
        R >= 1 or 0 in (H, K),
        "conv_transpose_dx requires R >= 1 (the window must fit)",
        p=p,
        H=H,
        s=s,
        K=K,
        d=d,
        e=e,
    )
    expect("k", k, "C, O//G, K", (C, O // G, K))
    expect("b", b, "O", (O,))
    expect("g", g, "N, O, R", (N, O, R))
    if 0 in (N, C, H):
        return np.zeros((N, C, H), dtype)

    # g_padded: g with 0 around it, as far as it is read
    # step 14: same block
    g_padded = np.pad(g, ((0, 0), (0, 0), (p, max(0, s * H + d * K - R - d - p - s + 1))))
    # g_windows[n', o1', o2, r', a] = g_padded[n', o1'·⌊O/G⌋+o2, s·r'+d·a]
    # step 11: collapse δ
    g_windows = view(
        g_padded,
        (N, G, O // G, H, K),
        (0, 0, 0),
        ((1, 0, 0), (0, O // G, 0), (0, 1, 0), (0, 0, s), (0, 0, d)),
    )
    # k_split[o1', o2', o2, a] = k[o1'·⌊C/G⌋+o2', o2, a]
    k_split = k.reshape(G, C // G, O // G, K)
    # dx_parts[n', o1', o2', r']
    #   = Σ_{o2<⌊O/G⌋, a<K} g_windows[n', o1', o2, r', a]·k_split[o1', o2', o2, a]
    # as a matrix product: g_windows is copied into a matrix, a column a window (im2col)
    # step 11: collapse δ
    dx_parts = np.matmul(
        k_split.reshape(G, C // G, (O // G) * K),
        g_windows.transpose(0, 1, 2, 4, 3).reshape(N, G, (O // G) * K, H),
    ).reshape(N, G, C // G, H)
    # dx[n', o', r'] = dx_parts[n', ⌊o'/⌊C/G⌋⌋, o' mod ⌊C/G⌋, r']
    return dx_parts.reshape(N, C, H)


def gradient_k(g, x, k, b, *, s=1, d=1, p=0, e=0, G=1):
    """∂L/∂k.

        dk[o', o'', a']
          = Σ_{n<N, o'''<⌊(O+⌊O/G⌋−1)/⌊O/G⌋⌋, r'<H} [⌊o'/⌊C/G⌋⌋ = ⌊o''/⌊O/G⌋⌋+o''']
                ·[0 ≤ s·r'+d·a'−p < R]·g[n, o'''·⌊O/G⌋+o'', s·r'+d·a'−p]·x[n, o', r']

    In words: cross-correlation of zero-padded g with x dilated by s, read with stride d, summed
    over n, within each of the G groups.
    Of k and b only the shapes count.
    Shapes: x[N, C, H], k[C, ⌊O/G⌋, K], b[O], g[N, O, R] → dk[C, ⌊O/G⌋, K].
    For all sizes N, C, H, O, K, R ≥ 0, s, d ≥ 1, p, e ≥ 0, G ≥ 1.
    Provided that G ∣ O, G ∣ C, R = max(0, s·(H−1)+d·(K−1)+e−2·p+1).
    """
    dtype = common_dtype(x, k, b, g, integers=True)
    x, k, b, g = (np.asarray(array, dtype) for array in (x, k, b, g))
    s, d, G = integers(1, s=s, d=d, G=G)
    p, e = integers(0, p=p, e=e)
    N, C, H = shape_of("x", x, "N, C, H")
    _, _, K = shape_of("k", k, "C, O//G, K")
    O = k.shape[1] * G
    R = max(0, s * (H - 1) + d * (K - 1) + e - 2 * p + 1)
    require(O % G == 0, "conv_transpose_dk requires G divides O", G=G, O=O)
    require(C % G == 0, "conv_transpose_dk requires G divides C", G=G, C=C)
    require(
        R >= 1 or 0 in (H, K),
        "conv_transpose_dk requires R >= 1 (the window must fit)",
        p=p,
        H=H,
        s=s,
        K=K,
        d=d,
        e=e,
    )
    expect("k", k, "C, O//G, K", (C, O // G, K))
    expect("b", b, "O", (O,))
    expect("g", g, "N, O, R", (N, O, R))
    if 0 in (C, O // G, K):
        return np.zeros((C, O // G, K), dtype)

    # g_padded: g with 0 around it, as far as it is read
    # step 16: same block
    g_padded = np.pad(g, ((0, 0), (0, 0), (p, max(0, s * H + d * K - R - d - p - s + 1))))
    # g_windows[n, o1', o'', a', r'] = g_padded[n, o1'·⌊O/G⌋+o'', s·r'+d·a']
    # step 13: sum over the multiples
    g_windows = view(
        g_padded,
        (N, G, O // G, K, H),
        (0, 0, 0),
        ((1, 0, 0), (0, O // G, 0), (0, 1, 0), (0, 0, d), (0, 0, s)),
    )
    # x_split[n, o1', o2', r'] = x[n, o1'·⌊C/G⌋+o2', r']
    x_split = x.reshape(N, G, C // G, H)
    # dk_parts[o1', o2', o'', a']
    #   = Σ_{n<N, r'<H} g_windows[n, o1', o'', a', r']·x_split[n, o1', o2', r']
    # as a matrix product: g_windows is copied into a matrix, a column a window (im2col)
    # step 13: sum over the multiples
    dk_parts = np.matmul(
        x_split.transpose(1, 2, 0, 3).reshape(G, C // G, N * H),
        g_windows.transpose(1, 0, 4, 2, 3).reshape(G, N * H, (O // G) * K),
    ).reshape(G, C // G, O // G, K)
    # dk[o', o'', a'] = dk_parts[⌊o'/⌊C/G⌋⌋, o' mod ⌊C/G⌋, o'', a']
    return dk_parts.reshape(C, O // G, K)


def gradient_b(g, x, k, b, *, s=1, d=1, p=0, e=0, G=1):
    """∂L/∂b.

        db[o'] = Σ_{n<N, r<R} g[n, o', r]

    In words: sum of g over n, r.
    Of x, k and b only the shapes count.
    Shapes: x[N, C, H], k[C, ⌊O/G⌋, K], b[O], g[N, O, R] → db[O].
    For all sizes N, C, H, O, K, R ≥ 0, s, d ≥ 1, p, e ≥ 0, G ≥ 1.
    Provided that G ∣ O, G ∣ C, R = max(0, s·(H−1)+d·(K−1)+e−2·p+1).
    """
    dtype = common_dtype(x, k, b, g, integers=True)
    x, k, b, g = (np.asarray(array, dtype) for array in (x, k, b, g))
    s, d, G = integers(1, s=s, d=d, G=G)
    p, e = integers(0, p=p, e=e)
    N, C, H = shape_of("x", x, "N, C, H")
    _, _, K = shape_of("k", k, "C, O//G, K")
    O = k.shape[1] * G
    R = max(0, s * (H - 1) + d * (K - 1) + e - 2 * p + 1)
    require(O % G == 0, "conv_transpose_db requires G divides O", G=G, O=O)
    require(C % G == 0, "conv_transpose_db requires G divides C", G=G, C=C)
    require(
        R >= 1 or 0 in (H, K),
        "conv_transpose_db requires R >= 1 (the window must fit)",
        p=p,
        H=H,
        s=s,
        K=K,
        d=d,
        e=e,
    )
    expect("k", k, "C, O//G, K", (C, O // G, K))
    expect("b", b, "O", (O,))
    expect("g", g, "N, O, R", (N, O, R))
    if O == 0:
        return np.zeros((O,), dtype)

    # db[o'] = Σ_{n<N, r<R} g[n, o', r]
    # step 6: collapse δ
    return np.sum(g, axis=(0, 2), dtype=dtype)


def backward(g, x, k, b, *, s=1, d=1, p=0, e=0, G=1):
    """The gradients by all tensors, under their names."""
    return {
        "x": gradient_x(g, x, k, b, s=s, d=d, p=p, e=e, G=G),
        "k": gradient_k(g, x, k, b, s=s, d=d, p=p, e=e, G=G),
        "b": gradient_b(g, x, k, b, s=s, d=d, p=p, e=e, G=G),
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


def integers(least, **values):
    """Integer hyperparameters, none of which may be less than ``least``."""
    found = []
    for name, value in values.items():
        try:
            found.append(operator.index(value))
        except TypeError:
            raise ValueError(f"{name} must be an integer, not {value!r}") from None
        if least is not None and found[-1] < least:
            raise ValueError(f"{name} must be at least {least}, not {found[-1]}")
    return found


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
