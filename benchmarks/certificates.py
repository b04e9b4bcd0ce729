"""How long Coq takes for the certificates of the catalog, and whether it accepts them.

Run: python -m benchmarks.certificates [NAME …]
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import derive
from derive.language.definition import Layer
from verify.coq import Uncertified, certificate_of, certify

SYMBOLIC = {"stride": "s", "padding": "p", "dilation": "d"}
GROUPED = {**SYMBOLIC, "channels": True, "groups": "G", "bias": True}
TYPED: Mapping[str, str] = {
    "centred": "centred(x[N], w[N]):\n    m = sum[i] x[i]/N\n    y[i] = (x[i] - m)*w[i]",
    "neighbours": "y[i] = x[i]*x[i+1]",
    "cubic": "y[i] = x[i]**3 + 2*x[i]/3",
    "half square": "y[i] = x[i]**2/2",
    "triangle": "triangle(x[N], w[N]):\n    y[i < N] = sum[j < i+1] x[j]*w[i-j]",
}

#: the rest of the catalog, and options under which the proof is another
CATALOG: Sequence[tuple[str, dict[str, Any]]] = [
    ("adaptive_avgpool", {"dims": 1}),
    ("adaptive_avgpool", {}),
    ("adaptive_maxpool", {"dims": 1}),
    ("adaptive_maxpool", {}),
    ("add", {}),
    ("attention", {}),
    ("batchnorm", {}),
    ("bce", {}),
    ("concat", {}),
    ("cross_entropy", {}),
    ("cross_entropy", {"label_smoothing": 0.1}),
    ("dropout", {}),
    ("elu", {}),
    ("embedding", {}),
    ("flatten", {}),
    ("gelu", {}),
    ("global_avgpool", {}),
    ("groupnorm", {}),
    ("huber", {}),
    ("instancenorm", {}),
    ("layernorm", {}),
    ("leaky_relu", {}),
    ("log_softmax", {}),
    ("lp_pool", {}),
    ("lrn", {}),
    ("maxpool", {}),
    ("maxpool", {"dims": 1, **SYMBOLIC}),
    ("maxpool", {"dims": 1, "ceil_mode": True, "stride": 2, "padding": 1, "kernel_size": 3}),
    ("mse", {}),
    ("pad", {}),
    ("pixel_shuffle", {}),
    ("relu", {}),
    ("relu6", {}),
    ("rmsnorm", {}),
    ("sigmoid", {}),
    ("silu", {}),
    ("softmax", {}),
    ("softplus", {}),
    ("tanh", {}),
    ("upsample", {}),
]


def layers() -> Iterator[tuple[str, Layer]]:
    """The catalog's layers that certificates cover, under the options that matter, and others."""
    yield "conv", derive.layer("conv")
    yield "conv same", derive.layer("conv", padding="same")
    for dims in (1, 2, 3):
        yield f"conv {dims}-d, symbolic", derive.layer("conv", dims=dims, **SYMBOLIC)
        yield f"conv {dims}-d, grouped", derive.layer("conv", dims=dims, **GROUPED)
    for dims in (1, 2):
        yield f"conv_transpose {dims}-d", derive.layer("conv_transpose", dims=dims, **SYMBOLIC)
        yield (
            f"conv_transpose {dims}-d, grouped",
            derive.layer("conv_transpose", dims=dims, **GROUPED),
        )
    yield "linear", derive.layer("linear")
    yield "matmul", derive.layer("matmul")
    yield "avgpool", derive.layer("avgpool")
    yield "avgpool, symbolic", derive.layer("avgpool", stride="s", padding="p")
    yield (
        "avgpool, rounded up",
        derive.layer("avgpool", stride="s", padding="p", ceil_mode=True, count_include_pad=False),
    )
    for name, options in CATALOG:
        words = ", ".join(f"{key} {value}" for key, value in options.items())
        yield f"{name}, {words}" if words else name, derive.layer(name, **options)
    for name, text in TYPED.items():
        yield name, derive.parse(text)


def report(name: str, layer: Layer, wrt: str) -> bool:
    """One line about one certificate."""
    derivation = derive.gradient(layer, wrt)
    start = time.perf_counter()
    try:
        text = certificate_of(derivation)
    except Uncertified as error:
        print(f"{name:<28} {wrt:<3} no certificate: {error.reason[:60]}")
        return False
    writing = time.perf_counter() - start
    busy = _children()
    outcome = certify(text)
    busy = _children() - busy
    verdict = f"{len(outcome.theorems)} theorems" if outcome.certified else outcome.place
    print(
        f"{name:<28} {wrt:<3} {writing:6.2f} s {outcome.seconds:7.2f} s {busy:6.2f} s  {verdict}",
        flush=True,
    )
    if not outcome.certified:
        print(f"    {outcome.reason}")
    return outcome.certified


def _children() -> float:
    """Processor time of coqc, where other programs run beside it."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


def main(names: list[str]) -> int:
    """Exit code 0 if Coq accepted everything."""
    print(f"{'layer':<28} by  writing      coqc      cpu")
    outcomes = [
        report(name, layer, tensor.name)
        for name, layer in layers()
        if not names or any(word in name for word in names)
        for tensor in layer.tensors
        if not tensor.integer
    ]
    print(f"{sum(outcomes)} of {len(outcomes)} certificates were accepted")
    return 0 if all(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
