"""One gradient at concrete sizes: what reaches what, the layer as a matrix, and Tᵀ·g as a proof.

The layer is evaluated over polynomials, so the matrix T with y = T·vec(x) is read off the written
equations themselves.  Multiplying by its transpose is then a second, independent way to ∂L/∂x.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from derive.engine.record import Derivation
from derive.language.definition import Layer
from verify.evaluation.arithmetic import NotExact
from verify.evaluation.arrays import Array, indices_of
from verify.evaluation.compiled import Values
from verify.evaluation.exact import WRITTEN, evaluate_explicit, run
from verify.evaluation.polynomials import POLYNOMIALS, Polynomial, Unknown
from verify.evaluation.samples import Shapes, sample, sample_inputs
from verify.evaluation.sizes import Number, bindings

#: the most entries of all inputs together, and of the matrix, that still make an example
MOST_INPUTS = 2_000
MOST_ENTRIES = 100_000


class NotLinear(ValueError):
    """The layer is no matrix product in this tensor."""


@dataclass(frozen=True)
class WorkedExample:
    """A layer's gradient at concrete sizes.

    ``matrix`` has one row for each of ``outputs`` and one column for each of ``inputs``; its
    entries are polynomials in the other tensors; ``affine`` says whether the outputs also have a
    part without ``wrt``, such as a bias.  ``by_matrix`` and ``by_formula`` are ∂L/∂wrt for
    the sample values in ``samples``, which hold the inputs and the upstream gradients.
    """

    derivation: Derivation
    shapes: dict[str, tuple[int, ...]]
    outputs: tuple[Unknown, ...]
    inputs: tuple[Unknown, ...]
    matrix: tuple[tuple[Polynomial, ...], ...]
    affine: bool
    samples: dict[str, Array]
    by_matrix: Array
    by_formula: Array

    @property
    def wrt(self) -> str:
        return self.derivation.wrt

    @property
    def differences(self) -> tuple[tuple[int, ...], ...]:
        """The indices at which the two gradients differ: none, if the derivation is right."""
        pairs = zip(self.by_matrix.entries, self.by_formula.entries, strict=True)
        places = indices_of(self.by_matrix.shape)
        return tuple(index for index, (a, b) in zip(places, pairs, strict=True) if a != b)


def worked_example(
    derivation: Derivation,
    shapes: Shapes,
    hyperparameters: Mapping[str, Number] = {},
    sizes: Mapping[str, int] = {},
) -> WorkedExample:
    """The example for these shapes, one for each input of the layer, with small sample values."""
    layer, wrt = derivation.source, derivation.wrt
    _refuse_more(sum(map(prod, shapes.values())), MOST_INPUTS, "input entries")
    samples = sample_inputs(layer, shapes, hyperparameters, sizes)
    values = bindings(layer, samples, hyperparameters, sizes)
    formulas = _formulas(layer, wrt, samples, values)
    for position, (y, g) in enumerate(derivation.upstream):
        samples[g] = sample(formulas[y].shape, position + len(layer.tensors))
    results = evaluate_explicit(derivation.layer, samples, hyperparameters, sizes)
    entries = [entry for array in formulas.values() for entry in array.entries]
    outputs = [(y, index) for y, array in formulas.items() for index in indices_of(array.shape)]
    inputs = [(wrt, index) for index in indices_of(shapes[wrt])]
    _refuse_more(len(outputs) * len(inputs), MOST_ENTRIES, "matrix entries")
    matrix = [tuple(entry.derivative(x) for x in inputs) for entry in entries]
    upstream = {y: samples[g] for y, g in derivation.upstream}
    weights = [upstream[y][index] for y, index in outputs]
    return WorkedExample(
        derivation,
        {name: array.shape for name, array in (samples | formulas).items()},
        tuple(outputs),
        tuple(inputs),
        tuple(matrix),
        any(not entry.homogeneous_in(wrt) for entry in entries),
        samples,
        Array(shapes[wrt], tuple(_transposed(matrix, weights, samples, len(inputs)))),
        results[derivation.adjoints[-1].name],
    )


def _refuse_more(count: int, most: int, what: str) -> None:
    if count > most:
        raise ValueError(f"no worked example with {count} {what}: choose smaller sizes")


def _transposed(
    matrix: Sequence[Sequence[Polynomial]],
    weights: Sequence[Fraction],
    samples: Mapping[str, Array],
    columns: int,
) -> Iterator[Fraction]:
    """The entries of Tᵀ·vec(g)."""
    for column in range(columns):
        terms = (g * row[column].at(samples) for g, row in zip(weights, matrix, strict=True))
        yield sum(terms, Fraction(0))


def _formulas(
    layer: Layer, wrt: str, samples: Mapping[str, Array], values: Values
) -> dict[str, Array]:
    """Every output's entries as polynomials in the entries of the inputs, linear in ``wrt``."""
    unknowns = {
        t.name: samples[t.name]
        if t.integer
        else Array.build(samples[t.name].shape, lambda *i, t=t: Polynomial.unknown(t.name, i))
        for t in layer.tensors
    }
    try:
        results = run(layer, unknowns, values, WRITTEN, POLYNOMIALS)
    except NotExact as reason:
        raise NotLinear(
            f"no worked example: {layer.name} is no matrix product ({reason})"
        ) from None
    formulas = {e.name: results[e.name].map(Polynomial.of) for e in layer.outputs}
    if any(entry.degree_in(wrt) > 1 for a in formulas.values() for entry in a.entries):
        raise NotLinear(f"no worked example: {layer.name} is not linear in {wrt}")
    return formulas
