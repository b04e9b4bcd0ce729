"""The layer avgpool, forward and backward.

Generated from the layer's equations; needs NumPy and the standard library only.
Do not edit: generate it anew instead.
"""

import operator

import numpy as np
from numpy.lib.stride_tricks import as_strided


def forward(x, *, K1=2, K2=2, s1=1, s2=1, p1=0, p2=0):
    """The layer avgpool.

        y[n, i, r, c] = Σ_{a<K1, b<K2} x[n, i, s1·r+a−p1, s2·c+b−p2]/(K1·K2)

    In words: 1/(K1·K2) times the sum of zero-padded x over windows of size K1×K2, read with
    stride (s1, s2).
    Shapes: x[N, C, H, W] → y[N, C, H_out, W_out].
    Where H_out = max(0, ⌊(H+2·p1−K1)/s1⌋+1), W_out = max(0, ⌊(W+2·p2−K2)/s2⌋+1).
    For all sizes N, C, H, W ≥ 0, K1, K2, s1, s2 ≥ 1, p1, p2 ≥ 0.
    Provided that 2·p1 ≤ K1, 2·p2 ≤ K2.
    x reads as 0 up to p1 beyond both ends of its axis H.
    x reads as 0 up to p2 beyond both ends of its axis W.
    Every read is inside its tensor, for all sizes (arithmetic, islpy).
    """
    dtype = common_dtype(x, integers=False)
    x = np.asarray(x, dtype)
    K1, K2, s1, s2 = integers(1, K1=K1, K2=K2, s1=s1, s2=s2)
    p1, p2 = integers(0, p1=p1, p2=p2)
    N, C, H, W = shape_of("x", x, "N, C, H, W")
    H_out = max(0, (H + 2 * p1 - K1) // s1 + 1)
    W_out = max(0, (W + 2 * p2 - K2) // s2 + 1)
    require(2 * p1 <= K1, "avgpool requires 2*p1 <= K1", p1=p1, K1=K1)
    require(2 * p2 <= K2, "avgpool requires 2*p2 <= K2", p2=p2, K2=K2)
    require(
        H_out >= 1 or H == 0,
        "avgpool requires H_out >= 1 (the window must fit)",
        K1=K1,
        p1=p1,
        H=H,
        s1=s1,
    )
    require(
        W_out >= 1 or W == 0,
        "avgpool requires W_out >= 1 (the window must fit)",
        K2=K2,
        p2=p2,
        W=W,
        s2=s2,
    )
    if 0 in (N, C, H_out, W_out):
        return np.zeros((N, C, H_out, W_out), dtype)

    # x_padded: x with 0 around it, as far as it is read
    x_padded = np.pad(
        x,
        (
            (0, 0),
            (0, 0),
            (p1, max(0, s1 * H_out + K1 - H - p1 - s1)),
            (p2, max(0, s2 * W_out + K2 - W - p2 - s2)),
        ),
    )
    # y_product[n, i, r, c] = Σ_{a<K1, b<K2} x_windows[n, i, r, a, c, b]
    y_product = window_sums(x_padded, (2, H_out, K1, s1, 1, 0), (3, W_out, K2, s2, 1, 0))
    # y[n, i, r, c] = y_product[n, i, r, c]/(K1·K2)
    return y_product / (K1 * K2)


def gradient_x(g, x, *, K1=2, K2=2, s1=1, s2=1, p1=0, p2=0):
    """∂L/∂x.

        dx[n', i', r', c']
          = 1/(K1·K2)
            ·Σ_{a<K1, b<K2} [s1 ∣ r'+p1−a]·[0 ≤ (r'+p1−a)/s1 < H_out]·[s2 ∣ c'+p2−b]
                            ·[0 ≤ (c'+p2−b)/s2 < W_out]·g[n', i', (r'+p1−a)/s1, (c'+p2−b)/s2]

    In words: 1/(K1·K2) times the sum of g over the windows that contain the entry (size K1×K2,
    stride (s1, s2), padding (p1, p2)).
    Of x only the shape counts.
    Shapes: x[N, C, H, W], g[N, C, H_out, W_out] → dx[N, C, H, W].
    For all sizes N, C, H, W, H_out, W_out ≥ 0, K1, K2, s1, s2 ≥ 1, p1, p2 ≥ 0.
    Provided that 2·p1 ≤ K1, 2·p2 ≤ K2, H_out = max(0, ⌊(H+2·p1−K1)/s1⌋+1), W_out = max(0,
    ⌊(W+2·p2−K2)/s2⌋+1).
    """
    dtype = common_dtype(x, g, integers=False)
    x, g = (np.asarray(array, dtype) for array in (x, g))
    K1, K2, s1, s2 = integers(1, K1=K1, K2=K2, s1=s1, s2=s2)
    p1, p2 = integers(0, p1=p1, p2=p2)
    N, C, H, W = shape_of("x", x, "N, C, H, W")
    H_out = max(0, (H + 2 * p1 - K1) // s1 + 1)
    W_out = max(0, (W + 2 * p2 - K2) // s2 + 1)
    require(2 * p1 <= K1, "avgpool_dx requires 2*p1 <= K1", p1=p1, K1=K1)
    require(2 * p2 <= K2, "avgpool_dx requires 2*p2 <= K2", p2=p2, K2=K2)
    require(
        H_out >= 1 or H == 0,
        "avgpool_dx requires H_out >= 1 (the window must fit)",
        K1=K1,
        p1=p1,
        H=H,
        s1=s1,
    )
    require(
        W_out >= 1 or W == 0,
        "avgpool_dx requires W_out >= 1 (the window must fit)",
        K2=K2,
        p2=p2,
        W=W,
        s2=s2,
    )
    expect("g", g, "N, C, H_out, W_out", (N, C, H_out, W_out))
    if 0 in (N, C, H, W):
        return np.zeros((N, C, H, W), dtype)

    # dx_spread[n', i', s1·r''+a−p1, s2·c''+b−p2] += g[n', i', r'', c''], wherever that is inside
    # step 11: drop a redundant guard, 4 times
    dx_spread = np.zeros(
        (
            N,
            C,
            H + max(0, s1 * H_out + K1 - H - p1 - s1) + p1,
            W + max(0, s2 * W_out + K2 - W - p2 - s2) + p2,
        ),
        dtype,
    )
    for a, b in np.ndindex(K1, K2):
        dx_spread[:, :, a : a + s1 * H_out : s1, b : b + s2 * W_out : s2] += g
    dx_spread = dx_spread[:, :, p1 : H + p1, p2 : W + p2]
    # dx[n', i', r', c'] = dx_spread[n', i', r', c']/(K1·K2)
    # step 9: collapse δ
    return dx_spread / (K1 * K2)


def backward(g, x, *, K1=2, K2=2, s1=1, s2=1, p1=0, p2=0):
    """The gradients by all tensors, under their names."""
    return {
        "x": gradient_x(g, x, K1=K1, K2=K2, s1=s1, s2=s2, p1=p1, p2=p2),
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


#: the longest row that is short: NumPy's loops begin anew for each
SHORT_ROW = 128


def tap(array, window, number):
    """The entries with that number in their windows along an axis; never outside the array."""
    axis, count, _, step, spread, start = window
    first = start + spread * number
    end = first + step * (count - 1) + 1
    if count and not (first >= 0 and end <= array.shape[axis]):
        raise IndexError(f"axis {axis} of length {array.shape[axis]} would be read outside")
    return array[(slice(None),) * axis + (slice(first, max(end, 0), step),)]


def folded_windows(combine, array, windows, out=None):
    """Windows of at least one entry combined, whole rows first, as their entries are neighbours."""
    if windows and array.size and array.flags.c_contiguous and are_dense(array, windows):
        return folded_flat(combine, array, windows, out)
    for window in windows:
        made = tap(array, window, 0)
        last = out if window is windows[-1] else None
        if window[2] == 1:
            made = np.array(made)
        for number in range(1, window[2]):
            into = last if number == 1 else made
            made = combine(made, tap(array, window, number), out=into)
        array = made
    if out is not None and array is not out:
        np.copyto(out, array)
    return array


def are_dense(array, windows):
    """Whether windows lie so close, in so short rows, that one at every entry costs no more."""
    close = all(step <= 2 and abs(spread) * size <= 16 for _, _, size, step, spread, _ in windows)
    return close and array.shape[-1] <= SHORT_ROW and all(count for _, count, *_ in windows)


def folded_flat(combine, array, windows, out=None):
    """The same by whole shifted arrays, in which rows follow one another.

    Windows that run over the end of a row are combined as well, and not looked at.
    """
    made = array.reshape(-1)
    with np.errstate(invalid="ignore", over="ignore"):
        for window in windows:
            first, *others = shifted(made, array, window)
            made = first
            for other in others:
                made = combine(made, other, out=None if made is first else made)
    return looked_at(made, array, windows, out)


def shifted(row, array, window):
    """For each number of an entry in its window, the row in which the windows' entries lie at the
    windows' lowest entry; ``row`` has the entries of ``array``, or those that are left of them.
    """
    axis, _, size, _, spread, _ = window
    for number in (0, size - 1):
        tap(array, window, number)  # which refuses what is outside
    shift = abs(spread) * (array.strides[axis] // array.itemsize)
    length = row.size - (size - 1) * shift
    for number in range(size):
        begin = shift * (number if spread > 0 else size - 1 - number)
        yield row[begin : begin + length]


def looked_at(row, array, windows, out=None):
    """What was computed at the windows' lowest entries, in an array of its own."""
    shape, first = list(array.shape), 0
    steps = [stride // array.itemsize for stride in array.strides]
    moves = list(steps)
    for axis, count, size, step, spread, start in windows:
        shape[axis], moves[axis] = count, steps[axis] * step
        first += steps[axis] * (start + min(spread, 0) * (size - 1))
    strides = [move * row.itemsize for move in moves]
    found = as_strided(row[first:], shape, strides, writeable=False)
    if out is None:
        return found.copy()
    np.copyto(out, found)
    return out


def window_sums(array, *windows, out=None):
    """The sum of each window."""
    if any(size == 0 for _, _, size, *_ in windows):
        counts = {axis: count for axis, count, *_ in windows}
        shape = [counts.get(axis, n) for axis, n in enumerate(array.shape)]
        array, windows = np.zeros(shape, array.dtype), ()
    return folded_windows(np.add, array, windows, out)
