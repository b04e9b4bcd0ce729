"""What becomes of the mutants of a layer's own functions, and of those that modules share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

import numeric
from benchmarks.mutation.code import code_of_text, wrong_modules
from benchmarks.mutation.layers import layer
from benchmarks.mutation.results import Module, Result, formula_results, results, tried
from benchmarks.mutation.scoring import killer, truths
from benchmarks.mutation.texts import Mutant, functions_of, mutants
from numeric.emission.embedding import parts
from numeric.examination import subject_of
from numeric.targets.fast import TEMPLATES

#: the entry of the functions that modules share
SHARED = "shared"
CASES = 120
#: functions that every layer has one of its own of
_OWN = ("forward", "backward", "gradient_")
#: in the modules of so many layers a shared function has to agree for which there is an argument
_ENOUGH = 6


def of_layer(name: str, target: str) -> list[Result]:
    """All mutants of the functions of one layer alone, and of its formulas."""
    module = module_of(name, target)
    return [*results(module), *formula_results(module, wrong_modules(layer(name), target))]


def of_shared(names: Sequence[str], target: str) -> list[Result]:
    """All mutants of the functions that modules share: what one layer refutes is refuted."""
    latest: dict[str, Result] = {}
    tries: Counter[str] = Counter()
    for name in names:
        wanted = [m for m in _shared(name, target) if _open(latest.get(m.name), tries[m.name])]
        module = module_of(name, target) if wanted else None
        for mutant in wanted:
            assert module is not None
            latest[mutant.name] = tried(mutant.name, mutant, module)
            tries[mutant.name] += 1
    return list(latest.values())


def _open(result: Result | None, tries: int) -> bool:
    """Whether another layer may still say something."""
    if result is None:
        return True
    return not result.killer and (not result.argument or tries < _ENOUGH)


def module_of(name: str, target: str) -> Module:
    """A layer's module and its cases.

    Raises ``ValueError`` where the right program is refuted: that its mutants are says nothing.
    """
    made = layer(name)
    cases = truths(subject_of(made), CASES)
    text = numeric.code(made, target)
    own = [f for f, _ in functions_of(text) if f.startswith(_OWN)]
    module = Module(name, text, partial(code_of_text, made, target), cases, own)
    if refuted := killer(module.made(text), cases):
        raise ValueError(f"{name}: the right program is refuted by {refuted}")
    return module


def _shared(name: str, target: str) -> Iterator[Mutant]:
    """The mutants of what a layer's module shares with others, but for templates."""
    text = numeric.code(layer(name), target)
    functions = [f for f, _ in functions_of(text)]
    left = [f for f in functions if not f.startswith(_OWN) and f not in parts(TEMPLATES)]
    return mutants(text, left)
