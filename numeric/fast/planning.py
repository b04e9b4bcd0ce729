"""What the cost model says of a call: every algorithm with its estimated time, or why it is out."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any

from numeric.fast.choice import ranked
from numeric.fast.geometry import signature
from numeric.loading import loaded

if TYPE_CHECKING:
    from numeric.kernel import Kernel


def planned(kernel: Kernel, g: Any, given: Mapping[str, Any]) -> str:
    """A table for each sum that a template would compute, for arrays of the given shapes."""
    module: Any = loaded("planned", kernel.source)
    problems: list[Any] = []
    module.solve = problems.append
    hollow = copy(kernel)
    hollow.__dict__["_module"] = module
    calls = {"forward": lambda: hollow.forward(**given)}
    if g is not None:
        for tensor in kernel.gradients:
            calls[f"gradient by {tensor}"] = partial(hollow.backward, g, wrt=tensor, **given)
    tables = []
    for name, call in calls.items():
        problems.clear()
        call()
        tables += [f"{name}: {_table(problem)}" for problem in problems]
    return "\n\n".join(tables) or "no template: everything is done on whole arrays"


def _table(problem: Any) -> str:
    """The candidates, the one that is chosen first."""
    shapes = " ⋆ ".join(str(a.shape) for a in (problem.signal, problem.kernel))
    lines = [f"{shapes} → {problem.out.shape} [d, b or o, c or o, …]"]
    for candidate in ranked(*signature(problem)):
        words = candidate.refused or f"{candidate.seconds * 1e3:10.3f} ms on one thread"
        lines.append(f"  {candidate.name:<22} {words}")
    return "\n".join(lines)
