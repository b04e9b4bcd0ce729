"""Training: data, steps, the loop, and what the command prints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner, Result

import cli
from numeric.networks.training import SGD, Epoch, Run, Settings, completed, prepared, report

SHORT = Settings(epochs=2, batch=16, rate=0.02)


@pytest.fixture
def run() -> Callable[..., Run]:
    """A training on the first of the digits only."""

    def few(settings: Settings = SHORT, count: int = 96) -> Run:
        made = prepared("lenet", "digits", settings)
        return replace(
            made, split=replace(made.split, train=made.split.train.taken(np.arange(count)))
        )

    return few


def same(one: Run, other: Run) -> bool:
    """Whether two networks have the same parameters, bit for bit."""
    a, b = (r.classifier.network.parameters for r in (one, other))
    return a.keys() == b.keys() and all(np.array_equal(a[n], b[n]) for n in a)


# --- steps ------------------------------------------------------------------------------------


def test_momentum_by_hand() -> None:
    optimiser, w = SGD(rate=0.5, momentum=0.75), {"w": np.array([8.0], np.float32), "frozen": 1}
    for gradient, expected in [(4.0, 6.0), (0.0, 4.5), (-8.0, 7.375)]:
        optimiser.step(w, {"w": np.array([gradient], np.float32)})
        assert w["w"] == expected and w["w"].dtype == np.float32
    assert w["frozen"] == 1


@pytest.mark.parametrize("wrong", [{"rate": 0}, {"rate": -1}, {"momentum": 1}, {"momentum": -0.1}])
def test_steps_that_make_no_sense(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SGD(**wrong)


# --- the loop ---------------------------------------------------------------------------------


def test_training_lowers_the_loss_and_learns(run: Callable[..., Run]) -> None:
    made = run(Settings(epochs=12, batch=16, rate=0.02), 160)
    epochs, whole = completed(made)
    assert whole and [e.number for e in epochs] == list(range(1, 13))
    assert epochs[-1].loss < epochs[0].loss / 3
    assert epochs[-1].test > 0.5  # of ten classes
    assert epochs[-1].test == made.classifier.accuracy(made.split.test)


def test_an_epoch_says_what_its_batches_gave_before_each_step(run: Callable[..., Run]) -> None:
    """One batch that is everything: what the untrained network gives."""
    made, untrained = (run(Settings(epochs=1, batch=1000)) for _ in range(2))
    ((epoch,), _), classifier, train = completed(made), untrained.classifier, made.split.train
    assert epoch.train == classifier.accuracy(train) and not same(made, untrained)
    assert epoch.loss == pytest.approx(classifier.loss(train.images, train.labels), rel=1e-6)


def test_a_seed_gives_the_same_bits(run: Callable[..., Run]) -> None:
    one, again, other = run(), run(), run(replace(SHORT, seed=1))
    assert same(one, again) and not same(one, other)
    results = [[(e.loss, e.train, e.test) for e in completed(r)[0]] for r in (one, again)]
    assert results[0] == results[1] and same(one, again) and not same(one, run())


def test_test_images_are_not_learnt_from(run: Callable[..., Run]) -> None:
    one, other = run(), run()
    other = replace(other, split=replace(other.split, test=other.split.test.taken(np.arange(5))))
    completed(one), completed(other)
    assert same(one, other)


def test_progress_counts_every_batch(run: Callable[..., Run]) -> None:
    seen: list[tuple[int, int]] = []
    completed(run(), lambda done, total: seen.append((done, total)))
    assert seen == [(n, 12) for n in range(1, 13)]


def test_ctrl_c_keeps_what_was_complete(run: Callable[..., Run]) -> None:
    made = run()

    def interrupt(done: int, total: int) -> None:
        if done == 8:
            raise KeyboardInterrupt

    epochs, whole = completed(made, interrupt)
    assert not whole and len(epochs) == 1
    assert "interrupted after 1 of 2 epochs" in report(made, epochs)
    assert "interrupted after 0 of 2 epochs" in report(made, [])


def test_a_loss_that_is_no_number_ends_it(run: Callable[..., Run]) -> None:
    with pytest.raises(ValueError, match="no longer finite in epoch 1: the learning rate, 1e"):
        completed(run(replace(SHORT, rate=1e30)))


def test_the_report(run: Callable[..., Run]) -> None:
    epochs = [Epoch(1, 2.30259, 0.1, 0.125, 1.26), Epoch(2, 0.5, 0.9, 0.98, 1.0)]
    assert report(run(), epochs) == (
        "lenet on digits: 21,386 parameters, seed 0\n"
        "96 images to train on, 359 held out to test on; 1×8×8, 10 classes\n"
        "SGD, 16 images a batch, learning rate 0.02, momentum 0.9\n"
        "\n"
        "epoch    loss  train   test  seconds\n"
        "    1  2.3026  10.0%  12.5%      1.3\n"
        "    2  0.5000  90.0%  98.0%      1.0\n"
        "\n"
        "test accuracy 98.0% in 2.3 seconds\n"
    )


# --- the command ------------------------------------------------------------------------------


def command(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, ["train", *arguments])


def test_the_command_prints_a_table() -> None:
    done = command("lenet", "--data", "digits", "--epochs", "1", "--batch", "64", "--seed", "3")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("lenet on digits: 21,386 parameters, seed 3\n")
    assert "test accuracy" in done.stdout.splitlines()[-1] and done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["vgg", "--data", "digits"], "there is no preset 'vgg'; there are: lenet"),
        (["lenet", "--data", "x"], "there is no data set 'x', and no such file; there are: digits"),
        (["lenet", "--data", "digits", "--epochs", "0"], "epochs must be at least 1, not 0"),
        (["lenet", "--data", "digits", "--seed", "-1"], "seed must be at least 0, not -1"),
    ],
)
def test_wrong_use(arguments: list[str], message: str) -> None:
    done = command(*arguments)
    assert done.exit_code == 2 and message in done.stderr
