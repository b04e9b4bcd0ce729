"""What is told of a worked example: the pictures, the matrix, the comparison."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from derive.engine.record import Derivation
from derive.language.definition import Layer
from derive.presentation.blocks import Block, Chapter, Drawing, Grid, Paragraph, Strong, Told
from verify.evaluation.arrays import Array
from verify.evaluation.samples import shapes_from
from verify.examples.cells import (
    DOT,
    MARK,
    Names,
    array_data,
    number_text,
    polynomial_text,
    slice_name,
    slice_of,
)
from verify.examples.worked_example import WorkedExample, worked_example

Place = tuple[int, ...]


def examples(
    layer: Layer, derivations: Sequence[Derivation], size: str, kernel: str | None
) -> Chapter:
    """One example for each first derivative, at the sizes of the first two tensors.

    Raises ``ValueError`` for sizes that do not fit.
    """
    shapes = shapes_from(layer, size, kernel)
    try:
        found = [worked_example(d, shapes) for d in derivations if not d.source.derived_by]
    except ZeroDivisionError:
        message = "no worked example: the layer divides by zero at these sizes"
        raise ValueError(message) from None
    return Chapter("examples", tuple(map(told, found)))


def told(example: WorkedExample) -> Told:
    """The example in pictures, and its matrix as data."""
    return Told(partial(_blocks, example), partial(_records, example))


def _blocks(example: WorkedExample) -> Iterator[Block]:
    layer, wrt = example.derivation.source, example.wrt
    inputs = [f"{t.name} {_times(example.shapes[t.name])}" for t in layer.tensors]
    outputs = [f"{e.name} {_times(example.shapes[e.name])}" for e in layer.outputs]
    sizes = f": {', '.join(inputs)} → {', '.join(outputs)}"
    yield Paragraph((Strong(f"Worked example for ∂L/∂{wrt}"), sizes))
    if example.outputs and example.inputs:
        output = layer.outputs[0].name
        reached = f"Which entries of {output} one entry of {wrt} reaches, with which weights:"
        yield Paragraph((reached,))
        for place in _places(example.shapes[wrt]):
            yield Drawing(tuple(_picture(example, output, place)))
        yield from _matrix(example)
    yield from _comparison(example)


def _times(shape: Place) -> str:
    return "×".join(map(str, shape)) or "(one number)"


def _places(shape: Place) -> list[Place]:
    """The first, the middle and the last entry of the slice that is drawn."""
    head, tail = (0,) * len(shape[:-2]), shape[-2:]
    chosen = [tuple(0 for _ in tail), tuple(n // 2 for n in tail), tuple(n - 1 for n in tail)]
    return [head + place for place in dict.fromkeys(chosen)]


def _picture(example: WorkedExample, output: str, place: Place) -> Iterator[Grid]:
    """Where an entry of ``wrt`` is, what it meets, what it reaches."""
    column = example.inputs.index((example.wrt, place))
    weights = {
        index: row[column]
        for (y, index), row in zip(example.outputs, example.matrix, strict=True)
        if y == output
    }
    names = Names(example.shapes)
    yield _marked(example, example.wrt, [place], names((example.wrt, place)))
    met = dict.fromkeys(u for weight in weights.values() for u in weight.unknowns())
    for tensor in dict.fromkeys(t for t, _ in met):
        marks = [index for t, index in met if t == tensor]
        yield _marked(example, tensor, marks, _title("meets", example, tensor, marks))
    reached = [index for index, weight in weights.items() if weight.terms]
    cells = Array.build(
        example.shapes[output], lambda *index: polynomial_text(weights[index], names)
    )
    yield Grid(slice_of(cells, _head(reached)), _title("reaches", example, output, reached))


def _marked(example: WorkedExample, tensor: str, marks: list[Place], title: str) -> Grid:
    cells = Array.build(example.shapes[tensor], lambda *i: MARK if i in marks else DOT)
    return Grid(slice_of(cells, _head(marks)), title)


def _head(places: list[Place]) -> Place:
    """The slice that is drawn: the one with the first of the places."""
    return min(places)[:-2] if places else ()


def _title(verb: str, example: WorkedExample, tensor: str, places: list[Place]) -> str:
    slices = len({place[:-2] for place in places})
    more = f" and {slices - 1} more" if slices > 1 else ""
    return f"{verb} {slice_name(tensor, example.shapes[tensor], _head(places))}{more}"


def _matrix(example: WorkedExample) -> Iterator[Block]:
    y = ", ".join(e.name for e in example.derivation.source.outputs)
    rest = f" + (what does not contain {example.wrt})" if example.affine else ""
    yield Paragraph((f"As a matrix product: vec({y}) = T·vec({example.wrt}){rest}, with T =",))
    yield Drawing((_whole(example),))


def _whole(example: WorkedExample) -> Grid:
    names = Names(example.shapes)
    cells = tuple(tuple(polynomial_text(cell, names) for cell in row) for row in example.matrix)
    rows, columns = (tuple(map(names, side)) for side in (example.outputs, example.inputs))
    return Grid(cells, rows=rows, columns=columns, corner="T")


def _comparison(example: WorkedExample) -> Iterator[Block]:
    wrt, count = example.wrt, len(example.by_matrix.entries)
    upstream = ", ".join(g for _, g in example.derivation.upstream)
    shown = [name for name in example.samples if name != wrt]
    yield Paragraph((f"The gradient twice, for {', '.join(shown)} =",))
    yield Drawing(tuple(_numbers(name, example.samples[name]) for name in shown))
    by_matrix = _numbers(f"∂L/∂{wrt}", example.by_matrix, f" = Tᵀ·vec({upstream})")
    by_formula = _numbers(f"∂L/∂{wrt}", example.by_formula, " by the derived formula")
    yield Drawing((by_matrix, by_formula))
    if not example.differences:
        yield Paragraph((f"Equal in all {count} entries.",))
        return
    first = example.differences[0]
    different = (
        f" in {len(example.differences)} of {count} entries, first at {wrt}"
        f"[{', '.join(map(str, first))}]: {example.by_matrix[first]} by Tᵀ·vec({upstream}), "
        f"{example.by_formula[first]} by the formula."
    )
    yield Paragraph((Strong("DIFFERENT"), different))


def _numbers(tensor: str, array: Array, more: str = "") -> Grid:
    rows = [[number_text(v) for v in row] for row in slice_of(array)]
    widest = max((len(cell) for row in rows for cell in row), default=0)
    cells = tuple(tuple(f"{cell:>{widest}}" for cell in row) for row in rows)
    return Grid(cells, slice_name(tensor, array.shape) + more)


def _records(example: WorkedExample) -> Iterator[dict[str, Any]]:
    whole = _whole(example)
    matrix = {"rows": whole.rows, "columns": whole.columns, "cells": whole.cells}
    yield {
        "layer": example.derivation.source.name,
        "wrt": example.wrt,
        "shapes": {name: list(shape) for name, shape in example.shapes.items()},
        "matrix": matrix,
        "affine": example.affine,
        "samples": {name: array_data(array) for name, array in example.samples.items()},
        "by_matrix": array_data(example.by_matrix),
        "by_formula": array_data(example.by_formula),
        "differences": [list(place) for place in example.differences],
    }
