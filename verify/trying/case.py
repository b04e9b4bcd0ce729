"""The values that a function is tried on."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import prod
from typing import Any

from derive.language.definition import Layer
from derive.language.terms import Parameter, RealParameter, Size
from verify.evaluation.arrays import Array
from verify.evaluation.compiled import Values
from verify.evaluation.sizes import known


@dataclass(frozen=True)
class Case:
    """Values of all sizes and hyperparameters, and all tensors, the upstream gradients included."""

    values: Values
    tensors: Mapping[str, Array]

    @property
    def hyperparameters(self) -> dict[str, int | Fraction]:
        return {
            s.name: v for s, v in self.values.items() if isinstance(s, Parameter | RealParameter)
        }

    @property
    def sizes(self) -> dict[str, int]:
        return {s.name: v for s, v in self.values.items() if isinstance(s, Size)}


@dataclass(frozen=True)
class Filler:
    """Fills the tensors of a layer with values: always the same ones for the same sizes.

    ``fixed`` tensors hold the same number everywhere, always.
    """

    layer: Layer
    upstream: Mapping[str, str]
    seed: int = 0
    fixed: Mapping[str, int] = field(default_factory=dict)

    def whole(self, values: Values, attempt: int = 0) -> Case:
        """Different whole numbers without zero: no ties, no kinks at zero."""

        def entries(count: int, draw: random.Random) -> list[Any]:
            most = max(4, count)
            return draw.sample([n for n in range(-most, most + 1) if n], count)

        return self._filled(values, f"whole {attempt}", entries)

    def eighths(self, values: Values, attempt: int = 0) -> Case:
        """Different multiples of 1/8 around zero, for layers such as exp in which 20 is a lot."""

        def entries(count: int, draw: random.Random) -> list[Any]:
            most = max(16, count)
            return [Fraction(n, 8) for n in draw.sample([*range(-most, 0), *range(1, most)], count)]

        return self._filled(values, f"eighths {attempt}", entries)

    def floats(self, values: Values, attempt: int = 0) -> Case:
        """Normally distributed floats."""
        return self._filled(
            values, f"floats {attempt}", lambda n, draw: [draw.gauss(0.0, 1.0) for _ in range(n)]
        )

    def constant(self, values: Values, number: int) -> Case:
        """The same number everywhere."""
        return self._filled(values, "constant", lambda n, draw: [number] * n)

    def tied(self, values: Values) -> Case:
        """Zeros and ones of both signs: ties everywhere."""
        return self._filled(values, "ties", lambda n, draw: [draw.randint(-1, 1) for _ in range(n)])

    def shapes(self, values: Values) -> dict[str, tuple[int, ...]]:
        """The shapes of the inputs and the upstream gradients."""
        found = {t.name: self.layer.shape(t.name) for t in self.layer.tensors}
        found |= {g: self.layer.shape(y) for y, g in self.upstream.items()}
        return {n: tuple(int(known(e, values)) for e in shape) for n, shape in found.items()}

    def allows(self, case: Case) -> bool:
        """Whether the fixed tensors hold what they must."""
        return all({*case.tensors[name].entries} <= {n} for name, n in self.fixed.items())

    def _filled(
        self,
        values: Values,
        kind: str,
        entries: Callable[[int, random.Random], list[Any]],
    ) -> Case:
        point = sorted((s.name, str(v)) for s, v in values.items())
        draw = random.Random(f"{self.seed} {kind} {point}")
        tensors = {}
        for name, shape in self.shapes(values).items():
            tensor, count = self.layer.tensor(name), prod(shape)
            if name in self.fixed:
                numbers = [self.fixed[name]] * count
            elif tensor is not None and tensor.integer:
                bound = 5 if tensor.below is None else int(known(tensor.below, values))
                numbers = [draw.randrange(bound) for _ in range(count)]
            else:
                numbers = entries(count, draw)
            tensors[name] = Array(shape, tuple(numbers))
        return Case(values, tensors)


def positive(case: Case) -> Case:
    """The case without signs, for layers with roots and logarithms."""
    tensors = {name: array.map(abs) for name, array in case.tensors.items()}
    return replace(case, tensors=tensors)
