"""Which layers are entrywise, and what they are in another rank."""

from __future__ import annotations

from dataclasses import replace

import pytest

import derive
from derive.language.definition import Layer
from derive.language.entrywise import entrywise, of_rank
from derive.plugins import modules
from tests.suites import every

ENTRYWISE = (
    "y[i, j] = x[i, j]*exp(x[i, j])",
    "y = w*x",
    "s[i] = sigmoid(x[i])\ny[i] = s[i]*z[i]",
    "f(x[N], t[N] int < 5): y[i] = x[i]*t[i]",
    "f(x[N]; p=2): y[i] = if x[i] < p then p*x[i] else pi",
    "u[i] = x[i]^2\ny[j] = u[j] + x[j]\nz[k] = u[k]*y[k]",
)
OTHERS = (
    "y[i, j] = x[j, i]",
    "y[i] = w*x[i]",
    "f(x[N], z[N]): y[i] = x[i] + z[N - 1 - i]",
    "y[i] = i*x[i]",
    "f(x[N]): y[i] = x[i]/N",
    "f(x[N]): y[i] = [i < N - 1]*x[i]",
    "y[i] = sum[a < 3] x[i]",
    "y[i] = max[a < 2] x[i]",
    "f(x[N, N]): y[i, j] = x[i, j]",
    "f(x[4]): y[i] = x[i]",
    "y[i < N] = 1",
    "f(x[H pad 1]): y[i < H] = x[i]",
    "f(x[H pad 1]): y[i] = x[i-1]",
    "f(x[H], t[H] int < H): y[i] = x[i]*t[i]",
    "f(x[H], t[H] int < H): y[i] = x[t[i]]",
    "f(x[N], z[N]) where N >= 1: y[i] = x[i]*z[i]",
    "f(x[N], z[M]): y[i] = x[i]",
    "f(x[N, C]): y[n, c, d < C] = x[n, c]",
    "y[n] = x[n]\nz[n] = y[n] + sum[m] x[m]",
)
NAMES = {
    *("add", "dropout", "elu", "gelu", "leaky_relu", "relu", "relu6", "sigmoid", "silu"),
    *("softplus", "tanh"),
}


@pytest.mark.parametrize("text", every(3, ENTRYWISE))
def test_layers_of_entries_at_one_place_are_entrywise_and_so_are_their_gradients(text: str) -> None:
    layer = derive.parse(text)
    assert entrywise(layer)
    for tensor in layer.tensors:
        assert tensor.integer or entrywise(derive.gradient(layer, tensor.name).layer)


@pytest.mark.parametrize("text", OTHERS)
def test_layers_in_which_places_or_sizes_count_are_not(text: str) -> None:
    assert not entrywise(derive.parse(text))


def test_a_size_that_is_made_from_others_is_not_any_size() -> None:
    layer = derive.parse("f(x[N]; p=2): y[i] = p*x[i]")
    (size,), (number,) = layer.sizes, layer.hyperparameters
    assert not entrywise(replace(layer, definitions=((size, 2 * number.symbol),)))


@pytest.mark.complete
def test_the_catalog_s_are_found_by_what_they_say() -> None:
    names = modules("derive.catalog.layers")
    assert {name for name in names if entrywise(derive.layer(name))} == NAMES


@pytest.mark.parametrize("text", every(3, ENTRYWISE))
@pytest.mark.parametrize("rank", [0, 1, 4])
def test_a_layer_of_another_rank_is_the_one_that_would_be_written(text: str, rank: int) -> None:
    made = of_rank(derive.parse(text), rank)
    assert derive.parse(made.text) == made
    assert {len(made.shape(e.name)) for e in made.equations} == {rank}
    assert entrywise(made)


def test_names_are_not_taken_twice() -> None:
    layer: Layer = derive.parse("f(x[N0]; N1=3): y[i0] = N1*x[i0]")
    made = of_rank(layer, 3)
    assert len({*made.shape("x"), *(h.symbol for h in made.hyperparameters)}) == 4
    assert derive.parse(made.text) == made
