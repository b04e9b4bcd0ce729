"""What becomes of the mutants of a layer's own functions, and of its formulas."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.mutation.code import wrong_modules
from benchmarks.mutation.layers import layer
from benchmarks.mutation.modules import modules
from benchmarks.mutation.results import Earlier, Result, formula_results, results

#: called with each result
Tell = Callable[[Result], object]


def of_layer(name: str, target: str, earlier: Earlier, tell: Tell) -> list[Result]:
    """All mutants of the functions of one layer alone, and of its formulas."""
    found = []
    for result in _results(name, target, earlier):
        tell(result)
        found.append(result)
    return found


def _results(name: str, target: str, earlier: Earlier) -> Iterator[Result]:
    first, *others = modules(name, target, earlier)
    yield from results(first)
    yield from formula_results(first, wrong_modules(layer(name), target))
    for module in others:
        yield from results(module)
