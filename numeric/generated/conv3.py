"""The layer conv, forward and backward.

Generated from the layer's equations; needs NumPy and the standard library only.
Do not edit: generate it anew instead.
"""

import operator

import numpy as np
from numpy.lib.stride_tricks import as_strided


def forward(x, k, b, *, s1=1, s2=1, s3=1, d1=1, d2=1, d3=1, p1=0, p2=0, p3=0, G=1):
    """The layer conv.

        y[n, o, r1, r2, r3]
          = b[o]
            + Σ_{i<⌊C/G⌋, a1<K1, a2<K2, a3<K3}
                  x[n, ⌊o/⌊O/G⌋⌋·⌊C/G⌋+i, s1·r1+d1·a1−p1, s2·r2+d2·a2−p2, s3·r3+d3·a3−p3]
                  ·k[o, i, a1, a2, a3]

    Shapes: x[N, C, H1, H2, H3], k[O, ⌊C/G⌋, K1, K2, K3], b[O] → y[N, O, R1, R2, R3].
    Where R1 = max(0, ⌊(H1+2·p1−d1·(K1−1)−1)/s1⌋+1), R2 = max(0, ⌊(H2+2·p2−d2·(K2−1)−1)/s2⌋+1),
    R3 = max(0, ⌊(H3+2·p3−d3·(K3−1)−1)/s3⌋+1).
    For all sizes N, C, H1, H2, H3, O ≥ 0, K1, K2, K3 ≥ 1, s1, s2, s3, d1, d2, d3 ≥ 1, p1, p2,
    p3 ≥ 0, G ≥ 1.
    Provided that G ∣ C, G ∣ O.
    x reads as 0 up to p1 beyond both ends of its axis H1.
    x reads as 0 up to p2 beyond both ends of its axis H2.
    x reads as 0 up to p3 beyond both ends of its axis H3.
    Every read is inside its tensor, for all sizes (arithmetic, islpy).
    """
    dtype = common_dtype(x, k, b, integers=True)
    x, k, b = (np.asarray(array, dtype) for array in (x, k, b))
    s1, s2, s3, d1, d2, d3, G = integers(1, s1=s1, s2=s2, s3=s3, d1=d1, d2=d2, d3=d3, G=G)
    p1, p2, p3 = integers(0, p1=p1, p2=p2, p3=p3)
    N, C, H1, H2, H3 = shape_of("x", x, "N, C, H1, H2, H3")
    O, _, K1, K2, K3 = shape_of("k", k, "O, C//G, K1, K2, K3")
    R1 = max(0, (H1 + 2 * p1 - d1 * (K1 - 1) - 1) // s1 + 1)
    R2 = max(0, (H2 + 2 * p2 - d2 * (K2 - 1) - 1) // s2 + 1)
    R3 = max(0, (H3 + 2 * p3 - d3 * (K3 - 1) - 1) // s3 + 1)
    require(C % G == 0, "conv requires G divides C", G=G, C=C)
    require(O % G == 0, "conv requires G divides O", G=G, O=O)
    require(K1 >= 1, "conv requires 1 <= K1", K1=K1)
    require(K2 >= 1, "conv requires 1 <= K2", K2=K2)
    require(K3 >= 1, "conv requires 1 <= K3", K3=K3)
    require(
        R1 >= 1 or H1 == 0,
        "conv requires R1 >= 1 (the window must fit)",
        p1=p1,
        K1=K1,
        d1=d1,
        H1=H1,
        s1=s1,
    )
    require(
        R2 >= 1 or H2 == 0,
        "conv requires R2 >= 1 (the window must fit)",
        p2=p2,
        K2=K2,
        d2=d2,
        H2=H2,
        s2=s2,
    )
    require(
        R3 >= 1 or H3 == 0,
        "conv requires R3 >= 1 (the window must fit)",
        p3=p3,
        K3=K3,
        d3=d3,
        H3=H3,
        s3=s3,
    )
    expect("k", k, "O, C//G, K1, K2, K3", (O, C // G, K1, K2, K3))
    expect("b", b, "O", (O,))
    if 0 in (N, O, R1, R2, R3):
        return np.zeros((N, O, R1, R2, R3), dtype)

    # k_split[o1, o2, i, a1, a2, a3] = k[o1·⌊O/G⌋+o2, i, a1, a2, a3]
    k_split = k.reshape(G, O // G, C // G, K1, K2, K3)
    # x_padded: x with 0 around it, as far as it is read
    x_padded = np.pad(
        x,
        (
            (0, 0),
            (0, 0),
            (p1, max(0, d1 * K1 + s1 * R1 - H1 - d1 - p1 - s1 + 1)),
            (p2, max(0, d2 * K2 + s2 * R2 - H2 - d2 - p2 - s2 + 1)),
            (p3, max(0, d3 * K3 + s3 * R3 - H3 - d3 - p3 - s3 + 1)),
        ),
    )
    # x_windows[n, o1, i, r1, a1, r2, a2, r3, a3]
    #   = x_padded[n, o1·⌊C/G⌋+i, s1·r1+d1·a1, s2·r2+d2·a2, s3·r3+d3·a3]
    x_windows = view(
        x_padded,
        (N, G, C // G, R1, K1, R2, K2, R3, K3),
        (0, 0, 0, 0, 0),
        (
            (1, 0, 0, 0, 0),
            (0, C // G, 0, 0, 0),
            (0, 1, 0, 0, 0),
            (0, 0, s1, 0, 0),
            (0, 0, d1, 0, 0),
            (0, 0, 0, s2, 0),
            (0, 0, 0, d2, 0),
            (0, 0, 0, 0, s3),
            (0, 0, 0, 0, d3),
        ),
    )
    # y_sum[n, o1, o2, r1, r2, r3]
    #   = Σ_{i<⌊C/G⌋, a1<K1, a2<K2, a3<K3} k_split[o1, o2, i, a1, a2, a3]
    #         ·x_windows[n, o1, i, r1, a1, r2, a2, r3, a3]
    # as a matrix product: x_windows is copied into a matrix, a column a window (im2col)
    y_sum = np.matmul(
        k_split.reshape(G, O // G, (C // G) * K1 * K2 * K3),
        x_windows.transpose(0, 1, 2, 4, 6, 8, 3, 5, 7).reshape(
            N,
            G,
            (C // G) * K1 * K2 * K3,
            R1 * R2 * R3,
        ),
    ).reshape(N, G, O // G, R1, R2, R3)
    # b_split[o1, o2] = b[o1·⌊O/G⌋+o2]
    b_split = b.reshape(G, O // G)
    # y_parts[n, o1, o2, r1, r2, r3] = b_split[o1, o2] + y_sum[n, o1, o2, r1, r2, r3]
    y_parts = b_split[:, :, None, None, None] + y_sum
    # y[n, o, r1, r2, r3] = y_parts[n, ⌊o/⌊O/G⌋⌋, o mod ⌊O/G⌋, r1, r2, r3]
    return y_parts.reshape(N, O, R1, R2, R3)


def gradient_x(g, x, k, b, *, s1=1, s2=1, s3=1, d1=1, d2=1, d3=1, p1=0, p2=0, p3=0, G=1):
    """∂L/∂x.

        dx[n', o', r1', r2', r3']
          = Σ_{o<O, a1<K1, a2<K2, a3<K3} [⌊o'/⌊C/G⌋⌋ = ⌊o/⌊O/G⌋⌋]·[s1 ∣ r1'+p1−d1·a1]
                ·[0 ≤ (r1'+p1−d1·a1)/s1 < R1]·[s2 ∣ r2'+p2−d2·a2]·[0 ≤ (r2'+p2−d2·a2)/s2 < R2]
                ·[s3 ∣ r3'+p3−d3·a3]·[0 ≤ (r3'+p3−d3·a3)/s3 < R3]
                ·g[n', o, (r1'+p1−d1·a1)/s1, (r2'+p2−d2·a2)/s2, (r3'+p3−d3·a3)/s3]
                ·k[o, o'−⌊o/⌊O/G⌋⌋·⌊C/G⌋, a1, a2, a3]

    In words: convolution of zero-stuffed g (stride (s1, s2, s3)) with k dilated by (d1, d2,
    d3), cropped by (p1, p2, p3), summed over o, within each of the G groups.
    Of x and b only the shapes count.
    Shapes: x[N, C, H1, H2, H3], k[O, ⌊C/G⌋, K1, K2, K3], b[O], g[N, O, R1, R2, R3] → dx[N, C,
    H1, H2, H3].
    For all sizes N, C, H1, H2, H3, O, R1, R2, R3 ≥ 0, K1, K2, K3 ≥ 1, s1, s2, s3, d1, d2, d3 ≥
    1, p1, p2, p3 ≥ 0, G ≥ 1.
    Provided that G ∣ C, G ∣ O, R1 = max(0, ⌊(H1+2·p1−d1·(K1−1)−1)/s1⌋+1), R2 = max(0,
    ⌊(H2+2·p2−d2·(K2−1)−1)/s2⌋+1), R3 = max(0, ⌊(H3+2·p3−d3·(K3−1)−1)/s3⌋+1).
    """
    dtype = common_dtype(x, k, b, g, integers=True)
    x, k, b, g = (np.asarray(array, dtype) for array in (x, k, b, g))
    s1, s2, s3, d1, d2, d3, G = integers(1, s1=s1, s2=s2, s3=s3, d1=d1, d2=d2, d3=d3, G=G)
    p1, p2, p3 = integers(0, p1=p1, p2=p2, p3=p3)
    N, C, H1, H2, H3 = shape_of("x", x, "N, C, H1, H2, H3")
    O, _, K1, K2, K3 = shape_of("k", k, "O, C//G, K1, K2, K3")
    R1 = max(0, (H1 + 2 * p1 - d1 * (K1 - 1) - 1) // s1 + 1)
    R2 = max(0, (H2 + 2 * p2 - d2 * (K2 - 1) - 1) // s2 + 1)
    R3 = max(0, (H3 + 2 * p3 - d3 * (K3 - 1) - 1) // s3 + 1)
    require(C % G == 0, "conv_dx requires G divides C", G=G, C=C)
    require(O % G == 0, "conv_dx requires G divides O", G=G, O=O)
    require(K1 >= 1, "conv_dx requires 1 <= K1", K1=K1)
    require(K2 >= 1, "conv_dx requires 1 <= K2", K2=K2)
    require(K3 >= 1, "conv_dx requires 1 <= K3", K3=K3)
    require(
        R1 >= 1 or H1 == 0,
        "conv_dx requires R1 >= 1 (the window must fit)",
        p1=p1,
        K1=K1,
        d1=d1,
        H1=H1,
        s1=s1,
    )
    require(
        R2 >= 1 or H2 == 0,
        "conv_dx requires R2 >= 1 (the window must fit)",
        p2=p2,
        K2=K2,
        d2=d2,
        H2=H2,
        s2=s2,
    )
    require(
        R3 >= 1 or H3 == 0,
        "conv_dx requires R3 >= 1 (the window must fit)",
        p3=p3,
        K3=K3,
        d3=d3,
        H3=H3,
        s3=s3,
    )
    expect("k", k, "O, C//G, K1, K2, K3", (O, C // G, K1, K2, K3))
    expect("b", b, "O", (O,))
    expect("g", g, "N, O, R1, R2, R3", (N, O, R1, R2, R3))
    if 0 in (N, C, H1, H2, H3):
        return np.zeros((N, C, H1, H2, H3), dtype)

    # g_split[n', o1', o2, r1'', r2'', r3''] = g[n', o1'·⌊O/G⌋+o2, r1'', r2'', r3'']
    g_split = g.reshape(N, G, O // G, R1, R2, R3)
    # k_split[o1', o2, o2', a1, a2, a3] = k[o1'·⌊O/G⌋+o2, o2', a1, a2, a3]
    k_split = k.reshape(G, O // G, C // G, K1, K2, K3)
    # dx_sum[n', o1', o2', a1, a2, a3, r1'', r2'', r3'']
    #   = Σ_{o2<⌊O/G⌋} g_split[n', o1', o2, r1'', r2'', r3'']·k_split[o1', o2, o2', a1, a2, a3]
    # step 13: collapse δ
    dx_sum = np.matmul(
        k_split.transpose(0, 2, 3, 4, 5, 1).reshape(G, (C // G) * K1 * K2 * K3, O // G),
        g_split.reshape(N, G, O // G, R1 * R2 * R3),
    ).reshape(N, G, C // G, K1, K2, K3, R1, R2, R3)
    # dx_parts[n', o1', o2', s1·r1''+d1·a1−p1, s2·r2''+d2·a2−p2, s3·r3''+d3·a3−p3] += dx_sum[n',
    # o1', o2', a1, a2, a3, r1'', r2'', r3''], wherever that is inside
    # step 16: same block
    dx_parts = np.zeros(
        (
            N,
            G,
            C // G,
            H1 + max(0, d1 * K1 + s1 * R1 - H1 - d1 - p1 - s1 + 1) + p1,
            H2 + max(0, d2 * K2 + s2 * R2 - H2 - d2 - p2 - s2 + 1) + p2,
            H3 + max(0, d3 * K3 + s3 * R3 - H3 - d3 - p3 - s3 + 1) + p3,
        ),
        dtype,
    )
    for a1, a2, a3 in np.ndindex(K1, K2, K3):
        dx_parts[
            :,
            :,
            :,
            d1 * a1 : d1 * a1 + s1 * R1 : s1,
            d2 * a2 : d2 * a2 + s2 * R2 : s2,
            d3 * a3 : d3 * a3 + s3 * R3 : s3,
        ] += dx_sum[:, :, :, a1, a2, a3]
    dx_parts = dx_parts[:, :, :, p1 : H1 + p1, p2 : H2 + p2, p3 : H3 + p3]
    # dx[n', o', r1', r2', r3'] = dx_parts[n', ⌊o'/⌊C/G⌋⌋, o' mod ⌊C/G⌋, r1', r2', r3']
    return dx_parts.reshape(N, C, H1, H2, H3)


def gradient_k(g, x, k, b, *, s1=1, s2=1, s3=1, d1=1, d2=1, d3=1, p1=0, p2=0, p3=0, G=1):
    """∂L/∂k.

        dk[o', i', a1', a2', a3']
          = Σ_{n<N, r1<R1, r2<R2, r3<R3} [0 ≤ s1·r1+d1·a1'−p1 < H1]·[0 ≤ s2·r2+d2·a2'−p2 < H2]
                ·[0 ≤ s3·r3+d3·a3'−p3 < H3]·g[n, o', r1, r2, r3]
                ·x[n, ⌊o'/⌊O/G⌋⌋·⌊C/G⌋+i', s1·r1+d1·a1'−p1, s2·r2+d2·a2'−p2, s3·r3+d3·a3'−p3]

    In words: cross-correlation of zero-padded x with g dilated by (s1, s2, s3), read with
    stride (d1, d2, d3), summed over n, within each of the G groups.
    Of k and b only the shapes count.
    Shapes: x[N, C, H1, H2, H3], k[O, ⌊C/G⌋, K1, K2, K3], b[O], g[N, O, R1, R2, R3] → dk[O,
    ⌊C/G⌋, K1, K2, K3].
    For all sizes N, C, H1, H2, H3, O, R1, R2, R3 ≥ 0, K1, K2, K3 ≥ 1, s1, s2, s3, d1, d2, d3 ≥
    1, p1, p2, p3 ≥ 0, G ≥ 1.
    Provided that G ∣ C, G ∣ O, R1 = max(0, ⌊(H1+2·p1−d1·(K1−1)−1)/s1⌋+1), R2 = max(0,
    ⌊(H2+2·p2−d2·(K2−1)−1)/s2⌋+1), R3 = max(0, ⌊(H3+2·p3−d3·(K3−1)−1)/s3⌋+1).
    """
    dtype = common_dtype(x, k, b, g, integers=True)
    x, k, b, g = (np.asarray(array, dtype) for array in (x, k, b, g))
    s1, s2, s3, d1, d2, d3, G = integers(1, s1=s1, s2=s2, s3=s3, d1=d1, d2=d2, d3=d3, G=G)
    p1, p2, p3 = integers(0, p1=p1, p2=p2, p3=p3)
    N, C, H1, H2, H3 = shape_of("x", x, "N, C, H1, H2, H3")
    O, _, K1, K2, K3 = shape_of("k", k, "O, C//G, K1, K2, K3")
    R1 = max(0, (H1 + 2 * p1 - d1 * (K1 - 1) - 1) // s1 + 1)
    R2 = max(0, (H2 + 2 * p2 - d2 * (K2 - 1) - 1) // s2 + 1)
    R3 = max(0, (H3 + 2 * p3 - d3 * (K3 - 1) - 1) // s3 + 1)
    require(C % G == 0, "conv_dk requires G divides C", G=G, C=C)
    require(O % G == 0, "conv_dk requires G divides O", G=G, O=O)
    require(K1 >= 1, "conv_dk requires 1 <= K1", K1=K1)
    require(K2 >= 1, "conv_dk requires 1 <= K2", K2=K2)
    require(K3 >= 1, "conv_dk requires 1 <= K3", K3=K3)
    require(
        R1 >= 1 or H1 == 0,
        "conv_dk requires R1 >= 1 (the window must fit)",
        p1=p1,
        K1=K1,
        d1=d1,
        H1=H1,
        s1=s1,
    )
    require(
        R2 >= 1 or H2 == 0,
        "conv_dk requires R2 >= 1 (the window must fit)",
        p2=p2,
        K2=K2,
        d2=d2,
        H2=H2,
        s2=s2,
    )
    require(
        R3 >= 1 or H3 == 0,
        "conv_dk requires R3 >= 1 (the window must fit)",
        p3=p3,
        K3=K3,
        d3=d3,
        H3=H3,
        s3=s3,
    )
    expect("k", k, "O, C//G, K1, K2, K3", (O, C // G, K1, K2, K3))
    expect("b", b, "O", (O,))
    expect("g", g, "N, O, R1, R2, R3", (N, O, R1, R2, R3))
    if 0 in (O, C // G, K1, K2, K3):
        return np.zeros((O, C // G, K1, K2, K3), dtype)

    # g_split[n, o1', o2', r1, r2, r3] = g[n, o1'·⌊O/G⌋+o2', r1, r2, r3]
    g_split = g.reshape(N, G, O // G, R1, R2, R3)
    # x_padded: x with 0 around it, as far as it is read
    # step 9: drop a redundant guard, 5 times
    x_padded = np.pad(
        x,
        (
            (0, 0),
            (0, 0),
            (p1, max(0, d1 * K1 + s1 * R1 - H1 - d1 - p1 - s1 + 1)),
            (p2, max(0, d2 * K2 + s2 * R2 - H2 - d2 - p2 - s2 + 1)),
            (p3, max(0, d3 * K3 + s3 * R3 - H3 - d3 - p3 - s3 + 1)),
        ),
    )
    # x_windows[n, o1', i', a1', r1, a2', r2, a3', r3]
    #   = x_padded[n, o1'·⌊C/G⌋+i', s1·r1+d1·a1', s2·r2+d2·a2', s3·r3+d3·a3']
    # step 8: collapse δ, 5 times
    x_windows = view(
        x_padded,
        (N, G, C // G, K1, R1, K2, R2, K3, R3),
        (0, 0, 0, 0, 0),
        (
            (1, 0, 0, 0, 0),
            (0, C // G, 0, 0, 0),
            (0, 1, 0, 0, 0),
            (0, 0, d1, 0, 0),
            (0, 0, s1, 0, 0),
            (0, 0, 0, d2, 0),
            (0, 0, 0, s2, 0),
            (0, 0, 0, 0, d3),
            (0, 0, 0, 0, s3),
        ),
    )
    # dk_parts[o1', o2', i', a1', a2', a3']
    #   = Σ_{n<N, r1<R1, r2<R2, r3<R3} g_split[n, o1', o2', r1, r2, r3]
    #         ·x_windows[n, o1', i', a1', r1, a2', r2, a3', r3]
    # as a matrix product: x_windows is copied into a matrix, a column a window (im2col)
    # step 8: collapse δ, 5 times
    dk_parts = np.matmul(
        g_split.transpose(1, 2, 0, 3, 4, 5).reshape(G, O // G, N * R1 * R2 * R3),
        x_windows.transpose(1, 0, 4, 6, 8, 2, 3, 5, 7).reshape(
            G,
            N * R1 * R2 * R3,
            (C // G) * K1 * K2 * K3,
        ),
    ).reshape(G, O // G, C // G, K1, K2, K3)
    # dk[o', i', a1', a2', a3'] = dk_parts[⌊o'/⌊O/G⌋⌋, o' mod ⌊O/G⌋, i', a1', a2', a3']
    return dk_parts.reshape(O, C // G, K1, K2, K3)


def gradient_b(g, x, k, b, *, s1=1, s2=1, s3=1, d1=1, d2=1, d3=1, p1=0, p2=0, p3=0, G=1):
    """∂L/∂b.

        db[o'] = Σ_{n<N, r1<R1, r2<R2, r3<R3} g[n, o', r1, r2, r3]

    In words: sum of g over n, r1, r2, r3.
    Of x, k and b only the shapes count.
    Shapes: x[N, C, H1, H2, H3], k[O, ⌊C/G⌋, K1, K2, K3], b[O], g[N, O, R1, R2, R3] → db[O].
    For all sizes N, C, H1, H2, H3, O, R1, R2, R3 ≥ 0, K1, K2, K3 ≥ 1, s1, s2, s3, d1, d2, d3 ≥
    1, p1, p2, p3 ≥ 0, G ≥ 1.
    Provided that G ∣ C, G ∣ O, R1 = max(0, ⌊(H1+2·p1−d1·(K1−1)−1)/s1⌋+1), R2 = max(0,
    ⌊(H2+2·p2−d2·(K2−1)−1)/s2⌋+1), R3 = max(0, ⌊(H3+2·p3−d3·(K3−1)−1)/s3⌋+1).
    """
    dtype = common_dtype(x, k, b, g, integers=True)
    x, k, b, g = (np.asarray(array, dtype) for array in (x, k, b, g))
    s1, s2, s3, d1, d2, d3, G = integers(1, s1=s1, s2=s2, s3=s3, d1=d1, d2=d2, d3=d3, G=G)
    p1, p2, p3 = integers(0, p1=p1, p2=p2, p3=p3)
    N, C, H1, H2, H3 = shape_of("x", x, "N, C, H1, H2, H3")
    O, _, K1, K2, K3 = shape_of("k", k, "O, C//G, K1, K2, K3")
    R1 = max(0, (H1 + 2 * p1 - d1 * (K1 - 1) - 1) // s1 + 1)
    R2 = max(0, (H2 + 2 * p2 - d2 * (K2 - 1) - 1) // s2 + 1)
    R3 = max(0, (H3 + 2 * p3 - d3 * (K3 - 1) - 1) // s3 + 1)
    require(C % G == 0, "conv_db requires G divides C", G=G, C=C)
    require(O % G == 0, "conv_db requires G divides O", G=G, O=O)
    require(K1 >= 1, "conv_db requires 1 <= K1", K1=K1)
    require(K2 >= 1, "conv_db requires 1 <= K2", K2=K2)
    require(K3 >= 1, "conv_db requires 1 <= K3", K3=K3)
    require(
        R1 >= 1 or H1 == 0,
        "conv_db requires R1 >= 1 (the window must fit)",
        p1=p1,
        K1=K1,
        d1=d1,
        H1=H1,
        s1=s1,
    )
    require(
        R2 >= 1 or H2 == 0,
        "conv_db requires R2 >= 1 (the window must fit)",
        p2=p2,
        K2=K2,
        d2=d2,
        H2=H2,
        s2=s2,
    )
    require(
        R3 >= 1 or H3 == 0,
        "conv_db requires R3 >= 1 (the window must fit)",
        p3=p3,
        K3=K3,
        d3=d3,
        H3=H3,
        s3=s3,
    )
    expect("k", k, "O, C//G, K1, K2, K3", (O, C // G, K1, K2, K3))
    expect("b", b, "O", (O,))
    expect("g", g, "N, O, R1, R2, R3", (N, O, R1, R2, R3))
    if O == 0:
        return np.zeros((O,), dtype)

    # db[o'] = Σ_{n<N, r1<R1, r2<R2, r3<R3} g[n, o', r1, r2, r3]
    # step 6: collapse δ
    return np.sum(g, axis=(0, 2, 3, 4), dtype=dtype)


def backward(g, x, k, b, *, s1=1, s2=1, s3=1, d1=1, d2=1, d3=1, p1=0, p2=0, p3=0, G=1):
    """The gradients by all tensors, under their names."""
    return {
        "x": gradient_x(
            g,
            x,
            k,
            b,
            s1=s1,
            s2=s2,
            s3=s3,
            d1=d1,
            d2=d2,
            d3=d3,
            p1=p1,
            p2=p2,
            p3=p3,
            G=G,
        ),
        "k": gradient_k(
            g,
            x,
            k,
            b,
            s1=s1,
            s2=s2,
            s3=s3,
            d1=d1,
            d2=d2,
            d3=d3,
            p1=p1,
            p2=p2,
            p3=p3,
            G=G,
        ),
        "b": gradient_b(
            g,
            x,
            k,
            b,
            s1=s1,
            s2=s2,
            s3=s3,
            d1=d1,
            d2=d2,
            d3=d3,
            p1=p1,
            p2=p2,
            p3=p3,
            G=G,
        ),
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
