"""What people ask for that is no layer of the catalog: the layer they mean, or a line to type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from derive.plugins import meant

#: other names of layers that there are
KNOWN_AS: Mapping[str, Sequence[str]] = {
    "conv": ("convolution", "convolve", "correlation", "crosscorrelation", "convnd"),
    "conv_transpose": ("deconv", "deconvolution", "transposedconvolution", "convtransposed"),
    "linear": ("dense", "fc", "fullyconnected", "affine", "mlp", "perceptron"),
    "matmul": ("mm", "bmm", "matrixproduct", "matrixmultiplication", "gemm", "dot"),
    "maxpool": ("maxpooling", "pool", "pooling"),
    "avgpool": ("avgpooling", "averagepool", "averagepooling", "meanpool", "meanpooling"),
    "cross_entropy": ("ce", "nll", "softmaxcrossentropy", "softmaxloss", "crossentropyloss"),
    "embedding": ("embed", "lookup"),
    "flatten": ("reshape", "view"),
    "relu": ("rectifier", "rectifiedlinearunit"),
}
_NORM = (
    "x[{0}], w[C], b[C]; eps=1e-5): {1};"
    " y[n, c] = w[c]*(x[n, c] - m[{2}])/sqrt(v[{2}] + eps) + b[c]"
)
_OVER_N = "m[c] = sum[n] x[n, c]/N; v[c] = sum[n] (x[n, c] - m[c])^2/N"
_OVER_C = "m[n] = sum[c] x[n, c]/C; v[n] = sum[c] (x[n, c] - m[n])^2/C"
#: layers that are a line of the notation
LINES: Mapping[str, str] = {
    "softmax": "y[n, c] = exp(x[n, c])/(sum[j] exp(x[n, j]))",
    "log_softmax": "y[n, c] = x[n, c] - log(sum[j] exp(x[n, j]))",
    "logsumexp": "y[n] = log(sum[c] exp(x[n, c]))",
    "batchnorm": "batchnorm(" + _NORM.format("N, C", _OVER_N, "c"),
    "layernorm": "layernorm(" + _NORM.format("N, C", _OVER_C, "n"),
    "rmsnorm": "rmsnorm(x[N, C], w[C]; eps=1e-5): q[n] = sum[c] x[n, c]^2/C;"
    " y[n, c] = w[c]*x[n, c]/sqrt(q[n] + eps)",
    "sigmoid": "y[i] = sigmoid(x[i])",
    "tanh": "y[i] = tanh(x[i])",
    "elu": "elu(x[N]; alpha=1.0): y[i] = if 0 < x[i] then x[i] else alpha*(exp(x[i]) - 1)",
    "leaky_relu": "y[i] = max(x[i], 0.01*x[i])",
    "relu6": "y[i] = min(max(x[i], 0), 6)",
    "gelu": "y[i] = x[i]*(1 + erf(x[i]/sqrt(2)))/2",
    "silu": "y[i] = x[i]*sigmoid(x[i])",
    "swish": "y[i] = x[i]*sigmoid(x[i])",
    "softplus": "y[i] = log1p(exp(x[i]))",
    "mse": "mse(x[N], t[N]): y = sum[n] (x[n] - t[n])^2/N",
    "bce": "bce(x[N], t[N]): y = sum[n] (log1p(exp(x[n])) - t[n]*x[n])/N",
    "dropout": "y[i] = mask[i]*x[i]",
    "bias": "y[n, c] = x[n, c] + b[c]",
    "add": "y[i] = a[i] + b[i]",
    "upsample": "upsample(x[H, W]): y[r < 2*H, c < 2*W] = x[r//2, c//2]",
    "global_avgpool": "pool(x[N, C, H, W]): y[n, c] = sum[r, s] x[n, c, r, s]/(H*W)",
    "attention": "attention(q[N, D], k[M, D], v[M, E]): s[i, j] = sum[d] q[i, d]*k[j, d]/sqrt(D);"
    " p[i, j] = exp(s[i, j])/(sum[m] exp(s[i, m])); y[i, e] = sum[j] p[i, j]*v[j, e]",
}


def advice(word: str, known: Sequence[str]) -> str:
    """``; did you mean 'conv'?``, or a line to type, or nothing."""
    plain = _plain(word)
    for name, others in KNOWN_AS.items():
        if plain in (_plain(name), *others) and name in known:
            return f"; did you mean {name!r}?"
    lines = {_plain(name): line for name, line in LINES.items()}
    if plain in lines:
        return f'; type it: derive "{lines[plain]}"'
    near = meant(word, known)
    if near:
        return near
    close = meant(plain, list(lines))
    return f'; type it: derive "{lines[close.split(chr(39))[1]]}"' if close else ""


def _plain(word: str) -> str:
    """Without case, underscores and the number of dimensions: Conv2d is conv."""
    letters = "".join(c for c in word.lower() if c.isalnum())
    return letters[:-2] if letters[-2:] in ("1d", "2d", "3d") else letters
