"""The sixty course functions are judged as their labels say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli import main
from tests.places import ROOT
from tests.suites import quick

COURSE = ROOT / "tests" / "course"
LABELS = json.loads((COURSE / "labels.json").read_text(encoding="utf-8"))
QUICK = [label for label in LABELS if label["function"] in ("affine_backward", "gram_backward")]


def command(label: dict[str, Any]) -> list[str]:
    """``derive check --code …`` as a user would type it."""
    given = ["check", "--code", f"{COURSE / label['file']}:{label['function']}"]
    given += ["--of", label["of"], *label["options"], "--format", "json"]
    if label["wrt"]:
        given += ["--wrt", label["wrt"]]
    if label["convention"] == "cs231n" and label["function"] != "softmax_loss":
        given += ["--calls", "cs231n"]
    if label["convention"] == "channels-last":
        given += ["--layout", "NHWC,HWIO"]
    return given


def judged(label: dict[str, Any]) -> Result:
    return CliRunner().invoke(main, command(label))


@pytest.mark.parametrize("label", quick(LABELS, QUICK), ids=lambda label: label["function"])
def test_course_functions_are_judged_as_labelled(label: dict[str, Any]) -> None:
    found = judged(label)
    assert found.exit_code == (0 if label["right"] else 1), found.output
    if not label["right"]:
        (record,) = json.loads(found.output)["verdicts"]
        assert not record["reason"].endswith("is wrong")
