"""What is true of a layer in one case, worked out once however much code is held against it.

The sources are independent: the written equations evaluated, the derived gradient, dual numbers
over the written equations, central differences of their values, and plain loops.  What one says
another one confirms.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import isfinite
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from derive.language.entrywise import entrywise, of_rank
from verify.evaluation.arithmetic import EXACT, FLOAT, NotExact
from verify.evaluation.arrays import Array, inner
from verify.evaluation.dual import DUAL, DUAL_FLOAT, directional_derivative
from verify.evaluation.exact import evaluate, evaluate_explicit
from verify.evaluation.sizes import bindings
from verify.evaluation.windows import misfit
from verify.trying.case import Case, Filler
from verify.trying.differences import Estimate, central
from verify.trying.numbers import exact_array, numbers_of, numpy_array, scale_of
from verify.trying.subject import Arrays, LayerUnderTest, Skipped

#: int64 holds no more
_LARGEST = 2**62
#: a change that is small, relative or not, and exact in binary
SLIGHT = Fraction(1, 2**20)

T = TypeVar("T")


@dataclass(frozen=True)
class Gradient:
    """A gradient as it should be; ``exact`` says that no float took part."""

    array: Array
    exact: bool

    @property
    def whole(self) -> bool:
        """Whether all entries are exact whole numbers."""
        return self.exact and all(Fraction(e).denominator == 1 for e in self.array.entries)

    @property
    def scale(self) -> float:
        """One more than the largest entry."""
        return scale_of(self.array)

    def apart(self, other: Gradient) -> float:
        """The largest difference from another one."""
        pairs = zip(self.array.entries, other.array.entries, strict=True)
        return max((abs(float(a - b)) for a, b in pairs), default=0.0)


class Truth:
    """One case of a layer: its arrays, and what must come of them.

    Raises ``Skipped`` where the layer has no value: a maximum over nothing, a division by zero.
    """

    def __init__(self, subject: LayerUnderTest, case: Case) -> None:
        self.subject = subject
        self.layer = subject.layer
        self.case = case
        self._gradients: dict[str, Gradient] = {}
        self._known: dict[Hashable, Any] = {}

    def once(self, what: Hashable, work: Callable[[], T]) -> T:
        """What some property makes of the case, worked out once; ``what`` names it.

        That there is nothing (``Skipped``) is remembered, too.
        """
        if what not in self._known:
            try:
                self._known[what] = work()
            except Skipped as nothing:
                self._known[what] = Skipped(*nothing.args)
        found = self._known[what]
        if isinstance(found, Skipped):
            raise Skipped(*found.args)
        return cast(T, found)

    @cached_property
    def numbers(self) -> str:
        return numbers_of(self.layer)

    # --- what goes in ----------------------------------------------------------------------------

    @cached_property
    def tensors(self) -> dict[str, Array]:
        """The inputs of the layer, without the upstream gradients."""
        return {t.name: self.case.tensors[t.name] for t in self.layer.tensors}

    @cached_property
    def options(self) -> dict[str, Any]:
        """Hyperparameters, and sizes that have to be told."""
        return self.options_for(self.inputs)

    def options_for(self, inputs: Arrays) -> dict[str, Any]:
        """The same, in floats where the tensors hold floats."""
        told = {name: self.case.sizes[name] for name in self.subject.sizes}
        options = {**self.case.hyperparameters, **told}
        if any(np.asarray(array).dtype == object for array in inputs.values()):
            return options
        return {n: v if isinstance(v, int) else float(v) for n, v in options.items()}

    @cached_property
    def inputs(self) -> Arrays:
        """The tensors in numbers that nothing is rounded in."""
        return self._made(lambda a: exact_array(a, self.numbers))

    @cached_property
    def upstream(self) -> Arrays:
        """One g for each output, by the output's name."""
        names = self.subject.upstream.items()
        return {y: exact_array(self.case.tensors[g], self.numbers) for y, g in names}

    def floats(self, dtype: Any) -> tuple[Arrays, Arrays]:
        """The tensors and the upstream gradients in floats."""
        names = self.subject.upstream.items()
        upstream = {y: numpy_array(self.case.tensors[g], dtype) for y, g in names}
        return self._made(lambda a: numpy_array(a, dtype)), upstream

    def without_fractions(self, dtype: str) -> tuple[Arrays, Arrays]:
        """The same in a dtype without fractions, rounded away from zero: no logarithm of 0."""
        given, g = self.floats(np.float64)
        real = self.subject.differentiable
        inputs = {n: _outwards(a).astype(dtype) if n in real else a for n, a in given.items()}
        return inputs, {y: _outwards(a).astype(dtype) for y, a in g.items()}

    def direction(self, tensor: str) -> Array:
        """Small integers without a pattern, to move a tensor along."""
        draw = random.Random(f"{tensor} {self.case.tensors[tensor].entries[:4]}")
        return self.case.tensors[tensor].map(lambda _: draw.choice((-3, -2, -1, 1, 2, 3)))

    def _made(self, make: Callable[[Array], Any]) -> Arrays:
        return {
            t.name: numpy_array(self.tensors[t.name], np.int64)
            if t.integer
            else make(self.tensors[t.name])
            for t in self.layer.tensors
        }

    # --- values ----------------------------------------------------------------------------------

    @cached_property
    def values(self) -> dict[str, Array]:
        """What the equations as they were written say, intermediates included."""
        given = (self.layer, self.tensors, self.case.hyperparameters, self.case.sizes)
        return _rationally(lambda a: evaluate(*given, a), EXACT, FLOAT)

    @property
    def expected(self) -> dict[str, Array]:
        """The outputs."""
        return {name: self.values[name] for name in self.subject.outputs}

    @property
    def has_values(self) -> bool:
        """Whether all outputs have a value: no logarithm of a negative number among them."""
        try:
            return bool(self.expected)
        except Skipped:
            return False

    # --- gradients -------------------------------------------------------------------------------

    def gradient(self, tensor: str) -> Gradient:
        """The derived gradient: exactly where it is rational, else in floats."""
        if tensor not in self._gradients:
            self._gradients[tensor] = self._gradient(tensor)
        return self._gradients[tensor]

    def _gradient(self, tensor: str) -> Gradient:
        derivation, case = self.subject.derivation(tensor), self.case
        given = (derivation.layer, case.tensors, case.hyperparameters, case.sizes)
        found = _rationally(lambda a: evaluate_explicit(*given, a), EXACT, FLOAT)
        array = found[derivation.adjoints[-1].name]
        exact = all(not isinstance(e, float) for e in array.entries)
        if not exact and not all(isfinite(float(e)) for e in array.entries):
            raise Skipped("it has no finite value")
        return Gradient(array, exact)

    def slopes(self, direction: Mapping[str, Array]) -> dict[str, Array]:
        """How every output moves along a direction: dual numbers in the written equations."""
        given = (self.layer, self.tensors, direction, self.case.hyperparameters, self.case.sizes)
        return _rationally(lambda a: directional_derivative(*given, a), DUAL, DUAL_FLOAT)

    def slopes_along(self, tensor: str) -> dict[str, Array]:
        """The same along the tensor's ``direction``."""
        along = {tensor: self.direction(tensor)}
        return self.once(("slopes along", tensor), lambda: self.slopes(along))

    def slope(self, tensor: str, at: tuple[int, ...]) -> Any:
        """One entry of the gradient by dual numbers: nothing derived takes part."""
        unit = Array.build(self.tensors[tensor].shape, lambda *index: int(index == at))
        slopes = self.slopes({tensor: unit})
        upstream = self.subject.upstream.items()
        return sum(inner(self.case.tensors[g], slopes[y]) for y, g in upstream)

    def difference(self, tensor: str, direction: Array) -> Estimate:
        """⟨gradient, direction⟩ by central differences of the layer's values in floats."""

        def terms(h: float) -> Any:
            given = (self.case.hyperparameters, self.case.sizes, FLOAT)
            x = self.tensors[tensor].map(float)
            others = {**self.tensors, tensor: moved(x, direction, h)}
            try:
                found = evaluate(self.layer, others, *given)
            except (ArithmeticError, ValueError) as error:
                raise Skipped(str(error)) from None
            pairs = [(self.case.tensors[g], found[y]) for y, g in self.subject.upstream.items()]
            return np.concatenate(
                [(numpy_array(g, "float64") * numpy_array(y, "float64")).ravel() for g, y in pairs]
            )

        return central(terms, np.float64, affine=False)

    @cached_property
    def by_loops(self) -> tuple[Arrays, Arrays]:
        """The outputs and the gradients as plain loops have them."""
        loops = self.subject.loops
        with np.errstate(all="ignore"):  # where the layer has no derivative
            outputs = as_mapping(loops.forward(**self.inputs, **self.options), self.subject.outputs)
            try:
                found = loops.backward(self.upstream, **self.inputs, **self.options)
            except ArithmeticError as error:
                raise Skipped(str(error)) from None
        return outputs, {name: np.asarray(array) for name, array in found.items()}

    @cached_property
    def has_derivatives(self) -> bool:
        """Whether the layer's gradients have values: not where 0 is raised to a power below 1.

        It is asked where plain loops make no number of them.
        """
        try:
            made = self.by_loops[1].values()
        except Skipped:
            return True
        if not any(array.dtype.kind == "f" and np.isnan(array).any() for array in made):
            return True
        return self.is_differentiable

    @cached_property
    def is_differentiable(self) -> bool:
        """Whether dual numbers have slopes, and the derived gradients values."""
        try:
            for name in self.subject.differentiable:
                self.slopes_along(name)
                self.gradient(name)
        except Skipped:
            return False
        return True

    def whole_dtype(self, tensor: str, given: str) -> str:
        """The dtype of a gradient where all tensors are of one without fractions."""
        return self._whole_dtypes[given][tensor]

    @cached_property
    def _whole_dtypes(self) -> dict[str, dict[str, str]]:
        found = {}
        for given in ("int32", "bool"):
            inputs, upstream = self.without_fractions(given)
            with np.errstate(all="ignore"):
                made = self.subject.loops.backward(upstream, **inputs, **self.options_for(inputs))
            found[given] = {n: str(np.asarray(a).dtype) for n, a in made.items()}
        return found

    def allows(self, inputs: Arrays, options: Mapping[str, Any]) -> bool:
        """Whether the layer, of any rank if it is entrywise, is defined for other tensors and
        options.
        """
        layer = self.layer
        if entrywise(layer):
            layer = of_rank(layer, min(array.ndim for array in inputs.values()))
        tensors = {
            name: Array(array.shape, tuple(array.ravel().tolist()))
            for name, array in inputs.items()
        }
        told = {n: v for n, v in options.items() if n in self.subject.sizes}
        others = {n: v for n, v in options.items() if n not in told}
        try:
            return misfit(layer, bindings(layer, tensors, others, told)) is None
        except ValueError:
            return False

    # --- related cases ---------------------------------------------------------------------------

    @cached_property
    def tied(self) -> Truth:
        """The same sizes with ties everywhere."""
        filler = Filler(self.layer, self.subject.upstream, 0)
        return Truth(self.subject, filler.tied(self.case.values))

    def with_tensors(self, tensors: Mapping[str, Array]) -> Truth:
        """What is true where some of the tensors hold something else."""
        return Truth(self.subject, replace(self.case, tensors={**self.case.tensors, **tensors}))

    def beside(self, seed: int = 0) -> Truth:
        """What is true where every number that goes in is changed a little, relative to itself."""
        draw = random.Random(seed)
        tables = {t.name for t in self.layer.tensors if t.integer}
        return self.with_tensors(
            {
                name: array.map(lambda v: v * (1 + SLIGHT * draw.choice((-1, 1))))
                for name, array in self.case.tensors.items()
                if name not in tables
            }
        )

    def sensitivity(self, tensor: str) -> float:
        """How much the gradient changes relative to a relative change of all that goes in.

        Where it is large, as in a variance of nearly equal numbers, rounding is magnified.
        """
        try:
            return self.gradient(tensor).apart(self.beside().gradient(tensor)) / float(SLIGHT)
        except Skipped:
            return 0.0


