"""One training by its record, and its figures."""

from __future__ import annotations

from typing import TypeVar

from numeric.data import DataSet, Partition, Preprocessing
from numeric.experiments.plan import Images, Record
from numeric.initialisations import initial
from numeric.networks import Network, parsed
from numeric.training import loop
from numeric.training.preparing import check_logits, optimiser_of
from numeric.training.recipe import Recipe
from numeric.training.state import Training
from numeric.training.streams import stream

Kind = TypeVar("Kind", bound=Training)


def begun(run: Record) -> Training:
    """The training of a record, before its first step."""
    return training(run, Images.of(run["data"]).parts(run["seed"]))


def training(run: Record, parts: Partition) -> Training:
    """The training of a record on these images."""
    made = assembled(Training, run, parts)
    check_logits(made.network, len(parts.train.classes))
    return made


def assembled(kind: type[Kind], run: Record, parts: Partition) -> Kind:
    """A training of that kind, from a record and images; the weights are new."""
    recipe = Recipe.of(run["recipe"])
    _, made = parsed(run["network"])
    shape = parts.train.shape
    drawn = initial(made, shape, stream(recipe.seed, "weights"), recipe.initial)
    network = Network(made, shape, drawn, None, run["target"], threads=1)
    title = f"{run['experiment']}, {run['variant']}, seed {run['seed']}"
    prepare, optimiser = Preprocessing.fitted(parts.train), optimiser_of(recipe, network)
    return kind(title, run["data"]["source"], network, parts, prepare, recipe, optimiser)


def fitted(run: Record) -> Training:
    """The training of a record, at its end; ``ValueError`` names it where it diverges."""
    made = begun(run)
    finished(made)
    return made


def finished(made: Training) -> None:
    """Train to the end."""
    try:
        for _ in loop.epochs(made):
            pass
    except loop.Diverged as error:
        raise ValueError(f"{made.title}: {error}") from None


def figures(made: Training) -> Record:
    """Accuracies as fractions: ``test`` and ``train`` in evaluation, images as they are, and
    ``gap``, their difference; ``loss`` and ``validation`` after each epoch.
    """
    test, train = (accuracy(made, getattr(made.parts, part)) for part in ("test", "train"))
    return {
        "test": test,
        "train": train,
        "gap": train - test,
        "loss": [epoch.loss for epoch in made.epochs],
        "validation": [epoch.validation_accuracy for epoch in made.epochs],
    }


def accuracy(made: Training, part: DataSet) -> float:
    """The share of images classified rightly, some at a time."""
    right = sum(
        made.classifier.accuracy(made.prepared(batch)) * len(batch) for batch in part.batches(1024)
    )
    return right / len(part)
