"""A chain of layers is a layer: its text, its names and sizes, and what every layer can take."""

from __future__ import annotations

import pytest

import derive
from derive import catalog
from derive.composition.calls import is_composition
from derive.language.definition import Layer
from tests.derive.composition.texts import LENET, SCALE, TEXTS, chain
from tests.suites import every, quick


@pytest.mark.parametrize("name", quick([*TEXTS, "lenet"], ["residual", "typed"]))
def test_it_is_a_layer_of_the_notation(name: str) -> None:
    """Its text is read back as an equal layer, every read of which is shown anew."""
    layer = derive.compose({**TEXTS, "lenet": LENET}[name])
    again = derive.parse(layer.text)
    assert again == layer
    assert all(decision.holds for decision in again.conditions)


def test_names_and_parts() -> None:
    layer = derive.compose(TEXTS["classifier"])
    assert [t.name for t in layer.tensors] == ["x", "k", "b", "w", "c"]
    assert [e.name for e in layer.equations] == ["conv", "relu", "flatten", "linear", "y"]
    assert [p.title for p in layer.parts] == [
        "conv(x, k, b; channels, stride=2)",
        "relu(conv)",
        "flatten(relu)",
        "linear(flatten, w, c)",
        "softmax(linear; axis=1)",
    ]
    assert str(layer.shape("w")) == "(O2, M)"


def test_sizes_of_an_inner_output_are_those_of_the_outer_input() -> None:
    layer = derive.compose("maxpool(conv(x, k); kernel_size=2, stride=1)")
    assert [str(n) for n in layer.outputs[0].sizes] == ["R - 1", "C - 1"]
    assert {str(s): str(n) for s, n in layer.definitions}["R"] == "H - K1 + 1"


def test_equal_layers_are_applied_once() -> None:
    layer = derive.compose(TEXTS["shared"])
    assert [e.name for e in layer.equations] == ["tanh", "y"]


def test_sizes_become_one() -> None:
    assert str(derive.compose("add(linear(x, w, b), x)").shape("w")) == "(O, O)"
    two = derive.compose(TEXTS["branches"])
    assert two.shape("k") == two.shape("l")
    fixed = derive.compose("f(linear(x, w, b)) with f(x[4, N]): y[i, j] = x[i, j]")
    assert str(fixed.shape("x")) == "(4, I)"


def test_what_the_writer_names_is_one() -> None:
    """A hyperparameter of one name is one number; one that nobody named is its own."""
    named = derive.compose("conv(relu(conv(x, k; stride=s)), l; stride=s)")
    assert [h.name for h in named.hyperparameters] == ["s"]
    pools = derive.compose("maxpool(maxpool(x))")
    assert [h.name for h in pools.hyperparameters] == ["K1", "K2", "K3", "K4"]
    norms = derive.compose(TEXTS["norms"])
    assert [h.name for h in norms.hyperparameters] == ["eps"]


def test_an_index_makes_way_for_a_hyperparameter() -> None:
    """r is an index of every convolution, unless somebody calls a slope so."""
    layer = derive.compose("conv(leaky_relu(x; negative_slope=r), k)")
    assert derive.parse(layer.text) == layer


def test_layers_one_after_the_other() -> None:
    linear, relu = derive.layer("linear"), derive.layer("relu")
    layer = derive.compose(linear, relu, linear, relu, linear)
    names = [t.name for t in layer.tensors]
    assert names == ["x", "linear1_w", "linear1_b", "linear2_w", "linear2_b", "w", "b"]
    assert [e.name for e in layer.equations] == ["linear1", "relu1", "linear2", "relu2", "y"]
    assert derive.parse(layer.text) == layer
    inner = derive.compose(
        derive.layer("batchnorm", dims=0), relu, derive.layer("batchnorm", dims=0)
    )
    assert "batchnorm1_m" in inner.text and "batchnorm1_w" in inner.text
    assert derive.compose(relu).text == relu.text


def test_a_composition_in_a_composition() -> None:
    block = derive.compose("relu(linear(x, w, b))")
    layer = derive.compose("block(block(x, w1, b1), w2, b2)", block=block)
    assert derive.parse(layer.text) == layer
    assert [e.name for e in layer.equations] == ["block1_linear", "block1", "linear", "y"]


@pytest.mark.parametrize("name", every(10, catalog.names()))
def test_every_layer_takes_part(name: str) -> None:
    """Each takes the output of another, whatever its rank, and gives its own to one."""
    own = derive.layer(name)
    names = [f"{t.name}0" for t in own.tensors]
    names[0] = f"tanh({names[0]}; dims={len(own.tensors[0].axes)})"
    layer = derive.compose(f"tanh({name}({', '.join(names)}))")
    assert derive.parse(layer.text) == layer
    assert len(layer.parts) == 3
    assert derive.compose(own, derive.layer("tanh", dims=len(own.outputs[0].extents))).parts


def test_ranks_are_found() -> None:
    image = derive.compose("maxpool(relu(conv(x, k, b; channels)))")
    assert len(image.shape("y")) == 4
    plain = derive.compose("maxpool(relu(conv(x, k)))")
    assert len(plain.shape("y")) == 2
    video = derive.compose("avgpool(relu(conv(x, k, b; channels, dims=3)))")
    assert len(video.shape("y")) == 5


def test_options_in_all_spellings() -> None:
    texts = [
        "conv(x, k; channels, bias=False, kernel_size=3, stride=(2, 1), padding=same)",
        'conv(x, k; channels=true, no-bias, kernel-size=3, stride=[2,1], padding="same",)',
    ]
    texts = [t.replace(",)", ")") for t in texts]
    assert derive.compose(texts[0]) == derive.compose(texts[1])
    pairs = derive.compose("conv(x, k; padding=((1, 2), (0, 0)))")
    assert pairs == derive.compose("conv(x, k; padding=[[1, 2], [0, 0]])")
    small = derive.compose("leaky_relu(x; negative_slope=-0.5)")
    assert "-0.5" in small.text or "-1/2" in small.text


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("relu(conv(x,k))", True),
        ("relu(conv(x,k)", True),
        (f"relu(scale(x, a)) with {SCALE}", True),
        (SCALE, False),
        ("f(x[N]) where N >= 1: y[i] = x[i]", False),
        ("y[i] = relu(x[i])", False),
        ("f(x[N]: y[i] = x[i]", False),
        ("f(x[N]) y[i] = x[i]", False),
        ("# a net\nrelu(x)  # and no more", True),
    ],
)
def test_a_composition_is_told_from_a_definition(text: str, is_one: bool) -> None:
    assert is_composition(text) is is_one


def test_a_hundred_layers_are_read() -> None:
    layer: Layer = derive.compose(chain(100))
    assert len(layer.equations) == 100
    assert len(layer.ordered) == 100
