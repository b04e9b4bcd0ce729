"""Cases for testing the code of a layer: sizes, hyperparameters and tensors, valid by construction.

Mistakes live at the edges, so these come up often: size 1, a stride beyond the kernel, strides that
do not divide, different sizes along different axes, an empty batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any

from derive.definition import Hyperparameter, Layer
from derive.terms import RealParameter
from verify.candidates.cases import Case, Filler
from verify.claims.sizes import Sizes
from verify.sizes import Values
from verify.testing.numbers import REALS, numbers_of
from verify.testing.repairs import repaired, roomy, small, tabled
from verify.testing.subject import Subject

#: one of several values, the simplest first
Choose = Callable[[Sequence[Any]], Any]

#: sizes, the simplest first, each as often as it stands here
_SIZES = (1, 2, 1, 2, 3, 2, 3, 1, 4, 3, 5, 4, 6, 7, 9)
#: what is added to a hyperparameter's smallest value
_STEPS = (0, 1, 0, 1, 2, 2, 3, 5)
#: the least sizes of an output
_OUTPUTS = (1, 2, 3, 1)
#: how often something is empty
_EMPTY = (False,) * 6 + (True,)
#: so many different fillings of the same tensors
_SEEDS = range(2**16)


def drawn(subject: Subject, count: int, seed: int) -> list[Case]:
    """Always the same cases for a seed."""
    choose = Random(seed).choice
    cases = (drawn_case(choose, subject.layer, subject.upstream) for _ in range(2 * count))
    return [case for case in cases if case is not None][:count]


def drawn_case(choose: Choose, layer: Layer, upstream: Mapping[str, str]) -> Case | None:
    """A case with distinct entries, none of them zero; ``upstream`` names g for each output.

    None where the layer forbids the sizes in a way that no repair here knows.
    """
    values = drawn_sizes(choose, layer)
    filler = Filler(layer, upstream, choose(_SEEDS))
    if values is None:
        return None
    return filler.eighths(values) if numbers_of(layer) == REALS else filler.whole(values)


def drawn_sizes(choose: Choose, layer: Layer) -> Values | None:
    """Values of all sizes and hyperparameters.

    Most leave no tensor empty; in about one of seven a size is zero, the first one most often: the
    batch.
    """
    empty = choose(_EMPTY)
    values: Values = {h.symbol: choose(_values(h)) for h in layer.hyperparameters}
    values |= {size: choose(_SIZES) for size in layer.sizes}
    repaired(layer, values)
    roomy(layer, values, choose(_OUTPUTS))
    small(layer, values)
    if empty and layer.sizes:
        values[choose((layer.sizes[0], *layer.sizes))] = 0
        repaired(layer, values)
    tabled(layer, values)
    return Sizes(layer).completed(values)


def _values(h: Hyperparameter) -> list[Any]:
    if isinstance(h.symbol, RealParameter):
        usual = Fraction(3, 2) if h.default is None else h.default
        return [usual, Fraction(1, 2), Fraction(2)]
    low = -1 if h.minimum is None else h.minimum
    return [low + step for step in _STEPS]
