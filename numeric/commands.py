"""What the command line does with generated code: texts to print, and exit codes."""

from __future__ import annotations

from derive.catalog.arguments import integers
from derive.language.definition import Layer
from numeric import code
from numeric import compile as compiled
from numeric.examination import EXAMPLES, examination, examination_report
from numeric.generation import generated
from numeric.terminal import bar, spinning
from verify.testing.reporting import exit_code

#: the target whose code is shown unless another is asked for
READABLE = "arrays"


def code_text(layer: Layer, target: str | None) -> str:
    """The generated module."""
    return str(next(spinning((code(layer, target or READABLE) for _ in [0]), "generating")))


def explanation_text(layer: Layer, target: str | None, sizes: str | None) -> str:
    """How the module came about; at given sizes, what the target ``fast`` chooses there."""
    if sizes is not None:
        if target not in (None, "fast"):
            raise ValueError(f"--at is about the target fast, not {target}")
        chosen = integers(sizes)
        kernel = compiled(layer)
        return next(spinning((kernel.plan_for(chosen) for _ in [0]), "planning"))
    made = (generated(layer, target or READABLE).explanation for _ in [0])
    return str(next(spinning(made, "generating")))


def testing_text(layer: Layer, target: str | None, count: int | None, seed: int) -> tuple[str, int]:
    """The report on the properties of generated code, and the exit code."""
    with bar("testing") as advance:
        found = examination(layer, target, count or EXAMPLES, seed, advance)
    return examination_report(found, target), exit_code(found)
