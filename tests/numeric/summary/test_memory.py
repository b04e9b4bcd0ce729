"""The memory of a training step as it is worked out, against what is traced of one."""

from __future__ import annotations

import pytest

from benchmarks.memory import CASES, compared
from tests.suites import quick


@pytest.mark.parametrize("case", quick(CASES, [CASES[0]]), ids=str)
def test_the_peak_is_within_fifteen_percent(case: tuple[str, tuple[int, ...], int]) -> None:
    measured, told = compared(*case)
    assert 0.85 < told / measured < 1.15
