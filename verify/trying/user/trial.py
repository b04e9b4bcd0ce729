"""One case tried: the function is called, what it returns is held against the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.evaluation.arrays import Array
from verify.trying.cases.case import Case
from verify.trying.numbers import numpy_array, tolerance
from verify.trying.process.calls import FunctionCall, Reply
from verify.trying.process.layouts import ROWS_FIRST
from verify.trying.process.process import CannotRun, Process
from verify.trying.subject import Skipped, Subject
from verify.trying.truth import Gradient, Truth
from verify.trying.user.arguments import Plan
from verify.trying.user.results import Wanted

#: floats agree up to ``tolerance``, or so many units times what a relative change of the inputs
#: does to the gradient
CANCELLED = 2**10
#: failures that say nothing about the values that were returned
MANNERS = ("modified", "dtype")


@dataclass(frozen=True)
class FunctionFailure:
    """What went wrong in one case.

    ``kind`` is one of "raised", "time", "ended", "unreadable", "shape", "value", "not a number",
    "modified", "dtype"; ``words`` say it in a sentence.  ``tensor`` is the one whose
    gradient is concerned, ``at`` the first entry that is wrong; ``arrays`` are the whole gradient
    as it should be and as it was returned, where both have the same shape.
    """

    kind: str
    words: str
    case: Case
    tensor: str = ""
    at: tuple[int, ...] = ()
    expected: Any = None
    found: Any = None
    arrays: tuple[Array, Array] | None = None

    @property
    def about_values(self) -> bool:
        return self.kind not in MANNERS

    def like(self, other: FunctionFailure | None) -> bool:
        """Whether another failure is of the same kind and about the same tensor."""
        return other is not None and (self.kind, self.tensor) == (other.kind, other.tensor)


@dataclass(frozen=True)
class FunctionTrial:
    """One case with the arrays that were returned, by tensor, and the gradients as they should be.

    ``rounding`` is the largest difference that was put down to rounding; ``shared`` names the
    arguments whose memory the result uses; ``overwritten``: what the call before had returned has
    changed since.
    """

    case: Case
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    truths: Mapping[str, Gradient] = field(default_factory=dict)
    failures: tuple[FunctionFailure, ...] = ()
    rounding: float = 0.0
    shared: tuple[str, ...] = ()
    overwritten: bool = False

    @property
    def failure(self) -> FunctionFailure | None:
        """The most serious failure: what concerns values comes first."""
        return next(iter(sorted(self.failures, key=lambda f: not f.about_values)), None)

    @property
    def exact(self) -> bool:
        """Whether everything is rational and nothing was put down to rounding."""
        return self.rounding == 0 and all(t.exact for t in self.truths.values())

    @property
    def entries(self) -> int:
        return sum(a.size for a in self.arrays.values())


@dataclass
class Examinee:
    """A function ready to be tried: how it is called, and what is asked of it."""

    process: Process
    plan: Plan
    wanted: Wanted
    subject: Subject
    dtype: str = "float64"
    _latest: Truth | None = None

    def truth(self, case: Case) -> Truth:
        """What is true in a case; of the latest one nothing is worked out again."""
        if self._latest is None or self._latest.case is not case:
            self._latest = Truth(self.subject, case)
        return self._latest

    def tried(
        self,
        case: Case,
        dtype: str | None = None,
        layout: str = ROWS_FIRST,
    ) -> FunctionTrial | None:
        """One call, judged; None where the layer itself has no gradient in this case."""
        dtype = dtype or self.dtype
        try:
            truths = {name: self.truth(case).gradient(name) for name in self.wanted.tensors}
            arrays = self._arrays(case, dtype)
        except Skipped:
            return None
        reply = self._called(case, arrays, layout)
        if reply.kind != "returned":
            return FunctionTrial(case, failures=(FunctionFailure(reply.kind, _words(reply), case),))
        received = self._received(reply)
        failures, rounding = [], 0.0
        for name, array in received.items():
            judged = self._judged(name, array, truths[name], case)
            if isinstance(judged, FunctionFailure):
                failures.append(judged)
            else:
                rounding = max(rounding, judged)
        failures += _manners(reply, received, case, np.dtype(dtype))
        return FunctionTrial(
            case, received, truths, tuple(failures), rounding, reply.shared, reply.overwritten
        )

    def _arrays(self, case: Case, dtype: str) -> dict[str, NDArray[Any]]:
        """The arrays that the function is given, tables of integers as such."""
        computed: Mapping[str, Array] = {}
        if not set(self.plan.arrays) <= set(case.tensors):
            computed = self.truth(case).values
        found = {}
        for name in self.plan.arrays:
            tensor = self.subject.layer.tensor(name)
            kind = "int64" if tensor is not None and tensor.integer else dtype
            array = case.tensors[name] if name in case.tensors else computed[name]
            found[name] = numpy_array(array, kind)
        return found

    def _called(self, case: Case, arrays: dict[str, NDArray[Any]], layout: str) -> Reply:
        def filled(source: Any) -> dict[str, Any]:
            if source.array is not None:
                return {"array": source.array}
            return {"value": source.value(case.values)}

        return self.process.call(
            FunctionCall(
                arrays,
                [filled(s) for s in self.plan.positional],
                {name: filled(s) for name, s in self.plan.named.items()},
                len(self.wanted.tensors),
                layout,
            )
        )

    def _judged(
        self, name: str, array: NDArray[Any], truth: Gradient, case: Case
    ) -> FunctionFailure | float:
        """What is wrong with one gradient, or the largest difference, put down to rounding."""
        shape = truth.array.shape
        if array.shape != shape:
            words = f"∂L/∂{name} has the shape {_shape(array.shape)} instead of {_shape(shape)}"
            return FunctionFailure(
                "shape", words, case, name, (), _shape(shape), _shape(array.shape)
            )
        with np.errstate(invalid="ignore", over="ignore"):
            apart = np.abs(array - numpy_array(truth.array, "float64"))
            wrong = ~(apart <= _allowed(array, truth))
            if wrong.any() and not truth.whole and array.dtype.kind == "f":
                rounding = float(np.finfo(array.dtype).eps) * CANCELLED
                wrong &= ~(apart <= rounding * self.truth(case).sensitivity(name))
        if not wrong.any():
            return float(apart.max(initial=0.0))
        return _judged_at(name, array, truth, case, wrong)

    def _received(self, reply: Reply) -> dict[str, NDArray[Any]]:
        """The arrays by tensor; from the first call on it is settled which tensors there are."""
        received = self.wanted.received(reply)
        if self.wanted.stated and set(received) != set(self.wanted.tensors):
            raise CannotRun("the function returns other tensors from one call to the next")
        self.wanted = Wanted(tuple(received), True)
        return received


def _judged_at(
    name: str, array: NDArray[Any], truth: Gradient, case: Case, wrong: NDArray[Any]
) -> FunctionFailure:
    """The first wrong entry, with the words for it."""
    first = tuple(int(i) for i in np.argwhere(wrong)[0])
    found = array[first]
    kind, words = "value", f"∂L/∂{name} is wrong"
    if not np.isfinite(found):
        kind, words = "not a number", f"∂L/∂{name} holds {found}, which is no number"
    elif found.imag:
        words = f"∂L/∂{name} has entries that are not real"
    returned = Array(array.shape, tuple(_exact(e) for e in array.ravel().tolist()))
    expected = truth.array[first]
    arrays = (truth.array, returned)
    return FunctionFailure(kind, words, case, name, first, expected, _exact(found.item()), arrays)


def _words(reply: Reply) -> str:
    """What happened instead of a result, as a sentence about the function."""
    if reply.kind != "raised":
        return reply.message
    verb = "calls" if reply.message.startswith("sys.exit") else "raises"
    return f"it {verb} {reply.message}"


def _manners(
    reply: Reply, received: Mapping[str, NDArray[Any]], case: Case, dtype: np.dtype[Any]
) -> list[FunctionFailure]:
    """What is wrong even where all values are right."""
    found = []
    if reply.modified:
        words = f"it changes its argument {' and '.join(reply.modified)} in place"
        found.append(
            FunctionFailure("modified", words, case, expected="unchanged", found="changed")
        )
    for name, array in received.items():
        kind = array.dtype
        if kind.kind == "c" or (kind.kind == "f" and kind.itemsize < dtype.itemsize):
            words = f"∂L/∂{name} is returned as {kind} where all inputs are {dtype}"
            found.append(FunctionFailure("dtype", words, case, name, (), str(dtype), str(kind)))
    return found


def _exact(number: Any) -> Any:
    """Whole numbers as integers."""
    whole = isinstance(number, float) and number.is_integer()
    return int(number) if whole else number


def _allowed(array: NDArray[Any], truth: Gradient) -> float:
    """How far an entry may be from the truth: nothing, for integers.

    A whole number in floats is as exact, but who computes by Fourier transforms rounds.
    """
    if array.dtype.kind in "iub":
        return 0.0 if truth.whole else tolerance(np.float64, truth.scale)
    return tolerance(array.dtype, truth.scale)


def _shape(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
