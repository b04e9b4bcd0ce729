"""Tables say what they are given."""

from __future__ import annotations

from numeric.tables import table


def test_rows_stand_under_their_columns() -> None:
    assert table(["a", "long\nname"], [["x", "1"], ["yy", "200"]], ["all", "201"]).splitlines() == [
        "     long",
        "a    name",
        "─────────",
        "x       1",
        "yy    200",
        "",
        "all   201",
    ]


def test_cells_are_no_markup() -> None:
    """Names of classes come from folders: [b] is one."""
    assert table(["[red]"], [["[b]"], ["[/b]"], ["x" * 200]]).split() == [
        "[red]",
        "─" * 200,
        "[b]",
        "[/b]",
        "x" * 200,
    ]
