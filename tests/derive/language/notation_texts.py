"""Texts that several tests of the notation use."""

from __future__ import annotations

SIX = {
    "conv": (
        "conv(x[N, C, H pad p1, W pad p2], k[O, C//G, K1, K2], b[O]; "
        "s1=1, s2=1, p1=0, p2=0, d1=1, d2=1, G=1):\n"
        "    y[n, o, r, c] = b[o] + sum[i, a, b] x[n, o//(O//G)*(C//G) + i, "
        "s1*r + d1*a - p1, s2*c + d2*b - p2] * k[o, i, a, b]"
    ),
    "conv_transpose": (
        "conv_transpose1(x[N, C, H pad all], k[C, O, K]; s=1, p=0, d=1, e=0):\n"
        "    y[n, o, q < (H-1)*s - 2*p + d*(K-1) + e + 1] = "
        "sum[i, a] x[n, i, (q + p - d*a)/s] * k[i, o, a]"
    ),
    "maxpool": (
        "maxpool1(x[N, C, H pad all by -inf]; K=2, s=2, p=0, d=1):\n"
        "    y[n, c, r < (H + 2*p - d*(K-1) - 1 + s - 1)//s + 1] = "
        "max[a < K] x[n, c, s*r + d*a - p]"
    ),
    "adaptive": (
        "adaptive_avgpool1(x[N, C, H]; E):\n"
        "    y[n, c, r < E] = sum[r*H//E <= i < ((r+1)*H + E-1)//E] x[n, c, i] "
        "/ (((r+1)*H + E-1)//E - r*H//E)"
    ),
    "cross_entropy": (
        "cross_entropy(x[N, C], t[N] int < C):\n"
        "    y = sum[n] (log(sum[c] exp(x[n, c])) - x[n, t[n]]) / N"
    ),
    "flatten": "flatten(x[N, C, H, W]):\n    y[n, m < C*H*W] = x[n, m//(H*W), m//W%H, m%W]",
}

BARE = (
    "y[r,c] = sum[a,b] x[r+a,c+b]*k[a,b]",
    "C[i,j] = sum[k] A[i,k]*B[k,j]",
    "y[i] = sum[j] A[i,j]*x[j]",
    "out[i] = w[i,i]",
    "y[i] = x[i]*x[i+1]",
    "y[n,e] = w[t[n],e]",
    "y[i] = a*x[i] + b",
    "y[r] = max[a<K] x[r+a]",
    "m = sum[i] x[i]; y[i] = x[i] - m",
    "m[r] = sum[a] x[r+a]*k[a]; y[r] = relu(m[r])",
)

BATCHNORM = """
# statistics over all but the channels
batchnorm(x[N, C, H], w[C], b[C]; eps=0.00001):
    m[c] = sum[n, h] x[n, c, h]/(N*H)
    s[c] = sum[n, h] (x[n, c, h] - m[c])^2/(N*H)
    y[n, c, h] = w[c]*(x[n, c, h] - m[c])/sqrt(s[c] + eps) + b[c]
"""
