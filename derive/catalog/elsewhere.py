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
    "reshape": ("view", "unflatten"),
    "relu": ("rectifier", "rectifiedlinearunit"),
    "adaptive_avgpool": ("adaptiveaveragepool", "adaptiveavgpooling"),
    "add": ("residual", "skip", "plus"),
    "attention": ("sdpa", "scaleddotproductattention", "selfattention"),
    "batchnorm": ("bn", "batchnormalization", "batchnormalisation"),
    "bce": ("binarycrossentropy", "bcewithlogits", "logisticloss"),
    "concat": ("cat", "concatenate", "stack"),
    "dropout": ("drop",),
    "global_avgpool": ("gap", "globalaveragepool", "globalaveragepooling"),
    "huber": ("smoothl1", "smoothl1loss"),
    "layernorm": ("ln", "layernormalization", "layernormalisation"),
    "leaky_relu": ("lrelu",),
    "lrn": ("localresponsenorm", "localresponsenormalization", "responsenorm"),
    "mse": ("meansquarederror", "l2", "squarederror"),
    "pixel_shuffle": ("depthtospace",),
    "sigmoid": ("logistic", "expit"),
    "silu": ("swish",),
    "upsample": ("interpolate", "resize", "unpool"),
}
#: layers that are a line of the notation
LINES: Mapping[str, str] = {
    "logsumexp": "y[n] = log(sum[c] exp(x[n, c]))",
    "bias": "y[n, c] = x[n, c] + b[c]",
    "l1": "l1(x[N], t[N]): y = sum[n] abs(x[n] - t[n])/N",
    "hardtanh": "y[i] = min(max(x[i], -1), 1)",
    "selu": "y[i] = 1.0507*(if 0 < x[i] then x[i] else 1.67326*(exp(x[i]) - 1))",
    "mish": "y[i] = x[i]*tanh(log1p(exp(x[i])))",
    "prelu": "y[n, c] = if 0 < x[n, c] then x[n, c] else a[c]*x[n, c]",
    "outer": "y[i, j] = a[i]*b[j]",
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
