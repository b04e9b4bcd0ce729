"""Broken records of derivations: each is refused, and one that is only written differently is not.

``-m "" -s -n 0`` shows how many of which kind there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

import derive
import verify
from derive.engine.record import Derivation
from derive.language.definition import Layer
from tests.suites import every, parts
from tests.verify.checker.corruptions import (
    Corruption,
    harmless,
    of_the_frame,
    of_the_mathematics,
    of_the_record,
)

#: about how many corruptions of each group are tried on each derivation
SHARE = 4
#: the corruptions are tried in so many parts, of which the quick suite takes the first
PARTS = 5
#: how many corruptions every part has at least
AT_LEAST = 2

LAYERS = {
    "the lecture's": lambda: derive.layer("conv"),
    "strided, dilated": lambda: derive.layer("conv", dims=1, stride="s", padding="p", dilation="d"),
    "grouped": lambda: derive.parse(
        "conv(x[C, H], k[O, C//G, K]; s=2, G=1):\n"
        "    y[o, r] = sum[i, a] x[o//(O//G)*(C//G) + i, s*r + a]*k[o, i, a]"
    ),
    "transposed": lambda: derive.layer("conv_transpose", dims=1, stride="s"),
    "average pooling": lambda: derive.layer("avgpool", dims=1),
    "maximum pooling": lambda: derive.parse(
        "f(x[H pad all by -inf]; K=2, s=2, p=0): y[r < 3] = max[a<K] x[s*r + a - p]"
    ),
    "adaptive pooling": lambda: derive.parse(
        "f(x[H]; E): y[r < E] = sum[r*H//E <= i < ((r+1)*H + E-1)//E] x[i]"
    ),
    "matrix product": lambda: derive.layer("matmul"),
    "linear": lambda: derive.layer("linear"),
    "cross-entropy": lambda: derive.parse(
        "f(x[N, C], t[N] int < C): y = sum[n] (log(sum[c] exp(x[n, c])) - x[n, t[n]]) / N"
    ),
    "flatten": lambda: derive.parse("f(x[N, C, H]): y[n, m < C*H] = x[n, m//H, m%H]"),
    "centred squares": lambda: derive.parse(
        "f(x[N]):\n    m[] = sum[n] x[n]/N\n    y[n] = (x[n] - m[])*(x[n] - m[])"
    ),
    "embedding": lambda: derive.parse("f(w[V, D], t[N] int < V): y[n, d] = w[t[n], d]"),
    "softplus": lambda: derive.parse("f(x[N]): y[i] = log(1 + exp(x[i]))"),
}


def spread(found: list[Corruption], share: int) -> list[Corruption]:
    """Some of the corruptions, from the first to the last."""
    step = max(1, len(found) // share)
    return found[::step]


def corrupted(d: Derivation) -> Iterator[Corruption]:
    """Some of each group."""
    for group in (of_the_record, of_the_mathematics, of_the_frame):
        yield from spread(list(group(d)), SHARE)
    yield from harmless(d)


@pytest.mark.parametrize("part", parts(PARTS))
@pytest.mark.parametrize("name", every(5, LAYERS))
def test_broken_derivations_are_refused(name: str, part: int) -> None:
    layer: Layer = LAYERS[name]()
    counts: Counter[tuple[bool, str, str]] = Counter()
    for tensor in layer.tensors:
        if tensor.integer:
            continue
        derivation = derive.gradient(layer, tensor.name)
        assert verify.check(derivation).word == "checked"
        for corruption in list(corrupted(derivation))[part::PARTS]:
            verdict = verify.check(corruption.derivation)
            counts[corruption.harmless, corruption.name, verdict.word] += 1
            wanted = ("checked",) if corruption.harmless else ("refuted", "undecided")
            assert verdict.word in wanted, f"{tensor.name}, {corruption.name}: {verdict}"
    refused = sum(n for (kept, _, _), n in counts.items() if not kept)
    print(f"\n{name}: {refused} refused, {counts.total() - refused} accepted")
    for (kept, kind, word), count in sorted(counts.items()):
        print(f"  {'harmless' if kept else 'harmful':<8}  {kind:<46}  {word:<9}  {count:>3}")
    assert refused >= AT_LEAST


def test_there_are_more_than_a_hundred_corruptions() -> None:
    assert AT_LEAST * PARTS * len(LAYERS) > 100


@pytest.mark.parametrize("name", every(2, ["flatten", "strided, dilated"]))
def test_faults_of_each_kind_are_refused(name: str) -> None:
    """Every kind of fault once, where it first fits."""
    layer: Layer = LAYERS[name]()
    derivation = derive.gradient(layer, layer.tensors[0].name)
    first: dict[str, Corruption] = {}
    for corruption in of_the_mathematics(derivation):
        first.setdefault(corruption.name, corruption)
    for corruption in first.values():
        verdict = verify.check(corruption.derivation)
        assert verdict.word in ("refuted", "undecided"), f"{corruption.name}: {verdict}"
