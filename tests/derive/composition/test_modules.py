"""One module for a composition: functions a part, called in order; held against the whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from sympy import Symbol

import cli
import derive
import numeric
from derive.language.definition import Layer
from derive.language.terms import Size
from numeric.segments import segments
from tests.derive.composition.texts import LENET, TEXTS, chain
from tests.suites import quick
from verify.evaluation.sizes import known

#: sizes that fit each other where numbers do not matter
SIZES = {"H": 7, "W": 9, "K1": 2, "K2": 3}


def tensors(layer: Layer, given: Mapping[str, int], seed: int = 0) -> dict[str, Any]:
    """Random arrays of the shapes that a layer takes, its sizes being 4 or as given."""
    random = np.random.default_rng(seed)
    at: dict[Symbol, Any] = {s: given.get(s.name, 4) for s in layer.sizes}
    at |= {h.symbol: h.default for h in layer.hyperparameters}
    for size, meaning in layer.definitions:
        at[size] = max(0, known(meaning, at))
    for stated in layer.requirements:
        if isinstance(stated.args[0], Size) and type(stated).__name__ == "Same":
            at[stated.args[0]] = max(0, known(stated.args[1], at))
    made: dict[str, Any] = {}
    for t in layer.tensors:
        shape = tuple(known(a.size, at) for a in t.axes)
        made[t.name] = random.integers(0, 4, shape) if t.integer else random.normal(size=shape)
    return made


def same(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    return ours.keys() == theirs.keys() and all(
        np.allclose(ours[name], theirs[name], atol=1e-12) for name in ours
    )


#: what is compared with the whole; the others take long to be lowered as a whole
COMPARED = [name for name in TEXTS if name not in ("classifier", "norms", "pools", "shuffled")]


@pytest.mark.parametrize("name", quick(COMPARED, ["residual"]))
def test_it_computes_what_the_whole_computes(name: str) -> None:
    """The layer read back from its text has no parts: its module is made the other way."""
    layer = derive.compose(TEXTS[name])
    given = tensors(layer, SIZES)
    ours = numeric.compile(layer, target="arrays")
    y = ours.forward(**given)
    g = np.random.default_rng(1).normal(size=y.shape)
    found = ours.backward(g, **given)
    whole = derive.parse(layer.text.replace(layer.name + "(", "whole(", 1))
    theirs = numeric.compile(whole, target="arrays")
    assert np.allclose(y, theirs.forward(**given))
    assert same(found, theirs.backward(g, **given))
    for wrt in found:
        assert same(ours.backward(g, wrt=wrt, **given), {wrt: found[wrt]})


@pytest.mark.complete
def test_a_small_network_learns() -> None:
    """The gradient of a whole LeNet, from templates and from plain arrays, lowers its loss."""
    layer = derive.compose(LENET)
    given = tensors(layer, {"H": 16, "W": 20, "N": 3})
    kernels = [numeric.compile(layer, target=target) for target in ("fast", "arrays")]
    losses = [kernels[0].forward(**given)]
    found, other = (k.backward(np.ones(()), **given) for k in kernels)
    assert same(found, other)
    step = 1e-6 / max(float(np.abs(g).max()) for g in found.values())
    moved = {n: a - step * found[n] if n in found else a for n, a in given.items()}
    losses.append(kernels[0].forward(**moved))
    slope = step * sum(float((g**2).sum()) for g in found.values())
    assert np.isclose(losses[0] - losses[1], slope, rtol=1e-3)


@pytest.mark.complete
def test_it_computes_what_its_layers_compute() -> None:
    layer = derive.compose("tanh(linear(conv(x, k), w, b))")
    random = np.random.default_rng(0)
    x, k = random.normal(size=(5, 6)), random.normal(size=(2, 2))
    w, b = random.normal(size=(3, 5)), random.normal(size=3)
    conv = numeric.compile(derive.layer("conv")).forward(x, k)
    linear = numeric.compile(derive.layer("linear")).forward(conv, w, b)
    assert np.allclose(numeric.compile(layer).forward(x=x, k=k, w=w, b=b), np.tanh(linear))


def test_a_sum_of_gradients_is_not_returned_before_it_is_whole() -> None:
    """x is read at both ends of a chain; it alone, and w beside it, are asked for."""
    layer = derive.compose("add(linear(relu(linear(x, w, b)), v, c), x)")
    given, kernel = tensors(layer, {}), numeric.compile(layer)
    g = np.ones((4, 4))
    found = kernel.backward(g, **given)
    for wrt in (["x"], ["x", "v"], ["c"], ["x", "c", "b"]):
        assert same(kernel.backward(g, wrt=wrt, **given), {n: found[n] for n in wrt})


def test_wrong_tensors_are_refused_by_name() -> None:
    kernel = numeric.compile(derive.compose(chain(4)))
    ones = {n: np.ones((3, 3)) for n in ("x", "w0", "w1")}
    with pytest.raises(ValueError, match="b1"):
        kernel.forward(**ones, b0=np.ones(3), b1=np.ones(4))
    with pytest.raises(ValueError, match="w1"):
        kernel.forward(**{**ones, "w1": np.ones((3, 4))}, b0=np.ones(3), b1=np.ones(3))
    with pytest.raises(ValueError, match="no gradient by 'z'"):
        kernel.backward(np.ones((3, 3)), wrt="z", **ones, b0=np.ones(3), b1=np.ones(3))


def test_types_are_those_of_all_tensors() -> None:
    """One tensor of more digits, and all of it is computed with these."""
    kernel = numeric.compile(derive.compose(chain(4)))
    single = {n: np.ones((3, 3), np.float32) for n in ("x", "w0", "w1")}
    single |= {n: np.ones(3, np.float32) for n in ("b0", "b1")}
    assert kernel.forward(**single).dtype == np.float32
    double = single | {"w1": np.ones((3, 3))}
    found = kernel.backward(np.ones((3, 3), np.float32), **double)
    assert {g.dtype for g in found.values()} == {np.dtype(np.float64)}
    whole = {n: a.astype(int) for n, a in single.items()}
    assert kernel.forward(**whole).dtype == np.dtype(int)


@pytest.mark.complete
def test_nothing_is_lost_between_parts() -> None:
    """A logarithm after a softmax is computed with it, as log-softmax is."""
    log = "logarithm(x[N, C]): y[n, c] = log(x[n, c])"
    layer = derive.compose(f"logarithm(softmax(x)) with {log}")
    assert [s.name for s in segments(layer)] == ["softmax_logarithm"]
    x = np.array([[0.0, 2000.0]])
    y = numeric.compile(layer).forward(x=x)
    assert np.array_equal(y, [[-2000.0, 0.0]])


@pytest.mark.complete
def test_what_others_read_is_not_hidden_in_a_segment() -> None:
    """The entropy's terms: the softmax is read by its logarithm, and beside it."""
    log = "logarithm(x[N, C]): y[n, c] = log(x[n, c])"
    product = "times(x[N, C], z[N, C]): y[n, c] = x[n, c]*z[n, c]"
    text = f"times(softmax(x), logarithm(softmax(x))) with {log} with {product}"
    layer = derive.compose(text)
    assert [s.name for s in segments(layer)] == ["softmax", "logarithm", "times"]
    given = tensors(layer, {})
    whole = derive.parse(layer.text.replace(layer.name + "(", "whole(", 1))
    ours, theirs = numeric.compile(layer), numeric.compile(whole)
    g = np.ones_like(given["x"])
    assert same(ours.backward(g, **given), theirs.backward(g, **given))


def test_every_program_is_checked() -> None:
    """Each part's array program equals its equations for all sizes."""
    verdicts = numeric.compile(derive.compose(TEXTS["residual"]), target="arrays").verdicts
    assert len(verdicts) == 9 and {v.word for v in verdicts.values()} == {"checked"}


@pytest.mark.complete
def test_on_the_command_line() -> None:
    code = CliRunner().invoke(cli.main, ["relu(linear(x, w, b))", "--code"])
    assert code.exit_code == 0
    assert "y = relu_forward(linear)" in code.output
    tested = CliRunner().invoke(
        cli.main, ["add(relu(linear(x, w, b)), x)", "--test", "--max-examples", "3"]
    )
    assert tested.exit_code == 0 and tested.output.startswith("tested")
    told = CliRunner().invoke(cli.main, ["relu(linear(x, w, b))", "--explain"])
    assert told.exit_code == 0 and "linear_gradient_w" in told.output
