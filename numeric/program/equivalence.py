"""Whether an array program computes what its layer's equations say, for all sizes.

The meanings of the statements are put into one another until only the layer's tensors are left.
Then both sides are sums of products of entries, and these are compared product by product with
integer sets (``verify.claims``, which knows nothing of how the program was made).  Where that stays
open, both sides are evaluated exactly at small sizes, and the verdict is no more than *tested*.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from typing import Any

from sympy import Basic, Symbol

from derive.language.definition import Equation, Hyperparameter, Layer
from derive.language.printing import plain
from derive.language.terms import ZERO, AtMost
from numeric.program.assumptions import Assumptions
from numeric.program.samples import points
from numeric.program.statements import Program, Width
from verify.equality.definedness import Requirement, divisors, undefined
from verify.equality.flatten import Flattener, TooLarge
from verify.equality.places import Frame
from verify.equality.proof import TermComparison, compare, shown_equal
from verify.equality.terms import range_condition
from verify.evaluation.arithmetic import EXACT, FLOAT, Arithmetic
from verify.evaluation.arrays import Array, indices_of
from verify.evaluation.compiled import compiled
from verify.evaluation.exact import EXPLICIT, tabulated
from verify.evaluation.exact import run as run_layer
from verify.evaluation.nodes import EmptyMaximum
from verify.evaluation.samples import sample_inputs
from verify.evaluation.sizes import known
from verify.verdict import Counterexample, Obligation, Sample, Verdict

#: how often a product may read one tensor: the reads are paired in every order
_REPEATS = 2
#: how many entries the tensors of a sample may have together
_LARGEST = 200
#: how far floats may differ, in relation to the largest entry
_TOLERANCE = 1e-9
#: what a real hyperparameter without a default is
_HALF = Fraction(1, 2)


def judged(program: Program) -> Verdict:
    """*checked*, *tested* at small sizes, *refuted* by a counterexample, or *undecided*."""
    comparisons = [_compared(program, output) for output in program.outputs]
    doubt = next((c.why for c in comparisons if not c.equal), "")
    doubt = doubt or _division(program)
    if not doubt:
        return _checked(comparisons)
    count, exact = 0, True
    for trial in _trials(program):
        if trial.difference is not None:
            return Verdict("refuted", "a counterexample", (), trial.difference)
        count += trial.entries
        exact &= trial.exact
    if not count:
        return Verdict("undecided", doubt)
    sample = Sample(count, 0, 0.0 if exact else _TOLERANCE)
    return Verdict("tested", f"agrees at small sizes, and is not proved: {doubt}", sample=sample)


# --- for all sizes ------------------------------------------------------------------------------


def _compared(program: Program, output: str) -> TermComparison:
    """The products of entries on both sides."""
    layer = program.layer
    equation = layer.equation(output)
    assert equation is not None
    stated = {e.name: e for e in layer.equations}
    try:
        truth = Flattener(layer, stated).terms(equation.entry)
        made = Flattener(layer, _equations(program)).terms(equation.entry)
    except TooLarge:
        return TermComparison(None, why="multiplied out, one side has too many terms")
    if any(n > _REPEATS for t in (*truth, *made) for n in Counter(t.tensors).values()):
        return TermComparison(None, why="a product reads one tensor too often")
    frame = Frame(_with_widths(program, equation), equation.ranges)
    if not shown_equal(truth, made, frame):
        return TermComparison(None, why="their products of entries were not shown to be the same")
    return compare(truth, made, frame)


def _with_widths(program: Program, equation: Equation) -> Layer:
    """The layer, with what is known of sizes that are the largest values over the output's axes."""
    axes = set(zip(equation.indices, equation.extents, strict=True))
    widths = [s for s in program.statements if isinstance(s, Width) and axes.issuperset(s.over)]
    known_here = (AtMost(s.value, s.size) for s in widths)
    layer = program.layer
    return replace(layer, requirements=(*layer.requirements, *known_here))


def _equations(program: Program) -> dict[str, Equation]:
    """The statements as equations."""
    found = {}
    for s in program.statements:
        if not isinstance(s, Width):
            indices, given = tuple(i for i, _ in s.axes), (True,) * len(s.axes)
            found[s.name] = Equation(
                s.name, indices, s.extents, s.extents, given, s.meaning, s.meaning
            )
    return found


def _division(program: Program) -> str:
    """Why the program may divide by zero where the equations do not; or nothing.

    It is run only where a single output has entries.
    """
    layer = program.layer
    stated = [d for e in layer.equations for d in _divisors(e)]
    facts = Assumptions.of_outputs(layer, program.outputs).facts
    needed = [d for e in _equations(program).values() for d in _divisors(e)]
    made = [(condition, (*facts, *here)) for condition, here in needed]
    point, settled = undefined(stated, made, Frame(layer, ()))
    return "" if settled and point is None else "it may divide by zero"


