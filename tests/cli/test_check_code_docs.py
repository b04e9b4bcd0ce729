"""The files and commands of docs/check-code.md: what is printed there is what comes out."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from tests.places import ROOT

PAGE = ROOT / "docs" / "check-code.md"
BLOCK = re.compile(r"^```(python|toml|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TEXT = PAGE.read_text(encoding="utf-8")
FILES = [b.partition("\n") for kind, b in BLOCK.findall(TEXT) if kind != "text"]
COMMANDS = [b.partition("\n") for _, b in BLOCK.findall(TEXT) if b.startswith("derive ")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The files of the page, named in their first lines; commands run beside them."""
    made = tmp_path_factory.mktemp("course")
    for first, _, text in FILES:
        file = made / first.removeprefix("# ")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        yield made


@pytest.mark.complete
@pytest.mark.parametrize("block", COMMANDS, ids=lambda block: block[0][20:50])
def test_what_is_printed_comes_out(block: tuple[str, str, str], folder: Path) -> None:
    line, _, printed = block
    done = CliRunner().invoke(cli.main, shlex.split(line)[1:])
    assert done.output.strip() == printed.strip()


@pytest.mark.complete
def test_the_suite_of_the_page(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(folder))
    run = vars(import_module("test_layers"))["test_conv_backward"]
    assert callable(run)
    run()
