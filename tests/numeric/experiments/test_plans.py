"""What is trained: classes, images, and the variants of each comparison."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from numeric.experiments.compare import Asked, compare, planned
from numeric.experiments.comparing import COMPARISONS
from numeric.experiments.comparisons import colour, ensemble
from numeric.experiments.plan import Images, place
from numeric.networks import nodes
from numeric.networks.stages import bound
from tests.numeric.experiments.cases import squares


@pytest.mark.parametrize(
    ("written", "classes"),
    [
        ("digits:0-4", "0 1 2 3 4"),
        ("digits:9", "9"),
        ("digits:7, 1-2", "1 2 7"),
        ("digits", "0 1 2 3 4 5 6 7 8 9"),
    ],
)
def test_classes_are_chosen(written: str, classes: str) -> None:
    train = Images(written, 100).collection.train
    assert " ".join(train.classes) == classes
    assert sorted(set(train.labels)) == list(range(len(train.classes)))


@pytest.mark.parametrize("wrong", ["10", "4-2", "cat", "0-", ","])
def test_classes_that_there_are_not(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"has no class .* its 10 classes"):
        _ = Images(f"digits:{wrong}", 100).collection


def test_chosen_images_are_those_of_the_class() -> None:
    whole, some = (Images(word, 100).collection.train for word in ("digits", "digits:3,8"))
    assert np.array_equal(some.images, whole.images[np.isin(whole.labels, [3, 8])])
    assert np.array_equal(some.labels == 1, whole.labels[np.isin(whole.labels, [3, 8])] == 8)


def test_parts_are_apart_and_of_the_size_asked_for() -> None:
    parts = Images("digits", 100).parts(3)
    sets = [{i.tobytes() for i in p.images} for p in (parts.train, parts.validation, parts.test)]
    assert [len(p) for p in (parts.train, parts.validation, parts.test)] == [100, 100, 100]
    assert not (sets[0] & sets[1] or sets[0] & sets[2] or sets[1] & sets[2])
    again, other = Images("digits", 100).parts(3), Images("digits", 100).parts(4)
    assert np.array_equal(parts.train.images, again.train.images)
    assert not np.array_equal(parts.test.images, other.test.images)


def test_each_image_is_changed_once() -> None:
    plain, changed = (Images("digits", 50, once).parts(0) for once in ("", "affine"))
    assert plain.train.images.shape == changed.train.images.shape
    assert np.array_equal(plain.train.labels, changed.train.labels)
    assert not np.allclose(plain.train.images / plain.train.white, changed.train.images)
    assert np.array_equal(
        changed.train.images, Images("digits", 50, "affine").parts(0).train.images
    )


def test_other_images_of_the_same_name_are_other_runs(tmp_path: Path) -> None:
    path = squares(tmp_path)
    first = Images(str(path), 100).record
    found = dict(np.load(path))
    found["x"][0, 0, 0] ^= 1
    np.savez(tmp_path / "others.npz", **found)
    second = Images(str(tmp_path / "others.npz"), 100).record
    assert first["sums"][0] != second["sums"][0]
    assert first["sums"][1] == second["sums"][1]


@pytest.mark.parametrize("name", COMPARISONS.names())
def test_variants_are_networks(name: str) -> None:
    """All variants can be built, for colour images of 32×32, and no two of them are one."""
    comparison = COMPARISONS.get(name)
    made = {v: comparison.plan(v, (3, 32, 32), 10) for v in comparison.VARIANTS}
    for plan in made.values():
        assert bound(nodes(plan.layers), (3, 32, 32))[-1].output == (1, 10)
    assert len({(str(p.layers), str(p.recipe), p.member) for p in made.values()}) == len(made)
    rows = {*comparison.VARIANTS, "one alone", "2 together", "5 together"}
    assert {v for e in comparison.EXPECTED for v in (e.more, e.less)} <= rows


def test_what_differs_between_variants() -> None:
    shape = (3, 32, 32)

    def lines(name: str, variant: str) -> list[str]:
        return [str(line) for line in COMPARISONS.get(name).plan(variant, shape, 10).layers]

    assert [r for r in lines("dropout", "dropout") if "dropout" not in r] == lines(
        "dropout", "none"
    )
    none, lrn, batch = (lines("normalisation", v) for v in ("none", "lrn", "batchnorm"))
    assert [r for r in lrn if "lrn" not in r] == none
    assert [r for r in batch if r != "batchnorm"] == none
    assert batch.count("batchnorm") == sum("conv" in r for r in batch) == 4
    assert [r.replace("tanh", "relu") for r in lines("activations", "tanh")] == lines(
        "activations", "relu"
    )


def test_members_differ_in_all_but_their_images(tmp_path: Path) -> None:
    asked = Asked("ensemble", str(squares(tmp_path)), seeds=2)
    runs = planned(asked, COMPARISONS.get("ensemble"))
    assert len(runs) == 10
    assert len({run["recipe"]["seed"] for run in runs}) == 10
    assert {run["seed"] for run in runs} == {0, 1}
    assert len({place(tmp_path, run) for run in runs}) == 10


def test_colour_is_for_colour_images(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs RGB images"):
        compare(Asked("colour", str(squares(tmp_path))), str(tmp_path / "runs"))


def test_several_are_right_where_their_mean_is() -> None:
    """Two that are wrong about different images are right together, if they doubt what they say."""
    one = np.array([[0.9, 0.1], [0.4, 0.6], [0.6, 0.4]])
    other = np.array([[0.4, 0.6], [0.9, 0.1], [0.6, 0.4]])
    labels = np.array([0, 0, 1])
    members = [{"probabilities": p, "labels": labels} for p in (one, other)]
    assert ensemble._together(members[:1]) == pytest.approx(1 / 3)
    assert ensemble._together(members) == pytest.approx(2 / 3)


def test_the_claims_of_colour_are_about_light() -> None:
    assert {e.measure for e in colour.EXPECTED} == {"test", "cast", "light"}
