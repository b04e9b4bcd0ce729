"""Networks: their text, shapes, initial parameters, modes, and which gradients are computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import derive
from numeric.initialisations import INITIALISATIONS, initial
from numeric.networks import INPUT, Network, branches, nodes, parsed, read, residual
from numeric.networks.description import text
from numeric.presets import PRESETS
from tests.numeric.networks.cases import case

RNG = np.random.default_rng(0)


def lenet(classes: int = 10) -> list[Any]:
    return list(PRESETS.get("lenet").layers(classes))


def made(layers: list[Any], shape: tuple[int, ...], dtype: Any = np.float64) -> Network:
    found = nodes(layers)
    return Network(found, shape, initial(found, shape, np.random.default_rng(1), dtype=dtype))


def test_lenet_has_the_parameters_one_counts_by_hand() -> None:
    shapes = {n: a.shape for n, a in initial(nodes(lenet()), (1, 28, 28), RNG).items()}
    assert shapes == {
        "conv1.k": (6, 1, 5, 5), "conv1.b": (6,),
        "conv2.k": (16, 6, 5, 5), "conv2.b": (16,),
        "linear1.w": (120, 784), "linear1.b": (120,),
        "linear2.w": (84, 120), "linear2.b": (84,),
        "linear3.w": (10, 84), "linear3.b": (10,),
    }  # fmt: skip


# --- text -----------------------------------------------------------------------------------------

OPTIONS = {
    "conv": [("kernel_size", 3), ("padding", (1, 2)), ("padding_mode", "zeros"), ("bias", False)],
    "dropout": [("p", 0.25)],
    "relu": [],
}


def lines() -> st.SearchStrategy[str]:
    @st.composite
    def line(draw: st.DrawFn) -> str:
        word = draw(st.sampled_from(sorted(OPTIONS)))
        options = draw(st.lists(st.sampled_from(OPTIONS[word] or [None]), unique=True, max_size=4))
        shown = ", ".join(f"{o[0]}={o[1]!r}" for o in options if o is not None)
        sizes = draw(st.sampled_from(["", " O=3", " frozen O=12"]))
        return word + (f"({shown})" if shown else "") + sizes

    return line()


@given(st.recursive(lines(), lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=8))
def test_what_is_written_is_read_again(drawn: Any) -> None:
    """Nested tuples are paths."""

    def items(node: Any) -> Any:
        return node if isinstance(node, str) else branches("add", [*map(items, node)], [])

    found = nodes([items(drawn)])
    assert parsed(text(found, (3, 8, 8))) == ((3, 8, 8), found)


SCALE = "scale(x[N, I], a[I]): y[n, i] = a[i]*x[n, i]"


@pytest.mark.parametrize("scale", [derive.parse(SCALE), SCALE, SCALE.replace(": ", ":\n    ")])
def test_a_layer_typed_in_is_kept_and_computed(scale: Any) -> None:
    network = made([(scale, {}), "linear O=2"], (3,))
    again = read(network.text, network.arrays)
    assert again.text == network.text and "y[n, i] = a[i]*x[n, i]" in network.text
    x = RNG.standard_normal((4, 3))
    np.testing.assert_array_equal(again.forward(x), network.forward(x))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("conv(kernel_size=3 O=2", "line 1 of the network: cannot read"),
        ("relu\n  relu", "line 2 of the network: it stands further in"),
        ("relu\nadd:\n    relu", "line 3 of the network: add: holds paths"),
        ("add:\n    path:\n        relu", "joins two paths or more"),
        ("relu O = 3", "cannot read 'O'"),
        ("own:", "own: holds no layer"),
        ("a = relu\na = relu", "two layers of the network are called a"),
        ("rellu", "there is no layer 'rellu'"),
        ("conv(strid=2) O=3", "conv1: conv has no option 'strid'"),
        ("__import__('os')", "cannot read"),
    ],
)
def test_texts_that_cannot_be_read(written: str, message: str) -> None:
    with pytest.raises(ValueError) as refused:
        Network(parsed(written)[1], (1, 4, 4), {})
    assert message in str(refused.value)


@pytest.mark.parametrize("wrong", ["", "3x", "0x4", "3,4", "x", "-1x4", "3x4x"])
def test_shapes_that_cannot_be_read(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"3x224x224|input 3x32x32"):
        parsed(f"input {wrong}\nrelu")


# --- shapes ---------------------------------------------------------------------------------------


def test_stages_are_numbered_by_kind() -> None:
    assert [s.name for s in made(lenet(), (1, 8, 8)).stages][:4] == [
        "conv1",
        "relu1",
        "maxpool1",
        "conv2",
    ]


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(ValueError, match=r"maxpool2 makes nothing of .* shape 16×1×1"):
        made(lenet(), (1, 3, 3))
    with pytest.raises(ValueError, match="flatten1"):
        made(lenet()[6:], (8,))
    with pytest.raises(ValueError, match=r"linear1: .* the size O"):
        made(["linear"], (4,))
    with pytest.raises(ValueError, match="linear1 has no size P; its sizes are: I, N, O"):
        made(["linear O=2 P=3"], (4,))
    with pytest.raises(ValueError, match="add1_2: paths of shapes 2×4×4 and 1×4×4"):
        made([residual("conv(kernel_size=1) O=2")], (1, 4, 4))
    with pytest.raises(ValueError, match=r"the network needs linear1\.b, of shape \(2,\)"):
        Network(nodes(["linear O=2"]), (4,), {"linear1.w": np.zeros((2, 4))})
    with pytest.raises(ValueError, match=r"linear1\.w has the shape \(2, 3\), not \(2, 4\)"):
        Network(nodes(["linear(bias=False) O=2"]), (4,), {"linear1.w": np.zeros((2, 3))})


# --- initial parameters ---------------------------------------------------------------------------


def test_weights_are_drawn_after_he_and_biases_are_zero() -> None:
    layers = [
        "conv(kernel_size=3, groups=2) O=64",
        "batchnorm",
        "conv_transpose(kernel_size=3) O=48",
        "flatten",
        "linear O=20",
    ]
    found = initial(nodes(layers), (32, 6, 6), RNG, dtype=np.float64)
    fans = {"conv1.k": 16 * 9, "conv_transpose1.k": 64 * 9, "linear1.w": 48 * 36}
    for name, fan in fans.items():
        assert found[name].var() == pytest.approx(2 / fan, rel=0.05)
        assert abs(found[name].mean()) < 5 * np.sqrt(2 / fan / found[name].size)
    biases = [
        found[f"{layer}.b"] for layer in ("conv1", "conv_transpose1", "linear1", "batchnorm1")
    ]
    assert not any(b.any() for b in biases) and (found["batchnorm1.w"] == 1).all()


def test_every_initialisation_draws_with_its_scale() -> None:
    for word in INITIALISATIONS.names():
        drawn = initial(nodes(["linear O=100"]), (400,), RNG, word, np.float64)["linear1.w"]
        scale = INITIALISATIONS.get(word).scale(400, 100)
        assert drawn.std() == pytest.approx(scale, rel=0.05) and INITIALISATIONS.get(word).SUMMARY


# --- training and evaluation ----------------------------------------------------------------------


def test_running_statistics_are_pytorchs() -> None:
    """By hand: 0.9·running + 0.1·batch's, the variance over n − 1."""
    network = made(["batchnorm"], (2, 3, 3))
    x = 3 + 2 * RNG.standard_normal((4, 2, 3, 3))
    flow = network.flow(x)
    assert (network.buffers["batchnorm1.mean"] == 0).all()
    network.follow(flow)
    rows = x.transpose(1, 0, 2, 3).reshape(2, -1)
    np.testing.assert_allclose(network.buffers["batchnorm1.mean"], 0.1 * rows.mean(1))
    expected = 0.9 + 0.1 * rows.var(1, ddof=1)
    np.testing.assert_allclose(network.buffers["batchnorm1.var"], expected)
    mean, var = (network.buffers[f"batchnorm1.{n}"][:, None, None] for n in ("mean", "var"))
    np.testing.assert_allclose(network.forward(x), (x - mean) / np.sqrt(var + 1e-5))
    np.testing.assert_allclose(flow.output.mean((0, 2, 3)), 0, atol=1e-12)


