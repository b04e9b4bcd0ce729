"""Compositions that tests take, by name."""

from __future__ import annotations

SCALE = "scale(x[N, M], a[M]; q=2): y[i, j] = q*a[j]*x[i, j]"

TEXTS = {
    "classifier": ("softmax(linear(flatten(relu(conv(x,k,b; channels, stride=2))),w,c); axis=1)"),
    "residual": "add(relu(linear(x, w, b)), x)",
    "branches": "add(conv(x, k), conv(x, l))",
    "same padding": "add(conv(x, k; padding=same), x)",
    "norms": "batchnorm(relu(batchnorm(conv(x,k;channels,no-bias),w1,b1)),w2,b2)",
    "pools": "maxpool(relu(avgpool(conv(x, k; stride=s); kernel_size=2)))",
    "attention": "attention(linear(x,wq,bq), linear(x,wk,bk), linear(x,wv,bv))",
    "padded inside": "conv(relu(conv(x, k; padding=1)), l; padding=(1, 2), stride=2)",
    "typed": f"relu(scale(linear(x, w, b), a; q=3)) with {SCALE}",
    "loss": "mse(sigmoid(linear(x, w, b)), t)",
    "table": "cross_entropy(linear(embedding(e, s), w, b), t)",
    "shared": "matmul(tanh(A), tanh(A))",
    "concatenated": "concat(relu(x), tanh(z); axis=1)",
    "shuffled": "pixel_shuffle(conv(x, k; channels, bias=False))",
}

LENET = (
    "cross_entropy(linear(relu(linear(flatten(maxpool(relu(conv(maxpool(relu("
    "conv(x, k1, b1; channels, padding=2, kernel_size=5)); kernel_size=2), k2, b2; kernel_size=5));"
    " kernel_size=2)), w1, c1)), w2, c2), t)"
)


def chain(length: int) -> str:
    """``relu(linear(relu(linear(x, …))))`` of so many layers."""
    text = "x"
    for number in range(length // 2):
        text = f"relu(linear({text}, w{number}, b{number}))"
    return text
