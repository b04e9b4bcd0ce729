"""The gradients are right, but not where they are expected."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from verify.trying.reasons import Explanation, Observation, Observed

PRIORITY = 10


def explanations(evidence: Observed) -> Iterator[Explanation]:
    """What is returned for one tensor is the gradient with respect to another."""
    tensor = evidence.tensor
    for other in evidence.first.truths:
        if other != tensor:
            words = f"returned in another order: ∂L/∂{other} stands where ∂L/∂{tensor} is expected"
            yield Explanation(words, partial(_is_of, other))


def _is_of(other: str, o: Observation) -> bool:
    return o.shows(o.truths[other])
