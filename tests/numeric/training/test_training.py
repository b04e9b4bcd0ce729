"""The loop: what an epoch tells, seeds, divergence; the command and its messages."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

import cli
from numeric.presets import PRESETS
from numeric.training.loop import Diverged, Moment, epochs
from numeric.training.recipe import Recipe
from numeric.training.reporting import curve, shaded
from numeric.training.state import Training
from numeric.training.streams import stream
from tests.numeric.training.cases import images, network, training

PLAIN = """
layers = lambda classes: ["conv(kernel_size=3) O=8", "relu", "flatten", f"linear O={classes}"]
RECIPE = {"epochs": 6, "batch": 16, "rate": 0.05}
"""


def same(one: Training, other: Training) -> bool:
    """Whether two networks have the same numbers, bit for bit."""
    a, b = one.network.arrays, other.network.arrays
    return a.keys() == b.keys() and all(np.array_equal(a[n], b[n]) for n in a)


def test_training_lowers_the_loss_and_learns(tmp_path: Path) -> None:
    made = training(tmp_path, PLAIN)
    found = list(epochs(made))
    assert [e.epoch for e in found] == list(range(1, 7)) and found == made.epochs
    assert found[-1].loss < found[0].loss / 3 and found[-1].validation_accuracy > 0.8
    validation = made.prepared(made.parts.validation)
    assert found[-1].validation_accuracy == made.classifier.accuracy(validation)


def test_an_epoch_says_what_its_batches_gave_before_each_step(tmp_path: Path) -> None:
    """One batch that is everything: what the untrained network gives."""
    made, untrained = (training(tmp_path, PLAIN, epochs=1, batch=1000) for _ in range(2))
    (epoch,) = epochs(made)
    given = untrained.prepared(made.parts.train)
    assert epoch.accuracy == untrained.classifier.accuracy(given) and not same(made, untrained)
    expected = untrained.classifier.loss(given.images, given.labels)
    assert epoch.loss == pytest.approx(expected, rel=1e-5)


def test_a_seed_gives_the_same_bits(tmp_path: Path) -> None:
    one, again, other = (training(tmp_path, seed=seed) for seed in (0, 0, 1))
    assert same(one, again) and not same(one, other)
    told = [[(e.loss, e.accuracy, e.validation_accuracy) for e in epochs(t)] for t in (one, again)]
    assert told[0] == told[1] and same(one, again) and not same(one, training(tmp_path))


def test_test_images_are_not_learnt_from(tmp_path: Path) -> None:
    one, other = (training(tmp_path, epochs=1) for _ in range(2))
    few = other.parts.test.taken(np.arange(3))
    other.parts = replace(other.parts, test=few)
    assert [*epochs(one)] and [*epochs(other)] and same(one, other)


def test_progress_counts_every_batch(tmp_path: Path) -> None:
    seen: list[Moment] = []
    made = training(tmp_path, epochs=2)
    batches = -(-len(made.parts.train) // 32)
    list(epochs(made, seen.append))
    assert [m.done for m in seen] == list(range(1, 2 * batches + 1))
    assert {m.total for m in seen} == {2 * batches} and {m.epoch for m in seen} == {1, 2}


def test_labels_are_smoothed_in_training_alone(tmp_path: Path) -> None:
    plain, smooth = (training(tmp_path, epochs=1, smoothing=s, batch=1000) for s in (0.0, 0.5))
    given = plain.prepared(plain.parts.train)
    losses = [t.classifier.loss(given.images, given.labels) for t in (plain, smooth)]
    assert losses[0] == losses[1]
    assert next(epochs(plain)).loss != next(epochs(smooth)).loss


def test_streams_are_apart() -> None:
    drawn = {
        (purpose, epoch): stream(0, purpose, epoch).integers(2**62)
        for purpose in ("parts", "weights", "order", "masks", "changes")
        for epoch in (0, 1, 2)
    }
    assert len(set(drawn.values())) == len(drawn)


@pytest.mark.parametrize("clip", [0.0, 1e6])
def test_a_loss_that_is_no_number_ends_it(tmp_path: Path, clip: float) -> None:
    with pytest.raises(Diverged, match=r"in epoch 1: the steps are too long; try --rate 2e\+19"):
        list(epochs(training(tmp_path, PLAIN, rate=1e20, clip=clip, schedule="constant")))


def test_a_recipe_is_json_and_back() -> None:
    made = Recipe(augment=("flip",), optimiser="sgd", rate=0.1)
    assert Recipe.of(json.loads(json.dumps(made.data))) == made
    assert made.optimiser == "sgd(momentum=0.9, decay=0)"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"epochs": 0}, "epochs must be at least 1, not 0"),
        ({"batch": 0}, "batch must be at least 1"),
        ({"seed": -1}, "seed must be at least 0, not -1"),
        ({"rate": 0.0}, "the learning rate must be positive, not 0"),
        ({"rate": float("nan")}, "the learning rate must be positive"),
        ({"smoothing": 1.0}, "smoothing must be in"),
        ({"clip": -1.0}, "clip must be a length"),
        ({"initial": "she"}, "there is no initialisation 'she'"),
        ({"augment": ("blur",)}, "there is no augmentation 'blur'"),
    ],
)
def test_recipes_that_make_no_sense(given: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Recipe().changed(given)


@pytest.mark.parametrize("name", PRESETS.names())
def test_presets_have_recipes(name: str) -> None:
    for shape, count in (((1, 8, 8), 1500), ((1, 28, 28), 55000), ((3, 32, 32), 4000)):
        Recipe().changed(PRESETS.get(name).recipe(shape, count))


# --- pictures made of letters ---------------------------------------------------------------------


def test_curves_and_kernels_in_letters() -> None:
    assert curve([1, 2, 3]) == "▁▅█  1 → 3" and curve([2.0]) == "▁  2 → 2"
    kernel = np.array([[[0.0, 1.0], [0.5, 0.25]], [[3, 3], [3, 3]]])
    assert list(shaded(kernel)) == ["  ██", "▒▒░░"]


# --- the command ----------------------------------------------------------------------------------


def command(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, ["train", *arguments])


def test_the_command(tmp_path: Path) -> None:
    own, data, folder = str(network(tmp_path)), str(images(tmp_path)), tmp_path / "run"
    done = command(own, "--data", data, "-o", str(folder), "--threads", "1")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "own on spots: 166 parameters, seed 0" and done.stderr == ""
    assert lines[1].endswith("1×6×6, 10 classes") and "test accuracy" in done.stdout
    rows = [json.loads(row) for row in (folder / "log.jsonl").read_text().splitlines()]
    assert [row["epoch"] for row in rows] == [1, 2, 3] and 0 <= rows[-1]["test_accuracy"] <= 1
    assert not any("test_accuracy" in row for row in rows[:-1])
    names = {"run.json", "checkpoint.safetensors", "weights.safetensors", "best.safetensors"}
    names |= {"log.jsonl", "curves.png", "kernels.png", ".lock"}
    assert {path.name for path in folder.iterdir()} == names
    again = command(own, "--data", data, "-o", str(folder))
    assert again.exit_code == 2 and "holds a run: --resume goes on with it" in again.stderr
    resumed = command("--resume", "-o", str(folder))
    assert resumed.exit_code == 0 and resumed.stdout == done.stdout
    other = command(own, "--data", data, "-o", str(folder), "--resume", "--rate", "1")
    assert other.exit_code == 2 and "begun with rate 0.05, not 1.0" in other.stderr


def test_a_fresh_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    own, data = str(network(tmp_path)), str(images(tmp_path))
    for number in (1, 2):
        done = command(own, "--data", data, "--epochs", "1", "--format", "json")
        assert json.loads(done.stdout)["trainings"][0]["folder"] == f"runs/own-spots-{number}"


def test_divergence_leaves_the_last_checkpoint(tmp_path: Path) -> None:
    own, data, folder = str(network(tmp_path)), str(images(tmp_path)), tmp_path / "run"
    more = ("--schedule", "cosine(warmup=0.5)", "--rate", "1e30", "--threads", "1")
    done = command(own, "--data", data, "-o", str(folder), *more)
    assert done.exit_code == 1 and "try --rate" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["vgg", "--data", "digits"], "there is no preset 'vgg'; there are: alexnet, "),
        (["lenet", "--data", "x"], "there is no data set 'x'"),
        (["lenet", "--data", "digits", "--epochs", "0"], "epochs must be at least 1, not 0"),
        (["lenet", "--data", "digits", "--optimiser", "sdg"], "did you mean 'sgd'"),
        (["lenet"], "say what to train on what"),
        (["--resume"], "--resume needs the folder of a run: -o DIR"),
        (["--resume", "-o", "nowhere"], "'nowhere' holds no run"),
        (["missing.py", "--data", "digits"], "cannot read 'missing.py'"),
    ],
)
def test_wrong_use(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = command(*arguments)
    assert done.exit_code == 2 and message in done.stderr, done.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "has no list of layers called 'layers'"),
        ("layers = [3]", "a network is a list of lines, layers and joined paths; 3 is none"),
        ("layers = ['maxpool(dims=1)']", "maxpool1 takes 3 axes, and is given 1×6×6"),
        ("layers = ['flatten', 'linear O=9']", "ends in 9 for an image, and must end in 10"),
        ("layers = ['flatten']\nRECIPE = {'rat': 1}", "RECIPE has no 'rat'"),
        ("layers = ['flatten', 'liner O=10']", "liner1: there is no layer 'liner'"),
        ("import nothing_there", "line 1: ModuleNotFoundError: No module named 'nothing_there'"),
        ("\nlayers = [", "line 2: SyntaxError: '[' was never closed"),
        ("def made():\n    return 1/0\nlayers = [made()]", "line 2: ZeroDivisionError"),
        ("raise SystemExit(3)", "line 1: SystemExit: 3"),
    ],
)
def test_networks_of_ones_own_that_do_not_fit(tmp_path: Path, text: str, message: str) -> None:
    done = command(str(network(tmp_path, text)), "--data", str(images(tmp_path)))
    assert done.exit_code == 2 and message in done.stderr


def test_the_list_names_everything() -> None:
    found = json.loads(command("--list", "--format", "json").stdout)
    assert {"presets", "data sets", "optimisers", "schedules"} <= set(found)
    assert "lenet" in {row["name"] for row in found["presets"]}
    assert "adamw" in command("--list").stdout
