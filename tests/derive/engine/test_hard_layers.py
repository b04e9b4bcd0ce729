"""Layers chosen to break a rule: each rule's side conditions at work, for all small sizes.

The oracle is the same as for generated layers: dual numbers through the written equations.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, product
from math import prod

import pytest

import derive
from derive.language.definition import Layer
from derive.language.terms import Parameter
from tests.derive.engine.test_generated_layers import Truth, check, gradients
from tests.strategies import Inputs
from verify.evaluation.arrays import Array
from verify.evaluation.sizes import bindings, known

LARGEST = 3

#: what may go wrong → the layer's text
HARD = {
    "fresh names of a maximum collide": "f(x[2, 3]):\n    y[] = max[a<2, a'<3] x[a, a']",
    "divisor depends on another summed index": (
        "f(x[6]):\n    y[] = sum[i<6, j<3] x[i//(j+1)]*(1+j)"
    ),
    "remainder by another summed index": (
        "f(x[N pad all], k[J]):\n    y[] = sum[i<6, j] x[i % (j+1)]*k[j]*i"
    ),
    "counted constant divides by a size that may be 0": "f(x[], w[N]):\n    y[] = sum[i<N] x[]/N",
    "counted constant reads outside an empty tensor": (
        "f(x[], w[N]):\n    y[] = sum[i<N] w[N-1]*x[]"
    ),
    "solved value reads outside an empty table": (
        "f(x[H pad all], t[N] int < H, w[N]):\n    y[] = sum[i<N] x[i + t[0]]*w[i]"
    ),
    "solved value divides by a size that may be 0": (
        "f(x[H pad all], w[N]):\n    y[] = sum[i<N] x[i + 7//N]*w[i]"
    ),
    "power with exponent zero": "f(x[N]; p=2):\n    y[i] = x[i]^p",
    "power with an index as exponent": "f(x[], w[N]):\n    y[] = sum[i<N] w[i]*x[]^i",
    "power with a table's entry as exponent": "f(x[N], t[N] int < 3):\n    y[i] = x[i]^t[i]",
    "power with a size as exponent": "f(x[], w[N]):\n    y[] = sum[i<N] w[i]*x[]^N",
    "definition used in a body only": (
        "f(x[H], w[A], b[]):\n    m[r] = sum[a] x[r+a]*w[a]\n    y[] = sum[r] (m[r] + b[])"
    ),
    "triangular kernel": ("f(x[H, W], k[K, K]):\n    y[q, t] = sum[a<K, b<=a] x[q+a, t+b]*k[a, b]"),
    "a table's entry as divisor": "f(x[H pad all], t[N] int < 4):\n    y[i] = x[i//(t[i]+1)]",
    "primed names nest": "f(x[H, 2], k[A]):\n    y[r] = sum[a] max[a'<2] x[r+a, a']*k[a]*k[a]",
    "scaled mean": "f(x[N, I]):\n    y[n] = sum[i] x[n, i]/I",
    "negative stride": "f(x[H pad all], k[K]):\n    y[r<4] = sum[a] x[6-2*r-a]*k[a]",
    "diagonal": "f(w[N, N]):\n    y[i] = w[i, i]",
    "trace of a product": "f(A[I, K], B[K, I]):\n    y[] = sum[i, k] A[i, k]*B[k, i]",
    "symbolic stride and shift": (
        "f(x[H pad all], k[K]; s=2, p=1):\n    y[r<3] = sum[a] x[(r+p-a)/s]*k[a]"
    ),
    "a guard that divides by zero outside another one": (
        "f(x[Hi], k[U pad all]; d=1):\n"
        "    y[i] = sum[a<2, b<2] x[i + a + b]*k[(i - 1 - a)//(a + 1)]*k[-d*a]"
    ),
    "the same below a maximum": (
        "f(x[Hi], k[U pad all]):\n"
        "    y[i] = max[a<2, b<2] x[i + a + b]*k[(i - 1 - a)//(a + 1)]*k[-a]"
    ),
    "bounds that use a summed index": (
        "f(x[H pad all], k[K]):\n    y[r<3] = sum[a, a <= i < r+a] x[i]*k[a]"
    ),
}


def inputs(layer: Layer) -> Iterator[Inputs]:
    """Every small combination of sizes and hyperparameters, with one choice of entries for each."""
    spans = [range(h.minimum if h.minimum is not None else 0, 4) for h in layer.hyperparameters]
    for numbers in product(*spans):
        given = {h.name: n for h, n in zip(layer.hyperparameters, numbers, strict=True)}
        fixed = {h.symbol: given[h.name] for h in layer.hyperparameters}
        for sizes in product(range(LARGEST + 1), repeat=len(layer.sizes)):
            values = {**fixed, **dict(zip(layer.sizes, sizes, strict=True))}
            numbering = count()
            arrays = {}
            for t in layer.tensors:
                shape = tuple(known(axis.size, values) for axis in t.axes)
                below = known(t.below, values) if t.integer and t.below is not None else None
                if below == 0 and prod(shape):
                    break
                entries = (next(numbering) for _ in range(prod(shape)))
                arrays[t.name] = Array(
                    shape, tuple(n % below if below else (-1) ** n * n for n in entries)
                )
            else:
                try:
                    bindings(layer, arrays, given)
                except ValueError:
                    continue
                yield Inputs(arrays, given)


@pytest.mark.parametrize("text", HARD.values(), ids=HARD)
def test_gradients_equal_brute_force_for_all_small_sizes(text: str) -> None:
    layer = derive.parse(text)
    assert all(isinstance(h.symbol, Parameter) for h in layer.hyperparameters)
    derivations, cases = gradients(layer), 0
    for case in inputs(layer):
        check(derivations, Truth(layer, case))
        cases += 1
    assert cases
