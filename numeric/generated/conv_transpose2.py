"""The layer conv_transpose, forward and backward.

Generated from the layer's equations; needs NumPy and the standard library only.
Do not edit: generate it anew instead.
"""

import operator

import numpy as np
from numpy.lib.stride_tricks import as_strided


def forward(x, k, b, *, s1=1, s2=1, d1=1, d2=1, p1=0, p2=0, e1=0, e2=0, G=1):
    """The layer conv_transpose.

        y[n, o, r, c]
          = b[o]
            + Σ_{i<⌊C/G⌋, a<K1, b<K2} x[n, ⌊o/⌊O/G⌋⌋·⌊C/G⌋+i, (r+p1−d1·a)/s1, (c+p2−d2·b)/s2]
                  ·k[⌊o/⌊O/G⌋⌋·⌊C/G⌋+i, o mod ⌊O/G⌋, a, b]

    Shapes: x[N, C, H, W], k[C, ⌊O/G⌋, K1, K2], b[O] → y[N, O, H_out, W_out].
    Where H_out = max(0, s1·(H−1)+d1·(K1−1)+e1−2·p1+1), W_out = max(0,
    d2·(K2−1)+s2·(W−1)+e2−2·p2+1).
    For all sizes N, C, H, W, O, K1, K2 ≥ 0, s1, s2, d1, d2 ≥ 1, p1, p2, e1, e2 ≥ 0, G ≥ 1.
    Provided that G ∣ O, G ∣ C.
    x reads as 0 everywhere outside its axis H.
    x reads as 0 everywhere outside its axis W.
    Every read is inside its tensor, for all sizes (arithmetic, islpy).
    """
    dtype = common_dtype(x, k, b, integers=True)
    x, k, b = (np.asarray(array, dtype) for array in (x, k, b))
    s1, s2, d1, d2, G = integers(1, s1=s1, s2=s2, d1=d1, d2=d2, G=G)
    p1, p2, e1, e2 = integers(0, p1=p1, p2=p2, e1=e1, e2=e2)
    N, C, H, W = shape_of("x", x, "N, C, H, W")
    _, _, K1, K2 = shape_of("k", k, "C, O//G, K1, K2")
    O = k.shape[1] * G
    H_out = max(0, s1 * (H - 1) + d1 * (K1 - 1) + e1 - 2 * p1 + 1)
    W_out = max(0, d2 * (K2 - 1) + s2 * (W - 1) + e2 - 2 * p2 + 1)
    require(O % G == 0, "conv_transpose requires G divides O", G=G, O=O)
    require(C % G == 0, "conv_transpose requires G divides C", G=G, C=C)
    require(
        H_out >= 1 or 0 in (H, K1),
        "conv_transpose requires H_out >= 1 (the window must fit)",
        p1=p1,
        H=H,
        s1=s1,
        K1=K1,
        d1=d1,
        e1=e1,
    )
    require(
        W_out >= 1 or 0 in (K2, W),
        "conv_transpose requires W_out >= 1 (the window must fit)",
        p2=p2,
        K2=K2,
        d2=d2,
        W=W,
        s2=s2,
        e2=e2,
    )
    expect("k", k, "C, O//G, K1, K2", (C, O // G, K1, K2))
    expect("b", b, "O", (O,))
    if 0 in (N, O, H_out, W_out):
        return np.zeros((N, O, H_out, W_out), dtype)

    # k_split[o1, i, o2, a, b] = k[o1·⌊C/G⌋+i, o2, a, b]
    k_split = k.reshape(G, C // G, O // G, K1, K2)
    # x_split[n, o1, i, r', c'] = x[n, o1·⌊C/G⌋+i, r', c']
    x_split = x.reshape(N, G, C // G, H, W)
    # y_sum[n, o1, o2, a, b, r', c']
    #   = Σ_{i<⌊C/G⌋} k_split[o1, i, o2, a, b]·x_split[n, o1, i, r', c']
    y_sum = np.matmul(
        k_split.transpose(0, 2, 3, 4, 1).reshape(G, (O // G) * K1 * K2, C // G),
        x_split.reshape(N, G, C // G, H * W),
    ).reshape(N, G, O // G, K1, K2, H, W)
    # y_spread[n, o1, o2, s1·r'+d1·a−p1, s2·c'+d2·b−p2] += y_sum[n, o1, o2, a, b, r', c'], wherever
    # that is inside
    y_spread = np.zeros(
        (
            N,
            G,
            O // G,
            max(0, s1 * H + d1 * K1 - H_out - d1 - p1 - s1 + 1) + H_out + p1,
            max(0, d2 * K2 + s2 * W - W_out - d2 - p2 - s2 + 1) + W_out + p2,
        ),
        dtype,
    )
    for a, b_ in np.ndindex(K1, K2):
        y_spread[
            :,
            :,
            :,
            d1 * a : d1 * a + s1 * H : s1,
            d2 * b_ : d2 * b_ + s2 * W : s2,
        ] += y_sum[:, :, :, a, b_]
    y_spread = y_spread[:, :, :, p1 : H_out + p1, p2 : W_out + p2]
    # b_split[o1, o2] = b[o1·⌊O/G⌋+o2]
    b_split = b.reshape(G, O // G)
    # y_parts[n, o1, o2, r, c] = b_split[o1, o2] + y_spread[n, o1, o2, r, c]
    y_parts = b_split[:, :, None, None] + y_spread
    # y[n, o, r, c] = y_parts[n, ⌊o/⌊O/G⌋⌋, o mod ⌊O/G⌋, r, c]
    return y_parts.reshape(N, O, H_out, W_out)


def gradient_x(g, x, k, b, *, s1=1, s2=1, d1=1, d2=1, p1=0, p2=0, e1=0, e2=0, G=1):
    """∂L/∂x.

        dx[n', o', r', c']
          = Σ_{o<O, a<K1, b<K2} [⌊o'/⌊C/G⌋⌋ = ⌊o/⌊O/G⌋⌋]·[0 ≤ s1·r'+d1·a−p1 < H_out]
                                ·[0 ≤ s2·c'+d2·b−p2 < W_out]
                                ·g[n', o, s1·r'+d1·a−p1, s2·c'+d2·b−p2]·k[o', o mod ⌊O/G⌋, a, b]

    In words: cross-correlation of zero-padded g with k dilated by (d1, d2), read with stride
    (s1, s2), summed over o, within each of the G groups.
    Of x and b only the shapes count.
    Shapes: x[N, C, H, W], k[C, ⌊O/G⌋, K1, K2], b[O], g[N, O, H_out, W_out] → dx[N, C, H, W].
    For all sizes N, C, H, W, O, K1, K2, H_out, W_out ≥ 0, s1, s2, d1, d2 ≥ 1, p1, p2, e1, e2 ≥
    0, G ≥ 1.
    Provided that G ∣ O, G ∣ C, H_out = max(0, s1·(H−1)+d1·(K1−1)+e1−2·p1+1), W_out = max(0,
    d2·(K2−1)+s2·(W−1)+e2−2·p2+1).
    """
    dtype = common_dtype(x, k, b, g, integers=True)
    x, k, b, g = (np.asarray(array, dtype) for array in (x, k, b, g))
    s1, s2, d1, d2, G = integers(1, s1=s1, s2=s2, d1=d1, d2=d2, G=G)
    p1, p2, e1, e2 = integers(0, p1=p1, p2=p2, e1=e1, e2=e2)
    N, C, H, W = shape_of("x", x, "N, C, H, W")
    _, _, K1, K2 = shape_of("k", k, "C, O//G, K1, K2")
    O = k.shape[1] * G
    H_out = max(0, s1 * (H - 1) + d1 * (K1 - 1) + e1 - 2 * p1 + 1)
    W_out = max(0, d2 * (K2 - 1) + s2 * (W - 1) + e2 - 2 * p2 + 1)
    require(O % G == 0, "conv_transpose_dx requires G divides O", G=G, O=O)
    require(C % G == 0, "conv_transpose_dx requires G divides C", G=G, C=C)
    require(
        H_out >= 1 or 0 in (H, K1),
        "conv_transpose_dx requires H_out >= 1 (the window must fit)",
        p1=p1,
        H=H,
        s1=s1,
        K1=K1,
        d1=d1,
        e1=e1,
    )
    require(
        W_out >= 1 or 0 in (K2, W),
        "conv_transpose_dx requires W_out >= 1 (the window must fit)",
        p2=p2,
        K2=K2,
        d2=d2,
        W=W,
        s2=s2,
        e2=e2,
    )
    expect("k", k, "C, O//G, K1, K2", (C, O // G, K1, K2))
    expect("b", b, "O", (O,))
    expect("g", g, "N, O, H_out, W_out", (N, O, H_out, W_out))
    if 0 in (N, C, H, W):
        return np.zeros((N, C, H, W), dtype)

    # g_padded: g with 0 around it, as far as it is read
    # step 17: same block
    g_padded = np.pad(
        g,
        (
            (0, 0),
            (0, 0),
            (p1, max(0, s1 * H + d1 * K1 - H_out - d1 - p1 - s1 + 1)),
            (p2, max(0, d2 * K2 + s2 * W - W_out - d2 - p2 - s2 + 1)),
        ),
    )
    # g_windows[n', o1', o2, r', a, c', b] = g_padded[n', o1'·⌊O/G⌋+o2, s1·r'+d1·a, s2·c'+d2·b]
    # step 14: collapse δ
    g_windows = view(
        g_padded,
        (N, G, O // G, H, K1, W, K2),
        (0, 0, 0, 0),
        (
            (1, 0, 0, 0),
            (0, O // G, 0, 0),
            (0, 1, 0, 0),
            (0, 0, s1, 0),
            (0, 0, d1, 0),
            (0, 0, 0, s2),
            (0, 0, 0, d2),
        ),
    )
    # k_split[o1', o2', o2, a, b] = k[o1'·⌊C/G⌋+o2', o2, a, b]
    k_split = k.reshape(G, C // G, O // G, K1, K2)
    # dx_parts[n', o1', o2', r', c']
    #   = Σ_{o2<⌊O/G⌋, a<K1, b<K2} g_windows[n', o1', o2, r', a, c', b]·k_split[o1', o2', o2, a, b]
    # as a matrix product: g_windows is copied into a matrix, a column a window (im2col)
    # step 14: collapse δ
    dx_parts = np.matmul(
        k_split.reshape(G, C // G, (O // G) * K1 * K2),
        g_windows.transpose(0, 1, 2, 4, 6, 3, 5).reshape(N, G, (O // G) * K1 * K2, H * W),
    ).reshape(N, G, C // G, H, W)
    # dx[n', o', r', c'] = dx_parts[n', ⌊o'/⌊C/G⌋⌋, o' mod ⌊C/G⌋, r', c']
    return dx_parts.reshape(N, C, H, W)


def gradient_k(g, x, k, b, *, s1=1, s2=1, d1=1, d2=1, p1=0, p2=0, e1=0, e2=0, G=1):
    """∂L/∂k.

        dk[o', o'', a', b']
          = Σ_{n<N, o'''<⌊(O+⌊O/G⌋−1)/⌊O/G⌋⌋, r'<H, c'<W} [⌊o'/⌊C/G⌋⌋ = ⌊o''/⌊O/G⌋⌋+o''']
                ·[0 ≤ s1·r'+d1·a'−p1 < H_out]·[0 ≤ s2·c'+d2·b'−p2 < W_out]
                ·g[n, o'''·⌊O/G⌋+o'', s1·r'+d1·a'−p1, s2·c'+d2·b'−p2]·x[n, o', r', c']

    In words: cross-correlation of zero-padded g with x dilated by (s1, s2), read with stride
    (d1, d2), summed over n, within each of the G groups.
    Of k and b only the shapes count.
    Shapes: x[N, C, H, W], k[C, ⌊O/G⌋, K1, K2], b[O], g[N, O, H_out, W_out] → dk[C, ⌊O/G⌋, K1,
    K2].
    For all sizes N, C, H, W, O, K1, K2, H_out, W_out ≥ 0, s1, s2, d1, d2 ≥ 1, p1, p2, e1, e2 ≥
    0, G ≥ 1.
    Provided that G ∣ O, G ∣ C, H_out = max(0, s1·(H−1)+d1·(K1−1)+e1−2·p1+1), W_out = max(0,
    d2·(K2−1)+s2·(W−1)+e2−2·p2+1).
    """
    dtype = common_dtype(x, k, b, g, integers=True)
    x, k, b, g = (np.asarray(array, dtype) for array in (x, k, b, g))
    s1, s2, d1, d2, G = integers(1, s1=s1, s2=s2, d1=d1, d2=d2, G=G)
    p1, p2, e1, e2 = integers(0, p1=p1, p2=p2, e1=e1, e2=e2)
    N, C, H, W = shape_of("x", x, "N, C, H, W")
    _, _, K1, K2 = shape_of("k", k, "C, O//G, K1, K2")
    O = k.shape[1] * G
    H_out = max(0, s1 * (H - 1) + d1 * (K1 - 1) + e1 - 2 * p1 + 1)
    W_out = max(0, d2 * (K2 - 1) + s2 * (W - 1) + e2 - 2 * p2 + 1)
    require(O % G == 0, "conv_transpose_dk requires G divides O", G=G, O=O)
    require(C % G == 0, "conv_transpose_dk requires G divides C", G=G, C=C)
    require(
        H_out >= 1 or 0 in (H, K1),
        "conv_transpose_dk requires H_out >= 1 (the window must fit)",
        p1=p1,
        H=H,
        s1=s1,
        K1=K1,
        d1=d1,
        e1=e1,
    )
    require(
        W_out >= 1 or 0 in (K2, W),
        "conv_transpose_dk requires W_out >= 1 (the window must fit)",
        p2=p2,
        K2=K2,
        d2=d2,
        W=W,
        s2=s2,
        e2=e2,
    )
    expect("k", k, "C, O//G, K1, K2", (C, O // G, K1, K2))
    expect("b", b, "O", (O,))
    expect("g", g, "N, O, H_out, W_out", (N, O, H_out, W_out))
    if 0 in (C, O // G, K1, K2):
        return np.zeros((C, O // G, K1, K2), dtype)

    # g_padded: g with 0 around it, as far as it is read
    # step 18: same block
    g_padded = np.pad(
        g,
        (
            (0, 0),
            (0, 0),
            (p1, max(0, s1 * H + d1 * K1 - H_out - d1 - p1 - s1 + 1)),
            (p2, max(0, d2 * K2 + s2 * W - W_out - d2 - p2 - s2 + 1)),
        ),
    )
    # g_windows[n, o1', o'', a', r', b', c'] = g_padded[n, o1'·⌊O/G⌋+o'', s1·r'+d1·a', s2·c'+d2·b']
    # step 15: sum over the multiples
    g_windows = view(
        g_padded,
        (N, G, O // G, K1, H, K2, W),
        (0, 0, 0, 0),
        (
            (1, 0, 0, 0),
            (0, O // G, 0, 0),
            (0, 1, 0, 0),
            (0, 0, d1, 0),
            (0, 0, s1, 0),
            (0, 0, 0, d2),
            (0, 0, 0, s2),
        ),
    )
    # x_split[n, o1', o2', r', c'] = x[n, o1'·⌊C/G⌋+o2', r', c']
    x_split = x.reshape(N, G, C // G, H, W)
    # dk_parts[o1', o2', o'', a', b']
    #   = Σ_{n<N, r'<H, c'<W} g_windows[n, o1', o'', a', r', b', c']·x_split[n, o1', o2', r', c']
    # as a matrix product: g_windows is copied into a matrix, a column a window (im2col)
    # step 15: sum over the multiples
    dk_parts = np.matmul(
        x_split.transpose(1, 2, 0, 3, 4).reshape(G, C // G, N * H * W),
        g_windows.transpose(1, 0, 4, 6, 2, 3, 5).reshape(G, N * H * W, (O // G) * K1 * K2),
    ).reshape(G, C // G, O // G, K1, K2)
    # dk[o', o'', a', b'] = dk_parts[⌊o'/⌊C/G⌋⌋, o' mod ⌊C/G⌋, o'', a', b']
    return dk_parts.reshape(C, O // G, K1, K2)


def gradient_b(g, x, k, b, *, s1=1, s2=1, d1=1, d2=1, p1=0, p2=0, e1=0, e2=0, G=1):
    """∂L/∂b.

        db[o'] = Σ_{n<N, r<H_out, c<W_out} g[n, o', r, c]

    In words: sum of g over n, r, c.
    Of x, k and b only the shapes count.
    Shapes: x[N, C, H, W], k[C, ⌊O/G⌋, K1, K2], b[O], g[N, O, H_out, W_out] → db[O].
    For all sizes N, C, H, W, O, K1, K2, H_out, W_out ≥ 0, s1, s2, d1, d2 ≥ 1, p1, p2, e1, e2 ≥
    0, G ≥ 1.
    Provided that G ∣ O, G ∣ C, H_out = max(0, s1·(H−1)+d1·(K1−1)+e1−2·p1+1), W_out = max(0,
    d2·(K2−1)+s2·(W−1)+e2−2·p2+1).
    """
    dtype = common_dtype(x, k, b, g, integers=True)
    x, k, b, g = (np.asarray(array, dtype) for array in (x, k, b, g))
    s1, s2, d1, d2, G = integers(1, s1=s1, s2=s2, d1=d1, d2=d2, G=G)
    p1, p2, e1, e2 = integers(0, p1=p1, p2=p2, e1=e1, e2=e2)
    N, C, H, W = shape_of("x", x, "N, C, H, W")
    _, _, K1, K2 = shape_of("k", k, "C, O//G, K1, K2")
    O = k.shape[1] * G
    H_out = max(0, s1 * (H - 1) + d1 * (K1 - 1) + e1 - 2 * p1 + 1)
    W_out = max(0, d2 * (K2 - 1) + s2 * (W - 1) + e2 - 2 * p2 + 1)
    require(O % G == 0, "conv_transpose_db requires G divides O", G=G, O=O)
    require(C % G == 0, "conv_transpose_db requires G divides C", G=G, C=C)
    require(
        H_out >= 1 or 0 in (H, K1),
        "conv_transpose_db requires H_out >= 1 (the window must fit)",
        p1=p1,
        H=H,
        s1=s1,
        K1=K1,
        d1=d1,
        e1=e1,
    )
    require(
        W_out >= 1 or 0 in (K2, W),
        "conv_transpose_db requires W_out >= 1 (the window must fit)",
        p2=p2,
        K2=K2,
        d2=d2,
        W=W,
        s2=s2,
        e2=e2,
    )
    expect("k", k, "C, O//G, K1, K2", (C, O // G, K1, K2))
    expect("b", b, "O", (O,))
    expect("g", g, "N, O, H_out, W_out", (N, O, H_out, W_out))
    if O == 0:
        return np.zeros((O,), dtype)

    # db[o'] = Σ_{n<N, r<H_out, c<W_out} g[n, o', r, c]
    # step 6: collapse δ
    return np.sum(g, axis=(0, 2, 3), dtype=dtype)


def backward(g, x, k, b, *, s1=1, s2=1, d1=1, d2=1, p1=0, p2=0, e1=0, e2=0, G=1):
    """The gradients by all tensors, under their names."""
    return {
        "x": gradient_x(g, x, k, b, s1=s1, s2=s2, d1=d1, d2=d2, p1=p1, p2=p2, e1=e1, e2=e2, G=G),
        "k": gradient_k(g, x, k, b, s1=s1, s2=s2, d1=d1, d2=d2, p1=p1, p2=p2, e1=e1, e2=e2, G=G),
        "b": gradient_b(g, x, k, b, s1=s1, s2=s2, d1=d1, d2=d2, p1=p1, p2=p2, e1=e1, e2=e2, G=G),
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
