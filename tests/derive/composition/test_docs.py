"""The blocks of docs/composition.md run, and print what they say."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import textwrap

import pytest
from click.testing import CliRunner

import cli
from tests.house.test_readme import matches
from tests.places import DOCS, ROOT
from tests.suites import quick

TEXT = (DOCS / "composition.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^ *```(\w+)\n(.*?)^ *```$", TEXT, re.MULTILINE | re.DOTALL)
SESSIONS = [textwrap.dedent(text)[2:] for kind, text in BLOCKS if kind == "console"]


@pytest.mark.parametrize(
    "session", quick(SESSIONS, SESSIONS[2:3]), ids=lambda text: text[:40].replace("\n", " ")
)
def test_console_block(session: str) -> None:
    command, _, output = session.partition("\n")
    program, *arguments = shlex.split(command)
    assert program == "derive"
    printed = CliRunner().invoke(cli.main, arguments).output
    assert matches(output, printed), printed


@pytest.mark.complete
@pytest.mark.parametrize("source", [text for kind, text in BLOCKS if kind == "python"])
def test_python_block(source: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, check=True
    )
    said = re.findall(r"print\(.*\)\s+# (.*)", source)
    assert done.stdout.splitlines() == said
