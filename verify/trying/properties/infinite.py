"""Infinite entries: what a mask leaves of exponents, and logits beyond all bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.language.definition import Layer
from derive.language.functions import FUNCTIONS
from derive.language.terms import subterms
from verify.trying.numbers import tolerance
from verify.trying.subject import Arrays, Failure, Skipped
from verify.trying.trial import Trial
from verify.trying.truth import Truth, as_mapping

PRIORITY = 47
NAME = "infinite entries"

_ELEMENTWISE = tuple(f.node for f in FUNCTIONS.values())
#: what may take an entry's place
_NUMBERS = (-np.inf, -np.inf, np.inf)


def applies(layer: Layer) -> str:
    """Where nothing but sums and products is computed, an infinite entry is of no use."""
    nodes = (node for e in layer.equations for node in subterms(e.explicit))
    found = any(isinstance(node, _ELEMENTWISE) for node in nodes)
    return "" if found else "no exponentials, logarithms or the like"


def examine(trial: Trial) -> Failure | None:
    """Where some entries are −∞ or ∞, outputs and gradients are what plain loops make of them.

    In one tensor after the other, in floats, up to U·ε·(largest finite entry).  Left out are
    outputs for which the loops have no number, such as ∞ − ∞, and gradients that are not finite;
    all of them where a loss is not finite.
    """
    found = trial.truth.once(NAME, lambda: list(_known(trial.truth)))
    if not found:
        raise Skipped("there is no entry")
    with np.errstate(all="ignore"):  # ∞ − ∞ on the way is no mistake
        wrong = (_examined(trial, known) for known in found)
        return next((failure for failure in wrong if failure is not None), None)


def _examined(trial: Trial, known: _Known) -> Failure | None:
    wrong = _wrong(trial, trial.forward(known.inputs), known.outputs, "the output {}")
    if wrong or not known.gradients:
        return wrong
    made = trial.backward(known.inputs, known.upstream)
    return _wrong(trial, made, known.gradients, "∂L/∂{}")


@dataclass(frozen=True)
class _Known:
    """Arrays with infinite entries, and what loops make of them: NaN where nothing is known."""

    inputs: Arrays
    upstream: Arrays
    outputs: Arrays
    gradients: Arrays


def _known(truth: Truth) -> Iterator[_Known]:
    draw = Random(repr([array.entries for array in truth.case.tensors.values()]))
    inputs, upstream = truth.floats(np.float64)
    for name in truth.subject.differentiable:
        given = {**inputs, name: _replaced(inputs[name], draw)}
        if given[name].size:
            with np.errstate(all="ignore"):
                yield _Known(given, upstream, *_by_loops(truth, given, upstream))


def _replaced(array: NDArray[Any], draw: Random) -> NDArray[Any]:
    """About one entry of three replaced."""
    entries = [draw.choice((v, v, draw.choice(_NUMBERS))) for v in array.ravel().tolist()]
    return np.array(entries).reshape(array.shape)


def _by_loops(truth: Truth, inputs: Arrays, upstream: Arrays) -> tuple[Arrays, Arrays]:
    options, loops = truth.options_for(inputs), truth.subject.loops
    outputs = as_mapping(loops.forward(**inputs, **options), truth.subject.outputs)
    if truth.subject.is_loss and not all(np.isfinite(y).all() for y in outputs.values()):
        return outputs, {}
    try:
        made = loops.backward(upstream, **inputs, **options)
    except ArithmeticError:
        return outputs, {}
    finite = {n: np.asarray(a, np.float64) for n, a in made.items()}
    return outputs, {n: np.where(np.isfinite(a), a, np.nan) for n, a in finite.items()}


def _wrong(
    trial: Trial, made: Mapping[str, NDArray[Any]], right: Arrays, what: str
) -> Failure | None:
    for name, expected in right.items():
        if made[name].shape != expected.shape or not _agree(made[name], expected):
            words = f"for infinite entries {what.format(name)} is wrong"
            return Failure(words, trial.last, name, expected, made[name])
    return None


def _agree(made: NDArray[Any], expected: NDArray[Any]) -> bool:
    """Whether they agree where something is expected."""
    known = ~np.isnan(expected)
    finite = np.abs(expected[np.isfinite(expected)])
    allowed = tolerance(np.float64, 1 + float(finite.max(initial=0.0)))
    return bool(np.allclose(made[known], expected[known], rtol=0, atol=allowed))