def valued(subject: LayerUnderTest, case: Case) -> Truth:
    """What is true in a case; ``Skipped`` where the layer has no value there."""
    truth = Truth(subject, case)
    if misfit(subject.layer, case.values) is not None:
        raise Skipped("the window does not fit")
    if any(abs(v) >= _LARGEST or v != v for a in truth.expected.values() for v in a.entries):
        raise Skipped("a number is too large")
    return truth


def _rationally(evaluated: Callable[[Any], T], exact: Any, inexact: Any) -> T:
    """Exactly where everything is rational, else in floats; ``Skipped`` where there is no value."""
    try:
        try:
            return evaluated(exact)
        except NotExact:
            return evaluated(inexact)
    except (ArithmeticError, ValueError) as error:
        raise Skipped(str(error)) from None


def moved(x: Array, direction: Array, h: Any) -> Array:
    """x + h·v."""
    pairs = zip(x.entries, direction.entries, strict=True)
    return Array(x.shape, tuple(a + h * b for a, b in pairs))


def _outwards(array: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(np.copysign(np.ceil(np.abs(array)), array))


def as_mapping(found: Any, names: tuple[str, ...]) -> Arrays:
    """Outputs by name, also where there is only one."""
    if not isinstance(found, dict):
        found = {names[0]: found}
    return {name: np.asarray(array) for name, array in found.items()}
