"""What a network is given: fitted to the training images only, and kept as JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numeric.data import DataSet, Preprocessing
from numeric.data import preprocessing as module

RNG = np.random.default_rng(0)


def data(images: np.ndarray, white: float = 255.0) -> DataSet:
    return DataSet(images, np.zeros(len(images), np.int64), ("a", "b"), white)


def test_training_images_have_mean_0_and_deviation_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROWS", 7)  # several parts, and a rest
    images = RNG.integers(0, 256, (25, 3, 4, 5)).astype(np.uint8)
    images[:, 1] //= 9
    made = Preprocessing.fitted(data(images))
    scaled = images / 255
    np.testing.assert_allclose(made.mean, scaled.mean((0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(made.deviation, scaled.std((0, 2, 3)), rtol=1e-12)
    given = made.applied(images, np.float64)
    np.testing.assert_allclose(given.mean((0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(given.std((0, 2, 3)), 1, rtol=1e-12)


@pytest.mark.parametrize("white", [255, 60])
def test_scaled_images_are_between_black_and_white(white: int) -> None:
    images = np.array([0, white // 5, white], np.uint8).reshape(1, 1, 1, 3)
    made = Preprocessing(white, (0.5,), (0.25,))
    scaled = made.scaled(images)
    assert scaled.dtype == np.float32 and scaled.ravel().tolist() == [0, np.float32(0.2), 1]
    assert made.standardised(scaled).ravel().tolist() == pytest.approx([-2, -1.2, 2])
    assert made.applied(images).dtype == np.float32 and images.ravel().tolist() == [
        0,
        white // 5,
        white,
    ]


@pytest.mark.parametrize("value", [0, 17, 200])
def test_a_channel_that_does_not_vary(value: int) -> None:
    images = np.full((5, 1, 3, 3), value, np.uint8)
    made = Preprocessing.fitted(data(images))
    assert made.deviation == (1.0,)
    np.testing.assert_allclose(made.applied(images), 0, atol=1e-6)


@given(
    st.floats(1e-3, 1e6),
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6)), min_size=1, max_size=4),
)
def test_json_gives_back_the_same_bits(white: float, channels: list[tuple[float, float]]) -> None:
    means, deviations = zip(*channels, strict=True)
    made = Preprocessing(white, means, deviations)
    assert Preprocessing.of_record(json.loads(json.dumps(made.record()))) == made


GOOD = {"white": 255.0, "mean": [0.5, 0.5], "deviation": [0.1, 0.2]}
WRONG: dict[str, Any] = {
    "no record": [1, 2],
    "something missing": {"white": 255.0, "mean": [0.5]},
    "something more": {**GOOD, "x": 1},
    "no lists": {**GOOD, "mean": 0.5},
    "as many": {**GOOD, "mean": [0.5]},
    "no channel": {**GOOD, "mean": [], "deviation": []},
    "no numbers": {**GOOD, "mean": [0.5, "x"]},
    "not finite": {**GOOD, "mean": [0.5, float("nan")]},
    "not positive": {**GOOD, "deviation": [0.1, 0.0]},
    "white is black": {**GOOD, "white": 0},
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_records(name: str) -> None:
    assert Preprocessing.of_record(GOOD).record() == GOOD
    with pytest.raises(ValueError, match="preprocessing"):
        Preprocessing.of_record(WRONG[name])


@pytest.mark.parametrize("shape", [(2, 3, 4, 4), (2, 4, 4), (1, 2, 1, 4, 4)])
def test_images_of_other_channels(shape: tuple[int, ...]) -> None:
    made = Preprocessing(1.0, (0.0, 0.0), (1.0, 1.0))
    with pytest.raises(ValueError, match=r"expected images of shape \(N, 2, H, W\), given"):
        made.applied(np.zeros(shape))
