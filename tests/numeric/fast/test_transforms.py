"""Winograd's transforms: derived, proved, and written down as they were derived."""

from __future__ import annotations

from pathlib import Path

import pytest
from sympy import Matrix

from numeric.fast import transforms
from numeric.templates import constants


@pytest.mark.parametrize("size", [*transforms.SIZES, (2, 2), (3, 3), (6, 3), (1, 4), (4, 1)])
def test_the_identity_holds_for_all_signals_and_kernels(size: tuple[int, int]) -> None:
    assert transforms.proved(transforms.matrices(*size))


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_wrong_entry_anywhere_is_refused(which: int) -> None:
    """Every single entry counts."""
    made = transforms.matrices(4, 3)
    for i in range(made[which].rows):
        for j in range(made[which].cols):
            broken = [Matrix(m) for m in made]
            broken[which][i, j] += 1
            assert not transforms.proved(tuple(broken)), (i, j)


def test_the_constants_are_those_that_are_proved() -> None:
    """As ``python -m numeric.fast.transforms`` writes them."""
    assert Path(constants.__file__).read_text(encoding="utf-8") == transforms.constants()
    assert set(constants.WINOGRAD) == set(transforms.SIZES)
