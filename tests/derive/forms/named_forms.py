"""Results and what they are called: each a trap for a wrong name, or a form that must keep its."""

from __future__ import annotations

from typing import Any

#: layers typed in, what is looked at (an input, or y for the layer itself), and its names
NAMED: list[tuple[str, str, list[str]]] = [
    # one kernel for every output: no correlation
    ("y[r] = sum[a] x[r+a]*k[a,r]", "y", []),
    ("y[r] = sum[a] x[r+a]*k[a,r]", "x", []),
    ("y[r] = sum[a] x[r+a]*k[a,r]", "k", []),
    ("f(x[H pad all], k[R, K]): y[r] = sum[a] x[r+a]*k[r,a]", "y", []),
    # a repeated index
    ("y[r] = sum[a] x[r+a]*k[a,a]", "y", []),
    ("y[r] = sum[a] x[r+a]*k[a,a]", "x", []),
    ("y[r,c] = sum[a] x[r+a,c+a]*k[a]", "y", []),
    ("y[r,c] = sum[a] x[r+a,c+a]*k[a]", "x", []),
    ("y[r,c] = sum[a] x[r+a,c+a]*k[a]", "k", []),
    ("y[r] = sum[a] x[r+a,r+2*a]*k[a]", "y", []),
    ("y[r] = sum[a] x[r+a,r+2*a]*k[a]", "k", []),
    # an axis that is neither slid along nor read as it is
    ("f(x[H, C pad all], k[K]): y[r, c<C] = sum[a] x[r+a, c*c]*k[a]", "y", []),
    ("f(x[H, C], k[K]): y[r, c<C] = sum[a] x[r+a, C-1-c]*k[a]", "y", []),
    ("f(x[H, C], k[K]): y[r, c<C] = sum[a] x[r+a, C-1-c]*k[a]", "x", []),
    ("f(x[H, C], k[K]): y[r, c<C] = sum[a] x[r+a, C-1-c]*k[a]", "k", []),
    # axes in another order
    ("y[r,c] = sum[a,b] x[c+b,r+a]*k[a,b]", "y", []),
    ("y[r,c] = sum[a,b] x[r+a,c+b]*k[b,a]", "y", []),
    ("f(x[C,N,H], k[K]): y[n,c,r] = sum[a] x[c,n,r+a]*k[a]", "y", []),
    ("y[r,c] = sum[a<2,b<2] x[c+b,r+a]", "y", []),
    # factors
    (
        "y[r] = 3*sum[a] x[r+a]*k[a]",
        "y",
        [
            "3 times the cross-correlation of x with k",
            "3 times the convolution of x with the flipped k",
        ],
    ),
    (
        "y[r] = 3*sum[a] x[r+a]*k[a]",
        "x",
        [
            "3 times the full convolution of g with k",
            "3 times the cross-correlation of g zero-padded by A−1 with the flipped k",
        ],
    ),
    ("y[r] = -sum[a] x[r+a]*k[a]", "k", ["−1 times the cross-correlation of x with g"]),
    ("y[r] = r*sum[a] x[r+a]*k[a]", "y", []),
    ("y[r] = r*sum[a] x[r+a]*k[a]", "x", []),
    ("y[r] = r*sum[a] x[r+a]*k[a]", "k", []),
    ("y[r] = sum[a] x[r+a]*k[a]*w[a]", "y", []),
    # parts of a range
    ("f(x[H], k[K]): y[r<H-K+1] = sum[1<=a<K] x[r+a]*k[a]", "y", []),
    ("f(x[H], k[K]): y[r<H-K+1] = sum[1<=a<K] x[r+a]*k[a]", "x", []),
    ("f(x[H], k[K]): y[r<H-K+1] = sum[1<=a<K] x[r+a]*k[a]", "k", []),
    ("f(x[H], k[K]): y[r<H-K+1] = sum[a<K-1] x[r+a]*k[a]", "y", []),
    ("f(x[Q pad all, T pad all], k[N, N]): y[q<Q,t<T] = sum[a<N,b<=a] x[q+a,t+b]*k[a,b]", "y", []),
    ("f(x[Q pad all, T pad all], k[N, N]): y[q<Q,t<T] = sum[a<N,b<=a] x[q+a,t+b]*k[a,b]", "x", []),
    ("f(x[N], w[N]): y[i<N-1] = x[i]*w[i]", "y", []),
    ("f(x[N]): y[i<N-1] = x[i]", "y", []),
    # shorter than a full convolution, delayed, or beginning inside it
    (
        "f(x[H pad all], k[K]): y[q<H] = sum[a] x[q-a]*k[a]",
        "y",
        ["convolution of x with k, cropped to length H"],
    ),
    (
        "f(x[H], k[K]): y[r<(H-K)//2] = sum[a] x[r+a]*k[a]",
        "x",
        [
            "convolution of g with k, of length H",
            "cross-correlation of g zero-padded by K−1 with the flipped k, of length H",
        ],
    ),
    (
        "f(x[H pad all], k[K]): y[q<H] = sum[a] x[q-a-2]*k[a]",
        "y",
        ["convolution of x with k, delayed by 2"],
    ),
    (
        "f(x[H pad all], k[K]): y[q<H] = sum[a] x[q-a-2]*k[a]",
        "x",
        ["cross-correlation of zero-padded g with k, starting at 2"],
    ),
    (
        "f(x[H pad all], k[K]; p=0): y[q<H] = sum[a] x[q-a+p-2]*k[a]",
        "y",
        ["convolution of x with k, starting at entry p−2 of the full convolution"],
    ),
    (
        "f(x[H], k[K]): y[r] = sum[a] x[r+K-1-a]*k[a]",
        "y",
        ["convolution of x with k, cropped by K−1"],
    ),
    (
        "f(x[H pad all], k[K]): y[q<H+K-1] = sum[a] x[q-a]*k[a]",
        "y",
        ["full convolution of x with k"],
    ),
    (
        "f(x[H], k[K]): y[r] = sum[a] x[r+2*a+1]*k[a]",
        "y",
        [
            "cross-correlation of x with k dilated by 2, starting at 1",
            "convolution of x with the flipped k dilated by 2, starting at 1",
        ],
    ),
    # zeros stuffed into what is not a gradient
    (
        "f(x[H pad all], k[K]; s=2): y[q<(H-1)*s+K] = sum[a] x[(q-a)/s]*k[a]",
        "y",
        ["convolution of zero-stuffed x (stride s) with k"],
    ),
    (
        "f(x[H pad all], k[K]; s=2): y[q<H] = sum[a] x[(q-a)/s]*k[a]",
        "y",
        ["convolution of zero-stuffed x (stride s) with k, cropped to length H"],
    ),
    # further axes
    (
        "f(x[N, C, H], k[C, K]): y[n, c, r] = sum[a] x[n, c, r+a]*k[c, a]",
        "k",
        ["cross-correlation of x with g, summed over n, for every c'"],
    ),
    ("f(x[H], k[K]): y[n<5, r] = sum[a] x[r+a]*k[a]", "y", []),
    # matrix products, and what is none
    ("f(A[N, N], B[N, J]): y[j] = sum[k] A[k,k]*B[k,j]", "y", []),
    ("f(A[N, N], B[N, J]): y[i,j] = sum[k<=i] A[i,k]*B[k,j]", "y", []),
    ("f(A[N, N], B[N, J]): y[i,j] = sum[k<=i] A[i,k]*B[k,j]", "A", []),
    ("f(A[N, N], B[N, J]): y[i,j] = sum[k<=i] A[i,k]*B[k,j]", "B", []),
    ("y[i] = sum[k] A[i,k]*B[i,k]", "y", ["inner product of A and B over k, for every i"]),
    ("y[i] = sum[k] A[i,k]*B[k,i]", "y", ["inner product of A and Bᵀ over k, for every i"]),
    ("y = sum[i,k] A[i,k]*B[k,i]", "y", ["inner product of A and Bᵀ"]),
    ("y[j,i] = sum[k] A[i,j,k]*B[i,j,k]", "y", []),
    ("y[i] = sum[k] A[i,k]*b[k]", "y", ["matrix product A·b"]),
    ("y[j] = sum[i] x[i]*A[i,j]", "y", ["matrix product Aᵀ·x"]),
    ("y[j,i] = sum[k] A[i,k]*B[k,j]", "y", ["matrix product Bᵀ·Aᵀ"]),
    ("y[i,j] = sum[k] A[i,k]*B[k,j]*[k < i]", "y", []),
    (
        "y[i,j,l] = sum[k] A[j,i,k]*B[k,l]",
        "y",
        ["matrix product of A and B, contracted over k, axes in the order i, j, l"],
    ),
    ("y[i,l] = sum[j,k] A[i,j,k]*B[k,j,l]", "y", []),
    (
        "f(x[N, I], w[O, I]): y[n,o] = sum[i] x[n,i]*w[o,i]/I",
        "w",
        ["1/I times the matrix product gᵀ·x"],
    ),
    # products of entries
    ("y[i,j] = A[i,j]*B[j,i]", "y", ["elementwise product of A and Bᵀ"]),
    ("y[i,j] = A[i,j]*A[j,i]", "y", ["elementwise product of A and Aᵀ"]),
    ("y[i] = A[i,i]*b[i]", "y", []),
    ("y[i] = A[i,i]*b[i]", "A", []),
    ("y[i] = A[i,i]*b[i]", "b", []),
    ("y[i,j,k] = A[i,j,k]*B[k,j,i]", "y", []),
    ("y[i,j] = A[i,j]*b[j]", "y", ["product of A and b, b broadcast along i"]),
    ("y[i,j] = a[j]*b[i]", "y", ["outer product of b and a"]),
    (
        "y[i,j,k] = A[i,k]*b[j]",
        "y",
        ["product of A and b, A broadcast along j, b broadcast along i, k"],
    ),
    # one tensor
    ("y[i] = A[i,i]", "y", []),
    ("y[i] = A[i,i]", "A", []),
    ("y = sum[i] A[i,i]", "y", []),
    ("y[i,j] = A[j,i]", "y", ["transpose of A"]),
    ("y[i,j,k] = A[j,i,k]", "y", []),
    ("y[i,j] = -2*A[i,j]", "y", ["−2 times A, entry by entry"]),
    ("f(x[N, I]): y[n] = sum[i] x[n,i]/I", "x", ["1/I times the broadcast of g along i'"]),
    ("y[j,i] = sum[k] A[i,k,j]", "y", []),
    # windows
    ("y[r] = sum[a<2] x[2*r+a]", "y", ["sum of x over windows of size 2, read with stride 2"]),
    (
        "y[r] = sum[a<2] x[2*r+a]",
        "x",
        ["sum of g over the windows that contain the entry (size 2, stride 2)"],
    ),
    (
        "f(x[H]): y[r] = sum[a<3] x[r+2*a+1]",
        "y",
        ["sum of x over windows of size 3 dilated by 2, starting at 1"],
    ),
    ("f(x[H pad all]): y[r<H] = sum[a<=r] x[r+a]", "y", []),
    # tables
    ("f(w[V, D], t[N] int < V): y[n,d] = w[t[n],d]", "w", ["scatter of g through t"]),
    ("f(w[V, D], t[N] int < V): y[n,d] = w[t[n],d]", "y", []),
    ("f(x[N, C], t[N] int < C): y[n] = x[n,t[n]]", "x", ["scatter of g through t"]),
    (
        "f(x[N, C], t[N] int < C): y = sum[n] x[n,t[n]]/N",
        "x",
        ["1/N times the scatter of g through t, g broadcast along n'"],
    ),
    ("f(x[N], t[N] int < 2): y[n] = x[n]*[t[n] == 0]", "y", []),
    ("f(x[N], t[N] int < 2): y[n] = x[n]*[t[n] == 0]", "x", []),
    ("f(w[V], t[N] int < V): y[n] = w[t[n]]*[n < 2]", "w", []),
    ("f(w[V], t[N] int < V, u[N] int < V): y[n] = w[t[n]]*w[u[n]]", "w", []),
    ("f(w[V, V], t[N] int < V): y[n] = w[t[n], t[n]]", "w", []),
    ("f(w[V, D, E], t[N] int < V): y[n,e,d] = w[t[n],d,e]", "w", []),
    ("f(u[V], t[N] int < V): y[v,n] = u[v]*[t[n] == v]", "y", []),
    # maxima
    (
        "f(x[H]; s=2): y[r] = max[a<3] x[s*r+a]",
        "x",
        ["scatter of g to the first maximum of each window of x (size 3, stride s)"],
    ),
    (
        "f(x[H pad p by -inf, W pad p by -inf]; p=0): y[r,c] = max[a<3,b<2] x[r+a-p,c+2*b-p]",
        "x",
        [
            "scatter of g to the first maximum of each window of x"
            " (size 3×2, dilation (1, 2), padding p)"
        ],
    ),
    ("y[n] = max[c] x[n,c]", "x", ["scatter of g to the first maximum of x along c'"]),
    ("f(x[N, H, W]): y[n] = max[b, a] x[n,a,b]", "x", []),
    ("y[r] = max[a<2] 3*x[r+a]", "x", []),
    ("f(x[H]): y[r<H-1] = max[a<2] x[r+a]*[r < 3]", "x", []),
]

#: catalog layers whose forms must be what their words say
CATALOG: list[tuple[str, dict[str, Any]]] = [
    ("conv", {}),
    ("conv", {"dims": 1, "stride": 2, "padding": 1, "dilation": 3}),
    ("conv", {"dims": 1, "stride": 2, "dilation": 4}),
    ("conv", {"dims": 1, "padding": "same", "dilation": "d"}),
    ("conv", {"dims": 1, "channels": True, "groups": "G", "stride": "s", "padding": "p"}),
    ("conv", {"channels": True, "kernel_size": 1, "bias": False}),
    ("conv_transpose", {"dims": 1, "stride": "s", "padding": "p", "dilation": "d"}),
    ("conv_transpose", {"dims": 1, "channels": True, "groups": 2, "stride": 2}),
    ("linear", {"bias": False}),
    ("matmul", {}),
    ("avgpool", {"dims": 1, "stride": "s", "padding": "p"}),
]
