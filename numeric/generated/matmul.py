"""The layer matmul, forward and backward.

Generated from the layer's equations; needs NumPy and the standard library only.
Do not edit: generate it anew instead.
"""

import numpy as np


def forward(A, B):
    """The layer matmul.

        y[i, j] = Σ_{k<K} A[i, k]·B[k, j]

    In words: matrix product A·B.
    Shapes: A[I, K], B[K, J] → y[I, J].
    For all sizes I, K, J ≥ 0.
    Every read is inside its tensor, for all sizes (arithmetic).
    """
    dtype = common_dtype(A, B, integers=True)
    A, B = (np.asarray(array, dtype) for array in (A, B))
    I, K = shape_of("A", A, "I, K")
    _, J = shape_of("B", B, "K, J")
    expect("B", B, "K, J", (K, J))
    if 0 in (I, J):
        return np.zeros((I, J), dtype)

    # y[i, j] = Σ_{k<K} A[i, k]·B[k, j]
    return A @ B


def gradient_A(g, A, B):
    """∂L/∂A.

        dA[i', k'] = Σ_{j<J} g[i', j]·B[k', j]

    In words: matrix product g·Bᵀ.
    Of A only the shape counts.
    Shapes: A[I, K], B[K, J], g[I, J] → dA[I, K].
    For all sizes I, K, J ≥ 0.
    """
    dtype = common_dtype(A, B, g, integers=True)
    A, B, g = (np.asarray(array, dtype) for array in (A, B, g))
    I, K = shape_of("A", A, "I, K")
    _, J = shape_of("B", B, "K, J")
    expect("B", B, "K, J", (K, J))
    expect("g", g, "I, J", (I, J))
    if 0 in (I, K):
        return np.zeros((I, K), dtype)

    # dA[i', k'] = Σ_{j<J} g[i', j]·B[k', j]
    # step 6: collapse δ, twice
    return g @ B.T


def gradient_B(g, A, B):
    """∂L/∂B.

        dB[k', j'] = Σ_{i<I} g[i, j']·A[i, k']

    In words: matrix product Aᵀ·g.
    Of B only the shape counts.
    Shapes: A[I, K], B[K, J], g[I, J] → dB[K, J].
    For all sizes I, K, J ≥ 0.
    """
    dtype = common_dtype(A, B, g, integers=True)
    A, B, g = (np.asarray(array, dtype) for array in (A, B, g))
    I, K = shape_of("A", A, "I, K")
    _, J = shape_of("B", B, "K, J")
    expect("B", B, "K, J", (K, J))
    expect("g", g, "I, J", (I, J))
    if 0 in (K, J):
        return np.zeros((K, J), dtype)

    # dB[k', j'] = Σ_{i<I} g[i, j']·A[i, k']
    # step 6: collapse δ, twice
    return A.T @ g


def backward(g, A, B):
    """The gradients by all tensors, under their names."""
    return {
        "A": gradient_A(g, A, B),
        "B": gradient_B(g, A, B),
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
