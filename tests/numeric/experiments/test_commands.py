"""Whole experiments, small: what is told, what is frozen, and going on after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import sleep

import numpy as np
import pytest

from derive.presentation import formats
from derive.presentation.blocks import Chapter, Told
from numeric.experiments import starting, transferring
from numeric.experiments.grid import Work
from numeric.experiments.plan import Record
from numeric.experiments.results import RESULTS
from numeric.experiments.transferring import FINE, FROZEN, SCRATCH, TASKS, Asked
from numeric.experiments.transfers import classify, locate
from numeric.networks import Network
from numeric.networks.torch_names import torch_arrays
from tests.numeric.experiments.cases import squares

#: what is told, and what each training came to, by its record
Outcome = tuple[Told, list[tuple[Record, Record]]]


def carried(task: str, folder: Path, sources: Sequence[str], target: str) -> Outcome:
    """A task with tiny trainings, in this process."""
    found: list[tuple[Record, Record]] = []

    def done(work: Work, runs: Sequence[Record]) -> list[Record]:
        rows = [work(run, folder) for run in runs]
        found.extend(zip(runs, rows, strict=True))
        return rows

    asked = Asked(tuple(sources), target, labels=(8,), seeds=1, epochs=2, distortion="none")
    return TASKS.get(task).told(asked, folder, done), found


def text(told: Told) -> str:
    return formats.render([Chapter("transfers", (told,))], "text")


@pytest.mark.complete
def test_other_classes(tmp_path: Path) -> None:
    """Frozen features keep their bits, fine-tuned ones do not; scratch starts elsewhere."""
    data = squares(tmp_path)
    told, found = carried("classify", tmp_path, [f"{data}:0-1"], f"{data}:2-3")
    rows = {run["variant"].rpartition(", ")[2]: row for run, row in found if "labels" in run}
    assert set(rows) == {FINE, FROZEN, SCRATCH}
    assert rows[FROZEN]["before"] == rows[FROZEN]["after"] == rows[FINE]["before"]
    assert rows[FINE]["after"] != rows[FINE]["before"] != rows[SCRATCH]["before"]
    assert all(0 <= row["test"] <= 1 for row in rows.values())
    assert "the same bits before and after all 1 trainings" in text(told)
    assert (tmp_path / classify.PICTURE).exists()


@pytest.mark.complete
def test_a_file_of_pytorchs_is_a_source(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    data = squares(tmp_path)
    source = starting.filled(None, (1, 8, 8), _random(3), tmp_path)
    path = tmp_path / "weights.safetensors"
    save_file({n: np.ascontiguousarray(a) for n, a in torch_arrays(source).items()}, path)
    _, found = carried("classify", tmp_path, [str(path)], f"{data}:2-3")
    rows = {run["variant"].rpartition(", ")[2]: row for run, row in found}
    assert rows[FROZEN]["after"] == starting.fingerprint(source)
    _, again = carried("classify", tmp_path, [str(path)], f"{data}:2-3")
    assert [run for run, _ in again] == [run for run, _ in found]


def _random(classes: int) -> dict[str, np.ndarray]:
    from numeric.initialisations import initial
    from numeric.networks import nodes

    made, shape = nodes(starting.classifier(classes)), (1, 8, 8)
    return Network(made, shape, initial(made, shape, np.random.default_rng(5))).arrays


@pytest.mark.complete
def test_one_more_class(tmp_path: Path) -> None:
    data = squares(tmp_path)
    told, found = carried("category", tmp_path, [f"{data}:0-2"], f"{data}:3")
    rows = {run["variant"]: row for run, row in found if "labels" in run}
    assert len(rows) == 4
    assert len({row["untouched"] for row in rows.values()}) == 1
    assert all((row["before"] == row["after"]) == (FROZEN in way) for way, row in rows.items())
    assert "added to" in text(told)


@pytest.mark.complete
def test_an_object_is_located(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locate, "SOURCE", {"train": 200, "validation": 20, "test": 20})
    monkeypatch.setattr(locate, "JUDGING", {"validation": 20, "test": 20})
    monkeypatch.setattr(locate, "SOURCE_RECIPE", {"epochs": 1, "batch": 32})
    monkeypatch.setattr(transferring, "ROUND", 16)
    data = squares(tmp_path)
    told, found = carried("locate", tmp_path, [f"{data}:0-1"], f"{data}:2-3")
    rows = {run["variant"]: row for run, row in found if "labels" in run}
    assert rows[FROZEN]["before"] == rows[FROZEN]["after"] == rows[FINE]["before"]
    assert rows[FINE]["after"] != rows[FINE]["before"]
    assert len(rows[FINE]["validation"]) == 2
    assert "Mean overlap" in text(told)


def test_images_of_the_target_are_no_images_of_a_source(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="have images in common"):
        carried("classify", tmp_path, ["digits:0-4"], "digits:4-9")


def test_images_of_other_sizes_are_refused(tmp_path: Path) -> None:
    data = squares(tmp_path, channels=3)
    with pytest.raises(ValueError, match="images of digits are 1×8×8, those of the target 3×8×8"):
        carried("classify", tmp_path, ["digits"], str(data))


def test_bits_that_change_are_told() -> None:
    same, other = {"before": "a", "after": "a"}, {"before": "a", "after": "b"}
    assert "have changed in 1 of 2" in transferring.frozen_facts([same, other])


def command(folder: Path, data: Path) -> list[str]:
    words = f"compare activations --data {data} --seeds 1 --epochs 2 --processes 1 --target arrays"
    return [sys.executable, "-m", "derive", *words.split(), "-o", str(folder)]


def rows(folder: Path) -> list[Record]:
    path = folder / RESULTS
    found = path.read_text().splitlines() if path.exists() else []
    return [json.loads(row) for row in found]


@pytest.mark.complete
def test_killed_and_given_again(tmp_path: Path) -> None:
    """The results are those of a run that nobody killed, bit for bit; nothing is trained twice."""
    data, whole, killed = squares(tmp_path), tmp_path / "whole", tmp_path / "killed"
    subprocess.run(command(whole, data), check=True, capture_output=True)
    with subprocess.Popen(
        command(killed, data), stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        while not rows(killed) and process.poll() is None:
            sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
    before = rows(killed)
    assert 1 <= len(before) < 3
    again = subprocess.run(command(killed, data), check=True, capture_output=True, text=True)
    assert rows(killed)[: len(before)] == before
    assert rows(killed) == rows(whole)
    assert "relu − tanh" in again.stdout
