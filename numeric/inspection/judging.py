"""Answers of a network, held against the truth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

import derive
import numeric
from numeric.data.sets import Array
from numeric.networks import Classifier, Network


def probabilities(network: Network, images: Array) -> Array:
    """The softmax [N, C] of the logits for images as the network is given them."""
    logits = Classifier(network).logits(images)
    softmax = numeric.compile(derive.layer("softmax"), target=network.target)
    found: Array = softmax.forward(x=logits)
    return found


@dataclass(frozen=True)
class Judgement:
    """``answers`` [N, C], probabilities, beside the true ``labels`` [N]."""

    answers: Array
    labels: Array

    @cached_property
    def chosen(self) -> Array:
        """The class [N] of the largest probability."""
        found: Array = self.answers.argmax(1)
        return found

    @property
    def accuracy(self) -> float:
        return float((self.chosen == self.labels).mean())

    @property
    def standard_error(self) -> float:
        """That of the accuracy p of n images: √(p·(1 − p)/n)."""
        p = self.accuracy
        return float((p * (1 - p) / len(self.labels)) ** 0.5)

    @cached_property
    def confusion(self) -> Array:
        """How many images [C, C] of each class, by row, are taken for each, by column."""
        count = self.answers.shape[1]
        places = self.labels * count + self.chosen
        return np.bincount(places, minlength=count * count).reshape(count, count)

    @cached_property
    def mistakes(self) -> Array:
        """The numbers of the images taken for another class, the most confident first."""
        wrong = np.flatnonzero(self.chosen != self.labels)
        confidence = self.answers[wrong, self.chosen[wrong]]
        return wrong[np.argsort(-confidence, kind="stable")]


def judgement(network: Network, images: Array, labels: Array) -> Judgement:
    """Of images as the network is given them; ``ValueError`` if there are none."""
    if not len(images):
        raise ValueError("there are no images to judge by")
    return Judgement(probabilities(network, images), labels)
