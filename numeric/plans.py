"""What templates could do for arrays of given shapes, and at what cost; nothing is computed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sympy import Expr

from derive.language.definition import Layer
from numeric.program.statements import Correlation
from verify.evaluation.sizes import known

if TYPE_CHECKING:
    from numeric.emission.modules import Function
    from numeric.templates.geometry import CorrelationProblem


def hollow_arrays(
    layer: Layer, chosen: Mapping[str, int], options: Collection[str]
) -> tuple[Any, dict[str, Any]]:
    """The upstream gradients and what a kernel is given, at these sizes and hyperparameters.

    ``options`` are what it takes beside tensors.  ``ValueError`` lists the names that have no
    value, and those that the layer does not have.
    """
    defaults = {h.name: h.default for h in layer.hyperparameters}
    values = {**{s.name: None for s in layer.sizes}, **defaults, **chosen}
    missing = [name for name, n in values.items() if n is None]
    unknown = [n for n in chosen if n not in {*defaults, *(s.name for s in layer.sizes)}]
    if missing or unknown:
        words = [f"has no {', '.join(unknown)}"] if unknown else []
        words += [f"needs values for {', '.join(missing)}"] if missing else []
        example = ",".join(f"{name}=8" for name in values if name not in unknown)
        raise ValueError(f"{layer.name} {' and '.join(words)}: --at {example}")
    at: dict[Any, Any] = {h.symbol: values[h.name] for h in layer.hyperparameters}
    at |= {s: values[s.name] for s in layer.sizes}
    for size, meaning in layer.definitions:
        at[size] = max(0, known(meaning, at))
    given: dict[str, Any] = {
        t.name: hollow(layer.shape(t.name), at, t.integer) for t in layer.tensors
    }
    outputs = {e.name: hollow(e.extents, at, False) for e in layer.outputs}
    given |= {name: n for name, n in values.items() if name in options}
    return outputs if len(outputs) > 1 else next(iter(outputs.values())), given


def hollow(extents: Sequence[Expr], at: dict[Any, Any], integer: bool) -> Any:
    """An array of that shape without memory of its own."""
    shape = tuple(known(n, at) for n in extents)
    return np.broadcast_to(np.zeros((), np.int64 if integer else np.float32), shape)


Calls = Mapping[str, Callable[[], object]]


def tables(module: Any, calls: Calls) -> str:
    """For each call of a module's functions the problems that its templates are asked for.

    The module is changed: its templates compute nothing any more.
    """
    asked = _asked(module, calls)
    found = [f"{name}: {_table(p, module)}" for name, problems in asked for p in problems]
    return "\n\n".join(found)


def taken(module: Any, calls: Calls) -> dict[str, list[str]]:
    """For each call that asks for a template the names of those that are taken.

    The module is changed as by ``tables``.
    """
    asked = _asked(module, calls)
    return {
        name: [next(iter(module.candidates(problem))).name for problem in problems]
        for name, problems in asked
        if problems
    }


def slides(functions: Iterable[Function]) -> bool:
    """Whether any of the functions computes a correlation."""
    programs = (f.program for f in functions if f.program is not None)
    return any(isinstance(s, Correlation) for program in programs for s in program.statements)


def _asked(module: Any, calls: Calls) -> Iterator[tuple[str, list[CorrelationProblem]]]:
    """The problems of each call."""
    problems: list[CorrelationProblem] = []
    module.solve = problems.append
    for name, call in calls.items():
        problems.clear()
        call()
        yield name, list(problems)


def _table(problem: CorrelationProblem, module: Any) -> str:
    """The module's candidates, the one that is chosen first."""
    shapes = " ⋆ ".join(str(a.shape) for a in (problem.signal, problem.kernel))
    lines = [f"{shapes} → {problem.out.shape} [d, b or o, c or o, …]"]
    for candidate in module.candidates(problem):
        words = candidate.refused or f"{candidate.seconds * 1e3:10.3f} ms on one thread"
        lines.append(f"  {candidate.name:<22} {words}")
    return "\n".join(lines)
