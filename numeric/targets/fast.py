"""Blocks in cache, threads and minimal filtering: sums with a named form by templates.

A cross-correlation or convolution, forward or a gradient, calls a template (``numeric.templates``);
whatever has no such form is done on whole arrays.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import replace

from sympy import Add

from derive.language.definition import Axis, Equation, Layer, Tensor
from derive.language.terms import Entry
from derive.plugins import modules
from numeric.closed import in_closed_form
from numeric.emission.blocks import blocks_of
from numeric.emission.dialect import NUMPY, Body, Call, Comment, Dialect, Numpy, tuple_of
from numeric.emission.identifiers import Identifiers, quoted
from numeric.fast.recognition import TemplateCall, recognised, terms_of
from numeric.program.statements import Elementwise, Program, Statement
from numeric.templates import algorithms

SUMMARY = "templates for correlations and convolutions: cache blocks, threads, minimal filtering"
#: the modules with templates, in the order in which their text is written: the entry point first
TEMPLATES = (
    *(
        f"numeric.templates.{name}"
        for name in ("correlation", "passes", "costs", "geometry", "sharing", "windows")
    ),
    *(f"{algorithms.__name__}.{name}" for name in modules(algorithms.__name__)),
    "numeric.templates.constants",
)


class Templates(Numpy):
    """NumPy's words, and templates that take a number of threads."""

    helpers = (*NUMPY.helpers, *TEMPLATES)
    compounds = (*NUMPY.compounds, "one_of", "add_single", "window_spread", "window_winners")
    options = ("threads=None", "arena=None")

    def allocated(self, name: str, shape: str, dtype: str, call: Call) -> str:
        return call("allocated", "arena", quoted(name), shape, dtype)

    def padded(self, array: str, widths: Sequence[tuple[str, str]], fill: str, call: Call) -> str:
        amounts = tuple_of([tuple_of(pair) for pair in widths])
        return call("surrounded", array, amounts, *([] if fill == "0" else [fill]))

    def summed(self, array: str, axes: Sequence[int], call: Call) -> str:
        return call("sums", array, tuple_of([str(axis) for axis in axes]), "dtype")

    def squares_summed(self, array: str, axes: Sequence[int], call: Call) -> str:
        return call("square_sums", array, tuple_of([str(axis) for axis in axes]), "dtype")

    def products_summed(self, letters: str, left: str, right: str, call: Call) -> str | None:
        if letters == "ab,ab->a":
            return call("row_products", left, right)
        return super().products_summed(letters, left, right, call)

    def raised(self, base: str, exponent: str, call: Call) -> str | None:
        return call("raised", base, exponent)

    def extreme(self, word: str, first: str, second: str, call: Call) -> str:
        return call({"minimum": "smaller", "maximum": "larger"}[word], first, second)


DIALECT = Templates()
gradient = in_closed_form


#: what makes the body of a function, as a target does
Make = Callable[[Layer, tuple[str, ...], Identifiers, Comment], Body]


def body(layer: Layer, outputs: tuple[str, ...], names: Identifiers, comment: Comment) -> Body:
    """The lines that compute the outputs from tensors whose sizes are known."""
    return with_templates(layer, outputs, names, comment, in_blocks, DIALECT)


def in_blocks(layer: Layer, outputs: tuple[str, ...], names: Identifiers, comment: Comment) -> Body:
    """The lines without templates."""
    return blocks_of(layer, outputs, names, comment, DIALECT)


def with_templates(
    layer: Layer,
    outputs: tuple[str, ...],
    names: Identifiers,
    comment: Comment,
    make: Make,
    dialect: Dialect = NUMPY,
) -> Body:
    """Templates for the sums that have a form, and the body that ``make`` makes of the rest."""
    lines: list[str] = []
    helpers: list[str] = []
    notes: list[str] = []
    statements: list[Statement] = []
    rest = layer
    for equation in layer.equations:
        for term in terms_of(equation.explicit):
            made = recognised(layer, equation, term)
            if made is None:
                continue
            call = TemplateCall(made, layer, names, dialect)
            others = [t for t in terms_of(equation.explicit) if t != term]
            addend = others[0] if len(others) == 1 and call.takes(others[0]) else None
            whole = len(layer.equations) == 1 and (addend is not None or not others)
            name = equation.name if whole else _unused(f"{equation.name}_sum", rest)
            step = comment(equation.name, "sums")
            lines += [*_remark(made.form.text), *([f"# {step}"] if step else [])]
            target = names.array(name)
            lines += call.lines(name, target, addend if whole else None)
            helpers += call.helpers
            notes.append(f"{name}: {made.form.text}: the template correlate chooses an algorithm")
            if whole and addend is not None:
                part = _unused(f"{equation.name}_sum", layer)
                statements += call.statements(part)
                own = tuple(zip(equation.indices, equation.extents, strict=True))
                value = Add(Entry(part, *equation.indices), addend)
                statements.append(Elementwise(equation.name, own, value))
            else:
                statements += call.statements(name)
            if whole:
                program = Program(layer, tuple(statements), outputs)
                return Body(tuple(lines), tuple(helpers), "\n".join(notes), program)
            rest = _without(rest, equation, term, name)
    made_rest = make(rest, outputs, names, comment)
    if not lines:
        return replace(made_rest, explanation="no correlation or convolution")
    assert made_rest.program is not None
    statements += made_rest.program.statements
    program = replace(made_rest.program, layer=layer, statements=tuple(statements))
    return replace(
        made_rest,
        program=program,
        lines=(*lines, *made_rest.lines),
        helpers=(*made_rest.helpers, *helpers),
        explanation="\n".join(notes),
    )


def _without(layer: Layer, equation: Equation, term: object, name: str) -> Layer:
    """The layer that reads an array of that name in place of the term."""
    tensor = Tensor(name, tuple(Axis(n) for n in equation.extents))
    own = layer.equation(equation.name)
    assert own is not None
    terms = [Entry(name, *own.indices) if t == term else t for t in terms_of(own.explicit)]
    new = replace(own, explicit=Add(*terms))
    equations = tuple(new if e is own else e for e in layer.equations)
    return replace(layer, tensors=(*layer.tensors, tensor), equations=equations)


def _unused(name: str, layer: Layer) -> str:
    taken = {t.name for t in layer.tensors} | {e.name for e in layer.equations}
    while name in taken:
        name += "'"
    return name


def _remark(text: str) -> list[str]:
    """A comment above the lines."""
    return [f"# {line}" for line in textwrap.wrap(text, 94, break_long_words=False)]
