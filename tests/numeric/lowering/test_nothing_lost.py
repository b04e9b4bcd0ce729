"""Whole arrays compute what the loops compute, whatever guards, maxima and bounds stand together.

Forward, all gradients, and all gradients of these, at small sizes, empty ones among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest

import derive
import numeric
from derive.language.definition import Layer
from numeric.lowering import lowered
from tests.suites import every
from verify.evaluation.sizes import known
from verify.evaluation.small_sizes import Sizes

LARGEST, POINTS = 6, 10

#: a maximum beside a guard, a choice, a bound or a padded read that has other indices
MAXIMA = [
    "f(w[N]; s): y[i < N] = [i < s]*max[c] w[c]",
    "f(w[N]): y[i < N] = [i%3 == 0]*max[c] w[c]",
    "f(w[N], k[N]): y[i < N] = if k[i] > 0 then max[c] w[c] else 0",
    "f(x[N], w[N]) where N >= 1: y = x[0]*max[c] w[c]",
    "f(x[N], w[N]): y[i < N] = x[i//2]*max[c] w[c]",
    "f(x[N]) where N >= 1: y[i < N] = exp(x[i] - max[j] x[j])",
    "f(x[N pad all]): y[i < N] = [i > 1]*(max[a < 2] x[a])",
    "f(x[N], u[N] int < N): y[i < N] = (max[b < 3] b)*x[u[i]]",
    "f(x[N pad all], k[N]): y[i < N] = if k[i] > 0 then (max[a < 2] x[a]) else 0",
    "f(x[N], w[N pad 1]): y[i < N] = w[i+1]*max[c] x[c]",
    "f(x[N], w[M]): y[i < N] = x[i]*max[c] w[c]; z[j < M] = w[j]",
    "f(x[N], w[M]): y[i < N] = x[i]*max[c] w[c]; z = sum[i] y[i]; v[j < M] = w[j]*z",
    "f(x[N, M], w[M]): y[i < N] = sum[j] x[i, j]*[j > i]*max[c] w[c]",
    "f(x[N, M], w[M]): y[i < N] = sum[j < i] x[i, j%M]*max[c < M] w[c]",
    "f(x[N], w[M], u[N] int < M): y[i < N] = [u[i//2] > 0]*[i > 0]*max[c < i] x[c]",
    "f(x[N], w[M], u[N] int < M): y[i < N] = [u[i] > 1]*(max[c] w[c])*w[u[i]]",
    "f(x[N pad all], w[N]): y[i < N] = x[(i - 1)/2]*max[c] w[c]",
    "f(x[N], w[N]): y[i < N] = [x[i] > 0]*max[c] w[c]*x[c]",
    "f(x[N], w[N]): y[i < N] = x[i]*(max[c] w[c] + [i > 1]*max[c < i] x[c])",
    "f(x[N], w[N]): y[i < N] = max(x[i], max[c] w[c])*[2*i < N]",
    "f(x[N], w[N]): y[i < N] = [i > 0]*sqrt(1 + (max[c] w[c])^2)*x[i-1]",
    "f(x[N], w[N]): y[i < N] = sum[j < N] [i//2 == j]*(max[c] w[c])*x[j]",
]

#: a read that only a guard keeps inside, also after the guard has met others in a gradient
READS = [
    "f(w[N]): y = [2 < N]*w[2]^2",
    "f(w[N], u[M] int < N): y[j < M] = [j < N]*w[u[j]]^2*w[j]",
    "f(x[N, N]): y[i < N] = sigmoid([-i%3 < N]*x[i, -i%3])",
    "f(k[N, N//G], b[N]; G=2): m[i < N] = [0 <= i < N//G]*k[i, i]*b[i//2]",
    "f(k[N pad all, N pad all]; p >= 0): y[i < N+1, j < (N+1)//2] = k[i, j//2-1]",
    "f(w[N], x[M]): y[i < M] = [3 < N]*w[3]*x[i]^2",
    "f(w[N], x[M]): y[i < M] = [i+1 < N]*w[i+1]*exp(x[i])",
    "f(w[N, M]): y[i < N] = [1 < M]*w[i, 1]*w[i, 0]",
    "f(x[N pad all], u[N] int < 5): y[i < N] = [u[i] < N]*x[u[i]]*x[i]",
    "f(x[N pad all], u[N] int < 5): y[i < N] = tanh([u[i] < N]*x[u[i]])",
    "f(x[N, M]): y[i < N, j < M] = [j < N]*[i < M]*x[j, i]*x[i, j]",
    "f(x[N, M]): y[i < N] = [i//2 < M]*x[i, i//2]^3",
    "f(x[N]; s=2): y[i < N] = [0 <= s*i - 1 < N]*x[s*i - 1]*x[i]",
    "f(x[N]; s=2): y[i < N] = exp([0 <= i//s - 1]*x[i//s - 1])",
    "f(x[N, N]): y[i < N] = sum[j < N] [(i + j)%3 < N]*x[i, (i + j)%3]*x[j, i]",
    "f(x[N], w[N pad all]): y[i < N + 1] = w[i - 1]*w[i]*w[2*i]",
    "f(x[N pad all]; p >= 0): y[i < N + p] = x[i - p]*x[i//2 - 1]",
    "f(x[N pad all]): y[i < (N + 1)//2, j < N + 2] = x[2*i - j]*x[j//2]",
]

#: a guard that is zero beside −∞: padding, the maximum of nothing, or written
INFINITE = [
    "f(x[N], w[N pad 1]): y[i < N] = w[i+1]*max[b <= i] x[b]",
    "f(x[N]; K): y[j < N] = x[j//2]*[j < K]*max[b < K-j] b",
    "f(x[N pad 1 by -inf], k[N]): y[i < N] = k[i//2]*[i > 0]*x[i-1]",
    "f(x[N pad all by -inf]): y[i < N] = sum[j < N] [j > i]*x[j-1]",
    "f(x[N pad all by -inf], k[N]): y = sum[j < N] [j > 0]*x[j-1]*k[j]^2",
    "f(x[N pad all by -inf], k[N]): y[i < N] = sum[j < N] [j > i]*x[j-1]*k[i]",
    "f(x[N pad all by -inf], k[N]): y[i < N] = sum[j < N] [i > 0]*x[i-1]*k[j]",
    "f(x[N pad all by -inf], k[M]): y[i < N] = sum[j < M] [i > 0]*x[i-1]",
    "f(x[N pad all by -inf], k[M]): y = sum[i < N, j < M] [i > 0]*[j > 1]*x[i-1]*k[j]",
    "f(x[N], k[N]): y[i < N] = [i > 0]*(max[b < i] x[b])*k[i]",
    "f(x[N], k[N, N]): y[j < N] = sum[i < N] [i > 0]*(max[b < i] x[b])*k[i, j]",
    "f(x[N], k[N, N]): y[j < N] = sum[i < N] [i > 0]*(max[b < i] x[b])*k[i, j]*k[j, i]",
    "f(x[N], k[N pad all]): y[j < N] = sum[i < N] [i > 0]*(max[b < i] x[b])*k[i + j]",
    "f(x[N], k[N pad all]): y[i < N] = k[i - 1]*[i > 1]*(max[b < i - 1] x[b])*x[i]",
    "f(x[N, N], k[N]): s[i, j < N] = if j < i then x[i, j] else -inf;"
    " y[i < N] = sum[j < N] [j < i]*s[i, j]*k[j]",
    "f(x[N, N], k[N]): s[i, j < N] = if j < i then x[i, j] else -inf;"
    " y[i < N] = sum[j < i] s[i, j]*k[j]^2",
    "f(x[N, N], k[N]): s[i, j < N] = if j <= i then x[i, j] else -inf;"
    " m[i < N] = max[j < N] s[i, j]; y[i < N] = sum[j] exp(s[i, j] - m[i])*k[j]",
    "f(x[N pad all by -inf]): m[i < N] = max[a < 2] x[i - a - 1]; y[i < N] = [i > 0]*m[i]^2",
    "f(x[N pad all by -inf]): m[i < N] = max[a < 2] x[i - a - 1]; y = sum[i < N] [i > 0]*m[i]*x[i]",
    "f(x[N pad all by -inf], k[N pad all]): m[i < N] = max[a < 2] x[i - a - 1];"
    " y[i < N] = if i > 0 then m[i]*k[i+1] else 0",
    "f(x[N], w[N pad 1]; K): y[i < N] = [i + 1 < K]*w[i+1]*max[b < K - i] b",
    "f(x[N]; p=1) where p >= 0: y[i < N] = [i >= p]*x[i]*max[b <= i - p] x[b]",
]


def points(layer: Layer) -> Iterator[dict[Any, Any]]:
    """Small sizes and hyperparameters that the layer admits."""
    found: list[dict[Any, Any]] = []
    for point in islice(Sizes(layer).random(1), 200):
        if point and point not in found and max(map(int, point.values())) <= LARGEST:
            found.append(point)
    yield from found[:POINTS] or [{}]


def given(layer: Layer, point: dict[Any, Any]) -> dict[str, Any] | None:
    """Arrays and options there; None where a table would hold numbers below zero."""
    rng = np.random.default_rng(3)
    made: dict[str, Any] = {}
    for tensor in layer.tensors:
        shape = tuple(int(known(a.size, point)) for a in tensor.axes)
        if not tensor.integer:
            made[tensor.name] = rng.integers(-3, 4, shape) + rng.random(shape) / 2
            continue
        limit = 3 if tensor.below is None else int(known(tensor.below, point))
        if limit < 1 and 0 not in shape:
            return None
        made[tensor.name] = rng.integers(0, max(limit, 1), shape)
    options = {h.name: point.get(h.symbol, h.default) for h in layer.hyperparameters}
    return made | options | {s.name: point[s] for s in layer.sizes}


def result(layer: Layer, target: str, arguments: dict[str, Any]) -> dict[str, Any] | str:
    """The outputs, or in a word why there are none."""
    kernel = numeric.compile(layer, target=target)
    taken = {*(t.name for t in layer.tensors), *kernel.options}
    try:
        found = kernel.forward(**{n: v for n, v in arguments.items() if n in taken})
    except (ValueError, ArithmeticError) as error:
        return type(error).__name__
    return found if isinstance(found, dict) else {"": found}


def layers(text: str) -> Iterator[Layer]:
    """The layer, its gradients, and theirs."""
    layer = derive.parse(text)
    names = [t.name for t in layer.tensors if not t.integer]
    yield layer
    for name in names:
        gradient = derive.gradient(layer, name).layer
        yield gradient
        yield from (derive.gradient(gradient, other).layer for other in names)


def agree(text: str) -> None:
    """Every target gives what the loops give."""
    for layer in layers(text):
        compared = 0
        for point in points(layer):
            arguments = given(layer, point)
            if arguments is None:
                continue
            expected = result(layer, "loops", arguments)
            for target in ("arrays", "fast"):
                found = result(layer, target, arguments)
                if isinstance(expected, str) or isinstance(found, str):
                    assert found == expected, (layer.name, target, point)
                    continue
                for name, entries in expected.items():
                    message = f"{layer.name} {target} {name} {point}"
                    np.testing.assert_allclose(found[name], entries, 1e-9, 1e-9, err_msg=message)
                compared += 1
        assert compared, layer.name


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("text", every(8, [*MAXIMA, *READS, *INFINITE]))
def test_whole_arrays_lose_nothing(text: str) -> None:
    agree(text)


@pytest.mark.parametrize("text", MAXIMA)
def test_a_maximum_beside_guards_stays_on_whole_arrays(text: str) -> None:
    """The slow way would be right as well."""
    assert not any("computed entry by entry" in note for note in lowered(derive.parse(text)).notes)


@pytest.mark.parametrize("target", ["loops", "arrays", "fast"])
def test_nobody_looks_for_a_maximum_where_there_are_no_entries(target: str) -> None:
    """Not even of nothing, where another output has entries and no requirement excludes it."""
    parsed = derive.parse("f(x[N], w[N], v[K]): y[i] = x[i]*max[c] w[c]; z[j] = v[j]")
    kernel = numeric.compile(replace(parsed, requirements=()), target=target)
    made = kernel.forward(x=np.ones(0), w=np.ones(0), v=np.ones(2))
    assert made["y"].shape == (0,)
    assert made["z"].tolist() == [1, 1]
