"""Shapes and small sample values for the inputs of a layer, always the same ones."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from derive.language.definition import Axis, Layer
from derive.language.terms import Size, symbols_of
from verify.evaluation.arrays import Array
from verify.evaluation.compiled import Values
from verify.evaluation.sizes import Number, bindings, known

Shapes = Mapping[str, tuple[int, ...]]


def sample_inputs(
    layer: Layer,
    shapes: Shapes,
    hyperparameters: Mapping[str, Number],
    sizes: Mapping[str, int],
) -> dict[str, Array]:
    """Small integers for every input; entries of integer tables within their bounds."""
    zeros = {name: Array.build(shape, lambda *index: 0) for name, shape in shapes.items()}
    values = bindings(layer, zeros, hyperparameters, sizes)
    samples = {}
    for position, tensor in enumerate(layer.tensors):
        samples[tensor.name] = sample(shapes[tensor.name], position)
        if tensor.integer:
            bound = 10 if tensor.below is None else known(tensor.below, values)
            table = samples[tensor.name]
            samples[tensor.name] = Array(table.shape, tuple(v % bound for v in table.entries))
    return samples


def sample(shape: tuple[int, ...], position: int) -> Array:
    """Small integers of both signs without an obvious pattern, other ones for each tensor."""
    numbers = ((5 * k * k + 3 * k + 7 * position + 1) % 11 - 4 for k in range(prod(shape)))
    return Array(shape, tuple(numbers))


def shapes_from(layer: Layer, size: str | None, kernel: str | None) -> dict[str, tuple[int, ...]]:
    """The shapes of all inputs from ``4x4`` for the first tensor and ``2x2`` for the second.

    Fewer numbers than axes are the last axes; sizes that remain open are 1.
    """
    given = [text for text in (size, kernel) if text is not None]
    tensors = [t for t in layer.tensors if t.axes]
    places = [0] * (size is not None) + [1] * (kernel is not None)
    values: Values = {}
    wanted: dict[str, tuple[int, ...]] = {}
    for text, place in zip(given, places, strict=True):
        if place >= len(tensors):
            raise ValueError(f"{layer.name} has no {'second ' * place}tensor for the size {text}")
        name = tensors[place].name
        wanted[name] = _assign(name, tensors[place].axes, text, values)
    for tensor in tensors:
        for axis in tensor.axes:
            for symbol in symbols_of(axis.size):
                if isinstance(symbol, Size):
                    values.setdefault(symbol, 1)
    defaults: Values = {h.symbol: h.default for h in layer.hyperparameters if h.default is not None}
    everything = defaults | values
    shapes = {
        t.name: tuple(int(known(axis.size, everything)) for axis in t.axes) for t in layer.tensors
    }
    for name, numbers in wanted.items():
        if shapes[name][-len(numbers) :] != numbers:
            found = "x".join(map(str, shapes[name]))
            raise ValueError(f"the size given for {name} does not fit: it would be {found}")
    return shapes


def _assign(name: str, axes: tuple[Axis, ...], text: str, values: Values) -> tuple[int, ...]:
    """Give the sizes that stand alone on an axis their values; all numbers of the text."""
    numbers = text.lower().replace("×", "x").split("x")
    if not all(n.isascii() and n.isdigit() and len(n) < 4 for n in numbers):
        raise ValueError(f"a size is written like 4x4, not {text!r}")
    if len(numbers) > len(axes):
        raise ValueError(f"{name} has {len(axes)} axes, but {text} gives {len(numbers)} sizes")
    found = tuple(map(int, numbers))
    for axis, n in zip(axes[len(axes) - len(found) :], found, strict=True):
        if isinstance(axis.size, Size) and values.setdefault(axis.size, n) != n:
            raise ValueError(f"{axis.size} would be both {values[axis.size]} and {n}")
    return found
