"""What becomes of the mutants of functions that modules share.

A shared function is tried in the modules that have it, the shortest first, until one refutes the
mutant.  Only the tries are made in which it does something else than the right one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice

from benchmarks.mutation.calls import Calls
from benchmarks.mutation.equivalents import argument
from benchmarks.mutation.modules import OWN, bodies, modules
from benchmarks.mutation.results import Earlier, Module, Result, judged, unloadable
from benchmarks.mutation.scores import Tell
from benchmarks.mutation.texts import Mutant, functions_of, mutants
from benchmarks.mutation.variants import variant
from numeric.emission.embedding import parts
from numeric.targets.fast import TEMPLATES

#: the entry of the functions that modules share
SHARED = "shared"


#: so many of the tries are made of a mutant for which there is an argument
_FEW = 12
#: a mutant: what its function does, and its name
Which = tuple[str, str]


def of_shared(names: Sequence[str], target: str, earlier: Earlier, tell: Tell) -> list[Result]:
    """All mutants of the functions that modules share: what one layer refutes is refuted."""
    latest: dict[Which, Result] = {}
    for module in shortest(names, target, earlier):
        for which, result in _results(module, latest):
            latest[which] = result
            tell(result)
    return list(latest.values())


def shortest(names: Sequence[str], target: str, earlier: Earlier) -> list[Module]:
    """The modules of the layers, the shortest first, with the functions that others may have."""
    found = []
    for module in (m for name in names for m in modules(name, target, earlier)):
        every = [f for f, _ in functions_of(module.text)]
        left = [f for f in every if not f.startswith(OWN) and f not in parts(TEMPLATES)]
        found.append(replace(module, functions=left))
    return sorted(found, key=lambda module: len(module.text))


def _results(module: Module, latest: Mapping[Which, Result]) -> Iterator[tuple[Which, Result]]:
    """The mutants that no module before has refuted."""
    does = bodies(module.text)
    every = [((does[m.function], m.name), m) for m in mutants(module.text, module.functions)]
    left = [(which, m) for which, m in every if which not in latest or not latest[which].killer]
    if left:
        calls = Calls(module, list(dict.fromkeys(m.function for _, m in left)))
        for which, mutant in left:
            yield which, _tried(mutant, module, calls)


def _tried(mutant: Mutant, module: Module, calls: Calls) -> Result:
    """A mutant tried wherever it does something else."""
    try:
        wrong = variant(module.right, mutant.body)
    except Exception as error:
        return unloadable(mutant.name, mutant, error)
    reason = partial(argument, mutant)
    differing = dict.fromkeys(calls.differing(mutant.function, wrong))
    wanted = islice(differing, _FEW if differing and reason() else None)
    found = module.refutation(mutant.name, module.coded(wrong), wanted)
    return judged(mutant.name, mutant.operator, found, reason)
