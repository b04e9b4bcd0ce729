"""What the cost model says of a call: every algorithm with its estimated time, or why it is out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from sympy import Expr

from numeric.emission.loading import loaded
from numeric.templates.correlation import candidates
from numeric.templates.geometry import Problem
from verify.evaluation.sizes import known

if TYPE_CHECKING:
    from numeric.kernel import Kernel


def planned_for(kernel: Kernel, chosen: Mapping[str, int]) -> str:
    """The same for sizes and hyperparameters given by name, as {"N": 16, "H": 32, …}.

    ``ValueError`` lists the names that have no value, and those that the layer does not have.
    """
    layer = kernel.layer
    defaults = {h.name: h.default for h in layer.hyperparameters}
    values = {**{s.name: None for s in layer.sizes}, **defaults, **chosen}
    missing = [name for name, n in values.items() if n is None]
    unknown = [name for name in chosen if name not in {*defaults, *(s.name for s in layer.sizes)}]
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
        t.name: _hollow(layer.shape(t.name), at, t.integer) for t in layer.tensors
    }
    outputs = {e.name: _hollow(e.extents, at, False) for e in layer.outputs}
    given |= {name: n for name, n in values.items() if name in kernel.options}
    return planned(kernel, outputs if len(outputs) > 1 else next(iter(outputs.values())), given)


def _hollow(extents: Sequence[Expr], at: dict[Any, Any], integer: bool) -> Any:
    """An array of that shape without memory of its own."""
    shape = tuple(known(n, at) for n in extents)
    return np.broadcast_to(np.zeros((), np.int64 if integer else np.float32), shape)


def planned(kernel: Kernel, g: Any, given: Mapping[str, Any]) -> str:
    """A table for each sum that a template would compute, for arrays of the given shapes."""
    module: Any = loaded("planned", kernel.source)
    problems: list[Problem] = []
    module.solve = problems.append
    hollow = copy(kernel)
    hollow.__dict__["_module"] = module
    calls: dict[str, Callable[[], object]] = {"forward": lambda: hollow.forward(**given)}
    if g is not None:
        for tensor in kernel.gradients:
            calls[f"gradient by {tensor}"] = partial(hollow.backward, g, wrt=tensor, **given)
    tables = []
    for name, call in calls.items():
        problems.clear()
        call()
        tables += [f"{name}: {_table(problem)}" for problem in problems]
    return "\n\n".join(tables) or "no template: everything is done on whole arrays"


def _table(problem: Problem) -> str:
    """The candidates, the one that is chosen first."""
    shapes = " ⋆ ".join(str(a.shape) for a in (problem.signal, problem.kernel))
    lines = [f"{shapes} → {problem.out.shape} [d, b or o, c or o, …]"]
    for candidate in candidates(problem):
        words = candidate.refused or f"{candidate.seconds * 1e3:10.3f} ms on one thread"
        lines.append(f"  {candidate.name:<22} {words}")
    return "\n".join(lines)
