"""Generated code held against its layer: what ``derive LAYER --test`` does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numeric
from derive.language.definition import Layer
from derive.presentation.blocks import Told
from numeric.emission.dialect import NUMPY
from numeric.emission.identifiers import quoted
from numeric.emission.preamble import given_sizes
from numeric.kernel import Kernel
from numeric.targets import TARGETS
from verify.trying.emitted.examination import ExaminedCode, examined
from verify.trying.emitted.reporting import told
from verify.trying.subject import (
    EXAMPLES,
    LayerCode,
    LayerUnderTest,
    Progress,
    with_gradients,
)

#: what everything is tested against
ORACLE = "loops"


def subject_of(layer: Layer) -> LayerUnderTest:
    """The layer with plain loops as its oracle."""
    sizes = tuple(s.name for s in given_sizes(layer))
    return LayerUnderTest(layer, code_of(numeric.compile(layer, target=ORACLE)), sizes)


def code_of(kernel: Kernel) -> LayerCode:
    """A kernel's two functions, on NumPy arrays whatever it computes with.

    A layer of tables alone has no gradients, which is no error here.
    """
    given, taken = kernel.dialect.given, kernel.dialect.taken

    def forward(**named: Any) -> Any:
        made = kernel.forward(**{name: given(a) for name, a in named.items()})
        return {y: taken(a) for y, a in made.items()} if isinstance(made, dict) else taken(made)

    def backward(g: Mapping[str, Any], wrt: Any = None, **named: Any) -> dict[str, Any]:
        if with_gradients(kernel.layer):
            return {}
        upstream = {y: given(a) for y, a in g.items()}
        tensors = {name: given(a) for name, a in named.items()}
        return {x: taken(a) for x, a in kernel.backward(upstream, wrt=wrt, **tensors).items()}

    return LayerCode(forward, backward)


def keeping_code_of(kernel: Kernel) -> LayerCode:
    """A kernel whose backward pass is given what its forward pass keeps, on NumPy arrays."""

    def forward(**named: Any) -> Any:
        return kernel.forward_keeping(**named)[0]

    def backward(g: Mapping[str, Any], wrt: Any = None, **named: Any) -> dict[str, Any]:
        kept = kernel.forward_keeping(**named)[1]
        made: dict[str, Any] = kernel.backward(g, wrt=wrt, kept=kept, **named)
        return made

    return LayerCode(forward, backward)


def examination(
    layer: Layer,
    target: str | None = None,
    examples: int = EXAMPLES,
    seed: int = 0,
    progress: Progress = lambda done, total: None,
) -> ExaminedCode:
    """Try ``verify.trying.properties`` on the code of a target, or of the usual one.

    ``examples`` is the number of cases, drawn from ``seed``; ``progress`` is called with the number
    of cases done and of all cases.  Raises ``ValueError`` for another target.
    """
    kernel = numeric.compile(layer) if target is None else numeric.compile(layer, target=target)
    return examined(subject_of(layer), code_of(kernel), examples, seed, progress)


def examination_told(found: ExaminedCode, target: str | None = None) -> Told:
    """What is told of the examination; a failure as a program that shows it."""
    layer = found.subject.layer
    made = f"numeric.compile(layer{'' if target is None else f', target={quoted(target)}'})"
    imports = "import derive\nimport numeric\n"
    if target is not None and TARGETS.get(target).DIALECT.library != NUMPY.library:
        imports += "from numeric.examination import code_of\n"
        made = f"code_of({made})"
    kernel = f'{imports}\nlayer = derive.parse("""\n{layer.text}\n""")\nkernel = {made}'
    code = "generated code" if target is None else f"code for the target {target}"
    return told(found, f"{layer.name}, {code}", kernel)
