"""Generated code held against its layer: what ``derive LAYER --test`` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numeric
from derive.language.definition import Layer
from numeric.emission.preamble import given_sizes
from verify.testing.examination import EXAMPLES, Examination, Progress, examined
from verify.testing.reporting import report
from verify.testing.subject import Code, Subject

if TYPE_CHECKING:
    from numeric.kernel import Kernel

#: what everything is tested against
ORACLE = "loops"


def subject_of(layer: Layer) -> Subject:
    """The layer with plain loops as its oracle."""
    told = tuple(s.name for s in given_sizes(layer))
    return Subject(layer, code_of(numeric.compile(layer, target=ORACLE)), told)


def code_of(kernel: Kernel) -> Code:
    """A kernel's two functions."""
    return Code(kernel.forward, kernel.backward)


def examination(
    layer: Layer,
    target: str | None = None,
    examples: int = EXAMPLES,
    seed: int = 0,
    progress: Progress = lambda done, total: None,
) -> Examination:
    """Try all properties of ``verify.properties`` on the code of a target, or of the usual one.

    ``examples`` is the number of cases, drawn from ``seed``; ``progress`` is called with the number
    of cases done and of all cases.  Raises ``ValueError`` for another target.
    """
    kernel = numeric.compile(layer) if target is None else numeric.compile(layer, target=target)
    return examined(subject_of(layer), code_of(kernel), examples, seed, progress)


def examination_report(found: Examination, target: str | None = None) -> str:
    """The examination as text; a failure as a program that shows it."""
    layer = found.subject.layer
    named = "" if target is None else f', target="{target}"'
    kernel = (
        f'import derive\nimport numeric\n\nlayer = derive.parse("""\n{layer.text}\n""")\n'
        f"kernel = numeric.compile(layer{named})"
    )
    code = "generated code" if target is None else f"code for the target {target}"
    return report(found, f"{layer.name}, {code}", kernel)


__all__ = ["EXAMPLES", "code_of", "examination", "examination_report", "subject_of"]