def _divisors(equation: Equation) -> Iterator[Requirement]:
    ranges = zip(equation.indices, equation.extents, strict=True)
    known_here = tuple(c for i, n in ranges for c in range_condition(i, ZERO, n))
    yield from divisors(equation.explicit, known_here)


def _checked(comparisons: Sequence[TermComparison]) -> Verdict:
    conditions = tuple(
        Obligation("program", "same products", plain(d.condition), d.decider, True)
        for c in comparisons
        for d in c.decisions
        if d.decider != "arithmetic"
    )
    deciders = " and ".join(sorted({c.decider for c in conditions})) or "arithmetic"
    return Verdict("checked", f"equal for all sizes ({deciders})", conditions, None, conditions)


# --- at small sizes -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Trial:
    """How many entries were compared at one place, and the first that differs."""

    entries: int
    exact: bool
    difference: Counterexample | None = None


def _trials(program: Program) -> Iterator[_Trial]:
    layer = program.layer
    for point in points(layer):
        shapes = {t.name: tuple(known(axis.size, point) for axis in t.axes) for t in layer.tensors}
        if sum(map(prod, shapes.values())) > _LARGEST:
            continue
        parameters = {h.name: _number(h, point) for h in layer.hyperparameters}
        point = {**point, **{h.symbol: parameters[h.name] for h in layer.hyperparameters}}
        sizes = {s.name: point[s] for s in layer.sizes}
        arrays = sample_inputs(layer, shapes, parameters, sizes)
        trial = _at(program, arrays, point, EXACT) or _at(program, arrays, point, FLOAT)
        if trial is not None:
            yield trial


def _number(h: Hyperparameter, point: Mapping[Symbol, Any]) -> Any:
    """The value of a hyperparameter; of a real one its default, or one half."""
    return point.get(h.symbol, _HALF if h.default is None else h.default)


def _at(
    program: Program, arrays: dict[str, Array], point: dict[Symbol, Any], arithmetic: Arithmetic
) -> _Trial | None:
    """Both sides at one place; None where the equations have no value over these numbers."""
    exact = arithmetic is EXACT
    try:
        expected = run_layer(program.layer, arrays, point, EXPLICIT, arithmetic)
    except ArithmeticError:
        return None
    try:
        found = evaluated(program, arrays, point, arithmetic)
    except EmptyMaximum:  # where nobody looks at it
        return None
    except ArithmeticError as error:
        sizes = tuple((s.name, n) for s, n in point.items() if s in program.layer.symbols)
        return _Trial(0, exact, Counterexample(sizes, (), "a value", f"none: {error}"))
    count = 0
    for name in program.outputs:
        truth, made = expected[name], found[name]
        count += len(truth.entries)
        largest = 1 + max((abs(v) for v in truth.entries), default=0)
        room = 0 if exact else _TOLERANCE * largest
        for place, a, b in zip(indices_of(truth.shape), truth.entries, made.entries, strict=True):
            if not abs(a - b) <= room:
                difference = _counterexample(program.layer, name, point, place, a, b)
                return _Trial(count, exact, difference)
    return _Trial(count, exact)


def _counterexample(
    layer: Layer, name: str, point: dict[Symbol, Any], place: tuple[int, ...], truth: Any, made: Any
) -> Counterexample:
    equation = layer.equation(name)
    assert equation is not None
    sizes = tuple((s.name, n) for s, n in point.items() if s in layer.symbols)
    indices = tuple((i.name, n) for i, n in zip(equation.indices, place, strict=True))
    return Counterexample(sizes, indices, truth, made)


def evaluated(
    program: Program,
    arrays: Mapping[str, Array],
    values: Mapping[Symbol, Any],
    arithmetic: Arithmetic,
) -> dict[str, Array]:
    """The outputs by name: every statement by its meaning, entry by entry, without NumPy."""
    known, numbers = dict(arrays), dict(values)

    def value(expr: Basic) -> Any:
        return compiled(expr, program.layer, arithmetic)(numbers, known)

    for statement in program.statements:
        if isinstance(statement, Width):
            numbers[statement.size] = value(statement.meaning)
            continue
        shape = tuple(value(n) for n in statement.extents)
        body = compiled(statement.meaning, program.layer, arithmetic)
        indices = [i for i, _ in statement.axes]
        known[statement.name] = tabulated(body, indices, shape, numbers, known)
    return {name: known[name] for name in program.outputs}
