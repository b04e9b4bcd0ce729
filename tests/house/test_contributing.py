"""The table of CONTRIBUTING.md: its folders exist, its commits too where there is a history."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.places import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
ROWS = [
    line.strip("| ").split(" | ")
    for line in TEXT.splitlines()
    if re.match(r"\| an? |\| (what|some)", line)
]


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)


def test_every_row_has_a_folder_and_a_commit() -> None:
    assert len(ROWS) >= 17
    for row in ROWS:
        assert len(row) == 4, row
        assert re.fullmatch("[0-9a-f]{7}", row[3]), row
        for path in re.findall(r"`([\w/]+(?:\.py)?)", row[1]):
            known = path.rpartition("/")[0] if path.endswith(("NAME.py", "THEME.py")) else path
            assert "/" not in path or (ROOT / known).exists(), path


def test_the_commits_exist() -> None:
    if git("rev-parse", "--is-shallow-repository").stdout.strip() != "false":
        pytest.skip("no whole history here")
    for row in ROWS:
        assert git("merge-base", "--is-ancestor", row[3], "HEAD").returncode == 0, row
