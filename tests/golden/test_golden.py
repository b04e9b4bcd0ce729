"""What the command line prints for the whole catalog, to the byte.

``python -m pytest tests/golden --update-golden`` writes the files anew; read the difference before
committing it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from derive import catalog
from tests.suites import every

HERE = Path(__file__).parent
MILLISECONDS = re.compile(r" +\d+\.\d ms")
SYMBOLIC = ["--stride", "s", "--padding", "p", "--dilation", "d"]

COMMANDS: dict[str, list[str]] = {
    **{name: [name, "--show"] for name in catalog.names()},
    **{f"{name}-full": [name, "--show", "--full"] for name in ("conv", "maxpool", "linear")},
    "conv-brief": ["conv", "--show", "--brief"],
    "conv-symbolic": ["conv", "--channels", "--groups", "G", *SYMBOLIC],
    "conv-volume": ["conv", "--dims", "3", "--channels", "--stride", "2", "--wrt", "x"],
    "conv-second": ["conv", "--wrt", "x,k"],
    "conv-example": ["conv", "--size", "4x4", "--kernel", "2x2"],
    "conv-prove": ["conv", "--prove"],
    "batchnorm-typed": [
        "f(x[N, C]; eps real): m[c] = sum[n] x[n, c] / N;"
        " v[c] = sum[n] (x[n, c] - m[c])^2 / N;"
        " y[n, c] = (x[n, c] - m[c]) / sqrt(v[c] + eps)",
        "--brief",
    ],
    **{
        f"{name}-{style}": [name, "--show", "--format", style]
        for name in ("conv", "maxpool", "cross_entropy")
        for style in ("latex", "markdown", "json")
    },
}


@pytest.mark.parametrize("name", every(3, COMMANDS))
def test_prints_the_same_bytes(name: str, request: pytest.FixtureRequest) -> None:
    result = CliRunner().invoke(cli.main, COMMANDS[name])
    assert result.exit_code == 0, result.output
    printed = MILLISECONDS.sub("0.0 ms", result.output)
    file = HERE / f"{name}.txt"
    if request.config.getoption("--update-golden"):
        file.write_text(printed, encoding="utf-8")
    assert printed == file.read_text(encoding="utf-8")


def test_no_file_is_left_over() -> None:
    assert {p.stem for p in HERE.glob("*.txt")} == set(COMMANDS)
