"""What a run ends with: the exit code of what was found, and 3 where derive itself failed."""

from __future__ import annotations

from itertools import permutations

import pytest
from click.testing import CliRunner

import cli
import numeric.commands
from verify.verdict import EXIT_CODES, together

CODES = {
    "checked": {0},
    "certified": {0},
    "tested": {0, 3},
    "written": {3},
    "refuted": {1},
    "not certified": {3},
    "undecided": {3},
}


def test_one_table_of_exit_codes() -> None:
    """*tested* is all that code can be, and less than a formula should be."""
    for kind, table in EXIT_CODES.items():
        for word, code in table.items():
            assert code in CODES[word], (kind, word)
    assert EXIT_CODES["formula"]["tested"] == 3
    assert EXIT_CODES["generated"]["tested"] == EXIT_CODES["function"]["tested"] == 0


def test_of_several_the_worst_is_told() -> None:
    for codes in permutations((0, 1, 2, 3)):
        assert together(codes) == 1
        assert together(c for c in codes if c != 1) == 3
        assert together(c for c in codes if c in (0, 2)) == 2
    assert together([]) == together([0, 0]) == 0


@pytest.mark.parametrize("error", [KeyError("x"), TypeError("x"), AssertionError(), MemoryError()])
def test_a_crash_is_no_refutation(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*given: object) -> None:
        raise error

    monkeypatch.setattr(numeric.commands, "done", crash)
    result = CliRunner().invoke(cli.main, ["conv", "--show"])
    assert result.exit_code == 3
    assert "a mistake of derive's own, and decides nothing" in result.stderr
    assert type(error).__name__ in result.stderr


def test_wrong_use_stays_wrong_use() -> None:
    assert CliRunner().invoke(cli.main, ["conv", "--nosuch"]).exit_code == 2
    assert CliRunner().invoke(cli.main, ["--help"]).exit_code == 0
