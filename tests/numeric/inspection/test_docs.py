"""The commands of docs/inspecting.md, one after the other in one folder, print what it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from tests.places import ROOT

PAGE = (ROOT / "docs" / "inspecting.md").read_text(encoding="utf-8")


def sessions() -> list[tuple[str, str]]:
    """Each command with what it is said to print."""
    text = "\n".join(re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
    pairs = (part.partition("\n") for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:])
    return [(command, said.strip("\n") + "\n") for command, _, said in pairs]


def matches(said: str, printed: str) -> bool:
    """Whether it is what is printed, ``...`` standing for anything."""
    pieces = map(re.escape, said.split("..."))
    return re.fullmatch(".*?".join(pieces), printed, re.DOTALL) is not None


@pytest.mark.complete
def test_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(sessions()) == 5
    for command, said in sessions():
        done = CliRunner().invoke(cli.main, shlex.split(command)[1:])
        assert done.exit_code == 0 and matches(said, done.stdout), (command, done.output)