def test_masks_come_from_their_stream() -> None:
    network = made(["dropout(p=0.25)"], (200,))
    one, again, other = (network.draw(np.random.default_rng(s), 10) for s in (3, 3, 4))
    mask = one["dropout1.mask"]
    assert (mask == again["dropout1.mask"]).all() and (mask != other["dropout1.mask"]).any()
    assert mask.mean() == pytest.approx(0.75, abs=0.05) and set(mask.ravel()) == {0, 1}
    x = RNG.standard_normal((10, 200))
    np.testing.assert_allclose(network.flow(x, one).output, x * mask / 0.75)
    np.testing.assert_array_equal(network.forward(x), x)
    with pytest.raises(ValueError, match=r"dropout1 needs dropout1\.mask: draw"):
        network.flow(x)


def test_frozen_layers_work_as_in_evaluation() -> None:
    layers = ["conv(kernel_size=3) O=2", "batchnorm", "dropout", "flatten", "linear O=3"]
    network = made(layers, (1, 5, 5))
    network.buffers["batchnorm1.mean"] += 0.5
    frozen, x = network.frozen(), RNG.standard_normal((4, 1, 5, 5))
    flow = frozen.flow(x)
    np.testing.assert_array_equal(flow.output, network.forward(x))
    assert frozen.learnt == () and frozen.draw(RNG, 4) == {}
    before = dict(frozen.buffers)
    frozen.follow(flow)
    assert all(frozen.buffers[name] is array for name, array in before.items())
    part = network.frozen(["conv1", "batchnorm1"])
    assert (
        part.learnt == ("linear1.w", "linear1.b")
        and read(part.text, part.arrays).learnt == part.learnt
    )
    with pytest.raises(ValueError, match="no layer 'conv9'"):
        network.frozen(["conv9"])


