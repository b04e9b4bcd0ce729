"""The layer conv, forward and backward.

Generated from the layer's equations; needs NumPy and the standard library only.
Do not edit: generate it anew instead.
"""

import operator

import numpy as np
from numpy.lib.stride_tricks import as_strided


def forward(x, k, b, *, s=1, d=1, p=0, G=1):
    """The layer conv.

        y[n, o, r] = b[o] + Σ_{i<⌊C/G⌋, a<K} x[n, ⌊o/⌊O/G⌋⌋·⌊C/G⌋+i, s·r+d·a−p]·k[o, i, a]

    Shapes: x[N, C, H], k[O, ⌊C/G⌋, K], b[O] → y[N, O, R].
    Where R = max(0, ⌊(H+2·p−d·(K−1)−1)/s⌋+1).
    For all sizes N, C, H, O ≥ 0, K ≥ 1, s, d ≥ 1, p ≥ 0, G ≥ 1.
    Provided that G ∣ C, G ∣ O.
    x reads as 0 up to p beyond both ends of its axis H.
    Every read is inside its tensor, for all sizes (arithmetic, islpy).
    """
    dtype = common_dtype(x, k, b, integers=True)
    x, k, b = (np.asarray(array, dtype) for array in (x, k, b))
    s, d, G = integers(1, s=s, d=d, G=G)
    (p,) = integers(0, p=p)
    N, C, H = shape_of("x", x, "N, C, H")
    O, _, K = shape_of("k", k, "O, C//G, K")
    R = max(0, (H + 2 * p - d * (K - 1) - 1) // s + 1)
    require(C % G == 0, "conv requires G divides C", G=G, C=C)
    require(O % G == 0, "conv requires G divides O", G=G, O=O)
    require(K >= 1, "conv requires 1 <= K", K=K)
    require(R >= 1 or H == 0, "conv requires R >= 1 (the window must fit)", p=p, K=K, d=d, H=H, s=s)
    expect("k", k, "O, C//G, K", (O, C // G, K))
    expect("b", b, "O", (O,))
    if 0 in (N, O, R):
        return np.zeros((N, O, R), dtype)

    # k_split[o1, o2, i, a] = k[o1·⌊O/G⌋+o2, i, a]
    k_split = k.reshape(G, O // G, C // G, K)
    # x_padded: x with 0 around it, as far as it is read
    x_padded = np.pad(x, ((0, 0), (0, 0), (p, max(0, d * K + s * R - H - d - p - s + 1))))
    # x_windows[n, o1, i, r, a] = x_padded[n, o1·⌊C/G⌋+i, s·r+d·a]
    x_windows = view(
        x_padded,
        (N, G, C // G, R, K),
        (0, 0, 0),
        ((1, 0, 0), (0, C // G, 0), (0, 1, 0), (0, 0, s), (0, 0, d)),
    )
    # y_sum[n, o1, o2, r] = Σ_{i<⌊C/G⌋, a<K} k_split[o1, o2, i, a]·x_windows[n, o1, i, r, a]
    # as a matrix product: x_windows is copied into a matrix, a column a window (im2col)
    y_sum = np.matmul(
        k_split.reshape(G, O // G, (C // G) * K),
        x_windows.transpose(0, 1, 2, 4, 3).reshape(N, G, (C // G) * K, R),
    ).reshape(N, G, O // G, R)
    # b_split[o1, o2] = b[o1·⌊O/G⌋+o2]
    b_split = b.reshape(G, O // G)
    # y_parts[n, o1, o2, r] = b_split[o1, o2] + y_sum[n, o1, o2, r]
    y_parts = b_split[:, :, None] + y_sum
    # y[n, o, r] = y_parts[n, ⌊o/⌊O/G⌋⌋, o mod ⌊O/G⌋, r]
    return y_parts.reshape(N, O, R)


def gradient_x(g, x, k, b, *, s=1, d=1, p=0, G=1):
    """∂L/∂x.

        dx[n', o', r']
          = Σ_{o<O, a<K} [⌊o'/⌊C/G⌋⌋ = ⌊o/⌊O/G⌋⌋]·[s ∣ r'+p−d·a]·[0 ≤ (r'+p−d·a)/s < R]
                         ·g[n', o, (r'+p−d·a)/s]·k[o, o'−⌊o/⌊O/G⌋⌋·⌊C/G⌋, a]

    In words: convolution of zero-stuffed g (stride s) with k dilated by d, cropped by p, summed
    over o, within each of the G groups.
    Of x and b only the shapes count.
    Shapes: x[N, C, H], k[O, ⌊C/G⌋, K], b[O], g[N, O, R] → dx[N, C, H].
    For all sizes N, C, H, O, R ≥ 0, K ≥ 1, s, d ≥ 1, p ≥ 0, G ≥ 1.
    Provided that G ∣ C, G ∣ O, R = max(0, ⌊(H+2·p−d·(K−1)−1)/s⌋+1).
    """
    dtype = common_dtype(x, k, b, g, integers=True)
    x, k, b, g = (np.asarray(array, dtype) for array in (x, k, b, g))
    s, d, G = integers(1, s=s, d=d, G=G)
    (p,) = integers(0, p=p)
    N, C, H = shape_of("x", x, "N, C, H")
    O, _, K = shape_of("k", k, "O, C//G, K")
    R = max(0, (H + 2 * p - d * (K - 1) - 1) // s + 1)
    require(C % G == 0, "conv_dx requires G divides C", G=G, C=C)
    require(O % G == 0, "conv_dx requires G divides O", G=G, O=O)
    require(K >= 1, "conv_dx requires 1 <= K", K=K)
    require(
        R >= 1 or H == 0,
        "conv_dx requires R >= 1 (the window must fit)",
        p=p,
        K=K,
        d=d,
        H=H,
        s=s,
    )
    expect("k", k, "O, C//G, K", (O, C // G, K))
    expect("b", b, "O", (O,))
    expect("g", g, "N, O, R", (N, O, R))
    if 0 in (N, C, H):
        return np.zeros((N, C, H), dtype)

    # g_split[n', o1', o2, r''] = g[n', o1'·⌊O/G⌋+o2, r'']
    g_split = g.reshape(N, G, O // G, R)
    # k_split[o1', o2, o2', a] = k[o1'·⌊O/G⌋+o2, o2', a]
    k_split = k.reshape(G, O // G, C // G, K)
    # dx_sum[n', o1', o2', a, r''] = Σ_{o2<⌊O/G⌋} g_split[n', o1', o2, r'']·k_split[o1', o2, o2', a]
    # step 9: collapse δ, 3 times
    dx_sum = np.matmul(
        k_split.transpose(0, 2, 3, 1).reshape(G, (C // G) * K, O // G),
        g_split,
    ).reshape(N, G, C // G, K, R)
    # dx_parts[n', o1', o2', s·r''+d·a−p] += dx_sum[n', o1', o2', a, r''], wherever that is inside
    # step 12: same block
    dx_parts = np.zeros((N, G, C // G, H + max(0, d * K + s * R - H - d - p - s + 1) + p), dtype)
    for (a,) in np.ndindex(K):
        dx_parts[:, :, :, d * a : d * a + s * R : s] += dx_sum[:, :, :, a]
    dx_parts = dx_parts[:, :, :, p : H + p]
    # dx[n', o', r'] = dx_parts[n', ⌊o'/⌊C/G⌋⌋, o' mod ⌊C/G⌋, r']
    return dx_parts.reshape(N, C, H)


def gradient_k(g, x, k, b, *, s=1, d=1, p=0, G=1):
    """∂L/∂k.

        dk[o', i', a']
          = Σ_{n<N, r<R} [0 ≤ s·r+d·a'−p < H]·g[n, o', r]·x[n, ⌊o'/⌊O/G⌋⌋·⌊C/G⌋+i', s·r+d·a'−p]

    In words: cross-correlation of zero-padded x with g dilated by s, read with stride d, summed
    over n, within each of the G groups.
    Of k and b only the shapes count.
    Shapes: x[N, C, H], k[O, ⌊C/G⌋, K], b[O], g[N, O, R] → dk[O, ⌊C/G⌋, K].
    For all sizes N, C, H, O, R ≥ 0, K ≥ 1, s, d ≥ 1, p ≥ 0, G ≥ 1.
    Provided that G ∣ C, G ∣ O, R = max(0, ⌊(H+2·p−d·(K−1)−1)/s⌋+1).
    """
    dtype = common_dtype(x, k, b, g, integers=True)
    x, k, b, g = (np.asarray(array, dtype) for array in (x, k, b, g))
    s, d, G = integers(1, s=s, d=d, G=G)
    (p,) = integers(0, p=p)
    N, C, H = shape_of("x", x, "N, C, H")
    O, _, K = shape_of("k", k, "O, C//G, K")
    R = max(0, (H + 2 * p - d * (K - 1) - 1) // s + 1)
    require(C % G == 0, "conv_dk requires G divides C", G=G, C=C)
    require(O % G == 0, "conv_dk requires G divides O", G=G, O=O)
    require(K >= 1, "conv_dk requires 1 <= K", K=K)
    require(
        R >= 1 or H == 0,
        "conv_dk requires R >= 1 (the window must fit)",
        p=p,
        K=K,
        d=d,
        H=H,
        s=s,
    )
    expect("k", k, "O, C//G, K", (O, C // G, K))
    expect("b", b, "O", (O,))
    expect("g", g, "N, O, R", (N, O, R))
    if 0 in (O, C // G, K):
        return np.zeros((O, C // G, K), dtype)

    # g_split[n, o1', o2', r] = g[n, o1'·⌊O/G⌋+o2', r]
    g_split = g.reshape(N, G, O // G, R)
    # x_padded: x with 0 around it, as far as it is read
    # step 9: drop a redundant guard, 3 times
    x_padded = np.pad(x, ((0, 0), (0, 0), (p, max(0, d * K + s * R - H - d - p - s + 1))))
    # x_windows[n, o1', i', a', r] = x_padded[n, o1'·⌊C/G⌋+i', s·r+d·a']
    # step 8: collapse δ, 3 times
    x_windows = view(
        x_padded,
        (N, G, C // G, K, R),
        (0, 0, 0),
        ((1, 0, 0), (0, C // G, 0), (0, 1, 0), (0, 0, d), (0, 0, s)),
    )
    # dk_parts[o1', o2', i', a'] = Σ_{n<N, r<R} g_split[n, o1', o2', r]·x_windows[n, o1', i', a', r]
    # as a matrix product: x_windows is copied into a matrix, a column a window (im2col)
    # step 8: collapse δ, 3 times
    dk_parts = np.matmul(
        g_split.transpose(1, 2, 0, 3).reshape(G, O // G, N * R),
        x_windows.transpose(1, 0, 4, 2, 3).reshape(G, N * R, (C // G) * K),
    ).reshape(G, O // G, C // G, K)
    # dk[o', i', a'] = dk_parts[⌊o'/⌊O/G⌋⌋, o' mod ⌊O/G⌋, i', a']
    return dk_parts.reshape(O, C // G, K)


def gradient_b(g, x, k, b, *, s=1, d=1, p=0, G=1):
    """∂L/∂b.

        db[o'] = Σ_{n<N, r<R} g[n, o', r]

    In words: sum of g over n, r.
    Of x, k and b only the shapes count.
    Shapes: x[N, C, H], k[O, ⌊C/G⌋, K], b[O], g[N, O, R] → db[O].
    For all sizes N, C, H, O, R ≥ 0, K ≥ 1, s, d ≥ 1, p ≥ 0, G ≥ 1.
    Provided that G ∣ C, G ∣ O, R = max(0, ⌊(H+2·p−d·(K−1)−1)/s⌋+1).
    """
    dtype = common_dtype(x, k, b, g, integers=True)
    x, k, b, g = (np.asarray(array, dtype) for array in (x, k, b, g))
    s, d, G = integers(1, s=s, d=d, G=G)
    (p,) = integers(0, p=p)
    N, C, H = shape_of("x", x, "N, C, H")
    O, _, K = shape_of("k", k, "O, C//G, K")
    R = max(0, (H + 2 * p - d * (K - 1) - 1) // s + 1)
    require(C % G == 0, "conv_db requires G divides C", G=G, C=C)
    require(O % G == 0, "conv_db requires G divides O", G=G, O=O)
    require(K >= 1, "conv_db requires 1 <= K", K=K)
    require(
        R >= 1 or H == 0,
        "conv_db requires R >= 1 (the window must fit)",
        p=p,
        K=K,
        d=d,
        H=H,
        s=s,
    )
    expect("k", k, "O, C//G, K", (O, C // G, K))
    expect("b", b, "O", (O,))
    expect("g", g, "N, O, R", (N, O, R))
    if O == 0:
        return np.zeros((O,), dtype)

    # db[o'] = Σ_{n<N, r<R} g[n, o', r]
    # step 6: collapse δ
    return np.sum(g, axis=(0, 2), dtype=dtype)


def backward(g, x, k, b, *, s=1, d=1, p=0, G=1):
    """The gradients by all tensors, under their names."""
    return {
        "x": gradient_x(g, x, k, b, s=s, d=d, p=p, G=G),
        "k": gradient_k(g, x, k, b, s=s, d=d, p=p, G=G),
        "b": gradient_b(g, x, k, b, s=s, d=d, p=p, G=G),
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
