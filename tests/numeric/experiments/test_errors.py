"""The three curves, and parts that add up to the excess error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from derive.presentation import formats
from numeric.experiments import errors
from numeric.experiments.errors import MANY, STEP, WIDTH, Curves, split


def table(curves: Curves) -> dict[Any, Any]:
    """Errors that fall with width, labels and steps, two seeds."""
    return {
        (width, labels, steps): [
            {"error": e, "validation": e, "loss": e}
            for shift in (0.0, 0.01)
            for e in [0.1 + shift + 0.2 / width + 20 / labels + (9 + 100 * shift) / steps]
        ]
        for width, labels, steps in curves.points
    }


def test_curves_meet_in_the_network_that_is_looked_at() -> None:
    curves = Curves(6000)
    assert curves.label == 1000
    assert set(curves.widths) & set(curves.labels) == {(WIDTH, 6000, MANY)}
    assert set(curves.labels) & set(curves.steps) == {(WIDTH, 1000, MANY)}
    assert (WIDTH, 1000, STEP) in curves.steps
    assert len(curves.points) == len(set(curves.points))


@pytest.mark.parametrize(("full", "label"), [(1294, 300), (400, 100), (399, 0), (100_000, 1000)])
def test_few_images_are_looked_at_with_fewer_labels(full: int, label: int) -> None:
    assert Curves(full).label == label


def test_parts_add_up_to_the_excess_error() -> None:
    curves = Curves(6000)
    found = table(curves)
    parts = split(curves, found)
    means = [parts[name].mean for name in errors.PARTS]
    assert means == pytest.approx(
        [0.2 / 4 - 0.2 / 16, 20 / 1000 - 20 / 6000, 9.5 / STEP - 9.5 / MANY]
    )
    measured = [row["error"] for row in found[WIDTH, 1000, STEP]]
    best = [row["error"] for row in found[16, 6000, MANY]]
    excess = sum(a - b for a, b in zip(measured, best, strict=True)) / 2
    assert sum(means) == pytest.approx(excess) == pytest.approx(parts["excess error"].mean)


def test_the_best_is_chosen_by_validation() -> None:
    """The test images have no say in it."""
    curves = Curves(6000)
    found = table(curves)
    for row in found[2, 6000, MANY]:
        row["validation"] = 0.0
    assert errors._best(curves, found) == (2, 6000, MANY)
    assert split(curves, found)["modelling"].mean < 0


def test_too_few_images_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"train on; errors needs 400"):
        errors.errors(errors.Asked("digits", images=300), str(tmp_path))


def test_what_is_told(tmp_path: Path) -> None:
    curves = Curves(6000)
    found = table(curves)
    told = errors._told(errors.Asked("digits"), curves, found, tmp_path)
    text = formats.render([errors.Chapter("errors", (told,))], "text")
    assert "excess error" in text and "modelling: more than its spread" in text
    (record,) = told.data()
    assert len(record["points"]) == len(curves.points)
    errors.charts.written(tmp_path / errors.PICTURE, errors._picture(curves, found))
    assert (tmp_path / errors.PICTURE).read_bytes()[:4] == b"\x89PNG"
