"""The blocks of the README and of the lecture's companion run, and print what they say."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from tests.places import ROOT
from tests.suites import quick

README, LECTURE = (
    (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/lecture.md")
)


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def sessions() -> list[tuple[str, str]]:
    """Each command of the console blocks with what it is said to print."""
    found = []
    for block in blocks("console") + blocks("console", LECTURE):
        for session in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = session.partition("\n")
            found.append((command, output))
    return found


def matches(said: str, printed: str) -> bool:
    """Whether the printed text is the said one, where a line ``...`` stands for any lines."""
    pieces = [re.escape(piece) for piece in re.split(r"^\.\.\.\n", said, flags=re.MULTILINE)]
    return re.fullmatch("(?:.*\n)*?".join(pieces), printed) is not None


#: what takes longest: a training, and a run of the proof assistant
LONG = ("derive train", "derive conv --prove")


@pytest.mark.parametrize(
    "session",
    quick(sessions(), [s for s in sessions() if not s[0].startswith(LONG)]),
    ids=lambda session: session[0][:60],
)
def test_console_block(
    session: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command, output = session
    program, *arguments = shlex.split(command)
    assert program == "derive"
    monkeypatch.chdir(tmp_path)
    printed = CliRunner().invoke(cli.main, arguments).output
    assert matches(output, printed), printed


@pytest.mark.parametrize("source", blocks("python"))
def test_python_block(source: str) -> None:
    command = [sys.executable, "-c", source]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    said = re.findall(r"print\(.*\)\s+# (.*)", source)
    assert done.stdout.splitlines()[0] == said[0]


def test_ci_runs_the_commands_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for block in blocks("sh"):
        assert block.strip() in script
