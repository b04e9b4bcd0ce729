"""A layer in the notation: a header that declares everything, then the equations."""

from __future__ import annotations

from fractions import Fraction

from sympy import Basic, Expr, Rational

from derive.language.definition import Axis, Equation, Hyperparameter, Layer, Tensor
from derive.language.notation.headers import usual_minimum
from derive.language.notation.names import input_sizes, plain, taken_names, usual_names
from derive.language.notation.requirements import implied
from derive.language.printing.notation import Notation, number_text
from derive.language.printing.style import Level
from derive.language.printing.writer import Writer
from derive.language.terms import (
    Condition,
    Index,
    Parameter,
    Size,
    entries,
    reads,
    subterms,
    symbols_of,
)


def layer_text(layer: Layer) -> str:
    """The text that ``parse_layer`` reads back as an equal layer."""
    writer = layer_writer(layer)
    tensors = ", ".join(_tensor(t, writer) for t in layer.tensors)
    pads = {s for t in layer.tensors for a in t.axes for s in _pad_symbols(a)}
    parameters = ", ".join(_parameter(h, h.symbol in pads) for h in layer.hyperparameters)
    head = f"{layer.name}({tensors}{f'; {parameters}' if parameters else ''})"
    stated = [writer.doc(c).text for c in written_requirements(layer)]
    if stated:
        head += f" where {', '.join(stated)}"
    names = size_names(layer)
    lines = [f"    {_equation(e, names[e.name], writer)}" for e in layer.equations]
    return "\n".join([head + ":", *lines]) + "\n"


def layer_writer(layer: Layer) -> Writer:
    """A writer that knows the layer's tensors and what their shapes let the parser infer."""
    axes = {e.name: e.extents for e in layer.equations}
    axes |= {t.name: tuple(a.size for a in t.axes) for t in layer.tensors}
    used = {s.name for s in layer.symbols} | _index_names(layer) | {"pi"}
    used |= {h.name for h in layer.hyperparameters}
    scalars = frozenset(n for n, shape in axes.items() if not shape and n not in used)

    def inferred(index: Index, body: Basic) -> Expr | None:
        found = {
            size
            for entry in entries(body)
            for place, size in zip(entry.indices, axes[entry.tensor], strict=True)
            if place == index
        }
        return found.pop() if len(found) == 1 else None

    return Writer(Notation(scalars, inferred))


def _index_names(layer: Layer) -> set[str]:
    bound = (s for e in layer.equations for s in subterms(e.written) if isinstance(s, Index))
    return {i.name for i in bound} | {i.name for e in layer.equations for i in e.indices}


def _tensor(tensor: Tensor, writer: Writer) -> str:
    if not tensor.axes and not tensor.integer:
        return f"{tensor.name}[]"
    text = f"{tensor.name}[{', '.join(_axis(a, writer) for a in tensor.axes)}]"
    if tensor.integer:
        text += " int"
    return text if tensor.below is None else f"{text} < {_sum(tensor.below, writer)}"


def _axis(axis: Axis, writer: Writer) -> str:
    text = _sum(axis.size, writer)
    if not axis.padded:
        return text
    if axis.unbounded:
        text += " pad all"
    elif axis.before == axis.after:
        text += f" pad {_sum(axis.before, writer)}"
    else:
        text += f" pad ({_sum(axis.before, writer)}, {_sum(axis.after, writer)})"
    if axis.fill == 0:
        return text
    fill = str(axis.fill)
    if isinstance(axis.fill, Rational):
        fill = number_text(Fraction(axis.fill.p, axis.fill.q))
    return f"{text} by {fill.replace('oo', 'inf')}"


def _sum(number: Expr, writer: Writer) -> str:
    return writer.doc(number, Level.SUM).text


def _pad_symbols(axis: Axis) -> list[Basic]:
    return [*symbols_of(axis.before), *symbols_of(axis.after)]


def _parameter(stated: Hyperparameter, is_pad: bool) -> str:
    text = stated.name
    default, minimum = stated.default, stated.minimum
    shown = "" if default is None else number_text(default)
    if isinstance(stated.symbol, Parameter):
        usual = usual_minimum(default, is_pad)
        if minimum is None and usual is not None:
            text += " int"
    elif default is None:
        usual = None
        text += " real"
    else:
        usual = None
        shown = f"{shown}.0" if default.denominator == 1 else shown
    if default is not None:
        text += f"={shown}" if " " not in text else f" = {shown}"
    return text if minimum is None or minimum == usual else f"{text} >= {minimum}"


def written_requirements(layer: Layer) -> list[Condition]:
    """The requirements that must be written: those before the ones the equations imply."""
    axes = {t.name: t.axes for t in layer.tensors}
    axes |= {e.name: tuple(Axis(n) for n in e.extents) for e in layer.equations}
    rest = implied(layer.tensors, layer.hyperparameters, layer.equations, axes)
    stated = list(layer.requirements)
    for count in range(len(stated) + 1):
        if stated[:count] + [c for c in rest if c not in stated[:count]] == stated:
            return stated[:count]
    return stated


def size_names(layer: Layer) -> dict[str, list[str | None]]:
    """For each equation's axes, the size's name where the parser would not choose it itself."""
    minimum = {h.symbol: h.minimum for h in layer.hyperparameters}
    known: dict[Expr, Size] = {}
    chosen: dict[str, list[str | None]] = {}
    shapes = input_sizes(layer.tensors)
    for equation in reading_order(layer):
        taken = taken_names(layer.tensors, minimum, known.values()) | _index_names(layer)
        usual = usual_names(
            equation.name, equation.indices, equation.sizes, known, minimum, shapes, taken
        )
        names: list[str | None] = []
        pairs = zip(equation.sizes, equation.extents, usual, strict=True)
        for size, extent, name in pairs:
            written = None
            if isinstance(extent, Size) and plain(size, minimum, shapes) is None:
                written = None if extent == known.get(size, Size(name)) else extent.name
                known.setdefault(size, extent)
            names.append(written)
        chosen[equation.name] = names
    return chosen


def reading_order(layer: Layer) -> list[Equation]:
    """The order in which the parser works the equations out: each after those it reads."""
    pending = list(layer.equations)
    done: list[Equation] = []
    while pending:
        ready = next(
            e for e in pending if not any(reads(e.written, other.name) for other in pending)
        )
        pending.remove(ready)
        done.append(ready)
    return done


def _equation(equation: Equation, names: list[str | None], writer: Writer) -> str:
    sides: list[str] = []
    for place, index in enumerate(equation.indices):
        text = index.name
        name = names[place]
        if equation.given[place] or name is not None:
            named = "" if name is None else f"{name} = "
            text += f" < {named}{_sum(equation.sizes[place], writer)}"
        sides.append(text)
    left = f"{equation.name}[{', '.join(sides)}]" if sides else equation.name
    return f"{left} = {writer.doc(equation.written).text}"
