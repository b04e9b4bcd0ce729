"""Both sides of a claim at concrete sizes, as polynomials in tensor entries or as numbers.

The truth is computed from the layer's written equations, not from the derived gradient, and the
claim from what was written, where a read outside a tensor is zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from verify.claims.subject import Subject
from verify.equality.flatten import Flattener, TooLarge
from verify.equality.guards import Outside
from verify.equality.ranges import Endless, Finite, TooLong
from verify.evaluation.arithmetic import Arithmetic
from verify.evaluation.arrays import Array, indices_of
from verify.evaluation.compiled import Values
from verify.evaluation.dual import Dual, over_duals, slope_of
from verify.evaluation.exact import WRITTEN, evaluate_expression, run
from verify.evaluation.nodes import EmptyMaximum
from verify.evaluation.polynomials import Polynomial
from verify.evaluation.readers import read_padded
from verify.evaluation.sizes import known
from verify.evaluation.smoothness import smooth

Place = tuple[int, ...]
Arrays = Mapping[str, Array]


class Undefined(ArithmeticError):
    """The claim has no value there, for example because it divides by zero."""


@dataclass(frozen=True)
class Evaluator:
    """Evaluates one claim and the truth it is held against."""

    subject: Subject

    @cached_property
    def body(self) -> Any:
        """The claim with finite sums; ``NotationError`` where a sum has no end."""
        subject = self.subject
        outside = Outside(subject.readable, subject.axes)
        try:
            return Finite(outside, Flattener(subject.layer, {}))(subject.claim.body, subject.known)
        except Endless as endless:
            raise subject.claim.endless(endless.index) from None
        except TooLong as long:
            raise subject.claim.too_long(long.index) from None
        except TooLarge:
            message = "multiplied out, the claim has too many terms"
            raise subject.claim.error(message, hint="write powers of sums as one factor") from None

    def prepare(self) -> None:
        """Find out now whether every sum of the claim ends."""
        assert self.body is not None

    def shape(self, values: Values) -> Place:
        """How many values each index of the left-hand side has."""
        return tuple(known(n, values) for _, _, n in self.subject.free)

    def shapes(self, values: Values) -> dict[str, Place]:
        """The shapes of the inputs and the upstream gradients."""
        layer = self.subject.layer
        found = {t.name: layer.shape(t.name) for t in layer.tensors}
        found |= {g: layer.shape(y) for y, g in self.subject.upstream.items()}
        return {n: tuple(known(e, values) for e in shape) for n, shape in found.items()}

    def results(self, values: Values, arrays: Arrays, arithmetic: Arithmetic) -> Arrays:
        """The tensors with what the layer computes from them: all that a claim may read."""
        return {
            **arrays,
            **run(self.subject.layer, self._inputs(arrays), values, WRITTEN, arithmetic),
        }

    def claimed(self, at: Place, values: Values, tensors: Arrays, arithmetic: Arithmetic) -> Any:
        """The claim at one index; ``Undefined`` where it has no value."""
        point: Values = dict(zip(self.subject.claim.free, at, strict=True))
        point |= values
        readable = self.subject.readable
        try:
            return evaluate_expression(self.body, readable, tensors, point, read_padded, arithmetic)
        except (ZeroDivisionError, EmptyMaximum, ValueError) as error:
            raise Undefined(str(error)) from None

    def unknowns(self, values: Values) -> dict[str, Array]:
        """Inputs and upstream gradients whose entries stand for themselves."""
        return {
            name: Array.build(shape, lambda *at, name=name: Polynomial.unknown(name, at))
            for name, shape in self.shapes(values).items()
        }

    def true_polynomials(
        self, places: Iterable[Place], tensors: Arrays
    ) -> Iterator[tuple[Place, Polynomial]]:
        """The truth at some indices; ``tensors`` hold polynomials and the layer's results."""
        of, by = self.subject.claim.of, self.subject.claim.by.tensor
        loss = Polynomial.of(self._loss(tensors)) if self.subject.derivation else None
        for at in places:
            if loss is not None:
                yield at, loss.derivative((by, at))
            elif of is None:
                yield at, Polynomial.of(tensors[by][at])
            else:
                row, column = at[: len(of.indices)], at[len(of.indices) :]
                yield at, Polynomial.of(tensors[of.tensor][row]).derivative((by, column))

    def true_numbers(
        self, places: Iterable[Place], values: Values, arrays: Arrays, arithmetic: Arithmetic
    ) -> Iterator[tuple[Place, Any]]:
        """The truth at some indices for tensors of numbers, by dual numbers."""
        by, inputs = self.subject.claim.by.tensor, self._inputs(arrays)
        over = over_duals(arithmetic)
        for at in places:
            if self._of_values:
                yield at, run(self.subject.layer, inputs, values, WRITTEN, arithmetic)[by][at]
            else:
                yield at, slope_of(self._moving(at, values, arrays, over))

    def decides(self, at: Place, values: Values, arrays: Arrays, arithmetic: Arithmetic) -> bool:
        """Whether there is a truth at all: a derivative, from both sides of the point."""
        if self._of_values:
            return True
        return smooth(lambda over: self._moving(at, values, arrays, over), arithmetic)

    @property
    def _of_values(self) -> bool:
        """Whether the claim is about what the layer computes, not about a derivative."""
        return self.subject.claim.of is None and self.subject.derivation is None

    def _moving(self, at: Place, values: Values, arrays: Arrays, over: Arithmetic) -> Any:
        """The loss, or the entry that is differentiated, over dual numbers."""
        of, by = self.subject.claim.of, self.subject.claim.by.tensor
        row, column = ((), at) if of is None else (at[: len(of.indices)], at[len(of.indices) :])
        inputs = self._inputs(arrays)
        moved = {**inputs, by: _moved(inputs[by], column)}
        results = run(self.subject.layer, moved, values, WRITTEN, over)
        return self._loss({**arrays, **results}) if of is None else results[of.tensor][row]

    def _inputs(self, arrays: Arrays) -> dict[str, Array]:
        return {t.name: arrays[t.name] for t in self.subject.layer.tensors}

    def _loss(self, tensors: Arrays) -> Any:
        """Σ g·y over all outputs: its derivative is the gradient."""
        pairs = (
            pair
            for output, name in self.subject.upstream.items()
            for pair in zip(tensors[name].entries, tensors[output].entries, strict=True)
        )
        return sum((g * y for g, y in pairs), start=0)


def _moved(array: Array, at: Place) -> Array:
    """x + ε at one entry."""
    pairs = zip(indices_of(array.shape), array.entries, strict=True)
    return Array(array.shape, tuple(Dual(v, int(i == at)) for i, v in pairs))
