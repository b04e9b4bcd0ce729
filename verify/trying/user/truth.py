"""What is true: the derived gradient, dual numbers over the written equations, differences.

The three are independent: a function is held against the first, a refutation is confirmed by the
second, an agreement by the third.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from derive.engine.record import Derivation
from derive.gradients import differentiate
from derive.language.definition import Layer
from verify.evaluation.arithmetic import EXACT, FLOAT, NotExact
from verify.evaluation.arrays import Array, indices_of, inner
from verify.evaluation.dual import DUAL, DUAL_FLOAT, directional_derivative
from verify.evaluation.exact import evaluate, evaluate_explicit
from verify.trying.cases.case import Case

#: the step of a central difference: rounding (eps/h) and truncation (h²) are then alike
STEP = sys.float_info.epsilon ** (1 / 3)


class NoTruth(ArithmeticError):
    """The layer has no value, or no derivative, in this case."""


@dataclass(frozen=True)
class Truth:
    """A gradient; ``exact`` says that no float took part."""

    array: Array
    exact: bool

    @property
    def whole(self) -> bool:
        """Whether all entries are exact whole numbers."""
        return self.exact and all(Fraction(e).denominator == 1 for e in self.array.entries)

    @property
    def scale(self) -> float:
        """One more than the largest entry."""
        return 1 + max((abs(float(e)) for e in self.array.entries), default=0)


@dataclass(frozen=True)
class Difference:
    """A central difference of the loss, and how far off it may be."""

    value: float
    error: float


@dataclass
class Oracle:
    """Knows the gradients of one layer, for the latest case without working them out again."""

    layer: Layer
    upstream: Mapping[str, str]
    _derivations: dict[str, Derivation] = field(default_factory=dict)
    _latest: Case | None = None
    _known: dict[str, Truth] = field(default_factory=dict)

    def derivation(self, tensor: str) -> Derivation:
        """∂L/∂(the tensor), derived once."""
        if tensor not in self._derivations:
            self._derivations[tensor] = differentiate(self.layer, tensor)
        return self._derivations[tensor]

    def gradient(self, case: Case, tensor: str) -> Truth:
        """The derived gradient: exactly where it is rational, else in floats."""
        if case is not self._latest:
            self._latest, self._known = case, {}
        if tensor not in self._known:
            self._known[tensor] = self._gradient(case, tensor)
        return self._known[tensor]

    def _gradient(self, case: Case, tensor: str) -> Truth:
        derivation = self.derivation(tensor)
        name = derivation.adjoints[-1].name
        for arithmetic in (EXACT, FLOAT):
            try:
                found = evaluate_explicit(
                    derivation.layer, case.tensors, case.hyperparameters, case.sizes, arithmetic
                )
            except NotExact as error:
                if arithmetic is FLOAT:
                    raise NoTruth(str(error)) from None
                continue
            except (ArithmeticError, ValueError) as error:
                raise NoTruth(str(error)) from None
            return _truth(found[name])
        raise AssertionError("one kind of number is enough")

    def gradient_by_duals(self, case: Case, tensor: str) -> Array:
        """The whole gradient by dual numbers."""
        shape = case.tensors[tensor].shape
        return Array.build(shape, lambda *at: self.slope(case, tensor, at))

    def slope(self, case: Case, tensor: str, at: tuple[int, ...]) -> Any:
        """One entry of the gradient by dual numbers: nothing derived takes part."""
        shape = case.tensors[tensor].shape
        unit = Array.build(shape, lambda *index: int(index == at))
        slopes = self.slopes(case, {tensor: unit})
        return sum(inner(case.tensors[g], slopes[y]) for y, g in self.upstream.items())

    def slopes(self, case: Case, direction: Mapping[str, Array]) -> dict[str, Array]:
        """The derivative of every output along a direction, by dual numbers."""
        given = (self.layer, self.inputs(case), direction, case.hyperparameters, case.sizes)
        try:
            return directional_derivative(*given, DUAL)
        except NotExact:
            return directional_derivative(*given, DUAL_FLOAT)

    def outputs(self, case: Case) -> dict[str, Array]:
        """What the layer computes."""
        for arithmetic in (EXACT, FLOAT):
            try:
                return evaluate(
                    self.layer, self.inputs(case), case.hyperparameters, case.sizes, arithmetic
                )
            except NotExact as error:
                if arithmetic is FLOAT:
                    raise NoTruth(str(error)) from None
            except (ArithmeticError, ValueError) as error:
                raise NoTruth(str(error)) from None
        raise AssertionError("one kind of number is enough")

    def difference(self, case: Case, tensor: str, direction: Array) -> Difference:
        """⟨gradient, direction⟩ by central differences.

        The error is estimated: rounding from the size of the loss's terms, truncation from how much
        the difference changes when the step is doubled.
        """
        near, size = self._central(case, tensor, direction, STEP)
        far, _ = self._central(case, tensor, direction, 2 * STEP)
        rounding = 8 * sys.float_info.epsilon * size / STEP
        return Difference(near, abs(far - near) + rounding)

    def _central(
        self, case: Case, tensor: str, direction: Array, step: float
    ) -> tuple[float, float]:
        """(L(x + h·u) − L(x − h·u))/2h, and the sum of the loss's terms without their signs."""
        losses, size = [], 0.0
        for h in (step, -step):
            pairs = zip(case.tensors[tensor].entries, direction.entries, strict=True)
            moved = Array(direction.shape, tuple(float(x) + h * u for x, u in pairs))
            shifted = replace(case, tensors={**case.tensors, tensor: moved})
            try:
                found = evaluate(
                    self.layer, self.inputs(shifted), case.hyperparameters, case.sizes, FLOAT
                )
            except (ArithmeticError, ValueError) as error:
                raise NoTruth(str(error)) from None
            terms = [
                float(a) * float(b)
                for y, g in self.upstream.items()
                for a, b in zip(case.tensors[g].entries, found[y].entries, strict=True)
            ]
            losses.append(math.fsum(terms))
            size += math.fsum(map(abs, terms))
        return (losses[0] - losses[1]) / (2 * step), 1 + size

    def inputs(self, case: Case) -> dict[str, Array]:
        """The inputs of the layer, without the upstream gradients."""
        return {t.name: case.tensors[t.name] for t in self.layer.tensors}

    def sensitivity(self, case: Case, tensor: str) -> float:
        """How much the gradient changes relative to a relative change of the inputs.

        Where it is large, as in a variance of nearly equal numbers, rounding is magnified.
        """
        draw = random.Random(0)
        step = Fraction(1, 1 << 20)
        moved = {
            name: array.map(lambda v: v * (1 + step * draw.choice((-1, 1))))
            for name, array in case.tensors.items()
            if (found := self.layer.tensor(name)) is None or not found.integer
        }
        try:
            beside = self._gradient(replace(case, tensors={**case.tensors, **moved}), tensor)
        except NoTruth:
            return 0.0
        pairs = zip(self.gradient(case, tensor).array.entries, beside.array.entries, strict=True)
        return max((abs(float(a - b)) for a, b in pairs), default=0.0) * (1 << 20)

    def near_kink(self, case: Case, tensors: tuple[str, ...]) -> bool:
        """Whether a gradient changes a lot when all inputs move by next to nothing.

        At a tie or a kink it does; a function that follows another convention there is not wrong.
        """
        draw = random.Random(0)
        step = Fraction(1, 1 << 20)
        for _ in range(2):
            moved = {
                t.name: case.tensors[t.name].map(lambda v: v + step * draw.randint(-8, 8))
                for t in self.layer.tensors
                if not t.integer
            }
            beside = replace(case, tensors={**case.tensors, **moved})
            for tensor in tensors:
                one, two = self.gradient(case, tensor), self.gradient(beside, tensor)
                pairs = zip(one.array.entries, two.array.entries, strict=True)
                if any(abs(float(a - b)) > 1e-3 * one.scale for a, b in pairs):
                    return True
        return False


def _truth(array: Array) -> Truth:
    exact = all(not isinstance(e, float) for e in array.entries)
    if not exact and not all(math.isfinite(float(e)) for e in array.entries):
        raise NoTruth("it has no finite value")
    return Truth(array, exact)


def directions(shape: tuple[int, ...], seed: int) -> list[Array]:
    """One direction at random, and one along a single entry."""
    draw = random.Random(f"{seed} {shape}")
    places = list(indices_of(shape))
    if not places:
        return []
    mixed = Array(shape, tuple(draw.choice((-1.0, 1.0)) for _ in places))
    chosen = draw.choice(places)
    return [mixed, Array.build(shape, lambda *index: float(index == chosen))]
