"""What templates could do for arrays of given shapes, and at what cost; nothing is computed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sympy import Expr

from derive.language.definition import Layer
from verify.evaluation.sizes import known

if TYPE_CHECKING:
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


def tables(module: Any, calls: Mapping[str, Callable[[], object]]) -> str:
    """For each call of a module's functions the problems that its templates are asked for.

    The module is changed: its templates compute nothing any more.
    """
    problems: list[CorrelationProblem] = []
    module.solve = problems.append
    found = []
    for name, call in calls.items():
        problems.clear()
        call()
        found += [f"{name}: {_table(problem, module)}" for problem in problems]
    return "\n\n".join(found)


def _table(problem: CorrelationProblem, module: Any) -> str:
    """The module's candidates, the one that is chosen first."""
    shapes = " ⋆ ".join(str(a.shape) for a in (problem.signal, problem.kernel))
    lines = [f"{shapes} → {problem.out.shape} [d, b or o, c or o, …]"]
    for candidate in module.candidates(problem):
        words = candidate.refused or f"{candidate.seconds * 1e3:10.3f} ms on one thread"
        lines.append(f"  {candidate.name:<22} {words}")
    return "\n".join(lines)
