"""Statistics, results that are kept, and the grid of what is missing."""

from __future__ import annotations

from math import isnan
from pathlib import Path

import pytest

from numeric.experiments.grid import carried_out
from numeric.experiments.results import RESULTS, Results, results
from numeric.experiments.statistics import Spread, difference, sentence
from tests.numeric.experiments.cases import counted


def test_mean_and_sample_deviation() -> None:
    found = Spread.of([0.1, 0.2, 0.6])
    assert (found.mean, found.deviation) == pytest.approx((0.3, 0.07**0.5))
    assert found.percent("+") == "+30.0 ± 26.5"
    alone = Spread.of([-0.25])
    assert isnan(alone.deviation)
    assert alone.percent() == "−25.0"


@pytest.mark.parametrize(
    ("first", "says"),
    [
        ([0.60, 0.62, 0.64], "That it helps shows: the difference is more than the spread."),
        ([0.40, 0.42, 0.44], "does not show; the opposite does: the difference is more than"),
        ([0.50, 0.70, 0.45], "does not show here: the difference is within the spread."),
        ([0.60], "is not decided: one seed has no spread."),
    ],
)
def test_a_sentence_says_no_more_than_the_spread_allows(first: list[float], says: str) -> None:
    second = [0.50, 0.52, 0.54][: len(first)]
    assert says in sentence("one − other", "it helps", difference(first, second))


def test_differences_are_those_of_one_seed() -> None:
    """What varies between seeds alike on both sides is no spread of the difference."""
    found = difference([0.9, 0.5, 0.1], [0.8, 0.4, 0.0])
    assert found.mean == pytest.approx(0.1)
    assert found.deviation == pytest.approx(0)
    assert found.exceeded


def test_only_what_is_missing_is_worked_out(tmp_path: Path) -> None:
    runs = [{"number": n} for n in range(4)]
    told: list[tuple[int, int]] = []
    with results(tmp_path) as kept:
        kept.add({"number": 2}, {"square": 4})
        found = carried_out(counted, runs, kept, 2, lambda *moment: told.append(moment))
    assert [row["square"] for row in found] == [0, 1, 4, 9]
    assert sorted((tmp_path / "worked").read_text().split()) == ["0", "1", "3"]
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert [Results(tmp_path).found(run) for run in runs] == found


def test_what_was_done_before_a_failure_is_kept(tmp_path: Path) -> None:
    with results(tmp_path) as kept, pytest.raises(ValueError, match="no training of -1"):
        carried_out(counted, [{"number": n} for n in (3, -1, 5)], kept, 1)
    assert Results(tmp_path).found({"number": 3}) == {"square": 9}


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    Results(tmp_path).add({"number": 1}, {"square": 1})
    with open(tmp_path / RESULTS, "a") as file:
        file.write('{"run": {"number": 2}, "fou')
    with pytest.raises(ValueError, match=r"line 2 of .* is damaged .* take it out"):
        Results(tmp_path)


def test_one_process_writes_into_a_folder(tmp_path: Path) -> None:
    another = results(tmp_path)
    with results(tmp_path), pytest.raises(ValueError, match="another training"):
        another.__enter__()
