"""What is true in one case, worked out once however many programs are held against it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.evaluation.arithmetic import EXACT, FLOAT
from verify.evaluation.arrays import Array
from verify.evaluation.dual import DUAL, DUAL_FLOAT, directional_derivative
from verify.evaluation.exact import evaluate
from verify.evaluation.sizes import bindings
from verify.evaluation.windows import misfit
from verify.trying.cases.case import Case, Filler
from verify.trying.numbers import REALS, chooses, exact_array, float_array, numbers_of, table
from verify.trying.subject import Arrays, Call, Skipped, Subject

#: int64 holds no more
_LARGEST = 2**62
#: nearer to a point than any kink that is not at the point itself
_BESIDE = Fraction(1, 2**40)


class Truth:
    """One case of a layer: its arrays, and what must come of them.

    Raises ``Skipped`` where the layer has no value: a maximum over nothing, a division by zero.
    """

    def __init__(self, subject: Subject, case: Case) -> None:
        self.subject = subject
        self.layer = subject.layer
        self.case = case
        self.numbers = numbers_of(subject.layer)

    # --- what goes in ----------------------------------------------------------------------------

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
        upstream = {y: float_array(self.case.tensors[g], dtype) for y, g in names}
        return self._made(lambda a: float_array(a, dtype)), upstream

    @cached_property
    def forward_call(self) -> Call:
        return Call(self.inputs, self.options)

    @cached_property
    def backward_call(self) -> Call:
        return Call(self.inputs, self.options, self.upstream)

    def direction(self, tensor: str) -> Array:
        """Small integers without a pattern, to move a tensor along."""
        draw = random.Random(f"{tensor} {self.case.tensors[tensor].entries[:4]}")
        return self.case.tensors[tensor].map(lambda _: draw.choice((-3, -2, -1, 1, 2, 3)))

    def _made(self, make: Any) -> Arrays:
        return {
            t.name: table(self.case.tensors[t.name])
            if t.integer
            else make(self.case.tensors[t.name])
            for t in self.layer.tensors
        }

    # --- what must come out ----------------------------------------------------------------------

    @cached_property
    def expected(self) -> dict[str, Array]:
        """The outputs from the equations as they were written."""
        arithmetic = FLOAT if self.numbers == REALS else EXACT
        tensors = {t.name: self.case.tensors[t.name] for t in self.layer.tensors}
        try:
            found = evaluate(
                self.layer, tensors, self.case.hyperparameters, self.case.sizes, arithmetic
            )
        except ArithmeticError as error:
            raise Skipped(str(error)) from None
        outputs = {name: found[name] for name in self.subject.outputs}
        if any(not _harmless(v) for a in outputs.values() for v in a.entries):
            raise Skipped("a number is too large")
        return outputs

    @cached_property
    def by_loops(self) -> tuple[Arrays, Arrays]:
        """The outputs and the gradients as the oracle has them."""
        outputs = as_mapping(
            self.subject.oracle.forward(**self.inputs, **self.options), self.subject.outputs
        )
        return outputs, self.gradients_by_loops(self.upstream)

    def gradients_by_loops(self, upstream: Arrays) -> Arrays:
        """The gradients as the oracle has them."""
        try:
            found = self.subject.oracle.backward(upstream, **self.inputs, **self.options)
        except ArithmeticError as error:
            raise Skipped(str(error)) from None
        return {name: np.asarray(array) for name, array in found.items()}

    def whole_dtype(self, tensor: str, given: str) -> str:
        """The dtype of a gradient where all tensors are of one without fractions."""
        return self._whole_dtypes[given][tensor]

    @cached_property
    def _whole_dtypes(self) -> dict[str, dict[str, str]]:
        found = {}
        for given in ("int32", "bool"):
            real = self.subject.differentiable
            inputs, upstream = self.floats(np.float64)
            inputs = {n: a.astype(given) if n in real else a for n, a in inputs.items()}
            upstream = {y: g.astype(given) for y, g in upstream.items()}
            with np.errstate(all="ignore"):
                made = self.subject.oracle.backward(upstream, **inputs, **self.options_for(inputs))
            found[given] = {n: str(np.asarray(a).dtype) for n, a in made.items()}
        return found

    def slopes(self, tensor: str) -> dict[str, Array]:
        """How the outputs move along ``direction``: dual numbers in the written equations."""
        return self.slopes_at(self.case, tensor)

    def slopes_at(self, case: Case, tensor: str) -> dict[str, Array]:
        """The same at another place."""
        exact = self.numbers != REALS and not any(
            isinstance(v, float) for v in case.tensors[tensor].entries
        )
        tensors = {t.name: case.tensors[t.name] for t in self.layer.tensors}
        along = {tensor: self.direction(tensor)}
        given = (self.layer, tensors, along, case.hyperparameters, case.sizes)
        try:
            return directional_derivative(*given, DUAL if exact else DUAL_FLOAT)
        except ArithmeticError as error:
            raise Skipped(str(error)) from None

    def allows(self, inputs: Arrays, options: Mapping[str, Any]) -> bool:
        """Whether the layer is defined for other tensors and options."""
        tensors = {
            name: Array(array.shape, tuple(array.ravel().tolist()))
            for name, array in inputs.items()
        }
        told = {n: v for n, v in options.items() if n in self.subject.sizes}
        others = {n: v for n, v in options.items() if n not in told}
        try:
            return misfit(self.layer, bindings(self.layer, tensors, others, told)) is None
        except ValueError:
            return False

    # --- related cases ---------------------------------------------------------------------------

    @cached_property
    def tied(self) -> Truth:
        """The same sizes with ties everywhere."""
        filler = Filler(self.layer, self.subject.upstream, 0)
        return Truth(self.subject, filler.tied(self.case.values))

    def smooth_along(self, tensor: str, step: float) -> bool:
        """Whether the outputs have no kink and no jump from a step before to a step after.

        Right beside x the slopes of both sides must agree closely, a step away roughly; and the
        values may not change faster than the slopes say.
        """
        if not chooses(self.layer):
            return True
        for h, tolerance in ((_BESIDE, 1e-8), (Fraction(step), 1e-3)):
            before, after = self._slopes_beside(tensor, -h), self._slopes_beside(tensor, h)
            scale = 1 + max(map(abs, before), default=0.0)
            if any(abs(b - a) > tolerance * scale for a, b in zip(before, after, strict=True)):
                return False
        h = Fraction(step)
        low, high = (_numbers(self._beside(tensor, k).expected) for k in (-h, h))
        rises = ((b - a) / (2 * step) for a, b in zip(low, high, strict=True))
        return all(abs(r - s) <= 1e-2 * scale for r, s in zip(rises, before, strict=True))

    def _slopes_beside(self, tensor: str, h: Fraction) -> list[float]:
        return _numbers(self.slopes_at(self._beside(tensor, h).case, tensor))

    def _beside(self, tensor: str, h: Fraction) -> Truth:
        """What is true at x + h·v."""
        x, v = self.case.tensors[tensor], self.direction(tensor)
        pairs = zip(x.entries, v.entries, strict=True)
        moved = Array(x.shape, tuple(a + h * b for a, b in pairs))
        return Truth(self.subject, replace(self.case, tensors={**self.case.tensors, tensor: moved}))


def valued(subject: Subject, case: Case) -> Truth:
    """What is true in a case; ``Skipped`` where the layer has no value there."""
    truth = Truth(subject, case)
    if misfit(subject.layer, case.values) is not None:
        raise Skipped("the window does not fit")
    truth.expected  # noqa: B018
    return truth


def _numbers(arrays: Mapping[str, Array]) -> list[float]:
    return [float(v) for array in arrays.values() for v in array.entries]


def as_mapping(found: Any, names: tuple[str, ...]) -> Arrays:
    """Outputs by name, also where there is only one."""
    if not isinstance(found, dict):
        found = {names[0]: found}
    return {name: np.asarray(array) for name, array in found.items()}


def scale_of(array: NDArray[Any] | Array) -> float:
    """One more than the largest entry."""
    entries = array.entries if isinstance(array, Array) else array.ravel().tolist()
    return 1 + max((abs(float(v)) for v in entries), default=0.0)


def _harmless(value: Any) -> bool:
    return isfinite(value) and abs(value) < _LARGEST
