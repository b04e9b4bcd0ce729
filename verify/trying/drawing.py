"""Cases for testing the code of a layer: sizes, hyperparameters and tensors, valid by construction.

Mistakes live at the edges, so these come up often: size 1, a stride beyond the kernel, strides that
do not divide, different sizes along different axes, an empty batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from math import prod
from random import Random
from typing import Any

from sympy import Expr, Symbol

from derive.language.definition import Hyperparameter, Layer
from derive.language.terms import (
    AtMost,
    Condition,
    Divides,
    Parameter,
    RealParameter,
    Same,
    Size,
    symbols_of,
)
from verify.evaluation.compiled import Values
from verify.evaluation.sizes import known
from verify.evaluation.small_sizes import Sizes
from verify.trying.case import Case, Filler
from verify.trying.numbers import REALS, has_domain, numbers_of
from verify.trying.subject import LayerUnderTest
from verify.trying.truth import Truth

#: one of several values, the simplest first
Choose = Callable[[Sequence[Any]], Any]

#: sizes, the simplest first, each as often as it stands here
_SIZES = (1, 2, 1, 2, 3, 2, 3, 1, 4, 3, 5, 4, 6, 7, 9)
#: what is added to a hyperparameter's smallest value
_STEPS = (0, 1, 0, 1, 2, 2, 3, 5)
#: a table's entries below this have squares that some integers cannot hold
_FAR = 20
#: which of a hyperparameter's values is taken for a wide window
_WIDE = 4
#: the least sizes of an output: where it is 1, nothing is seen of strides, nor of what is behind
_OUTPUTS = (1, 2, 3, 2, 3, 4)
#: how often something is empty
_EMPTY = (False,) * 6 + (True,)
#: so many different fillings of the same tensors
_SEEDS = range(2**16)

#: so many draws say where a layer has values of which a case computes none
_LOOKED_AT = 8

#: what is tried in turn until logarithms and roots have a value
_INWARDS: tuple[Callable[[Any], Any], ...] = (
    lambda v: v,
    abs,
    lambda v: abs(v) + 4,
    lambda v: v / 64,
)

#: a case is also run in plain Python loops: so many entries at most in all tensors, and in the
#: largest input times the largest output
_ENTRIES, _WORK = 300, 3000
#: so often a size is raised by one, or a hyperparameter lowered
_TRIES = 40


def drawn(subject: LayerUnderTest, count: int, seed: int) -> list[Case]:
    """Always the same cases for a seed, and those in which one size is zero, or all are."""
    choose, layer = Random(seed).choice, subject.layer
    empty = dict.fromkeys([*((size,) for size in layer.sizes), layer.sizes])
    edges = (_filled(subject, 0, emptied(layer, sizes)) for sizes in empty if sizes)
    cases = (drawn_case(choose, subject) for _ in range(2 * count))
    found = [case for case in cases if case is not None][:count]
    return [*found, *(case for case in edges if case is not None)]


def drawn_case(choose: Choose, subject: LayerUnderTest) -> Case | None:
    """A case with distinct entries, none of them zero.

    None where the layer forbids the sizes in a way that no repair here knows.
    """
    values = drawn_sizes(choose, Sizes(subject.layer))
    if values is not None:
        reals = [h for h in subject.layer.hyperparameters if isinstance(h.symbol, RealParameter)]
        values |= {h.symbol: choose(_reals(h, values[h.symbol])) for h in reals}
    return _filled(subject, choose(_SEEDS), values)


def _reals(h: Hyperparameter, value: Fraction) -> list[Fraction]:
    """What a real hyperparameter may be instead: generated code is for all its values."""
    found = [value, value, value, -value, Fraction(0), Fraction(1)]
    return [v for v in found if h.minimum is None or v >= h.minimum]


def _filled(subject: LayerUnderTest, seed: int, values: Values | None) -> Case | None:
    """The tensors of a case, if there are sizes; inside the domain of logarithms and roots.

    Where nothing is computed the entries are such as would do for ordinary sizes: a root of a
    negative number is none, whether or not it is a factor of an empty sum.
    """
    if values is None:
        return None
    filler = Filler(subject.layer, subject.upstream, seed)
    if numbers_of(subject.layer) != REALS:
        return filler.whole(values)
    case = filler.eighths(values)
    if not has_domain(subject.layer):
        return case
    judged = (case,) if all(values[s] for s in subject.layer.sizes) else _ordinary(subject, values)
    change = next((c for c in _INWARDS if _valued(subject, judged, c)), _INWARDS[0])
    return _changed(case, change, subject.differentiable)


def _ordinary(subject: LayerUnderTest, values: Values) -> list[Case]:
    """Cases with the same hyperparameters and no size of zero."""
    filler = Filler(subject.layer, subject.upstream)
    held: Values = {s: v for s, v in values.items() if isinstance(s, Parameter | RealParameter)}
    sizes = Sizes(subject.layer, held=held)
    found = (drawn_sizes(Random(seed).choice, sizes) for seed in range(_LOOKED_AT))
    return [filler.eighths(v) for v in found if v and all(v[s] for s in subject.layer.sizes)]


def _valued(subject: LayerUnderTest, cases: Sequence[Case], change: Callable[[Any], Any]) -> bool:
    """Whether the layer has a value in all the cases, their entries changed."""
    changed = (_changed(case, change, subject.differentiable) for case in cases)
    return all(Truth(subject, case).has_values for case in changed)


def _changed(case: Case, change: Callable[[Any], Any], names: Sequence[str]) -> Case:
    tensors = {n: a.map(change) if n in names else a for n, a in case.tensors.items()}
    return replace(case, tensors=tensors)


def drawn_sizes(choose: Choose, sizes: Sizes) -> Values | None:
    """Values of all sizes and hyperparameters, those that are held among them.

    Most leave no tensor empty; in about one of seven a size is zero, the first one most often: the
    batch; or all are.
    """
    layer = sizes.layer
    empty = choose(_EMPTY)
    values: Values = {h.symbol: choose(_values(h)) for h in layer.hyperparameters}
    bounds = dict.fromkeys(t.below for t in layer.tensors if isinstance(t.below, Parameter))
    values |= {bound: choose((values[bound], _FAR)) for bound in bounds}
    values |= {size: choose(_SIZES) for size in layer.sizes}
    repaired(layer, values)
    least = choose(_OUTPUTS)
    roomy(layer, values, least)
    small(layer, values, least)
    if empty and layer.sizes:
        single = [(size,) for size in (layer.sizes[0], *layer.sizes)]
        values.update(dict.fromkeys(choose([*single, layer.sizes]), 0))
        repaired(layer, values)
    tabled(layer, values)
    return sizes.completed({**values, **sizes.held})


def emptied(layer: Layer, sizes: Sequence[Size]) -> Values | None:
    """Nothing along some axes, and windows as much larger as a hyperparameter makes them.

    Where the layer does not allow a size of zero, it is as small as it may be.
    """
    values: Values = {h.symbol: _values(h)[0] for h in layer.hyperparameters}
    values.update({s: 0 if s in sizes else 3 for s in layer.sizes})
    for h in (h for h in layer.hyperparameters if isinstance(h.symbol, Parameter)):
        other = {**values, h.symbol: _values(h)[_WIDE]}
        if _length(layer, sizes, other) < _length(layer, sizes, values):
            values = other
    repaired(layer, values)
    small(layer, values)
    tabled(layer, values)
    return Sizes(layer).completed(values)


def _length(layer: Layer, sizes: Sequence[Size], values: Values) -> int:
    """The sum of the sizes that are made from these; negative where windows are larger."""
    everything = dict(values)
    for made, meaning in layer.definitions:
        everything[made] = known(meaning, everything)
    return sum(everything[made] for made, m in layer.definitions if {*sizes} & {*symbols_of(m)})


def _values(h: Hyperparameter) -> list[Any]:
    if isinstance(h.symbol, RealParameter):
        usual = Fraction(3, 2) if h.default is None else h.default
        return [usual, Fraction(1, 2), Fraction(2)]
    low = -1 if h.minimum is None else h.minimum
    return [low + step for step in _STEPS]


# --- drawn sizes made to fit what a layer requires, so that nothing drawn is wasted --------------


def repaired(layer: Layer, values: Values) -> None:
    """Change sizes, and where that cannot help hyperparameters, until the requirements hold.

    What no rule here can repair stays as it is.
    """
    for condition in (*layer.requirements, *layer.requirements):
        if all(s in values for s in symbols_of(condition)):
            _repair(condition, values)
        elif isinstance(condition, Same) and condition.args[0] in values:
            _repair_same(condition, values, _with_outputs(layer, values))


def _repair(condition: Condition, values: Values) -> None:
    if isinstance(condition, Divides):
        divisor, number = condition.args
        if isinstance(number, Size) and values[number] % max(1, known(divisor, values)):
            values[number] = known(divisor, values) * (1 + values[number] % 3)
    elif isinstance(condition, Same):
        _repair_same(condition, values, values)
    elif isinstance(condition, AtMost):
        less, more = condition.args
        if isinstance(more, Size):
            values[more] = max(values[more], known(less, values))
        else:
            _lower(condition, values)


def _repair_same(condition: Same, values: Values, everything: Values) -> None:
    """Make a size what it is said to be, where all that it is made of has a value."""
    size, meaning = condition.args
    if isinstance(size, Size) and all(s in everything for s in symbols_of(meaning)):
        values[size] = known(meaning, everything)


def _with_outputs(layer: Layer, values: Values) -> Values:
    """The values, and those of the output sizes that are made from them."""
    everything = dict(values)
    for size, meaning in layer.definitions:
        if all(s in everything for s in symbols_of(meaning)):
            everything[size] = max(0, known(meaning, everything))
    return everything


def _lower(condition: AtMost, values: Values) -> None:
    """Lower the hyperparameters on the smaller side, as for a padding of at most half a kernel."""
    less, more = condition.args
    for symbol in symbols_of(less):
        while isinstance(symbol, Parameter) and known(less, values) > known(more, values):
            if values[symbol] <= 0:
                break
            values[symbol] -= 1


def roomy(layer: Layer, values: Values, least: int = 1) -> None:
    """Raise sizes until every output is so long at least: an image that the kernel fits into.

    With 0 nothing is raised.
    """
    behind: dict[Symbol, list[Symbol]] = {}
    for size, meaning in layer.definitions:
        symbols = [b for s in symbols_of(meaning) for b in behind.get(s, [s])]
        behind[size] = list(dict.fromkeys(symbols))
        sizes = [s for s in behind[size] if isinstance(s, Size) and s in values]
        length = _length_of(layer, meaning, values)
        if length >= least:
            continue
        growing = next((s for s in sizes if _grows(layer, meaning, s, values, length)), None)
        for _ in range(_TRIES):
            if growing is None or length >= least:
                break
            values[growing] += 1
            length = _length_of(layer, meaning, values)


def small(layer: Layer, values: Values, least: int = 1) -> None:
    """Lower sizes, large ones first, until plain loops run in milliseconds.

    One size is lowered last, another one from case to case: a long axis beside short ones.
    Outputs stay so long at least, if that can be.
    """
    kept = (*layer.sizes, None)[sum(map(int, values.values())) % (len(layer.sizes) + 1)]
    counts = _counts(layer, values)
    for _ in range(_TRIES):
        if _fits(layer, counts):
            return
        lower = next(_smaller(layer, values, sum(counts.values()), kept, least), None)
        if lower is None:
            break
        values.update(lower)
        counts = _counts(layer, values)
    if least > 1:
        small(layer, values, least - 1)


def _smaller(
    layer: Layer, values: Values, total: int, kept: Size | None, least: int
) -> Iterator[Values]:
    """The values with one size lowered, where that makes the tensors smaller.

    One becomes zero only where outputs need not be long either.
    """
    some = [s for s in layer.sizes if values[s] > 1 or least == 1]
    for size in sorted(some, key=lambda s: (values[s] <= 1, s == kept, -int(values[s]))):
        lower = {**values, size: values[size] - (values[size] + 2) // 3}
        repaired(layer, lower)
        roomy(layer, lower, least)
        if sum(_counts(layer, lower).values()) < total:
            yield lower


def tabled(layer: Layer, values: Values) -> None:
    """Empty the tables that have nothing to point to."""
    for tensor in layer.tensors:
        if tensor.below is not None and known(tensor.below, values) <= 0:
            for axis in tensor.axes:
                if isinstance(axis.size, Size):
                    values[axis.size] = 0


def _fits(layer: Layer, counts: dict[str, int]) -> bool:
    inputs = max((counts[t.name] for t in layer.tensors), default=1)
    outputs = max(counts[e.name] for e in layer.outputs)
    return sum(counts.values()) <= _ENTRIES and inputs * outputs <= _WORK


def _counts(layer: Layer, values: Values) -> dict[str, int]:
    """How many entries each input and each output has."""
    everything = dict(values)
    for size, meaning in layer.definitions:
        everything[size] = max(0, known(meaning, everything))
    names = [*(t.name for t in layer.tensors), *(e.name for e in layer.outputs)]
    return {n: prod(max(0, known(m, everything)) for m in layer.shape(n)) for n in names}


def _grows(layer: Layer, meaning: Expr, symbol: Symbol, values: Values, length: int) -> bool:
    """Whether a size makes an output larger than that."""
    more = {**values, symbol: values[symbol] + _TRIES}
    return _length_of(layer, meaning, more) > length


def _length_of(layer: Layer, meaning: Expr, values: Values) -> int:
    """An output's size, which may be made from those of others."""
    return int(known(meaning, _with_outputs(layer, values)))
