"""The blocks of docs/code.md and the sessions of docs/fast.md run, and print what they say."""

from __future__ import annotations

import re
import shlex

import numpy as np
import pytest
from click.testing import CliRunner

import cli
from numeric.emission.dialect import Dialect
from numeric.emission.loading import loaded
from tests.places import DOCS

TEXT, FAST = ((DOCS / name).read_text(encoding="utf-8") for name in ("code.md", "fast.md"))
SESSIONS = re.findall(r"^```console\n(.*?)^```$", TEXT + FAST, re.MULTILINE | re.DOTALL)
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("session", SESSIONS)
def test_a_session_prints_what_it_says(session: str) -> None:
    command, _, said = session.removeprefix("$ derive ").partition("\n")
    printed = CliRunner().invoke(cli.main, shlex.split(command)).output
    pattern = ".*".join(re.escape(piece) for piece in said.rstrip("\n").split("..."))
    assert re.fullmatch(pattern, printed.rstrip("\n"), re.DOTALL)


def test_the_program_for_numpy_runs(capsys: pytest.CaptureFixture[str]) -> None:
    module = loaded("docs", PROGRAMS[0])
    assert set(module.grads) == {"x", "k", "b"}
    assert {v.word for v in module.kernel.verdicts.values()} == {"checked"}
    assert "checked: equal for all sizes" in capsys.readouterr().out


def test_what_forward_keeps_changes_nothing() -> None:
    module = loaded("docs", PROGRAMS[1])
    assert set(module.kept) == {"m", "v"}
    again = module.kernel.backward(np.ones_like(module.y), x=module.x, w=module.w, b=module.b)
    np.testing.assert_allclose(module.grads["x"], again["x"], atol=1e-12)


def test_the_program_for_pytorch_runs() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra torch)")
    assert loaded("docs", PROGRAMS[2]).y.tolist() == [[[[5.0, 7.0], [13.0, 15.0]]]]
    assert torch.is_tensor(loaded("docs", PROGRAMS[2]).y)


def test_there_is_something_to_run() -> None:
    assert len(SESSIONS) == 3
    assert len(PROGRAMS) == 3


def test_every_word_of_a_library_is_named() -> None:
    _, section = TEXT.split("### A target of your own")
    words = {name for name in vars(Dialect) if not name.startswith("_")}
    assert words - set(re.findall(r"`([a-z_]+)`", section)) == set()
