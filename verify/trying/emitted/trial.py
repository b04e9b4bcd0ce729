"""Code run in one case: calls recorded, results compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.evaluation.arrays import Array
from verify.trying.numbers import EPS, REALS, UNITS, exact_array, scale_of
from verify.trying.subject import Arrays, Call, Code, CodeFailed, Failure
from verify.trying.truth import Truth, as_mapping


class CodeTrial:
    """Some code in one case.  ``last`` is the call made last, to show where it raised."""

    def __init__(self, code: Code, truth: Truth) -> None:
        self.code = code
        self.truth = truth
        self.last = Call(truth.inputs, truth.options)

    def forward(self, inputs: Arrays | None = None, layout: str = "") -> Arrays:
        """The outputs by name."""
        self.last = self._call(inputs, None, layout)
        names = self.truth.subject.outputs
        return self._results(lambda: as_mapping(self._forward(), names), names)

    def backward(
        self, inputs: Arrays | None = None, upstream: Arrays | None = None, layout: str = ""
    ) -> Arrays:
        """The gradients by tensor."""
        g = upstream or self.truth.upstream
        self.last = self._call(inputs, g, layout)
        names = self.truth.subject.differentiable
        made = self._results(lambda: dict(self._backward(g)), names)
        for name in names:
            wanted = np.shape(self.last.inputs[name])
            if made[name].shape != wanted:
                words = f"∂L/∂{name} has the shape {made[name].shape} instead of {wanted}"
                raise CodeFailed(Failure(words, self.last, name, wanted, made[name].shape))
        return made

    def _call(self, inputs: Arrays | None, upstream: Arrays | None, layout: str) -> Call:
        tensors = inputs or self.truth.inputs
        return Call(tensors, self.truth.options_for(tensors), upstream, layout)

    def _forward(self) -> Any:
        return self.code.forward(**self.last.inputs, **self.last.options)

    def _backward(self, g: Arrays) -> Any:
        return self.code.backward(g, **self.last.inputs, **self.last.options)

    def _results(self, made: Callable[[], Mapping[str, Any]], names: Sequence[str]) -> Arrays:
        """What the code returns, as arrays of numbers by name."""
        try:
            found = made()
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            failure = Failure(f"the code raises {said}", self.last, "", "a result", said)
            raise CodeFailed(failure) from error
        for name in names:
            if name not in found:
                raise CodeFailed(Failure(f"{name} is missing", self.last, name, "an array", None))
        return {name: np.asarray(found[name]) for name in names}

    def compared(
        self,
        found: Mapping[str, NDArray[Any]],
        expected: Mapping[str, Any],
        what: str,
        exactly: bool = True,
    ) -> Failure | None:
        """The first array that is not as it should be; floats may be off by ``UNITS``."""
        for name, right in expected.items():
            wrong = difference(found[name], right, exactly and self.truth.numbers != REALS)
            if wrong:
                shown = right
                if isinstance(right, Array):
                    shown = exact_array(right, self.truth.numbers)
                return Failure(f"{what.format(name)} {wrong}", self.last, name, shown, found[name])
        return None


def difference(found: NDArray[Any], expected: Any, exactly: bool) -> str:
    """What is wrong with an array, in words; nothing if it is right."""
    if found.shape != expected.shape:
        return f"has the shape {found.shape} instead of {expected.shape}"
    got, right = entries(found), entries(expected)
    if exactly and got == right:
        return ""
    eps = np.finfo(found.dtype if found.dtype.kind == "f" else np.float64).eps
    scale = scale_of(expected)
    pairs = zip(got, right, strict=True)
    return "" if all(agree(a, b, scale, float(eps), exactly) for a, b in pairs) else "is wrong"


def agree(one: Any, other: Any, scale: float, eps: float = EPS, exactly: bool = True) -> bool:
    """Whether two numbers are equal; up to UNITS·ε·scale if one is a float.

    Code that divides integers makes floats of them even where it is given fractions.
    """
    if exactly and not isinstance(one, float) and not isinstance(other, float):
        return bool(one == other)
    return abs(float(one) - float(other)) <= UNITS * eps * scale


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
