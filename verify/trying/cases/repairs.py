"""Drawn sizes made to fit what a layer requires, so that nothing drawn is wasted."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from sympy import Expr

from derive.language.definition import Layer
from derive.language.terms import AtMost, Condition, Divides, Parameter, Same, Size, symbols_of
from verify.evaluation.sizes import Values, known

#: a case is also run in plain Python loops: so many entries at most in all tensors, and in the
#: largest input times the largest output
_ENTRIES, _WORK = 300, 3000
#: so often a size is raised by one, or a hyperparameter lowered
_TRIES = 40


def repaired(layer: Layer, values: Values) -> None:
    """Change sizes, and where that cannot help hyperparameters, until the requirements hold.

    What no rule here can repair stays as it is.
    """
    for condition in (*layer.requirements, *layer.requirements):
        if all(s in values for s in symbols_of(condition)):
            _repair(condition, values)


def _repair(condition: Condition, values: Values) -> None:
    if isinstance(condition, Divides):
        divisor, number = condition.args
        if isinstance(number, Size) and values[number] % max(1, known(divisor, values)):
            values[number] = known(divisor, values) * (1 + values[number] % 2)
    elif isinstance(condition, Same):
        size, meaning = condition.args
        if isinstance(size, Size):
            values[size] = known(meaning, values)
    elif isinstance(condition, AtMost):
        less, more = condition.args
        if isinstance(more, Size):
            values[more] = max(values[more], known(less, values))
        else:
            _lower(condition, values)


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
    for _, meaning in layer.definitions:
        symbols = [s for s in symbols_of(meaning) if isinstance(s, Size)]
        growing = [s for s in symbols if s in values and _grows(meaning, s, values)]
        for _ in range(_TRIES):
            if not growing or not least or known(meaning, values) >= least:
                break
            values[growing[0]] += 1


def small(layer: Layer, values: Values) -> None:
    """Lower sizes, large ones first, until plain loops run in milliseconds."""
    counts = _counts(layer, values)
    for _ in range(_TRIES):
        if _fits(layer, counts):
            return
        lower = next(_smaller(layer, values, sum(counts.values())), None)
        if lower is None:
            return
        values.update(lower)
        counts = _counts(layer, values)


def _smaller(layer: Layer, values: Values, total: int) -> Iterator[Values]:
    """The values with one size lowered, where that makes the tensors smaller."""
    for size in sorted(layer.sizes, key=lambda s: -int(values[s])):
        lower = {**values, size: values[size] - (values[size] + 2) // 3}
        repaired(layer, lower)
        roomy(layer, lower)
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


def _grows(meaning: Expr, symbol: Size, values: Values) -> bool:
    """Whether a size makes an output larger."""
    more = {**values, symbol: values[symbol] + _TRIES}
    return bool(known(meaning, more) > known(meaning, values))
