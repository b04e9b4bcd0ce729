"""``derive train`` in double precision against a training that nobody here generated.

Both begin with the same weights and see the same batches, changed images, masks and rates; the
other one's forward, gradients, steps and running statistics are PyTorch's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from numeric.networks import Classifier
from numeric.optimisers import OPTIMISERS, Optimiser
from numeric.presets import PRESETS
from numeric.training import loop
from numeric.training.preparing import prepared
from numeric.training.state import Training

pytest.importorskip("torch")

#: presets for ImageNet are too large to train here
SMALL = ["alexnet-small", "lenet", "resnet-small", "vgg-small"]
RATES = {"sgd": 0.02, "nesterov": 0.02, "adam": 1e-3, "adamw": 1e-3}
STEPS, BATCH, DECAY = 100, 4, 1e-3
CHANGES = ("affine(degrees=10, shift=0.7, scale=0.1)", "crop(pixels=1)")


def training(preset: str, optimiser: str) -> Training:
    given = {"epochs": 1, "batch": BATCH, "rate": RATES[optimiser], "augment": CHANGES}
    given["optimiser"] = f"{optimiser}(decay={DECAY})"
    made = prepared(preset, "digits", given, target="fast", threads=1, dtype=np.float64)
    made.parts = type(made.parts)(
        made.parts.train.taken(np.arange(STEPS * BATCH)),
        made.parts.validation.taken(np.arange(2)),
        made.parts.test,
    )
    return made


def watched(made: Training, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Train; what each step was given and its loss, copied before the step."""
    steps: list[dict[str, Any]] = []
    judged, step = Classifier.judged, Optimiser.step

    def seen(self: Classifier, batch: Any, wrt: Any = None, drawn: Any = None) -> Any:
        found = judged(self, batch, wrt, drawn)
        masks = {name: mask.copy() for name, mask in drawn.items()}
        images = batch.images.copy()
        steps.append({"images": images, "labels": batch.labels, "masks": masks, "loss": found.loss})
        return found

    def stepped(self: Optimiser, parameters: Any, gradients: Any, rate: float) -> None:
        steps[-1]["rate"] = rate
        step(self, parameters, gradients, rate)

    monkeypatch.setattr(Classifier, "judged", seen)
    monkeypatch.setattr(Optimiser, "step", stepped)
    list(loop.epochs(made))
    monkeypatch.undo()
    return steps


def test_all_presets_and_optimisers_are_compared() -> None:
    from tests.numeric.trust import reference

    assert set(SMALL) == set(reference.PRESETS)
    assert set(SMALL) == {n for n in PRESETS.names() if PRESETS.get(n).INPUT[1] <= 32}
    assert set(RATES) == set(reference.OPTIMISERS) == set(OPTIMISERS.names())


def far(ours: list[float], theirs: list[float]) -> np.ndarray:
    """The relative difference at each step."""
    return np.abs(np.array(ours) / theirs - 1)


@pytest.mark.complete
@pytest.mark.parametrize("preset", SMALL)
def test_losses_agree_with_an_independent_training(
    preset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over a hundred steps with each optimiser, to a relative 1e-9; and so do the numbers at the
    end, weights and running statistics.
    """
    from tests.numeric.trust import reference  # it imports PyTorch

    for optimiser in RATES:
        made = training(preset, optimiser)
        net = reference.Net(made.network.parameters, made.network.buffers)
        steps = watched(made, monkeypatch)
        theirs = reference.losses(preset, optimiser, DECAY, net, steps)
        ours = [step["loss"] for step in steps]
        assert len(ours) == STEPS and len({step["rate"] for step in steps}) > 50
        assert far(ours, theirs).max() < 1e-9, f"{optimiser}: {far(ours, theirs)}"
        for name, array in made.network.arrays.items():
            other = net.p[name].detach() if name in net.p else net.running[name]
            np.testing.assert_allclose(array, other, rtol=1e-7, atol=1e-9, err_msg=name)


@pytest.mark.complete
def test_a_training_that_differs_a_little_does_not_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.numeric.trust import reference  # it imports PyTorch

    made = training("lenet", "nesterov")
    start = {name: array.copy() for name, array in made.network.parameters.items()}
    steps = watched(made, monkeypatch)
    ours = [step["loss"] for step in steps]
    wrong = {
        "the decay": (1.001 * DECAY, steps),
        "one rate": (
            DECAY,
            [{**s, "rate": s["rate"] + 1e-7 * (n == 3)} for n, s in enumerate(steps)],
        ),
        "one image": (
            DECAY,
            [*steps[:5], {**steps[5], "images": steps[5]["images"] + 1e-6}, *steps[6:]],
        ),
    }
    for name, (decay, other) in wrong.items():
        theirs = reference.losses("lenet", "nesterov", decay, reference.Net(start, {}), other)
        assert far(ours, theirs).max() > 1e-9, name
