"""Whether every step keeps the value, on sampled sizes: evidence beside the replay, no proof.

Where a step does not, all sizes are tried in order, for the smallest ones that show it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from math import isclose, isinf, isnan
from random import Random
from typing import Any

from sympy import Add, Basic, Expr, Mul

from derive.engine.record import Adjoint, Derivation
from derive.language.definition import Layer
from derive.language.terms import Entry, Iverson, Partial, Size
from verify.checker.structure import DEFINITION
from verify.checker.trials import Sampled, drawn, in_order
from verify.evaluation.arithmetic import EXACT, FLOAT, Arithmetic
from verify.evaluation.arrays import Array, indices_of, inner
from verify.evaluation.closures import Closure, Compiler, Reader
from verify.evaluation.compiled import TermCompiler, Values, compiled
from verify.evaluation.dual import DUAL, DUAL_FLOAT, Dual, directional_derivative, slope_of
from verify.evaluation.readers import read_inside
from verify.verdict import Counterexample, Sample

SEED = 0
TOLERANCE = 1e-8
#: how many trials are made, and how many entries of a gradient are looked at in each
TRIALS = 3
ENTRIES = 2
#: what happens where an expression has no value, or, in a broken record, no meaning
_NO_VALUE = (ArithmeticError, LookupError, TypeError, ValueError)


@dataclass
class Sampling:
    """What sampling has come to: how many entries were compared, and the first difference.

    ``place`` says between which steps the value changed.
    """

    examples: int = 0
    exact: bool = True
    place: str = ""
    counterexample: Counterexample | None = None

    @property
    def sample(self) -> Sample:
        """How much was tried."""
        return Sample(self.examples, SEED, 0.0 if self.exact else TOLERANCE)


def sampled(derivation: Derivation) -> Sampling:
    """The evidence from a few random trials; in the last one some tensor is empty if possible."""
    random = Random(SEED)
    evidence = Sampling()

    def empty_range(trial: Sampled) -> bool:
        return trial.empty and bool(trial.arrays[derivation.wrt].entries)

    for wanted in [lambda trial: not trial.empty] * (TRIALS - 1) + [empty_range]:
        trial = drawn(derivation.source, dict(derivation.upstream), random, wanted)
        if trial is not None and evidence.counterexample is None:
            compare(derivation, trial, evidence, ENTRIES, random)
    return evidence


def compare(
    derivation: Derivation, trial: Sampled, evidence: Sampling, entries: int, random: Random
) -> None:
    """Evaluate all steps of all adjoints at some entries, up to the first difference."""
    evidence.exact = evidence.exact and trial.arithmetic is EXACT
    for adjoint in derivation.adjoints:
        places = list(indices_of(trial.arrays[adjoint.target.tensor].shape))
        for place in random.sample(places, min(entries, len(places))):
            _follow(derivation, adjoint, trial, place, evidence)
            if evidence.counterexample is not None:
                return
            evidence.examples += 1
        if adjoint is not derivation.adjoints[-1]:
            trial = _with_gradient(derivation.source, adjoint, trial)


def _follow(
    derivation: Derivation,
    adjoint: Adjoint,
    trial: Sampled,
    place: tuple[int, ...],
    found: Sampling,
) -> None:
    """Compare each step with the one before it, and the first with the layer's own slope."""
    indices: Values = dict(zip(adjoint.target.at, place, strict=True))
    expected = None
    if adjoint is derivation.adjoints[-1]:
        expected = _slope(derivation, trial, place)
    name = "the layer"
    infinite = _infinite(trial)
    results = list(_stages(adjoint))
    value_of = _by_summands(derivation.source, trial, indices)
    for label, expr in (*results, *_closings(derivation, adjoint)):
        value = value_of(expr)
        if value is None and infinite:  # 0·∞: neither side is wrong
            continue
        if value is None and label not in dict(results):  # a closed form may have no value
            continue
        if expected is not None and not _agree(expected, value, trial):
            found.place = f"between {name} and {label}"
            found.counterexample = _counterexample(trial, indices, expected, value)
            return
        if value is not None:
            expected, name = value, label


def _infinite(trial: Sampled) -> bool:
    """Whether some tensor has an infinite entry, such as the maximum of padding."""
    entries = (entry for array in trial.arrays.values() for entry in array.entries)
    return any(isinstance(entry, float) and isinf(entry) for entry in entries)


def _stages(adjoint: Adjoint) -> Iterator[tuple[str, Expr]]:
    """What each step made of the gradient, from where all definitions have been put in."""
    steps = adjoint.steps
    last = max((n for n, s in enumerate(steps) if s.rule == DEFINITION), default=0)
    for number, step in enumerate(steps[last:], last + 1):
        yield f"step {number} ({step.rule})", step.after
    yield "the result", adjoint.result


def _closings(derivation: Derivation, adjoint: Adjoint) -> Iterator[tuple[str, Expr]]:
    """What the steps to a closed form made of the result."""
    for closing in (c for c in derivation.closings if c.adjoint == adjoint.name):
        for number, step in enumerate(closing.steps, 1):
            yield f"step {number} to the closed form ({step.rule})", step.after


def _slope(derivation: Derivation, trial: Sampled, place: tuple[int, ...]) -> Any:
    """∂L/∂x[p] by dual numbers through the layer as it was written; None: it has no value."""
    source, wrt = derivation.source, derivation.wrt
    inputs = {t.name: trial.arrays[t.name] for t in source.tensors}
    unit = Array.build(inputs[wrt].shape, lambda *index: int(index == place))
    given = {h.name: trial.values[h.symbol] for h in source.hyperparameters}
    sizes = {s.name: trial.values[s] for s in source.sizes}
    numbers = DUAL if trial.arithmetic is EXACT else DUAL_FLOAT
    try:
        slopes = directional_derivative(source, inputs, {wrt: unit}, given, sizes, numbers)
    except ArithmeticError:
        return None
    return _some(sum(inner(trial.arrays[g], slopes[y]) for y, g in derivation.upstream))


