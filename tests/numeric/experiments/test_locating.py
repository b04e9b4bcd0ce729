"""Boxes, canvases with clutter, and the head that says where an object is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numeric.data import DataSet
from numeric.experiments import locating
from numeric.experiments.locating import HEAD, Locator, canvases, overlap
from numeric.experiments.plan import Images
from numeric.networks import Network, nodes


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ((5, 5, 2, 2), (5, 5, 2, 2), 1.0),
        ((5, 5, 2, 2), (5, 7, 2, 2), 0.0),
        ((5, 5, 2, 2), (5, 6, 2, 2), 1 / 3),
        ((5, 5, 2, 4), (5, 5, 4, 2), 1 / 3),
        ((5, 5, 4, 4), (5, 5, 2, 2), 1 / 4),
        ((5, 5, -2, 2), (5, 5, 2, 2), 0.0),
    ],
)
def test_overlap(one: tuple[float, ...], other: tuple[float, ...], share: float) -> None:
    """Sides are told apart, and a box that is inside out overlaps nothing."""
    assert overlap(np.array([one]), np.array([other])) == pytest.approx(share)


@given(st.integers(0, 10_000))
def test_overlap_of_boxes_of_pixels(seed: int) -> None:
    """Against counting pixels."""
    rng = np.random.default_rng(seed)
    masks, boxes = np.zeros((2, 12, 12), bool), np.zeros((2, 1, 4))
    for mask, box in zip(masks, boxes, strict=True):
        (top, bottom), (left, right) = (np.sort(rng.choice(13, 2, False)) for _ in range(2))
        mask[top:bottom, left:right] = True
        box[0] = (top + bottom) / 2, (left + right) / 2, bottom - top, right - left
    counted = (masks[0] & masks[1]).sum() / (masks[0] | masks[1]).sum()
    assert overlap(*boxes)[0] == pytest.approx(counted)


def test_a_box_is_the_ink_of_its_object(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without clutter and noise the box holds all ink, and touches it on each side."""
    monkeypatch.setattr(locating, "FRAGMENTS", 0)
    monkeypatch.setattr(locating, "NOISE", 0.0)
    data = Images("digits", 100).collection.train
    found = canvases(data, 50, 24, np.random.default_rng(0))
    for image, (row, column, height, width) in zip(
        found.images[:, 0], 24 * found.labels[:, :4], strict=True
    ):
        rows, columns = (np.flatnonzero((image > locating.INK).any(axis)) for axis in (1, 0))
        assert (row - height / 2, row + height / 2) == pytest.approx((rows[0], rows[-1] + 1))
        ends = (columns[0], columns[-1] + 1)
        assert (column - width / 2, column + width / 2) == pytest.approx(ends)


def test_clutter_alone_is_a_class_of_its_own() -> None:
    data = Images("digits:0-4", 100).collection.train
    found = canvases(data, 400, 16, np.random.default_rng(0), 0.25)
    empty = found.labels[:, 4] == 5
    assert found.classes[5] == "clutter"
    assert 60 < empty.sum() < 140
    assert not found.labels[empty, :4].any()
    assert (found.labels[~empty, 2:4] > 0).all()
    assert found.images.min() >= 0 and found.images.max() <= 1


def test_objects_that_are_too_large_are_refused() -> None:
    data = DataSet(np.ones((3, 1, 40, 40)), np.zeros(3, int), ("one",))
    with pytest.raises(ValueError, match=r"40×40 pixels do not fit canvases of 32"):
        canvases(data, 1, 32, np.random.default_rng(0))


def head(a: float) -> Network:
    """The head alone, for images of two channels, the first of which is looked for."""
    parameters = {
        "head.a": np.array([a, 0.0]),
        "head.k": np.array([[9.0, 9.0], [9.0, 9.0], [0.0, 1.0], [0.0, 2.0]]),
        "head.b": np.array([9.0, 9.0, 0.1, 0.2]),
    }
    return Network(nodes([HEAD]), (2, 6, 10), parameters)


def test_the_head_says_where_the_softmax_is() -> None:
    x = np.zeros((1, 2, 6, 10))
    x[0, :, 4, 7] = 1.0, 0.25
    (box,) = Locator(head(200.0)).boxes(x)
    assert box == pytest.approx([4.5 / 6, 7.5 / 10, 0.1 + 0.25, 0.2 + 0.5], abs=1e-9)
    (box,) = Locator(head(0.0)).boxes(x)
    assert box[:2] == pytest.approx([0.5, 0.5])


@pytest.mark.complete
def test_the_gradient_of_the_head() -> None:
    """Generated from a definition that is in no catalog, against central differences."""
    rng = np.random.default_rng(0)
    network, x = head(1.0), rng.normal(size=(3, 2, 6, 10))
    for name, array in network.parameters.items():
        network.parameters[name] = rng.normal(size=array.shape)
    batch = DataSet(x, rng.random((3, 5)), ("one",))
    locator = Locator(network)
    found = locator.judged(batch)
    for name, array in network.parameters.items():
        for place in np.ndindex(array.shape):
            kept, losses = array[place], []
            for step in (1e-5, -1e-5):
                array[place] = kept + step
                losses.append(locator.judged(batch).loss)
            array[place] = kept
            wanted = (losses[0] - losses[1]) / 2e-5
            assert found.gradients[name][place] == pytest.approx(wanted, rel=1e-5, abs=1e-8)
