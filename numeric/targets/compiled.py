"""Compiled loops: the nests of the array program as machine code, by Numba.

Correlations and convolutions stay with templates, products of matrices with BLAS; everything else
is computed entry by entry, where it is read.
"""

from __future__ import annotations

from importlib.util import find_spec

from derive.language.definition import Layer
from derive.plugins import modules
from numeric.closed import in_closed_form
from numeric.compiled.functions import function_text
from numeric.compiled.fusion import fused
from numeric.compiled.joining import Joint, joined
from numeric.compiled.writer import EntryWriter
from numeric.emission.broadcasting import ProgramWriter
from numeric.emission.comments import aspect, manner, remark
from numeric.emission.dialect import NUMPY, Body, Call, Comment, Dialect
from numeric.emission.embedding import parts
from numeric.emission.identifiers import Identifiers
from numeric.emission.statements import written
from numeric.lowering import program_of
from numeric.program.statements import Statement
from numeric.targets.fast import TEMPLATES, with_templates
from numeric.templates import loops

#: the modules with what compiled loops call, the compiler first
COMPILING = tuple(
    f"numeric.templates.{name}" for name in ("compiling", "storing", "elementary", "ranks")
)
#: the modules with algorithms for correlations that are compiled
LOOPS = tuple(f"{loops.__name__}.{name}" for name in modules(loops.__name__))
SUMMARY = "loops compiled by Numba, beside templates and matrix products (extra jit)"


class Compiled(Dialect):
    """NumPy's words, and loops for all that is computed entry by entry."""

    library = "NumPy, Numba"
    helpers = (*COMPILING, *NUMPY.helpers, *TEMPLATES, *LOOPS)
    options = ("threads=None",)
    names = (
        *NUMPY.names,
        "numba",
        "index",
        "real",
        "begin",
        "end",
        "least",
        "total",
        "best",
        "place",
        "value",
        "some",
        "top",
        "rank",
    )

    def function(self, name: str, argument: str, call: Call) -> str:
        """A function of a number; of those that take long, one that is vectorised."""
        if f"scalar_{name}" in parts(self.helpers):
            return call(f"scalar_{name}", argument)
        return super().function(name, argument, call)

    def available(self) -> None:
        if find_spec("numba") is None:
            raise ValueError(
                "the target compiled needs Numba, which is not installed: pip install 'derive[jit]'"
            )


DIALECT = Compiled()
gradient = in_closed_form


def body(layer: Layer, outputs: tuple[str, ...], names: Identifiers, comment: Comment) -> Body:
    """The lines that compute the outputs from tensors whose sizes are known."""
    return with_templates(layer, outputs, names, comment, in_loops)


def in_loops(layer: Layer, outputs: tuple[str, ...], names: Identifiers, comment: Comment) -> Body:
    """The lines without templates."""
    program = program_of(layer, outputs)
    context = ProgramWriter(program, names, DIALECT)
    kinds = {t.name: "integer" if t.integer else "real" for t in layer.tensors}
    kinds |= {s.name: s.kind for s in program.statements}
    lines: list[str] = []
    definitions: list[str] = []
    for part in joined(fused(program), program):
        for statement in made_by(part):
            step = comment(program.origin(statement.name), aspect(statement, program))
            lines += remark(statement, step, manner(statement, program))
        if isinstance(part, Joint):
            writer = EntryWriter(names, layer, DIALECT, kinds, part.local)
            name = names.array(f"{layer.name}_{part.nests[-1].statement.name}_loops")
            made = function_text(part, name, writer, program.extents)
            context.helpers.update(writer.helpers | {"in_shares": None})
            definitions.append(made.function)
            lines += made.lines
            continue
        known = len(context.counted)
        text = written(part, context)
        counted = list(context.counted.items())[known:]
        lines += [f"{name} = {DIALECT.counting(size)}" for name, size in counted]
        lines += [f"{names.array(part.name)} = {text}"] if isinstance(text, str) else text
    return Body(
        tuple(lines), tuple(context.helpers), program=program, definitions=tuple(definitions)
    )


def made_by(part: Joint | Statement) -> list[Statement]:
    """The statements whose arrays a part makes."""
    return [nest.statement for nest in part.nests] if isinstance(part, Joint) else [part]
