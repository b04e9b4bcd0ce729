"""Train, validation and test: nothing lost, nothing shared, every class in its share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numeric.data import Collection, DataSet, Partition, partition, split


def numbered(labels: list[int]) -> DataSet:
    """Images that are their own numbers."""
    rows = np.arange(len(labels)).reshape(-1, 1, 1, 1)
    return DataSet(rows, np.array(labels, np.int64), ("a", "b", "c"))


def rows(part: DataSet) -> list[int]:
    return part.images.ravel().tolist()


@given(
    st.lists(st.integers(0, 2), max_size=60),
    st.floats(0, 1),
    st.integers(0, 2**32 - 1),
)
def test_splits(labels: list[int], share: float, seed: int) -> None:
    data = numbered(labels)
    kept, held = split(data, np.random.default_rng(seed), share)
    assert sorted(rows(kept) + rows(held)) == list(range(len(labels)))
    assert rows(held) == sorted(rows(held)) and rows(kept) == sorted(rows(kept))
    for part in (kept, held):
        assert part.labels.tolist() == [labels[row] for row in rows(part)]
    assert abs(len(held) - share * len(labels)) <= 0.5 + 1e-9
    for k in range(3):
        assert abs(held.labels.tolist().count(k) - share * labels.count(k)) < 1.5


def test_every_image_is_as_likely_to_be_held_out() -> None:
    data = numbered([0] * 7 + [1] * 3)
    counts = np.zeros(10)
    for seed in range(1000):
        counts[rows(split(data, np.random.default_rng(seed), 0.2)[1])] += 1
    assert counts.min() > 150 and counts.max() < 250


def parts(seed: int = 0, test: DataSet | None = None) -> Partition:
    train = numbered([0, 1, 2] * 30)
    return partition(Collection(train, test), np.random.default_rng(seed))


def test_a_test_set_is_held_out_where_there_is_none() -> None:
    made = parts()
    assert [len(p) for p in (made.train, made.validation, made.test)] == [65, 7, 18]
    every = rows(made.train) + rows(made.validation) + rows(made.test)
    assert sorted(every) == list(range(90))


def test_a_test_set_is_left_as_it_is() -> None:
    own = numbered([0, 1, 2, 2])
    made = parts(test=own)
    assert made.test is own and len(made.train) == 81 and len(made.validation) == 9


def test_a_seed_gives_the_same_parts() -> None:
    assert rows(parts(1).test) == rows(parts(1).test) != rows(parts(2).test)


@pytest.mark.parametrize(("count", "part"), [(0, "train"), (1, "validation"), (2, "validation")])
def test_too_few_images(count: int, part: str) -> None:
    with pytest.raises(ValueError, match=f"{count} images are too few: none .* for {part}"):
        partition(Collection(numbered([0] * count)), np.random.default_rng(0))


def test_batches_are_all_of_it_in_order() -> None:
    order = np.random.default_rng(0).permutation(10)
    batches = list(numbered([0] * 10).batches(4, order))
    assert [len(b) for b in batches] == [4, 4, 2]
    assert [row for b in batches for row in rows(b)] == order.tolist()
