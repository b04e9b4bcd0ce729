"""The programs of docs/data.md and docs/pytorch.md run, and print what they say."""

from __future__ import annotations

import re

import pytest

from numeric.emission.loading import loaded
from tests.places import DOCS
from tests.suites import quick


def program(name: str) -> str:
    """All blocks of a page, which go on from one another."""
    text = (DOCS / name).read_text(encoding="utf-8")
    return "\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))


def said(program: str) -> list[str]:
    """The comments beside what is printed."""
    return re.findall(r"^print\(.*\)  # (.*)$", program, re.MULTILINE)


@pytest.mark.parametrize("name", quick(["data.md", "pytorch.md"], ["data.md"]))
def test_programs_print_what_they_say(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    if name == "pytorch.md":
        pytest.importorskip("torch", reason="PyTorch is not installed (extra torch)")
    text = program(name)
    loaded("docs", text)
    assert capsys.readouterr().out.splitlines() == said(text)
    assert len(said(text)) == 2
