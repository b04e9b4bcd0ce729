"""Average pooling, in any dimension."""

from __future__ import annotations

from derive.catalog import Definition, Value, declared, per_axis, window

SUMMARY = "y[n, c, r] = sum[a<K] x[n, c, s*r+a]/K"


def notation(
    dims: int = 2,
    channels: bool = True,
    kernel_size: Value | None = None,
    stride: Value | None = None,
    padding: Value = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Definition:
    """Shapes: x[N, C, H, W] → y[N, C, R, S]; without ``channels`` x[H, W].

    ``kernel_size`` stays symbolic (K1, K2) unless given, ``stride`` is the kernel size then;
    ``ceil_mode`` and ``count_include_pad`` mean what they mean in PyTorch's ``avg_pool``.
    """
    kernels = "K" if dims == 1 else [f"K{axis}" for axis in range(1, dims + 1)]
    size: Value = kernels if kernel_size is None else kernel_size
    step: Value = size if stride is None else stride
    slide = window(dims, step, per_axis("padding", padding, dims), 1, size)
    names = slide.spatial
    values = {n: v for n, v in slide.values.items() if n[0] != "d"}
    for name, value in zip(names.numbered("K"), per_axis("kernel_size", size, dims), strict=True):
        values[name] = value
    rows = list(
        zip(
            names.sizes,
            names.outputs,
            names.offsets,
            names.numbered("s"),
            names.numbered("p"),
            names.numbered("K"),
            strict=True,
        )
    )
    axes = [f"{h} pad all" if ceil_mode else f"{h} pad {p}" for h, _, _, _, p, _ in rows]
    outputs = [_ceil(*row) if ceil_mode else row[1] for row in rows]
    offsets = [f"{a} < {k}" for _, _, a, _, _, k in rows]
    positions = [f"{s}*{r} + {a} - {p}" for _, r, a, s, p, _ in rows]
    counts = "*".join(_count(ceil_mode, count_include_pad, *row) for row in rows)
    before_axes, before = ("N, C, ", "n, i, ") if channels else ("", "")
    text = (
        f"avgpool(x[{before_axes}{', '.join(axes)}]; "
        f"{declared(values, {'s': 1, 'p': 0, 'K': 2})}):\n"
        f"    y[{before}{', '.join(outputs)}] = "
        f"sum[{', '.join(offsets)}] x[{before}{', '.join(positions)}]/({counts})"
    )
    return Definition(text, values)


def _ceil(h: str, r: str, a: str, s: str, p: str, k: str) -> str:
    """The output size rounded up, but no window starts beyond the input and its left padding."""
    return f"{r} < min(({h} + 2*{p} - {k} + {s} - 1)//{s} + 1, ({h} + {p} - 1)//{s} + 1)"


def _count(
    ceil_mode: bool, count_include_pad: bool, h: str, r: str, a: str, s: str, p: str, k: str
) -> str:
    """How many entries of the window count along one axis."""
    start, end = f"{s}*{r} - {p}", f"{s}*{r} - {p} + {k}"
    if count_include_pad:
        return f"(min({end}, {h} + {p}) - ({start}))" if ceil_mode else k
    return f"(min({end}, {h}) - max({start}, 0))"
