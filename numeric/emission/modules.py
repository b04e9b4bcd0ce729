"""A generated module: its docstring, ``forward``, one function a gradient, and ``backward``."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Expr

from derive.engine.record import Derivation
from derive.language.definition import Layer
from derive.language.printing import equation
from derive.language.terms import ONE, AtMost, entries
from derive.presentation.blocks import Prose, Shape, spoken
from derive.presentation.telling import facts, own_forms, shapes
from numeric.emission.comments import Citations, explained
from numeric.emission.dialect import Body, Dialect, Target
from numeric.emission.embedding import module, parts
from numeric.emission.folding import folded
from numeric.emission.identifiers import Identifiers, quoted
from numeric.emission.preamble import Preamble
from numeric.program.statements import Program


@dataclass(frozen=True)
class Function:
    """One generated function: what it takes, its text, and how it came about.

    ``arguments`` are tensors, ``options`` hyperparameters and sizes; both by their names in the
    notation with the Python names they go by.  ``declared`` are the options with their defaults.
    """

    name: str
    arguments: dict[str, str]
    options: dict[str, str]
    declared: tuple[str, ...]
    text: str
    helpers: tuple[str, ...]
    dialect: Dialect
    body: Body | None = None

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The declared options without a default."""
        return tuple(option for option in self.declared if "=" not in option)

    @property
    def program(self) -> Program | None:
        """The array program that the function was made from, if it was made from one."""
        return None if self.body is None else self.body.program

    @property
    def explanation(self) -> str:
        """The array program, the decisions behind it, and what its target has to say."""
        if self.body is None:
            return ""
        program, said = self.body.program, self.body.explanation
        made = [explained(program, self.dialect.library)] if program is not None else []
        return "\n".join([*made, *([said] if said else [])])


def function(
    name: str,
    layer: Layer,
    outputs: Sequence[str],
    target: Target,
    first: Sequence[str] = (),
    derivation: Derivation | None = None,
    kept: Sequence[str] = (),
    otherwise: Mapping[str, Function] | None = None,
) -> Function:
    """A function that computes outputs of the layer; the tensors ``first`` are its first arguments.

    ``derivation`` is what the layer is the gradient layer of; its steps are cited.  ``kept`` are
    equations whose results are returned beside the outputs, where these have entries.  Where one of
    several outputs has none, each comes from the function that is there for it ``otherwise``.
    """
    wanted = tuple(dict.fromkeys((*outputs, *kept)))
    dialect = target.DIALECT
    extra = {text.partition("=")[0]: text for text in dialect.options}
    names = Identifiers.of(layer, (*dialect.names, *parts(dialect.helpers), *extra))
    preamble = Preamble(layer, names, dialect)
    begin = preamble.lines()
    computed = _with_entries(layer, outputs) if kept or otherwise else layer
    body = target.body(computed, wanted, names, Citations(derivation, layer).comment)
    order = [*first, *(t.name for t in layer.tensors if t.name not in first)]
    arguments = {tensor: names.array(tensor) for tensor in order}
    declared = [*preamble.options(), *extra.values()]
    options = {h.name: names.symbol(h.symbol) for h in layer.hyperparameters}
    options |= {s.name: names.symbol(s) for s in preamble.given} | {o: o for o in extra}
    single = {y: _call(made, arguments, options) for y, made in (otherwise or {}).items()}
    lines = [
        *_docstring(layer, wanted, derivation),
        *begin,
        *_early_exit(layer, outputs, single or _zeros(layer, outputs, wanted, preamble), preamble),
        *_returned(body.lines, layer, wanted, names, dialect),
    ]
    text = [
        *folded(signature(name, arguments.values(), declared)),
        *(t for line in lines for t in _indented(line)),
    ]
    helpers = (*preamble.helpers, *body.helpers)
    return Function(
        name, arguments, options, tuple(declared), "\n".join(text), helpers, dialect, body
    )


def signature(name: str, arguments: Iterable[str], declared: Sequence[str]) -> str:
    """The ``def`` line; options are by keyword only."""
    return f"def {name}({', '.join([*arguments, *(['*', *declared] if declared else [])])}):"


def _indented(line: str) -> list[str]:
    inner = len(line) - len(line.lstrip())
    return folded(line.lstrip(), 4 + inner) if line else [""]


def _call(made: Function, arguments: Mapping[str, str], options: Mapping[str, str]) -> str:
    """A call of a function inside another, whose names for the same things are given."""
    named = (f"{name}={options[option]}" for option, name in made.options.items())
    return f"{made.name}({', '.join([*(arguments[t] for t in made.arguments), *named])})"


def _with_entries(layer: Layer, outputs: Sequence[str]) -> Layer:
    """The layer where all these outputs have entries: elsewhere nothing is computed."""
    some = (AtMost(ONE, n) for n in _extents(layer, outputs))
    return replace(layer, requirements=(*layer.requirements, *some))


