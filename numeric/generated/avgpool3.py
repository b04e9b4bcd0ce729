"""The layer avgpool, forward and backward.

Generated from the layer's equations; needs NumPy and the standard library only.
Do not edit: generate it anew instead.
"""

import operator

import numpy as np
from numpy.lib.stride_tricks import as_strided


def forward(x, *, K1=2, K2=2, K3=2, s1=1, s2=1, s3=1, p1=0, p2=0, p3=0):
    """The layer avgpool.

        y[n, i, r1, r2, r3]
          = Σ_{a1<K1, a2<K2, a3<K3} x[n, i, s1·r1+a1−p1, s2·r2+a2−p2, s3·r3+a3−p3]/(K1·K2·K3)

    In words: 1/(K1·K2·K3) times the sum of zero-padded x over windows of size K1×K2×K3, read
    with stride (s1, s2, s3).
    Shapes: x[N, C, H1, H2, H3] → y[N, C, R1, R2, R3].
    Where R1 = max(0, ⌊(H1+2·p1−K1)/s1⌋+1), R2 = max(0, ⌊(H2+2·p2−K2)/s2⌋+1), R3 = max(0,
    ⌊(H3+2·p3−K3)/s3⌋+1).
    For all sizes N, C, H1, H2, H3 ≥ 0, K1, K2, K3, s1, s2, s3 ≥ 1, p1, p2, p3 ≥ 0.
    Provided that 2·p1 ≤ K1, 2·p2 ≤ K2, 2·p3 ≤ K3.
    x reads as 0 up to p1 beyond both ends of its axis H1.
    x reads as 0 up to p2 beyond both ends of its axis H2.
    x reads as 0 up to p3 beyond both ends of its axis H3.
    Every read is inside its tensor, for all sizes (arithmetic, islpy).
    """
    dtype = common_dtype(x, integers=False)
    x = np.asarray(x, dtype)
    K1, K2, K3, s1, s2, s3 = integers(1, K1=K1, K2=K2, K3=K3, s1=s1, s2=s2, s3=s3)
    p1, p2, p3 = integers(0, p1=p1, p2=p2, p3=p3)
    N, C, H1, H2, H3 = shape_of("x", x, "N, C, H1, H2, H3")
    R1 = max(0, (H1 + 2 * p1 - K1) // s1 + 1)
    R2 = max(0, (H2 + 2 * p2 - K2) // s2 + 1)
    R3 = max(0, (H3 + 2 * p3 - K3) // s3 + 1)
    require(2 * p1 <= K1, "avgpool requires 2*p1 <= K1", p1=p1, K1=K1)
    require(2 * p2 <= K2, "avgpool requires 2*p2 <= K2", p2=p2, K2=K2)
    require(2 * p3 <= K3, "avgpool requires 2*p3 <= K3", p3=p3, K3=K3)
    require(
        R1 >= 1 or H1 == 0,
        "avgpool requires R1 >= 1 (the window must fit)",
        K1=K1,
        p1=p1,
        H1=H1,
        s1=s1,
    )
    require(
        R2 >= 1 or H2 == 0,
        "avgpool requires R2 >= 1 (the window must fit)",
        K2=K2,
        p2=p2,
        H2=H2,
        s2=s2,
    )
    require(
        R3 >= 1 or H3 == 0,
        "avgpool requires R3 >= 1 (the window must fit)",
        K3=K3,
        p3=p3,
        H3=H3,
        s3=s3,
    )
    if 0 in (N, C, R1, R2, R3):
        return np.zeros((N, C, R1, R2, R3), dtype)

    # x_padded: x with 0 around it, as far as it is read
    x_padded = np.pad(
        x,
        (
            (0, 0),
            (0, 0),
            (p1, max(0, s1 * R1 + K1 - H1 - p1 - s1)),
            (p2, max(0, s2 * R2 + K2 - H2 - p2 - s2)),
            (p3, max(0, s3 * R3 + K3 - H3 - p3 - s3)),
        ),
    )
    # y_product[n, i, r1, r2, r3] = Σ_{a1<K1, a2<K2, a3<K3} x_windows[n, i, r1, a1, r2, a2, r3, a3]
    y_product = window_sums(
        x_padded,
        (2, R1, K1, s1, 1, 0),
        (3, R2, K2, s2, 1, 0),
        (4, R3, K3, s3, 1, 0),
    )
    # y[n, i, r1, r2, r3] = y_product[n, i, r1, r2, r3]/(K1·K2·K3)
    return y_product / (K1 * K2 * K3)


def gradient_x(g, x, *, K1=2, K2=2, K3=2, s1=1, s2=1, s3=1, p1=0, p2=0, p3=0):
    """∂L/∂x.

        dx[n', i', r1', r2', r3']
          = 1/(K1·K2·K3)
            ·Σ_{a1<K1, a2<K2, a3<K3} [s1 ∣ r1'+p1−a1]·[0 ≤ (r1'+p1−a1)/s1 < R1]·[s2 ∣ r2'+p2−a2]
                 ·[0 ≤ (r2'+p2−a2)/s2 < R2]·[s3 ∣ r3'+p3−a3]·[0 ≤ (r3'+p3−a3)/s3 < R3]
                 ·g[n', i', (r1'+p1−a1)/s1, (r2'+p2−a2)/s2, (r3'+p3−a3)/s3]

    In words: 1/(K1·K2·K3) times the sum of g over the windows that contain the entry (size
    K1×K2×K3, stride (s1, s2, s3), padding (p1, p2, p3)).
    Of x only the shape counts.
    Shapes: x[N, C, H1, H2, H3], g[N, C, R1, R2, R3] → dx[N, C, H1, H2, H3].
    For all sizes N, C, H1, H2, H3, R1, R2, R3 ≥ 0, K1, K2, K3, s1, s2, s3 ≥ 1, p1, p2, p3 ≥ 0.
    Provided that 2·p1 ≤ K1, 2·p2 ≤ K2, 2·p3 ≤ K3, R1 = max(0, ⌊(H1+2·p1−K1)/s1⌋+1), R2 = max(0,
    ⌊(H2+2·p2−K2)/s2⌋+1), R3 = max(0, ⌊(H3+2·p3−K3)/s3⌋+1).
    """
    dtype = common_dtype(x, g, integers=False)
    x, g = (np.asarray(array, dtype) for array in (x, g))
    K1, K2, K3, s1, s2, s3 = integers(1, K1=K1, K2=K2, K3=K3, s1=s1, s2=s2, s3=s3)
    p1, p2, p3 = integers(0, p1=p1, p2=p2, p3=p3)
    N, C, H1, H2, H3 = shape_of("x", x, "N, C, H1, H2, H3")
    R1 = max(0, (H1 + 2 * p1 - K1) // s1 + 1)
    R2 = max(0, (H2 + 2 * p2 - K2) // s2 + 1)
    R3 = max(0, (H3 + 2 * p3 - K3) // s3 + 1)
    require(2 * p1 <= K1, "avgpool_dx requires 2*p1 <= K1", p1=p1, K1=K1)
    require(2 * p2 <= K2, "avgpool_dx requires 2*p2 <= K2", p2=p2, K2=K2)
    require(2 * p3 <= K3, "avgpool_dx requires 2*p3 <= K3", p3=p3, K3=K3)
    require(
        R1 >= 1 or H1 == 0,
        "avgpool_dx requires R1 >= 1 (the window must fit)",
        K1=K1,
        p1=p1,
        H1=H1,
        s1=s1,
    )
    require(
        R2 >= 1 or H2 == 0,
        "avgpool_dx requires R2 >= 1 (the window must fit)",
        K2=K2,
        p2=p2,
        H2=H2,
        s2=s2,
    )
    require(
        R3 >= 1 or H3 == 0,
        "avgpool_dx requires R3 >= 1 (the window must fit)",
        K3=K3,
        p3=p3,
        H3=H3,
        s3=s3,
    )
    expect("g", g, "N, C, R1, R2, R3", (N, C, R1, R2, R3))
    if 0 in (N, C, H1, H2, H3):
        return np.zeros((N, C, H1, H2, H3), dtype)

    # dx_spread[n', i', s1·r1''+a1−p1, s2·r2''+a2−p2, s3·r3''+a3−p3] += g[n', i', r1'', r2'', r3''],
    # wherever that is inside
    # step 13: drop a redundant guard, 5 times
    dx_spread = np.zeros(
        (
            N,
            C,
            H1 + max(0, s1 * R1 + K1 - H1 - p1 - s1) + p1,
            H2 + max(0, s2 * R2 + K2 - H2 - p2 - s2) + p2,
            H3 + max(0, s3 * R3 + K3 - H3 - p3 - s3) + p3,
        ),
        dtype,
    )
    for a1, a2, a3 in np.ndindex(K1, K2, K3):
        dx_spread[:, :, a1 : a1 + s1 * R1 : s1, a2 : a2 + s2 * R2 : s2, a3 : a3 + s3 * R3 : s3] += g
    dx_spread = dx_spread[:, :, p1 : H1 + p1, p2 : H2 + p2, p3 : H3 + p3]
    # dx[n', i', r1', r2', r3'] = dx_spread[n', i', r1', r2', r3']/(K1·K2·K3)
    # step 11: collapse δ
    return dx_spread / (K1 * K2 * K3)


def backward(g, x, *, K1=2, K2=2, K3=2, s1=1, s2=1, s3=1, p1=0, p2=0, p3=0):
    """The gradients by all tensors, under their names."""
    return {
        "x": gradient_x(g, x, K1=K1, K2=K2, K3=K3, s1=s1, s2=s2, s3=s3, p1=p1, p2=p2, p3=p3),
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
