"""Grids in plain text."""

from __future__ import annotations

from derive.presentation.blocks import Drawing, Grid
from derive.presentation.drawing import beside, drawn, fitting, grid


def test_columns_that_fit_leave_room_for_an_ellipsis() -> None:
    assert fitting([3, 3, 3], 11) == 3
    assert fitting([3, 3, 3], 10) == 2


def test_grids() -> None:
    assert grid(Grid((("a", "bb"),)), 80) == ["a  bb"]
    assert grid(Grid(()), 80) == ["(empty)"]
    assert drawn(Drawing((Grid((("ab",), ("c",))), Grid((("d",),)))), 80) == ["ab    d", "c"]
    assert beside([["ab"], ["cd"]], 5) == ["ab", "", "cd"]


def test_a_matrix_names_its_rows_and_columns() -> None:
    shown = Grid((("1", "2"),), "", ("p",), ("u", "v"), "T")
    assert grid(shown, 80) == ["T  u v", "p  1 2"]
    cut = "(1×2 in all: here the first 1 rows and 1 columns)"
    assert grid(shown, 5) == ["T  u …", "p  1 …", cut]
