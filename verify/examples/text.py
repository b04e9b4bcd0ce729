"""A worked example as plain text: the pictures, the matrix, the comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verify.evaluation.arrays import Array
from verify.examples.drawing import (
    DOT,
    MARK,
    Block,
    Names,
    beside,
    grid,
    indented,
    number_text,
    polynomial_text,
    slice_name,
    slice_of,
    table,
    titled,
)

if TYPE_CHECKING:
    from verify.examples.worked_example import WorkedExample


def render_text(example: WorkedExample, width: int = 80) -> str:
    """The example as plain text that fits the width."""
    lines = [_heading(example), ""]
    if example.outputs and example.inputs:
        lines += [*_pictures(example, width), *_matrix(example, width)]
    lines += _comparison(example, width)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _heading(example: WorkedExample) -> str:
    layer = example.derivation.source
    inputs = [f"{t.name} {_times(example.shapes[t.name])}" for t in layer.tensors]
    outputs = [f"{e.name} {_times(example.shapes[e.name])}" for e in layer.outputs]
    return f"Worked example for ∂L/∂{example.wrt}: {', '.join(inputs)} → {', '.join(outputs)}"


def _times(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "(one number)"


def _pictures(example: WorkedExample, width: int) -> Block:
    """For a few entries of ``wrt``: where the entry is, what it meets, what it reaches."""
    output = example.derivation.source.outputs[0].name
    lines = [
        f"Which entries of {output} one entry of {example.wrt} reaches, with which weights:",
        "",
    ]
    for place in _places(example.shapes[example.wrt]):
        lines += [*indented(beside(_picture(example, output, place, width), width - 2)), ""]
    return lines


def _places(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The first, the middle and the last entry of the slice that is drawn."""
    head, tail = (0,) * len(shape[:-2]), shape[-2:]
    chosen = [tuple(0 for _ in tail), tuple(n // 2 for n in tail), tuple(n - 1 for n in tail)]
    return [head + place for place in dict.fromkeys(chosen)]


def _picture(
    example: WorkedExample, output: str, place: tuple[int, ...], width: int
) -> list[Block]:
    column = example.inputs.index((example.wrt, place))
    weights = {
        index: row[column]
        for (y, index), row in zip(example.outputs, example.matrix, strict=True)
        if y == output
    }
    names = Names(example.shapes)
    met = dict.fromkeys(u for weight in weights.values() for u in weight.unknowns())
    blocks = [_marked(example, example.wrt, [place], names((example.wrt, place)), width)]
    for tensor in dict.fromkeys(t for t, _ in met):
        marks = [index for t, index in met if t == tensor]
        blocks.append(
            _marked(example, tensor, marks, _title("meets", example, tensor, marks), width)
        )
    reached = [index for index, weight in weights.items() if weight.terms]
    cells = Array.build(
        example.shapes[output], lambda *index: polynomial_text(weights[index], names)
    )
    title = _title("reaches", example, output, reached)
    return [*blocks, titled(title, grid(slice_of(cells, _head(reached)), width - 2))]


def _marked(
    example: WorkedExample, tensor: str, marks: list[tuple[int, ...]], title: str, width: int
) -> Block:
    cells = Array.build(example.shapes[tensor], lambda *i: MARK if i in marks else DOT)
    return titled(title, grid(slice_of(cells, _head(marks)), width - 2))


def _head(places: list[tuple[int, ...]]) -> tuple[int, ...]:
    """The slice that is drawn: the one with the first of the places."""
    return min(places)[:-2] if places else ()


def _title(verb: str, example: WorkedExample, tensor: str, places: list[tuple[int, ...]]) -> str:
    slices = len({place[:-2] for place in places})
    more = f" and {slices - 1} more" if slices > 1 else ""
    return f"{verb} {slice_name(tensor, example.shapes[tensor], _head(places))}{more}"


def _matrix(example: WorkedExample, width: int) -> Block:
    names = Names(example.shapes)
    rows = [
        (names(y), [polynomial_text(cell, names) for cell in row])
        for y, row in zip(example.outputs, example.matrix, strict=True)
    ]
    y = ", ".join(e.name for e in example.derivation.source.outputs)
    rest = f" + (what does not contain {example.wrt})" if example.affine else ""
    drawn = table("T", [names(x) for x in example.inputs], rows, width - 2)
    title = f"As a matrix product: vec({y}) = T·vec({example.wrt}){rest}, with T ="
    return [title, "", *indented(drawn), ""]


def _comparison(example: WorkedExample, width: int) -> Block:
    wrt, count = example.wrt, len(example.by_matrix.entries)
    upstream = ", ".join(g for _, g in example.derivation.upstream)
    shown = [name for name in example.samples if name != wrt]
    blocks = [_numbers(name, example.samples[name], width) for name in shown]
    lines = [f"The gradient twice, for {', '.join(shown)} =", ""]
    lines += [*indented(beside(blocks, width - 2)), ""]
    results = [
        _numbers(f"∂L/∂{wrt}", example.by_matrix, width, f" = Tᵀ·vec({upstream})"),
        _numbers(f"∂L/∂{wrt}", example.by_formula, width, " by the derived formula"),
    ]
    lines += [*indented(beside(results, width - 2)), ""]
    if not example.differences:
        return [*lines, f"Equal in all {count} entries."]
    first = example.differences[0]
    return [
        *lines,
        f"DIFFERENT in {len(example.differences)} of {count} entries, first at {wrt}"
        f"[{', '.join(map(str, first))}]: {example.by_matrix[first]} by Tᵀ·vec({upstream}), "
        f"{example.by_formula[first]} by the formula.",
    ]


def _numbers(tensor: str, array: Array, width: int, more: str = "") -> Block:
    rows = [[number_text(v) for v in row] for row in slice_of(array)]
    widest = max((len(cell) for row in rows for cell in row), default=0)
    aligned = [[f"{cell:>{widest}}" for cell in row] for row in rows]
    return titled(slice_name(tensor, array.shape) + more, grid(aligned, width - 2))
