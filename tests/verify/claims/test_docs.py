"""The blocks of docs/check.md run, and print what they say."""

from __future__ import annotations

import re
import shlex

import pytest
from click.testing import CliRunner, Result

import cli
from tests.places import DOCS

TEXT = (DOCS / "check.md").read_text(encoding="utf-8")


def blocks(start: str) -> list[tuple[str, str]]:
    """What follows a language on its line, and the block."""
    found = re.findall(rf"^```{start}([^\n]*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    return [(options.strip(), block) for options, block in found]


def run(arguments: list[str]) -> Result:
    return CliRunner().invoke(cli.main, arguments)


SESSIONS = [block for _, block in blocks("console")]
LINES = [
    (options, *re.split(r" {2,}", line))
    for options, block in blocks("claims")
    for line in block.splitlines()
]


@pytest.mark.parametrize("session", SESSIONS)
def test_a_session_prints_what_it_says(session: str) -> None:
    command, _, said = session.removeprefix("$ derive ").partition("\n")
    printed = run(shlex.split(command)).output
    pattern = ".*".join(re.escape(piece) for piece in said.rstrip("\n").split("..."))
    assert re.fullmatch(pattern, printed.rstrip("\n"))


@pytest.mark.parametrize(("options", "words", "claim"), LINES)
def test_a_claim_has_the_verdict_or_the_reason_it_is_said_to_have(
    options: str, words: str, claim: str
) -> None:
    layer, *rest = shlex.split(options)
    result = run(["check", claim, "--of", layer, *rest])
    assert words in result.output
    assert result.exit_code == (0 if words == "checked" else 1)


def test_there_is_something_to_run() -> None:
    assert len(SESSIONS) >= 3
    assert len(LINES) >= 20