def _by_summands(source: Layer, trial: Sampled, indices: Values) -> Callable[[Expr], Any]:
    """What gives expressions their values; of a sum only the summands that it has not seen yet.

    A step changes one summand, so that of a hundred all others have their values already.
    """

    @cache
    def value_of(term: Expr) -> Any:
        return _value(term, source, trial, indices)

    def sum_of(expr: Expr) -> Any:
        terms = [*map(value_of, expr.args if isinstance(expr, Add) else (expr,))]
        return None if None in terms else _some(sum(terms[1:], terms[0]))

    return sum_of


def _value(expr: Expr, source: Layer, trial: Sampled, indices: Values) -> Any:
    try:
        run = evaluator(expr, source, trial.arrays, trial.values, trial.arithmetic)
        return _some(run(indices))
    except _NO_VALUE:
        return None


def _some(value: Any) -> Any:
    """The value; None where it is none, as 0·∞ of an entry that is infinite."""
    return None if isinstance(value, float) and isnan(value) else value


def _with_gradient(source: Layer, adjoint: Adjoint, trial: Sampled) -> Sampled:
    """The trial with an intermediate's upstream gradient filled in from its result."""
    target = adjoint.target
    entries = tuple(
        _value(adjoint.result, source, trial, dict(zip(target.at, place, strict=True)))
        for place in indices_of(trial.arrays[target.tensor].shape)
    )
    array = Array(trial.arrays[target.tensor].shape, entries)
    return Sampled(trial.values, {**trial.arrays, adjoint.name: array}, trial.arithmetic)


def _agree(expected: Any, value: Any, trial: Sampled) -> bool:
    if value is None:
        return False
    if trial.arithmetic is EXACT:
        return bool(expected == value)
    return isclose(expected, value, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _counterexample(trial: Sampled, indices: Values, expected: Any, value: Any) -> Counterexample:
    order = sorted(trial.values, key=lambda s: not isinstance(s, Size))
    sizes = tuple((s.name, trial.values[s]) for s in order)
    return Counterexample(sizes, tuple((i.name, n) for i, n in indices.items()), expected, value)


#: how many trials are made, in the order of their sizes
_TRIALS = 200
#: how many random ones follow where these show nothing
_DRAWS = 30
#: up to how many entries are looked at for each
_ENTRIES = 6


def smallest(derivation: Derivation, evidence: Sampling) -> Sampling:
    """The evidence with the first difference in the order of sizes, where there is one.

    Sizes go by their sum, then lexicographically; larger ones are tried at random.
    """
    random = Random(SEED)
    more = replace(evidence, place="", counterexample=None)
    trials = in_order(derivation.source, dict(derivation.upstream), random)
    for trial in islice(trials, _TRIALS):
        compare(derivation, trial, more, _ENTRIES, random)
        if more.counterexample is not None:
            return more
    for _ in range(_DRAWS if evidence.counterexample is None else 0):
        large = drawn(derivation.source, dict(derivation.upstream), random, lambda trial: True)
        if large is not None and more.counterexample is None:
            compare(derivation, large, more, _ENTRIES, random)
    found = evidence if more.counterexample is None else more
    return replace(found, examples=more.examples)


#: the dual numbers over each kind of number
_DUALS = {EXACT: DUAL, FLOAT: DUAL_FLOAT}


class _Compiler(TermCompiler):
    """Compiles derivatives too, over dual numbers: wherever e reads x at p, ∂e/∂x[p] has slope 1.

    A guard's derivative is 0, and like a guard that fails it makes a product 0.
    """

    def value(self, expr: Basic) -> Closure:
        if isinstance(expr, Partial):
            return self._slope(expr)
        if isinstance(expr, Mul) and any(_of_a_guard(factor) for factor in expr.args):
            return lambda env: 0
        return super().value(expr)

    def _slope(self, expr: Partial) -> Closure:
        body, target = expr.args
        place = [self.value(index) for index in target.indices]
        outer = self.arithmetic, self.read
        self.arithmetic, self.read = _DUALS[self.arithmetic], _seeded(target.tensor, place)
        try:
            moved = self.value(body)
        finally:
            self.arithmetic, self.read = outer
        return lambda env: slope_of(moved(env))


def _of_a_guard(factor: Basic) -> bool:
    return isinstance(factor, Partial) and isinstance(factor.args[0], Iverson)


def _seeded(tensor: str, place: Sequence[Closure]) -> Reader:
    """A reader for which one entry of one tensor has slope 1."""

    def make(compiler: Compiler, entry: Entry) -> Closure:
        plain = read_inside(compiler, entry)
        if entry.tensor != tensor:
            return plain
        indices = [compiler.value(index) for index in entry.indices]
        pairs = list(zip(indices, place, strict=True))
        return lambda env: Dual(plain(env), int(all(i(env) == p(env) for i, p in pairs)))

    return make


def evaluator(
    expr: Expr, layer: Layer, arrays: Mapping[str, Array], values: Values, arithmetic: Arithmetic
) -> Callable[[Values], Any]:
    """The value of an expression as a function of the values of its free indices."""
    made = compiled(expr, layer, arithmetic, read_inside, _Compiler)
    return lambda indices: made({**values, **indices}, arrays)