# --- gradients ------------------------------------------------------------------------------------


def test_only_what_is_asked_for_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = case(lenet(3), (1, 8, 8), 2, 3, seed=0)
    network, flow = drawn.network, drawn.network.flow(drawn.batch.images)
    g = RNG.standard_normal(flow.output.shape)
    every = network.backward(g, flow, [*network.parameters, INPUT])
    assert set(every) == {*network.parameters, INPUT}
    assert set(network.backward(g, flow)) == set(network.parameters)

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("a stage before all that is asked for")

    for link in network.training.links[:7]:
        monkeypatch.setattr(link.kernel, "backward", fail)
    for name in ("linear1.w", "linear1.b", "linear3.w"):
        found = network.backward(g, flow, [name])
        assert list(found) == [name]
        np.testing.assert_array_equal(found[name], every[name])
    assert network.backward(g, flow, []) == {}
    with pytest.raises(ValueError, match=r"no 'conv9\.k'; it has: x, conv1\.k"):
        network.backward(g, flow, ["conv9.k"])


def forking() -> Network:
    """Residual blocks, paths, norms, dropout and a layer of one's own: everything at once."""
    layers = [
        "conv(kernel_size=3, padding=1) O=4",
        residual("batchnorm", "tanh", "conv(kernel_size=3, padding=1) O=4", "dropout(p=0.25)"),
        branches(
            "concat",
            ["conv(kernel_size=1) O=3"],
            [],
            ["avgpool(kernel_size=3, stride=1, padding=1)"],
        ),
        "lrn",
        "flatten",
        derive.parse("scale(x[N, I], a[I]): y[n, i] = a[i]*x[n, i]"),
        "linear O=5",
    ]
    return made(layers, (2, 6, 6))


def slope(network: Network, x: np.ndarray, change: Any = lambda found: found) -> float:
    """By how much ⟨gradient, direction⟩ differs from the central difference, relatively."""
    rng = np.random.default_rng(2)
    drawn, g = network.draw(rng, len(x)), rng.standard_normal((len(x), 5))
    values = {**network.parameters, INPUT: x}
    direction = {name: rng.standard_normal(a.shape) for name, a in values.items()}

    def loss(step: float) -> float:
        moved = {name: a + step * direction[name] for name, a in values.items()}
        image = moved.pop(INPUT)
        made = Network(network.nodes, network.shape, moved)
        return float(np.sum(g * made.flow(image, drawn).output))

    gradients = change(network.backward(g, network.flow(x, drawn), list(values)))
    along = sum(float(np.sum(gradients[name] * direction[name])) for name in values)
    difference = (loss(1e-5) - loss(-1e-5)) / 2e-5
    return abs(along - difference) / abs(difference)


def test_gradients_through_paths() -> None:
    assert slope(forking(), RNG.standard_normal((3, 2, 6, 6))) < 1e-6


def test_a_path_that_is_forgotten_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the first path's gradient goes on to what flowed in."""
    network = forking()
    fork = network.training.links[1]
    monkeypatch.setattr(fork, "_together", lambda gradients, *_: gradients[0])
    assert slope(network, RNG.standard_normal((3, 2, 6, 6))) > 1e-3
