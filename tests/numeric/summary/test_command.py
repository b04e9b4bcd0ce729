"""``derive summary``: of presets, files and runs; as data and as a picture; wrong use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import cli
from numeric.networks import Network
from numeric.summary.command import found_summary
from numeric.summary.reporting import report, short
from numeric.training.checkpoints import begun, saved
from tests.numeric.training.cases import network, training
from tests.suites import quick


def told(*arguments: object) -> Any:
    return CliRunner().invoke(cli.main, ["summary", *map(str, arguments)])


def test_records_add_up() -> None:
    done = told("resnet-small", "--format", "json", "--batch", 3)
    (found,) = json.loads(done.stdout)["summaries"]
    rows = found["layers"]
    for name in ("parameters", "activation_bytes", "gradient_bytes", "multiply_adds"):
        assert sum(row[name] for row in rows) == found[name]
    assert rows[0]["output"] == [16, 32, 32] and rows[0]["activation_bytes"] == 3 * 16 * 32 * 32 * 4
    parts = found["step"]
    assert parts.pop("peak_bytes") == sum(parts.values())


def test_a_file_and_its_run_say_the_same(tmp_path: Path) -> None:
    made = training(tmp_path)
    begun(made, tmp_path)
    saved(made, tmp_path)
    file = found_summary(str(network(tmp_path)), "1x6x6")
    assert file.rows == found_summary(str(tmp_path)).rows
    own: Network = made.network
    assert file.parameters == sum(array.size for array in own.parameters.values())
    frozen = found_summary(
        str(network(tmp_path, 'layers = ["flatten", "linear frozen O=10"]')), "1x2"
    )
    assert frozen.parameters == 30 and frozen.gradients == frozen.activations


def test_a_picture_of_growth(tmp_path: Path) -> None:
    done = told("lenet", "-o", tmp_path / "growth.PNG")
    assert done.exit_code == 0 and "together" in done.stdout
    assert (tmp_path / "growth.PNG").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("word", quick(["lenet", "vgg-small", "resnet-small", "vgg16"], ["lenet"]))
def test_it_fits_a_terminal(word: str) -> None:
    assert max(map(len, report(found_summary(word)).splitlines())) <= 80


@pytest.mark.parametrize(
    ("count", "text"),
    {
        0: "0 B",
        999: "999 B",
        1000: "1.00 kB",
        9994: "9.99 kB",
        9996: "10.0 kB",
        99_940: "99.9 kB",
        99_960: "100 kB",
        999_400: "999 kB",
        999_600: "1.00 MB",
    }.items(),
)
def test_numbers_in_three_digits(count: int, text: str) -> None:
    assert short(count, "B") == text


WRONG = {
    "no preset": (["lenett"], "did you mean 'lenet'?"),
    "too small": (["vgg16", "--input", "3x16x16"], "maxpool5 makes nothing of an input"),
    "no shape": (["lenet", "--input", "large"], "is written like 3x224x224"),
    "a file without images": (["{file}"], "--input 1x28x28"),
    "no run": (["{folder}"], "holds no run"),
    "a run with images": (["{folder}", "--input", "1x6x6"], "leave them out"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_use_says_what_to_do(case: str, tmp_path: Path) -> None:
    places = {"file": network(tmp_path), "folder": tmp_path}
    arguments, message = WRONG[case]
    done = told(*(word.format(**places) for word in arguments))
    assert done.exit_code == 2 and message in done.stderr, done.output
