"""What the command line does with generated code: shown, explained, held against its layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numeric
from derive.catalog.arguments import integers
from derive.language.definition import Layer
from numeric.emission.dialect import NUMPY
from numeric.emission.identifiers import quoted
from numeric.emission.preamble import given_sizes
from numeric.generation import generated
from numeric.kernel import Kernel
from numeric.targets import TARGETS
from numeric.terminal import bar, spinning
from verify.trying.emitted.examination import EXAMPLES, Examination, Progress, examined
from verify.trying.emitted.reporting import exit_code, report
from verify.trying.subject import Code, Subject

#: the target whose code is shown unless another is asked for
READABLE = "arrays"
#: what everything is tested against
ORACLE = "loops"


def code_text(layer: Layer, target: str | None) -> str:
    """The generated module."""
    return str(next(spinning((numeric.code(layer, target or READABLE) for _ in [0]), "generating")))


def explanation_text(layer: Layer, target: str | None, sizes: str | None) -> str:
    """How the module came about; at given sizes, what the target ``fast`` chooses there."""
    if sizes is not None:
        if target not in (None, "fast"):
            raise ValueError(f"--at is about the target fast, not {target}")
        chosen = integers(sizes)
        kernel = numeric.compile(layer)
        return next(spinning((kernel.plan_for(chosen) for _ in [0]), "planning"))
    made = (generated(layer, target or READABLE).explanation for _ in [0])
    return str(next(spinning(made, "generating")))


def testing_text(layer: Layer, target: str | None, count: int | None, seed: int) -> tuple[str, int]:
    """The report on the properties of generated code, and the exit code."""
    with bar("testing") as advance:
        found = examination(layer, target, count or EXAMPLES, seed, advance)
    return examination_report(found, target), exit_code(found)


# --- code held against its layer -----------------------------------------------------------------


def subject_of(layer: Layer) -> Subject:
    """The layer with plain loops as its oracle."""
    told = tuple(s.name for s in given_sizes(layer))
    return Subject(layer, code_of(numeric.compile(layer, target=ORACLE)), told)


def code_of(kernel: Kernel) -> Code:
    """A kernel's two functions, on NumPy arrays whatever it computes with."""
    given, taken = kernel.dialect.given, kernel.dialect.taken

    def forward(**named: Any) -> Any:
        made = kernel.forward(**{name: given(a) for name, a in named.items()})
        return {y: taken(a) for y, a in made.items()} if isinstance(made, dict) else taken(made)

    def backward(g: Mapping[str, Any], wrt: Any = None, **named: Any) -> dict[str, Any]:
        upstream = {y: given(a) for y, a in g.items()}
        tensors = {name: given(a) for name, a in named.items()}
        return {x: taken(a) for x, a in kernel.backward(upstream, wrt=wrt, **tensors).items()}

    return Code(forward, backward)


def examination(
    layer: Layer,
    target: str | None = None,
    examples: int = EXAMPLES,
    seed: int = 0,
    progress: Progress = lambda done, total: None,
) -> Examination:
    """Try ``verify.trying.properties`` on the code of a target, or of the usual one.

    ``examples`` is the number of cases, drawn from ``seed``; ``progress`` is called with the number
    of cases done and of all cases.  Raises ``ValueError`` for another target.
    """
    kernel = numeric.compile(layer) if target is None else numeric.compile(layer, target=target)
    return examined(subject_of(layer), code_of(kernel), examples, seed, progress)


def examination_report(found: Examination, target: str | None = None) -> str:
    """The examination as text; a failure as a program that shows it."""
    layer = found.subject.layer
    made = f"numeric.compile(layer{'' if target is None else f', target={quoted(target)}'})"
    imports = "import derive\nimport numeric\n"
    if target is not None and TARGETS.get(target).DIALECT.library != NUMPY.library:
        imports += "from numeric.commands import code_of\n"
        made = f"code_of({made})"
    kernel = f'{imports}\nlayer = derive.parse("""\n{layer.text}\n""")\nkernel = {made}'
    code = "generated code" if target is None else f"code for the target {target}"
    return report(found, f"{layer.name}, {code}", kernel)
