"""The gradient of a whole network's loss, against finite differences; and broken ones, refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

import derive
from numeric.networks import INPUT, Parameters
from tests.numeric.networks.cases import Case, agrees, away_from_kinks, case, cases


@settings(max_examples=settings.default.max_examples // 5, suppress_health_check=list(HealthCheck))
@given(cases())
def test_gradients_of_random_networks(drawn: Case) -> None:
    assume(away_from_kinks(drawn))
    assert agrees(drawn)


# --- sabotage ---------------------------------------------------------------------------------


def fixed() -> Case:
    """A network with a square weight, so that transposing it keeps the shape."""
    layers = [
        (derive.layer("conv", channels=True, kernel_size=3, padding="same"), {"O": 2}),
        (derive.layer("maxpool", kernel_size=2, stride=1), {}),
        (derive.layer("relu", dims=4), {}),
        (derive.layer("flatten"), {}),
        (derive.layer("linear"), {"O": 5}),
        (derive.layer("relu", dims=2), {}),
        (derive.layer("linear"), {"O": 5}),
    ]
    made = case(layers, (2, 6, 5), 3, 5, seed=1)
    assert away_from_kinks(made)
    return made


def changed(name: str, change: Callable[[np.ndarray], np.ndarray]) -> Callable[..., Parameters]:
    return lambda gradients: {**gradients, name: change(gradients[name])}


WRONG_GRADIENTS = {
    "sign of a kernel": changed("conv1.k", np.negative),
    "kernel flipped": changed("conv1.k", lambda k: k[:, :, ::-1, ::-1]),
    "channels swapped": changed("conv1.k", lambda k: k[::-1]),
    "weight transposed": changed("linear2.w", np.transpose),
    "bias forgotten": changed("linear1.b", np.zeros_like),
    "summed, not averaged": lambda gradients: {n: 3 * a for n, a in gradients.items()},
    "one per mille too much": changed("conv1.b", lambda b: 1.001 * b),
    "input forgotten": changed(INPUT, np.zeros_like),
}


def test_the_fixed_network_agrees() -> None:
    assert agrees(fixed())


@pytest.mark.parametrize("fault", WRONG_GRADIENTS)
def test_wrong_gradients_are_refused(fault: str) -> None:
    assert not agrees(fixed(), WRONG_GRADIENTS[fault])


def passing(g: np.ndarray, x: np.ndarray) -> np.ndarray:
    return g


def to_the_corner(g: np.ndarray, x: np.ndarray) -> np.ndarray:
    dx = np.zeros_like(x)
    dx[:, :, :-1, :-1] = g
    return dx


def last_window(g: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Windows that overlap overwrite each other's gradient."""
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*g.shape):
        a, b = divmod(int(np.argmax(x[n, c, i : i + 2, j : j + 2])), 2)
        dx[n, c, i + a, j + b] = g[n, c, i, j]
    return dx


WRONG_LAYERS: dict[str, tuple[int, Callable[..., np.ndarray]]] = {
    "relu passes everything": (2, passing),
    "pooling to the corner": (1, to_the_corner),
    "overlapping windows overwrite": (1, last_window),
    "flatten reversed": (3, lambda g, x: g[:, ::-1].reshape(x.shape)),
    "second relu passes everything": (5, passing),
}


@pytest.mark.parametrize("fault", WRONG_LAYERS)
def test_wrong_layers_are_refused(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at, wrong = WRONG_LAYERS[fault]
    broken = fixed()

    def backward(g: np.ndarray, wrt: Any, kept: Any, x: np.ndarray) -> Parameters:
        return {"x": wrong(g, x)}

    monkeypatch.setattr(broken.network.training.links[at].kernel, "backward", backward)
    assert not agrees(broken)
