"""Cases for testing the code of a layer: sizes, hyperparameters and tensors, valid by construction.

Mistakes live at the edges, so these come up often: size 1, a stride beyond the kernel, strides that
do not divide, different sizes along different axes, an empty batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any

from derive.language.definition import Hyperparameter, Layer
from derive.language.terms import Parameter, RealParameter, Size, symbols_of
from verify.evaluation.sizes import Values, known
from verify.evaluation.small_sizes import Sizes
from verify.trying.cases.case import Case, Filler
from verify.trying.cases.repairs import repaired, roomy, small, tabled
from verify.trying.numbers import REALS, numbers_of
from verify.trying.subject import Subject

#: one of several values, the simplest first
Choose = Callable[[Sequence[Any]], Any]

#: sizes, the simplest first, each as often as it stands here
_SIZES = (1, 2, 1, 2, 3, 2, 3, 1, 4, 3, 5, 4, 6, 7, 9)
#: what is added to a hyperparameter's smallest value
_STEPS = (0, 1, 0, 1, 2, 2, 3, 5)
#: which of a hyperparameter's values is taken for a wide window
_WIDE = 4
#: the least sizes of an output
_OUTPUTS = (1, 2, 3, 1)
#: how often something is empty
_EMPTY = (False,) * 6 + (True,)
#: so many different fillings of the same tensors
_SEEDS = range(2**16)


def drawn(subject: Subject, count: int, seed: int) -> list[Case]:
    """Always the same cases for a seed, and those in which one size is zero."""
    choose, layer, upstream = Random(seed).choice, subject.layer, subject.upstream
    edges = (_filled(layer, upstream, 0, emptied(layer, size)) for size in layer.sizes)
    cases = (drawn_case(choose, layer, upstream) for _ in range(2 * count))
    found = [case for case in cases if case is not None][:count]
    return [*found, *(case for case in edges if case is not None)]


def drawn_case(choose: Choose, layer: Layer, upstream: Mapping[str, str]) -> Case | None:
    """A case with distinct entries, none of them zero; ``upstream`` names g for each output.

    None where the layer forbids the sizes in a way that no repair here knows.
    """
    values = drawn_sizes(choose, layer)
    return _filled(layer, upstream, choose(_SEEDS), values)


def _filled(
    layer: Layer, upstream: Mapping[str, str], seed: int, values: Values | None
) -> Case | None:
    """The tensors of a case, if there are sizes."""
    if values is None:
        return None
    filler = Filler(layer, upstream, seed)
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


def emptied(layer: Layer, size: Size) -> Values | None:
    """Nothing along one axis, and windows as much larger as a hyperparameter makes them.

    Where the layer does not allow a size of zero, it is as small as it may be.
    """
    values: Values = {h.symbol: _values(h)[0] for h in layer.hyperparameters}
    values |= dict.fromkeys(layer.sizes, 3)
    values[size] = 0
    for h in (h for h in layer.hyperparameters if isinstance(h.symbol, Parameter)):
        other = {**values, h.symbol: _values(h)[_WIDE]}
        if _length(layer, size, other) < _length(layer, size, values):
            values = other
    repaired(layer, values)
    small(layer, values)
    tabled(layer, values)
    return Sizes(layer).completed(values)


def _length(layer: Layer, size: Size, values: Values) -> int:
    """The sum of the sizes that are made from this one; negative where windows are larger."""
    everything = dict(values)
    for made, meaning in layer.definitions:
        everything[made] = known(meaning, everything)
    return sum(everything[made] for made, m in layer.definitions if size in symbols_of(m))


def _values(h: Hyperparameter) -> list[Any]:
    if isinstance(h.symbol, RealParameter):
        usual = Fraction(3, 2) if h.default is None else h.default
        return [usual, Fraction(1, 2), Fraction(2)]
    low = -1 if h.minimum is None else h.minimum
    return [low + step for step in _STEPS]
