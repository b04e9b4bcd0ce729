"""``derive predict`` and ``derive inspect`` on a short run, and what they say of wrong use."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

import cli
from numeric.inspection.images import Run
from numeric.inspection.inspecting import untrained
from numeric.inspection.judging import probabilities
from numeric.training.running import Asked, Ended, run
from tests.numeric.training.cases import images, network


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    folder = tmp_path_factory.mktemp("inspection")
    asked = Asked(str(network(folder)), str(images(folder)), {"epochs": 2})
    return run(asked, folder / "run", resume=False)


def told(*arguments: object) -> Any:
    return CliRunner().invoke(cli.main, [*map(str, arguments)])


def records(*arguments: object) -> Any:
    done = told(*arguments, "--format", "json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def png(path: Path, pixels: Any) -> Path:
    Image.fromarray(pixels).save(path)
    return path


def test_predict_judges_the_test_images(ended: Ended, tmp_path: Path) -> None:
    (found,) = records("predict", ended.folder, "-o", tmp_path)["judgements"]
    assert found["accuracy"] == ended.training.test_accuracy
    assert np.sum(found["confusion"]) == found["images"] == len(ended.training.parts.test)
    assert found["mistakes"], "two epochs are too few to know everything"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["confusion.png", "mistakes.png"]
    assert np.trace(found["confusion"]) / found["images"] == found["accuracy"]


def test_predict_tells_it_in_a_terminals_width(ended: Ended, tmp_path: Path) -> None:
    done = told("predict", ended.folder, "-o", tmp_path)
    assert done.exit_code == 0 and max(map(len, done.stdout.splitlines()[:-1])) <= 80
    assert "the most confident of" in done.stdout


def test_predict_takes_other_labelled_images(ended: Ended, tmp_path: Path) -> None:
    """Classes go by their names, not by their numbers."""
    x, y = (ended.training.parts.test.images, ended.training.parts.test.labels)
    few = y > 6
    np.savez(tmp_path / "few.npz", x=x[few], y=y[few])
    arguments = ("predict", ended.folder, "--data", tmp_path / "few.npz", "-o", tmp_path)
    (found,) = records(*arguments)["judgements"]
    counts = np.array(found["confusion"]).sum(1)
    np.testing.assert_array_equal(counts, np.bincount(y[few], minlength=10))


def test_predict_names_what_a_file_shows(ended: Ended, tmp_path: Path) -> None:
    pixels = ended.training.parts.test.images[0]
    grey = png(tmp_path / "grey.png", pixels[0])
    colours = png(tmp_path / "three.png", np.repeat(pixels[0][..., None], 3, axis=2))
    own = Run.of(str(ended.folder))
    expected = probabilities(own.network, own.prepared(pixels[None], 255))[0]
    for found in records("predict", ended.folder, grey, colours)["predictions"]:
        np.testing.assert_allclose(list(found["probabilities"].values()), expected, rtol=1e-6)
        assert found["class"] == own.classes[int(expected.argmax())]
    done = told("predict", ended.folder, tmp_path)
    assert done.exit_code == 0 and "grey.png" in done.stdout and "three.png" in done.stdout


def test_the_best_weights_are_other_weights(ended: Ended, tmp_path: Path) -> None:
    copied = tmp_path / "run"
    shutil.copytree(ended.folder, copied)
    shutil.copy(copied / "weights.safetensors", copied / "best.safetensors")
    first = Run.of(str(copied), best=True).network.arrays
    last = Run.of(str(ended.folder)).network.arrays
    assert all(np.array_equal(first[name], last[name]) for name in last)
    (copied / "best.safetensors").unlink()
    assert "there is no" in told("predict", copied, "--best").stderr


def test_inspect_compares_before_and_after(ended: Ended, tmp_path: Path) -> None:
    (found,) = records("inspect", ended.folder, "--image", 3, "-o", tmp_path)["inspections"]
    assert [layer["name"] for layer in found["layers"]] == ["conv1", "batchnorm1", "relu1"]
    names = sorted(p.name for p in tmp_path.iterdir())
    assert names == ["layers.png", "maps.png", "saliency.png"]
    before = untrained(ended.training).parameters["conv1.k"]
    after = ended.training.network.parameters["conv1.k"]
    assert not np.array_equal(before, after)
    (layer,) = found["kernels"]
    assert layer["norm_before"] == pytest.approx(float(np.linalg.norm(before)))
    assert layer["norm_after"] == pytest.approx(float(np.linalg.norm(after)))


def test_inspect_takes_a_file(ended: Ended, tmp_path: Path) -> None:
    file = png(tmp_path / "one.png", ended.training.parts.test.images[0, 0])
    done = told("inspect", ended.folder, "--image", file, "-o", tmp_path)
    assert done.exit_code == 0 and "|∂logit/∂image|" in done.stdout


WRONG = {
    "no run": (["predict", "{here}"], "holds no run"),
    "no such file": (["predict", "{run}", "nothing.png"], "there is no file 'nothing.png'"),
    "no images": (["predict", "{run}", "{empty}"], "there is no image in"),
    "size": (["predict", "{run}", "{large}"], "9×7 pixels, the network takes 6×6; --resize"),
    "colour": (["predict", "{run}", "{red}"], "has 3 channels, the network takes 1"),
    "damaged image": (["predict", "{run}", "{broken}"], "the image cannot be read"),
    "no test image": (["inspect", "{run}", "--image", "999"], "--image 0 to 29"),
    "resize of nothing": (["predict", "{run}", "--resize"], "--resize is about IMAGES"),
    "both": (["predict", "{run}", "{large}", "--data", "digits"], "leave IMAGES out"),
    "other images": (["predict", "{run}", "--data", "digits"], "are 1×8×8, the network takes"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_use_says_what_to_do(case: str, ended: Ended, tmp_path: Path) -> None:
    red = np.zeros((6, 6, 3), np.uint8)
    red[..., 0] = 200
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    places = {
        "here": tmp_path,
        "run": ended.folder,
        "empty": tmp_path / "empty",
        "large": png(tmp_path / "large.png", np.zeros((9, 7), np.uint8)),
        "red": png(tmp_path / "red.png", red),
        "broken": tmp_path / "broken.png",
    }
    arguments, message = WRONG[case]
    done = told(*(word.format(**places) for word in arguments))
    assert done.exit_code == 2 and message in done.stderr, done.output


def test_resized_images_are_taken(ended: Ended, tmp_path: Path) -> None:
    large = png(tmp_path / "large.png", np.zeros((9, 7), np.uint8))
    assert told("predict", ended.folder, large, "--resize").exit_code == 0


def test_a_run_of_another_library_is_looked_at_with_numpy(ended: Ended, tmp_path: Path) -> None:
    """What computed a training does not matter to its network."""
    copied = tmp_path / "run"
    shutil.copytree(ended.folder, copied)
    told_of = json.loads((copied / "run.json").read_text(encoding="utf-8"))
    told_of["target"] = "torch"
    (copied / "run.json").write_text(json.dumps(told_of), encoding="utf-8")
    own, other = (Run.of(str(folder)) for folder in (ended.folder, copied))
    images = own.prepared(ended.training.parts.test.images, 255)
    np.testing.assert_allclose(own.network.forward(images), other.network.forward(images))


DAMAGE = ("run.json", "weights.safetensors")


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_run_says_which_file(name: str, ended: Ended, tmp_path: Path) -> None:
    copied = tmp_path / "run"
    shutil.copytree(ended.folder, copied)
    content = (copied / name).read_bytes()
    (copied / name).write_bytes(content[: len(content) // 2])
    done = told("predict", copied)
    assert done.exit_code == 2 and name in done.stderr and "damaged" in done.stderr
