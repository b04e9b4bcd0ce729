"""Where a claim and the truth differ at given sizes, and numbers that show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice, product
from math import prod
from typing import Any

from derive.language.definition import Layer
from verify.claims.evaluation import Arrays, Evaluator, Place, Undefined
from verify.evaluation.arithmetic import EXACT, FLOAT, Arithmetic, NotExact
from verify.evaluation.arrays import Array, indices_of
from verify.evaluation.compiled import Values
from verify.evaluation.polynomials import POLYNOMIALS, Polynomial, Unknown
from verify.evaluation.sizes import known

#: two floats count as different beyond this share of their size
TOLERANCE = 1e-7
#: how many tables of integers are tried at each size
_TABLES = 8
#: what the inputs hold where a layer is no polynomial: of both signs with zeros, then positive,
#: then between the whole numbers, where no threshold that somebody writes is met
_PALETTES: tuple[tuple[int | Fraction, ...], ...] = (
    (0, 1, -1, 2, -2),
    (2, 1, 0, -1, -2),
    (1, 2, 3, 1, 4),
    (0, 0, 0, 0, 0),
    tuple(Fraction(n, 4) for n in (2, -6, 1, 10, -1)),
)
_UPSTREAM = (1, 2, -1, 3, -2)

#: why a point decides nothing
NO_DERIVATIVE = "where the layer has no derivative"
NO_VALUE = "where the claim has no value"

Tables = Mapping[str, Array]


@dataclass(frozen=True)
class Difference:
    """One entry for which the two sides differ.

    ``claimed`` is None where the claim has no value: that counts only where there is no other
    difference, and where it has none for other numbers either.  ``products`` are the truth and the
    claim as polynomials in tensor entries, None where one of them is no polynomial.  ``idle`` says
    why the point decides nothing, if so.
    """

    values: Values
    at: Place
    truth: Any
    claimed: Any
    tensors: Arrays
    products: tuple[Polynomial, Polynomial] | None
    idle: str = ""

    @property
    def weight(self) -> int:
        """2: it refutes the claim whatever else is found, 1: where nothing else is, 0: never."""
        return 0 if self.idle else 1 + (self.claimed is not None)


@dataclass(frozen=True)
class Compared:
    """The first difference at some sizes, how many entries were compared, and whether exactly.

    Where the layer itself has no value, no entries were compared.
    """

    difference: Difference | None
    entries: int
    exact: bool = True


def difference_at(evaluator: Evaluator, values: Values, *only: Place) -> Compared:
    """Compare the two sides at given sizes, at some indices or at all."""
    entries = 0
    places = only or tuple(indices_of(evaluator.shape(values)))
    for tables in islice(_tables(evaluator.subject.layer, values), _TABLES):
        try:
            pairs = _as_polynomials(evaluator, values, tables, places)
            difference, compared = _first_difference(pairs)
        except NotExact:
            return _as_numbers(evaluator, values, tables, places)
        except (ArithmeticError, ValueError):
            continue
        entries = max(entries, compared)
        if difference is not None:
            return Compared(difference, entries)
    return Compared(None, entries)


def _first_difference(pairs: Iterator[Difference | None]) -> tuple[Difference | None, int]:
    """The first of the greatest weight, and how many pairs were looked at."""
    first, count = None, 0
    for found in pairs:
        count += 1
        first = weightier(first, found)
        if first is not None and first.weight == 2:
            break
    return first, count


def weightier(a: Difference | None, b: Difference | None) -> Difference | None:
    """The one of greater weight, the first of equals."""
    return b if a is None or (b is not None and b.weight > a.weight) else a


def _tables(layer: Layer, values: Values) -> Iterator[dict[str, Array]]:
    """Values for the tables of integers: all that are possible, smallest first."""
    names, shapes, bounds = [], [], []
    for tensor in layer.tensors:
        if tensor.integer:
            names.append(tensor.name)
            shapes.append(tuple(known(a.size, values) for a in tensor.axes))
            bounds.append(3 if tensor.below is None else known(tensor.below, values))
    choices = [
        product(range(bound), repeat=prod(shape))
        for shape, bound in zip(shapes, bounds, strict=True)
    ]
    for entries in product(*choices):
        arrays = (Array(s, e) for s, e in zip(shapes, entries, strict=True))
        yield dict(zip(names, arrays, strict=True))


def _as_polynomials(
    evaluator: Evaluator, values: Values, tables: Tables, places: Sequence[Place]
) -> Iterator[Difference | None]:
    """For each index the difference between two polynomials in all entries, if there is one."""
    tensors = evaluator.results(values, {**evaluator.unknowns(values), **tables}, POLYNOMIALS)
    for at, truth in evaluator.true_polynomials(places, tensors):
        try:
            claimed = Polynomial.of(evaluator.claimed(at, values, tensors, POLYNOMIALS))
        except Undefined:
            numbers = _numbers(evaluator, values, tables, {})
            yield Difference(values, at, truth.at(numbers), None, numbers, None)
            continue
        gap = claimed + truth * -1
        if not gap.terms:
            yield None
            continue
        numbers = _telling(evaluator, values, tables, gap)
        sides = truth.at(numbers), claimed.at(numbers)
        yield Difference(values, at, *sides, numbers, (truth, claimed))


def _telling(evaluator: Evaluator, values: Values, tables: Tables, gap: Polynomial) -> Arrays:
    """Tensors of zeros and a few ones that tell the two sides apart.

    Only the entries of one product in the gap are not zero, of one with as few different entries as
    possible.  Not vanishing, the gap does not vanish on a grid of more numbers than its degree.
    """
    chosen = min(gap.terms, key=lambda m: (len(set(m)), m))
    entries = list(dict.fromkeys(chosen))
    degree = max(len(m) for m in gap.terms)
    grid = product(range(1, degree + 2), repeat=len(entries))
    candidates = (
        _numbers(evaluator, values, tables, dict(zip(entries, numbers, strict=True)))
        for numbers in grid
    )
    return next(numbers for numbers in candidates if gap.at(numbers) != 0)


def _numbers(
    evaluator: Evaluator, values: Values, tables: Tables, marks: Mapping[Unknown, int]
) -> Arrays:
    """Tensors that are zero but for a few entries."""
    found = {
        name: Array.build(shape, lambda *at, name=name: marks.get((name, at), 0))
        for name, shape in evaluator.shapes(values).items()
    }
    return {**found, **tables}


def _as_numbers(
    evaluator: Evaluator, values: Values, tables: Tables, places: Sequence[Place]
) -> Compared:
    """Both sides for a few inputs: exactly where they are rational, else in floats."""
    found = [
        _painted_alike(evaluator, values, {**_painted(evaluator, values, number), **tables}, places)
        for number in range(len(_PALETTES))
    ]
    compared = [c for c in found if c.entries]
    differences = [c.difference for c in compared if c.difference is not None]
    first = min(differences, key=lambda d: (-d.weight, d.at), default=None)
    if first is not None and first.claimed is None and len(differences) < len(compared):
        first = replace(first, idle=first.idle or NO_VALUE)
    return Compared(first, max(c.entries for c in found), all(c.exact for c in found))


def _painted_alike(
    evaluator: Evaluator, values: Values, arrays: Arrays, places: Sequence[Place]
) -> Compared:
    """Both sides for one input; nothing is compared where the layer has no value."""
    exact = True
    for arithmetic in (EXACT, FLOAT):
        try:
            pairs = _with_numbers(evaluator, values, arrays, places, arithmetic)
            return Compared(*_first_difference(pairs), exact)
        except NotExact:
            exact = False
        except (ArithmeticError, ValueError):
            break
    return Compared(None, 0, exact)


def _painted(evaluator: Evaluator, values: Values, number: int) -> dict[str, Array]:
    """Small integers without an obvious pattern; upstream gradients are never all zero."""
    painted = {}
    for position, (name, shape) in enumerate(evaluator.shapes(values).items()):
        upstream = name in evaluator.subject.upstream.values()
        colours = _UPSTREAM if upstream else _PALETTES[number]
        entries = (
            colours[(k * k + 2 * k + position + number) % len(colours)] for k in range(prod(shape))
        )
        painted[name] = Array(shape, tuple(entries))
    return painted


def _with_numbers(
    evaluator: Evaluator,
    values: Values,
    arrays: Arrays,
    places: Sequence[Place],
    arithmetic: Arithmetic,
) -> Iterator[Difference | None]:
    """For each index the difference between two numbers, if there is one."""
    tensors = evaluator.results(values, arrays, arithmetic)
    for at, truth in evaluator.true_numbers(places, values, arrays, arithmetic):
        try:
            claimed = evaluator.claimed(at, values, tensors, arithmetic)
        except Undefined:
            claimed = None
        if claimed is None or _differ(truth, claimed):
            decides = evaluator.decides(at, values, arrays, arithmetic)
            idle = "" if decides else NO_DERIVATIVE
            yield Difference(values, at, truth, claimed, arrays, None, idle)
        else:
            yield None


def _differ(a: Any, b: Any) -> bool:
    if isinstance(a, float) or isinstance(b, float):
        return not abs(a - b) <= TOLERANCE * (1 + abs(a) + abs(b))
    return bool(a != b)