def _extents(layer: Layer, outputs: Sequence[str]) -> list[Expr]:
    """The sizes of the outputs, each once."""
    return list(dict.fromkeys(n for y in outputs for n in layer.shape(y)))


def _zeros(
    layer: Layer, outputs: Sequence[str], wanted: Sequence[str], preamble: Preamble
) -> dict[str, str]:
    """What is returned where a single output has no entries; nothing where there are several."""
    if len(outputs) != 1:
        return {}
    return {y: preamble.dialect.zeros(preamble.shape(layer.shape(y))) for y in wanted}


def _early_exit(
    layer: Layer, outputs: Sequence[str], results: Mapping[str, str], preamble: Preamble
) -> list[str]:
    """Where an output has no entries, ``results`` are returned if there are any."""
    extents = _extents(layer, outputs) if len(outputs) > 1 else layer.shape(outputs[0])
    if not results or not extents:
        return []
    shape = preamble.shape(extents)
    some = f"0 in {shape}" if len(extents) > 1 else f"{shape[1:-2]} == 0"
    made = ", ".join(f"{quoted(y)}: {text}" for y, text in results.items())
    value = f"{{{made}}}" if len(results) > 1 else next(iter(results.values()))
    return [f"if {some}:", f"    return {value}", ""]


def _returned(
    lines: Sequence[str],
    layer: Layer,
    outputs: Sequence[str],
    names: Identifiers,
    dialect: Dialect,
) -> list[str]:
    """The lines with what they compute returned; several outputs in a dictionary."""

    def result(output: str, value: str) -> str:
        return value if layer.shape(output) else dialect.scalar(value)

    if len(outputs) == 1:
        *before, last = lines
        name = names.array(outputs[0])
        value = last.removeprefix(f"{name} = ")
        if value == last:
            before, value = list(lines), name
        return [*before, f"return {result(outputs[0], value)}"]
    made = (f"{quoted(y)}: {result(y, names.array(y))}" for y in outputs)
    return [*lines, f"return {{{', '.join(made)}}}"]


# --- docstrings ---------------------------------------------------------------------------------


def _docstring(layer: Layer, outputs: Sequence[str], derivation: Derivation | None) -> list[str]:
    if derivation is None:
        title = f"The layer {layer.name}."
        rows = [(e.entry, e.written) for e in layer.equations]
        words = [f"In words: {form.text}" for form in own_forms(layer, "default")]
    else:
        form = derivation.form
        title = f"∂{derivation.source.loss}/∂{derivation.wrt}."
        adjoints = {a.name for a in derivation.adjoints}
        rows = [(e.entry, e.explicit) for e in layer.equations if e.name in adjoints]
        words = [f"In words: {form.text}"] if form is not None else []
    inputs, _ = shapes(layer)
    made = ", ".join(str(Shape(y, layer.shape(y))) for y in outputs)
    sentences = [
        *words,
        *_shapes_only(layer),
        f"Shapes: {', '.join(map(str, inputs))} → {made}",
        *(_sentence(fact) for fact in facts(layer, "default")),
    ]
    formulas = [f"    {t}" for left, right in rows for t in equation(left, right, 88)]
    return [f'"""{title}', "", *formulas, "", *_wrapped(sentences), '"""']


def _shapes_only(layer: Layer) -> list[str]:
    """Which tensors are taken for their shapes alone."""
    read = {e.tensor for equation in layer.equations for e in entries(equation.explicit)}
    names = [t.name for t in layer.tensors if t.name not in read]
    if not names:
        return []
    listed = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    return [
        f"Of {listed} only the shape{'s' if len(names) > 1 else ''} count"
        f"{'' if len(names) > 1 else 's'}"
    ]


def _sentence(prose: Prose) -> str:
    """The words in a line; the name of a tensor keeps its case."""
    words = spoken(prose)
    return f"{words[:1].upper()}{words[1:]}" if isinstance(prose[0], str) else words


def _wrapped(sentences: Iterable[str]) -> list[str]:
    """Each sentence in lines of its own."""
    wrap = textwrap.TextWrapper(92, break_long_words=False, break_on_hyphens=False)
    return [line for sentence in sentences for line in wrap.wrap(f"{sentence}.")]


# --- modules ------------------------------------------------------------------------------------


GENERATED = "Generated from the layer's equations; needs"


def module_text(title: str, functions: Sequence[Function]) -> str:
    """The text of a module of these functions, with every helper they call."""
    dialect = functions[0].dialect
    doc = (
        f'"""{title}',
        "",
        f"{GENERATED} {dialect.library} and the standard library only.",
        "Do not edit: generate it anew instead.",
        '"""',
    )
    helpers = [h for f in functions for h in f.helpers]
    texts = [t for f in functions for t in (f.text, *(f.body.definitions if f.body else ()))]
    return module(doc, texts, helpers, dialect.helpers, dialect.imports)
