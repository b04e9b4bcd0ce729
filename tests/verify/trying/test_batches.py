"""Many files at once: a row for each, whatever is wrong with it."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from verify.trying.user import batches
from verify.trying.user.examination import CannotRun, ExaminedFunction

HANDED_IN = {
    "anna": "def f(g, x):\n    return g * (x > 0)\n",
    "ben": "def f(g, x):\n    return g * (x > 1)\n",
    "cem": "def f(g, x:\n    return g\n",
    "dora": "def h(g, x):\n    return g\n",
    "eve": "import os\nos._exit(3)\n",
    "finn": "import nowhere\n",
    "gus": "def f(g, x, cache):\n    return g\n",
    "hal": "def f(g, x):\n    raise ValueError(x)\n",
    "ida": "f = 3\n",
    "jan": "\0",
    "kim": "",
    "lea": "def f(g, x):\n    return {'z': g}\n",
}
REFUTED = {"ben", "hal"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("submissions")
    for name, code in HANDED_IN.items():
        (made / name).mkdir()
        (made / name / "layers.py").write_text(code, encoding="utf-8")
    return made


def told(folder: Path, who: str, *words: str) -> tuple[int, str]:
    pattern = f"{folder}/{who}/layers.py:f"
    done = CliRunner().invoke(cli.main, ["check", "--code", pattern, "--of", "relu", *words])
    return done.exit_code, done.output


def test_a_table_with_a_row_for_each_file(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    code, _ = told(folder, "*", "--format", "csv", "-o", str(file))
    rows = list(csv.DictReader(StringIO(file.read_text(encoding="utf-8"))))
    assert code == 1 and [Path(r["file"]).parent.name for r in rows] == sorted(HANDED_IN)
    for row in rows:
        name = Path(row["file"]).parent.name
        word = "tested" if name == "anna" else "refuted" if name in REFUTED else "cannot be run"
        assert row["verdict"] == word, row
        assert row["sentence"] and bool(row["smallest_case"]) == (name in REFUTED)


@pytest.mark.parametrize(
    ("who", "status"), [("anna*", 0), ("[ab]*", 1), ("[ac]*", 2), ("[c-e]*", 2), ("nobody*", 2)]
)
def test_the_exit_code_is_that_of_the_worst(folder: Path, who: str, status: int) -> None:
    code, output = told(folder, who)
    assert code == status, output
    assert ("files: f of relu" in output) == (who != "nobody*")


def test_json_holds_the_same(folder: Path) -> None:
    code, output = told(folder, "[ai]*", "--format", "json")
    rows = json.loads(output)["batches"]
    assert code == 2 and [r["exit_code"] for r in rows] == [0, 2]
    assert rows[0]["verdict"] == "tested" and "no function but int" in rows[1]["sentence"]


def test_a_mistake_of_our_own_costs_one_row(folder: Path) -> None:
    def broken(file: str) -> ExaminedFunction:
        raise AssertionError(file)

    row = batches.row("my.py", broken)
    assert (row.verdict, row.exit_code) == ("undecided", 3) and "please report it" in row.sentence
    assert batches.told("f", "relu", [row]).status == 3


def test_names_with_brackets_are_names(tmp_path: Path) -> None:
    (tmp_path / "a[1].py").write_text("")
    assert batches.files(str(tmp_path / "a[1].py")) == []
    assert batches.files(str(tmp_path / "*.py")) == [str(tmp_path / "a[1].py")]
    with pytest.raises(CannotRun, match="no file has a name like"):
        batches.files(str(tmp_path / "*.txt"))
