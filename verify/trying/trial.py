"""Code run in one case, and what it returns held against the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import dropwhile
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.evaluation.arrays import Array
from verify.trying.case import Case
from verify.trying.numbers import (
    EPS,
    REALS,
    UNITS,
    exact_array,
    scale_of,
)
from verify.trying.rounding import OTHERWISE, errors
from verify.trying.subject import (
    Arrays,
    Callee,
    CodeCall,
    CodeFailed,
    Failure,
    Result,
    Skipped,
)
from verify.trying.truth import Gradient, Truth

#: floats agree up to ``tolerance``, or so many units times what a relative change of the inputs
#: does to the gradient
CANCELLED = 2**10
#: what is put down to fewer digits than the arguments have may be off by so many units of theirs,
#: if it is noise: another error after a slight move of the arguments, in one of so many tries
COARSE, MOVES = 2**6, 3
#: errors up to so many of these units may be the same everywhere: a constant was rounded
CONSTANT = 2


@dataclass(frozen=True)
class Outcome:
    """The gradients that one call returned, by tensor, and as they should be.

    In ``arrays`` axes of length one in front are as they should be, whatever was returned.
    ``rounding`` is the largest difference that was put down to rounding.
    """

    case: Case
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    truths: Mapping[str, Gradient] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    rounding: float = 0.0
    result: Result = field(default_factory=lambda: Result({}))

    @property
    def failure(self) -> Failure | None:
        """The most serious failure: what concerns values comes first."""
        return next(iter(sorted(self.failures, key=lambda f: not f.about_values)), None)

    @property
    def exact(self) -> bool:
        """Whether everything is rational and nothing was put down to rounding."""
        return self.rounding == 0 and all(t.exact for t in self.truths.values())

    @property
    def entries(self) -> int:
        return sum(a.size for a in self.arrays.values())


class Trial:
    """Some code in one case.  ``last`` is the call made last, to show where it raised."""

    def __init__(self, code: Callee, truth: Truth) -> None:
        self.code = code
        self.truth = truth
        self.last = CodeCall(truth.case, truth.inputs, truth.options)
        self.result = Result({})

    def forward(self, inputs: Arrays | None = None, layout: str = "") -> Arrays:
        """The outputs by name."""
        self._run(inputs, None, layout)
        names, found = self.truth.subject.outputs, self.result.arrays
        return self._named({names[0]: found[""]} if "" in found else found, names)

    def backward(
        self, inputs: Arrays | None = None, upstream: Arrays | None = None, layout: str = ""
    ) -> Arrays:
        """The gradients by tensor."""
        self._run(inputs, upstream or self.truth.upstream, layout)
        names = self.truth.subject.differentiable
        made = self._named(self.result.arrays, names)
        for name in names:
            if wrong := self._misshaped(name, made[name], np.shape(self.last.inputs[name])):
                raise CodeFailed(wrong)
        return made

    def _run(self, inputs: Arrays | None, upstream: Arrays | None, layout: str) -> None:
        tensors = inputs or self.truth.inputs
        options = self.truth.options_for(tensors)
        self.last = CodeCall(self.truth.case, tensors, options, upstream, layout)
        self.result = self.code.run(self.last)

    def _named(self, found: Mapping[str, Any], names: Sequence[str]) -> Arrays:
        """What was returned, as arrays of numbers by name."""
        for name in names:
            if name not in found:
                raise CodeFailed(Failure(f"{name} is missing", self.last, name, "an array"))
        return {name: np.asarray(found[name]) for name in names}

    def _misshaped(self, name: str, array: NDArray[Any], shape: tuple[int, ...]) -> Failure | None:
        if array.shape == shape:
            return None
        words = f"∂L/∂{name} has the shape {array.shape} instead of {shape}"
        return Failure(words, self.last, name, str(shape), str(array.shape), kind="shape")

    def compared(
        self,
        found: Mapping[str, NDArray[Any]],
        expected: Mapping[str, Any],
        what: str,
        exactly: bool = True,
    ) -> Failure | None:
        """The first array that is not as it should be; floats may be off by ``UNITS``, and by what
        rounding does where large terms cancel.
        """
        for name, right in expected.items():
            array = found[name]
            if array.shape != right.shape:
                wrong = f"has the shape {array.shape} instead of {right.shape}"
            elif self._wrong(name, array, right, exactly and self.truth.numbers != REALS):
                wrong = "is wrong"
            else:
                continue
            shown = exact_array(right, self.truth.numbers) if isinstance(right, Array) else right
            return Failure(f"{what.format(name)} {wrong}", self.last, name, shown, array)
        return None

    def _wrong(self, name: str, array: NDArray[Any], right: Any, exactly: bool) -> bool:
        wrong = wrong_entries(array, right, exactly)
        if not wrong or array.dtype.kind != "f":
            return bool(wrong)
        bounds = errors(self.truth, name)
        got, expected = entries(array), entries(right)
        allowed = OTHERWISE * float(np.finfo(array.dtype).eps)
        return len(bounds) != len(got) or not all(
            abs(got[k] - float(expected[k])) <= allowed * bounds[k] < inf for k in wrong
        )

    # --- gradients in floats, held against the derived ones --------------------------------------

    def outcome(self, tensors: Sequence[str], dtype: str, layout: str = "") -> Outcome:
        """The backward pass in floats, judged; ``Skipped`` where the layer has no gradient.

        Of the tensors those are judged whose gradients were returned.
        """
        case = self.truth.case
        truths = {name: self.truth.gradient(name) for name in tensors}
        try:
            self._run(*self.truth.floats(dtype), layout)
        except CodeFailed as failed:
            return Outcome(case, truths=truths, failures=(failed.failure,))
        returned = {n: np.asarray(a) for n, a in self.result.arrays.items() if n in truths}
        received = {n: unpadded(a, truths[n].array.shape) for n, a in returned.items()}
        failures, rounding = [], 0.0
        manners = self._manners(returned, received, np.dtype(dtype))
        for name, array in received.items():
            judged = self._judged(name, array, truths[name], dtype)
            if not isinstance(judged, Failure):
                rounding = max(rounding, judged)
            elif judged.kind == "value" and self._rounded(name, array, truths[name], dtype, layout):
                words = f"∂L/∂{name} is right within the rounding of float32 only, for {dtype}"
                manners.append(Failure(words, self.last, name, dtype, "fewer digits", kind="dtype"))
            else:
                failures.append(judged)
        return Outcome(case, received, truths, (*failures, *manners), rounding, self.result)

    def _rounded(
        self, name: str, array: NDArray[Any], truth: Gradient, dtype: str, layout: str
    ) -> bool:
        """Whether code that computes with fewer digits than its arguments have is right otherwise.

        Rounding errors are noise, so that they are others when all arguments move a little; the
        error that a mistake leads to hardly changes.
        """
        if np.dtype(dtype) != np.float64 or array.dtype.kind != "f":
            return False
        unit = max(float(np.finfo(d).eps) for d in (np.float32, array.dtype))
        error = _error(array, truth)
        size = float(np.abs(error).max(initial=0.0))
        if not size <= COARSE * unit * (truth.scale + self.truth.sensitivity(name)):
            return False
        if size <= CONSTANT * unit * truth.scale:
            return True
        for move in range(MOVES):
            try:
                beside = Trial(self.code, self.truth.beside(move))
                beside._run(*beside.truth.floats(dtype), layout)
                again = unpadded(np.asarray(beside.result.arrays[name]), array.shape)
                other = _error(again, beside.truth.gradient(name))
            except (CodeFailed, Skipped, KeyError, ValueError):
                return False
            if size / 8 < float(np.abs(error - other).max()) < 8 * size:
                return True
        return False

    def _judged(
        self, name: str, array: NDArray[Any], truth: Gradient, dtype: str
    ) -> Failure | float:
        """What is wrong with one gradient, or the largest difference, put down to rounding.

        How far off it may be depends on the type of the arguments.
        """
        if wrong_shape := self._misshaped(name, array, truth.array.shape):
            return wrong_shape
        got, right = array.ravel().tolist(), list(map(float, truth.array.entries))
        apart = [abs(a - b) for a, b in zip(got, right, strict=True)]
        eps = float(np.finfo(dtype).eps) if np.dtype(dtype).kind == "f" else EPS
        wrong = wrong_entries(array, truth.array, truth.whole, eps)
        if wrong and not truth.whole and array.dtype.kind == "f":
            allowed = eps * CANCELLED * self.truth.sensitivity(name)
            wrong = [k for k in wrong if not apart[k] <= allowed]
        if not wrong:
            return max(apart, default=0.0)
        kind, words, entry = "value", f"∂L/∂{name} is wrong", got[wrong[0]]
        if not np.isfinite(entry):
            kind, words = "not a number", f"∂L/∂{name} holds {entry}, which is no number"
        elif entry.imag:
            words = f"∂L/∂{name} has entries that are not real"
        returned = Array(array.shape, tuple(map(_whole, got)))
        at = tuple(int(i) for i in np.unravel_index(wrong[0], array.shape))
        return Failure(
            words,
            self.last,
            name,
            truth.array[at],
            returned[at],
            kind=kind,
            at=at,
            arrays=(truth.array, returned),
        )

    def _manners(
        self,
        returned: Mapping[str, NDArray[Any]],
        received: Mapping[str, NDArray[Any]],
        dtype: np.dtype[Any],
    ) -> list[Failure]:
        """What is wrong even where all values are right."""
        found = []
        if modified := self.result.touched.modified:
            words = f"it changes its argument {' and '.join(modified)} in place"
            found.append(Failure(words, self.last, "", "unchanged", "changed", kind="modified"))
        for name, array in returned.items():
            if (shape := received[name].shape) != array.shape:
                words = (
                    f"∂L/∂{name} has the shape {array.shape} instead of {shape}:"
                    " an axis of length one in front (keepdims?)"
                )
                made = (words, self.last, name, str(shape), str(array.shape))
                found.append(Failure(*made, kind="broadcast"))
            kind = array.dtype
            if kind.kind == "c" or (kind.kind == "f" and kind.itemsize < dtype.itemsize):
                words = f"∂L/∂{name} is returned as {kind} where all inputs are {dtype}"
                found.append(Failure(words, self.last, name, str(dtype), str(kind), kind="dtype"))
        return found


def _whole(number: Any) -> Any:
    """Whole numbers as integers."""
    whole = isinstance(number, float) and number.is_integer()
    return int(number) if whole else number


def unpadded(array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """In the right shape, if only axes of length one in front are missing or too many."""
    lengths = [list(dropwhile(lambda n: n == 1, s)) for s in (array.shape, shape)]
    return array.reshape(shape) if lengths[0] == lengths[1] else array


def _error(array: NDArray[Any], truth: Gradient) -> NDArray[Any]:
    right = map(float, truth.array.entries)
    return np.array([a - b for a, b in zip(array.ravel().tolist(), right, strict=True)])


def wrong_entries(
    found: NDArray[Any], expected: Any, exactly: bool, eps: float | None = None
) -> list[int]:
    """The places, in row-major order, at which an array of the right shape is not as expected."""
    got, right = entries(found), entries(expected)
    if exactly and got == right:
        return []
    if eps is None:
        eps = float(np.finfo(found.dtype if found.dtype.kind == "f" else np.float64).eps)
    scale = scale_of(expected)
    pairs = enumerate(zip(got, right, strict=True))
    return [k for k, (a, b) in pairs if not agree(a, b, scale, eps, exactly)]


def agree(one: Any, other: Any, scale: float, eps: float = EPS, exactly: bool = True) -> bool:
    """Whether two numbers are equal; up to UNITS·ε·scale if one is a float.

    Code that divides integers makes floats of them even where it is given fractions.
    """
    if exactly and not isinstance(one, float) and not isinstance(other, float):
        return bool(one == other)
    return bool(abs(one - float(other)) <= UNITS * eps * scale)


def products(a: Mapping[str, NDArray[Any]], b: Mapping[str, Any]) -> list[Any]:
    """The terms of ⟨a, b⟩ over all tensors, in Python's numbers, which do not overflow."""
    return [
        u * v
        for name, array in a.items()
        for u, v in zip(array.ravel().tolist(), entries(b[name]), strict=True)
    ]


def entries(array: Any) -> list[Any]:
    """The entries in row-major order."""
    return list(array.entries) if isinstance(array, Array) else array.ravel().tolist()
