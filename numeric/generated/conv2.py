"""The layer conv, forward and backward.

Generated from the layer's equations; needs NumPy and the standard library only.
Do not edit: generate it anew instead.
"""

import operator

import numpy as np
from numpy.lib.stride_tricks import as_strided


def forward(x, k, b, *, s1=1, s2=1, d1=1, d2=1, p1=0, p2=0, G=1):
    """The layer conv.

        y[n, o, r, c]
          = b[o]
            + Σ_{i<⌊C/G⌋, a<K1, b<K2} x[n, ⌊o/⌊O/G⌋⌋·⌊C/G⌋+i, s1·r+d1·a−p1, s2·c+d2·b−p2]
                  ·k[o, i, a, b]

    Shapes: x[N, C, H, W], k[O, ⌊C/G⌋, K1, K2], b[O] → y[N, O, H_out, W_out].
    Where H_out = max(0, ⌊(H+2·p1−d1·(K1−1)−1)/s1⌋+1), W_out = max(0,
    ⌊(W+2·p2−d2·(K2−1)−1)/s2⌋+1).
    For all sizes N, C, H, W, O ≥ 0, K1, K2 ≥ 1, s1, s2, d1, d2 ≥ 1, p1, p2 ≥ 0, G ≥ 1.
    Provided that G ∣ C, G ∣ O.
    x reads as 0 up to p1 beyond both ends of its axis H.
    x reads as 0 up to p2 beyond both ends of its axis W.
    Every read is inside its tensor, for all sizes (arithmetic, islpy).
    """
    dtype = common_dtype(x, k, b, integers=True)
    x, k, b = (np.asarray(array, dtype) for array in (x, k, b))
    s1, s2, d1, d2, G = integers(1, s1=s1, s2=s2, d1=d1, d2=d2, G=G)
    p1, p2 = integers(0, p1=p1, p2=p2)
    N, C, H, W = shape_of("x", x, "N, C, H, W")
    O, _, K1, K2 = shape_of("k", k, "O, C//G, K1, K2")
    H_out = max(0, (H + 2 * p1 - d1 * (K1 - 1) - 1) // s1 + 1)
    W_out = max(0, (W + 2 * p2 - d2 * (K2 - 1) - 1) // s2 + 1)
    require(C % G == 0, "conv requires G divides C", G=G, C=C)
    require(O % G == 0, "conv requires G divides O", G=G, O=O)
    require(K1 >= 1, "conv requires 1 <= K1", K1=K1)
    require(K2 >= 1, "conv requires 1 <= K2", K2=K2)
    require(
        H_out >= 1 or H == 0,
        "conv requires H_out >= 1 (the window must fit)",
        p1=p1,
        K1=K1,
        d1=d1,
        H=H,
        s1=s1,
    )
    require(
        W_out >= 1 or W == 0,
        "conv requires W_out >= 1 (the window must fit)",
        p2=p2,
        K2=K2,
        d2=d2,
        W=W,
        s2=s2,
    )
    expect("k", k, "O, C//G, K1, K2", (O, C // G, K1, K2))
    expect("b", b, "O", (O,))
    if 0 in (N, O, H_out, W_out):
        return np.zeros((N, O, H_out, W_out), dtype)

    # k_split[o1, o2, i, a, b] = k[o1·⌊O/G⌋+o2, i, a, b]
    k_split = k.reshape(G, O // G, C // G, K1, K2)
    # x_padded: x with 0 around it, as far as it is read
    x_padded = np.pad(
        x,
        (
            (0, 0),
            (0, 0),
            (p1, max(0, s1 * H_out + d1 * K1 - H - d1 - p1 - s1 + 1)),
            (p2, max(0, d2 * K2 + s2 * W_out - W - d2 - p2 - s2 + 1)),
        ),
    )
    # x_windows[n, o1, i, r, a, c, b] = x_padded[n, o1·⌊C/G⌋+i, s1·r+d1·a, s2·c+d2·b]
    x_windows = view(
        x_padded,
        (N, G, C // G, H_out, K1, W_out, K2),
        (0, 0, 0, 0),
        (
            (1, 0, 0, 0),
            (0, C // G, 0, 0),
            (0, 1, 0, 0),
            (0, 0, s1, 0),
            (0, 0, d1, 0),
            (0, 0, 0, s2),
            (0, 0, 0, d2),
        ),
    )
    # y_sum[n, o1, o2, r, c]
    #   = Σ_{i<⌊C/G⌋, a<K1, b<K2} k_split[o1, o2, i, a, b]·x_windows[n, o1, i, r, a, c, b]
    # as a matrix product: x_windows is copied into a matrix, a column a window (im2col)
    y_sum = np.matmul(
        k_split.reshape(G, O // G, (C // G) * K1 * K2),
        x_windows.transpose(0, 1, 2, 4, 6, 3, 5).reshape(N, G, (C // G) * K1 * K2, H_out * W_out),
    ).reshape(N, G, O // G, H_out, W_out)
    # b_split[o1, o2] = b[o1·⌊O/G⌋+o2]
    b_split = b.reshape(G, O // G)
    # y_parts[n, o1, o2, r, c] = b_split[o1, o2] + y_sum[n, o1, o2, r, c]
    y_parts = b_split[:, :, None, None] + y_sum
    # y[n, o, r, c] = y_parts[n, ⌊o/⌊O/G⌋⌋, o mod ⌊O/G⌋, r, c]
    return y_parts.reshape(N, O, H_out, W_out)


def gradient_x(g, x, k, b, *, s1=1, s2=1, d1=1, d2=1, p1=0, p2=0, G=1):
    """∂L/∂x.

        dx[n', o', r', c']
          = Σ_{o<O, a<K1, b<K2} [⌊o'/⌊C/G⌋⌋ = ⌊o/⌊O/G⌋⌋]·[s1 ∣ r'+p1−d1·a]
                                ·[0 ≤ (r'+p1−d1·a)/s1 < H_out]·[s2 ∣ c'+p2−d2·b]
                                ·[0 ≤ (c'+p2−d2·b)/s2 < W_out]
                                ·g[n', o, (r'+p1−d1·a)/s1, (c'+p2−d2·b)/s2]
                                ·k[o, o'−⌊o/⌊O/G⌋⌋·⌊C/G⌋, a, b]

    In words: convolution of zero-stuffed g (stride (s1, s2)) with k dilated by (d1, d2),
    cropped by (p1, p2), summed over o, within each of the G groups.
    Of x and b only the shapes count.
    Shapes: x[N, C, H, W], k[O, ⌊C/G⌋, K1, K2], b[O], g[N, O, H_out, W_out] → dx[N, C, H, W].
    For all sizes N, C, H, W, O, H_out, W_out ≥ 0, K1, K2 ≥ 1, s1, s2, d1, d2 ≥ 1, p1, p2 ≥ 0, G
    ≥ 1.
    Provided that G ∣ C, G ∣ O, H_out = max(0, ⌊(H+2·p1−d1·(K1−1)−1)/s1⌋+1), W_out = max(0,
    ⌊(W+2·p2−d2·(K2−1)−1)/s2⌋+1).
    """
    dtype = common_dtype(x, k, b, g, integers=True)
    x, k, b, g = (np.asarray(array, dtype) for array in (x, k, b, g))
    s1, s2, d1, d2, G = integers(1, s1=s1, s2=s2, d1=d1, d2=d2, G=G)
    p1, p2 = integers(0, p1=p1, p2=p2)
    N, C, H, W = shape_of("x", x, "N, C, H, W")
    O, _, K1, K2 = shape_of("k", k, "O, C//G, K1, K2")
    H_out = max(0, (H + 2 * p1 - d1 * (K1 - 1) - 1) // s1 + 1)
    W_out = max(0, (W + 2 * p2 - d2 * (K2 - 1) - 1) // s2 + 1)
    require(C % G == 0, "conv_dx requires G divides C", G=G, C=C)
    require(O % G == 0, "conv_dx requires G divides O", G=G, O=O)
    require(K1 >= 1, "conv_dx requires 1 <= K1", K1=K1)
    require(K2 >= 1, "conv_dx requires 1 <= K2", K2=K2)
    require(
        H_out >= 1 or H == 0,
        "conv_dx requires H_out >= 1 (the window must fit)",
        p1=p1,
        K1=K1,
        d1=d1,
        H=H,
        s1=s1,
    )
    require(
        W_out >= 1 or W == 0,
        "conv_dx requires W_out >= 1 (the window must fit)",
        p2=p2,
        K2=K2,
        d2=d2,
        W=W,
        s2=s2,
    )
    expect("k", k, "O, C//G, K1, K2", (O, C // G, K1, K2))
    expect("b", b, "O", (O,))
    expect("g", g, "N, O, H_out, W_out", (N, O, H_out, W_out))
    if 0 in (N, C, H, W):
        return np.zeros((N, C, H, W), dtype)

    # g_split[n', o1', o2, r'', c''] = g[n', o1'·⌊O/G⌋+o2, r'', c'']
    g_split = g.reshape(N, G, O // G, H_out, W_out)
    # k_split[o1', o2, o2', a, b] = k[o1'·⌊O/G⌋+o2, o2', a, b]
    k_split = k.reshape(G, O // G, C // G, K1, K2)
    # dx_sum[n', o1', o2', a, b, r'', c'']
    #   = Σ_{o2<⌊O/G⌋} g_split[n', o1', o2, r'', c'']·k_split[o1', o2, o2', a, b]
    # step 11: collapse δ
    dx_sum = np.matmul(
        k_split.transpose(0, 2, 3, 4, 1).reshape(G, (C // G) * K1 * K2, O // G),
        g_split.reshape(N, G, O // G, H_out * W_out),
    ).reshape(N, G, C // G, K1, K2, H_out, W_out)
    # dx_parts[n', o1', o2', s1·r''+d1·a−p1, s2·c''+d2·b−p2] += dx_sum[n', o1', o2', a, b, r'',
    # c''], wherever that is inside
    # step 14: same block
    dx_parts = np.zeros(
        (
            N,
            G,
            C // G,
            H + max(0, s1 * H_out + d1 * K1 - H - d1 - p1 - s1 + 1) + p1,
            max(0, d2 * K2 + s2 * W_out - W - d2 - p2 - s2 + 1) + W + p2,
        ),
        dtype,
    )
    for a, b_ in np.ndindex(K1, K2):
        dx_parts[
            :,
            :,
            :,
            d1 * a : d1 * a + s1 * H_out : s1,
            d2 * b_ : d2 * b_ + s2 * W_out : s2,
        ] += dx_sum[:, :, :, a, b_]
    dx_parts = dx_parts[:, :, :, p1 : H + p1, p2 : W + p2]
    # dx[n', o', r', c'] = dx_parts[n', ⌊o'/⌊C/G⌋⌋, o' mod ⌊C/G⌋, r', c']
    return dx_parts.reshape(N, C, H, W)


def gradient_k(g, x, k, b, *, s1=1, s2=1, d1=1, d2=1, p1=0, p2=0, G=1):
    """∂L/∂k.

        dk[o', i', a', b']
          = Σ_{n<N, r<H_out, c<W_out} [0 ≤ s1·r+d1·a'−p1 < H]·[0 ≤ s2·c+d2·b'−p2 < W]
                ·g[n, o', r, c]·x[n, ⌊o'/⌊O/G⌋⌋·⌊C/G⌋+i', s1·r+d1·a'−p1, s2·c+d2·b'−p2]

    In words: cross-correlation of zero-padded x with g dilated by (s1, s2), read with stride
    (d1, d2), summed over n, within each of the G groups.
    Of k and b only the shapes count.
    Shapes: x[N, C, H, W], k[O, ⌊C/G⌋, K1, K2], b[O], g[N, O, H_out, W_out] → dk[O, ⌊C/G⌋, K1,
    K2].
    For all sizes N, C, H, W, O, H_out, W_out ≥ 0, K1, K2 ≥ 1, s1, s2, d1, d2 ≥ 1, p1, p2 ≥ 0, G
    ≥ 1.
    Provided that G ∣ C, G ∣ O, H_out = max(0, ⌊(H+2·p1−d1·(K1−1)−1)/s1⌋+1), W_out = max(0,
    ⌊(W+2·p2−d2·(K2−1)−1)/s2⌋+1).
    """
    dtype = common_dtype(x, k, b, g, integers=True)
    x, k, b, g = (np.asarray(array, dtype) for array in (x, k, b, g))
    s1, s2, d1, d2, G = integers(1, s1=s1, s2=s2, d1=d1, d2=d2, G=G)
    p1, p2 = integers(0, p1=p1, p2=p2)
    N, C, H, W = shape_of("x", x, "N, C, H, W")
    O, _, K1, K2 = shape_of("k", k, "O, C//G, K1, K2")
    H_out = max(0, (H + 2 * p1 - d1 * (K1 - 1) - 1) // s1 + 1)
    W_out = max(0, (W + 2 * p2 - d2 * (K2 - 1) - 1) // s2 + 1)
    require(C % G == 0, "conv_dk requires G divides C", G=G, C=C)
    require(O % G == 0, "conv_dk requires G divides O", G=G, O=O)
    require(K1 >= 1, "conv_dk requires 1 <= K1", K1=K1)
    require(K2 >= 1, "conv_dk requires 1 <= K2", K2=K2)
    require(
        H_out >= 1 or H == 0,
        "conv_dk requires H_out >= 1 (the window must fit)",
        p1=p1,
        K1=K1,
        d1=d1,
        H=H,
        s1=s1,
    )
    require(
        W_out >= 1 or W == 0,
        "conv_dk requires W_out >= 1 (the window must fit)",
        p2=p2,
        K2=K2,
        d2=d2,
        W=W,
        s2=s2,
    )
    expect("k", k, "O, C//G, K1, K2", (O, C // G, K1, K2))
    expect("b", b, "O", (O,))
    expect("g", g, "N, O, H_out, W_out", (N, O, H_out, W_out))
    if 0 in (O, C // G, K1, K2):
        return np.zeros((O, C // G, K1, K2), dtype)

    # g_split[n, o1', o2', r, c] = g[n, o1'·⌊O/G⌋+o2', r, c]
    g_split = g.reshape(N, G, O // G, H_out, W_out)
    # x_padded: x with 0 around it, as far as it is read
    # step 9: drop a redundant guard, 4 times
    x_padded = np.pad(
        x,
        (
            (0, 0),
            (0, 0),
            (p1, max(0, s1 * H_out + d1 * K1 - H - d1 - p1 - s1 + 1)),
            (p2, max(0, d2 * K2 + s2 * W_out - W - d2 - p2 - s2 + 1)),
        ),
    )
    # x_windows[n, o1', i', a', r, b', c] = x_padded[n, o1'·⌊C/G⌋+i', s1·r+d1·a', s2·c+d2·b']
    # step 8: collapse δ, 4 times
    x_windows = view(
        x_padded,
        (N, G, C // G, K1, H_out, K2, W_out),
        (0, 0, 0, 0),
        (
            (1, 0, 0, 0),
            (0, C // G, 0, 0),
            (0, 1, 0, 0),
            (0, 0, d1, 0),
            (0, 0, s1, 0),
            (0, 0, 0, d2),
            (0, 0, 0, s2),
        ),
    )
    # dk_parts[o1', o2', i', a', b']
    #   = Σ_{n<N, r<H_out, c<W_out} g_split[n, o1', o2', r, c]·x_windows[n, o1', i', a', r, b', c]
    # as a matrix product: x_windows is copied into a matrix, a column a window (im2col)
    # step 8: collapse δ, 4 times
    dk_parts = np.matmul(
        g_split.transpose(1, 2, 0, 3, 4).reshape(G, O // G, N * H_out * W_out),
        x_windows.transpose(1, 0, 4, 6, 2, 3, 5).reshape(G, N * H_out * W_out, (C // G) * K1 * K2),
    ).reshape(G, O // G, C // G, K1, K2)
    # dk[o', i', a', b'] = dk_parts[⌊o'/⌊O/G⌋⌋, o' mod ⌊O/G⌋, i', a', b']
    return dk_parts.reshape(O, C // G, K1, K2)


def gradient_b(g, x, k, b, *, s1=1, s2=1, d1=1, d2=1, p1=0, p2=0, G=1):
    """∂L/∂b.

        db[o'] = Σ_{n<N, r<H_out, c<W_out} g[n, o', r, c]

    In words: sum of g over n, r, c.
    Of x, k and b only the shapes count.
    Shapes: x[N, C, H, W], k[O, ⌊C/G⌋, K1, K2], b[O], g[N, O, H_out, W_out] → db[O].
    For all sizes N, C, H, W, O, H_out, W_out ≥ 0, K1, K2 ≥ 1, s1, s2, d1, d2 ≥ 1, p1, p2 ≥ 0, G
    ≥ 1.
    Provided that G ∣ C, G ∣ O, H_out = max(0, ⌊(H+2·p1−d1·(K1−1)−1)/s1⌋+1), W_out = max(0,
    ⌊(W+2·p2−d2·(K2−1)−1)/s2⌋+1).
    """
    dtype = common_dtype(x, k, b, g, integers=True)
    x, k, b, g = (np.asarray(array, dtype) for array in (x, k, b, g))
    s1, s2, d1, d2, G = integers(1, s1=s1, s2=s2, d1=d1, d2=d2, G=G)
    p1, p2 = integers(0, p1=p1, p2=p2)
    N, C, H, W = shape_of("x", x, "N, C, H, W")
    O, _, K1, K2 = shape_of("k", k, "O, C//G, K1, K2")
    H_out = max(0, (H + 2 * p1 - d1 * (K1 - 1) - 1) // s1 + 1)
    W_out = max(0, (W + 2 * p2 - d2 * (K2 - 1) - 1) // s2 + 1)
    require(C % G == 0, "conv_db requires G divides C", G=G, C=C)
    require(O % G == 0, "conv_db requires G divides O", G=G, O=O)
    require(K1 >= 1, "conv_db requires 1 <= K1", K1=K1)
    require(K2 >= 1, "conv_db requires 1 <= K2", K2=K2)
    require(
        H_out >= 1 or H == 0,
        "conv_db requires H_out >= 1 (the window must fit)",
        p1=p1,
        K1=K1,
        d1=d1,
        H=H,
        s1=s1,
    )
    require(
        W_out >= 1 or W == 0,
        "conv_db requires W_out >= 1 (the window must fit)",
        p2=p2,
        K2=K2,
        d2=d2,
        W=W,
        s2=s2,
    )
    expect("k", k, "O, C//G, K1, K2", (O, C // G, K1, K2))
    expect("b", b, "O", (O,))
    expect("g", g, "N, O, H_out, W_out", (N, O, H_out, W_out))
    if O == 0:
        return np.zeros((O,), dtype)

    # db[o'] = Σ_{n<N, r<H_out, c<W_out} g[n, o', r, c]
    # step 6: collapse δ
    return np.sum(g, axis=(0, 2, 3), dtype=dtype)


def backward(g, x, k, b, *, s1=1, s2=1, d1=1, d2=1, p1=0, p2=0, G=1):
    """The gradients by all tensors, under their names."""
    return {
        "x": gradient_x(g, x, k, b, s1=s1, s2=s2, d1=d1, d2=d2, p1=p1, p2=p2, G=G),
        "k": gradient_k(g, x, k, b, s1=s1, s2=s2, d1=d1, d2=d2, p1=p1, p2=p2, G=G),
        "b": gradient_b(g, x, k, b, s1=s1, s2=s2, d1=d1, d2=d2, p1=p1, p2=p2, G=G),
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
