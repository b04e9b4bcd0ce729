"""A user's function as code of a layer: how it is called, and what is asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from verify.trying.case import Case
from verify.trying.memory import ROWS_FIRST
from verify.trying.numbers import numpy_array
from verify.trying.process.process import CannotRun, FunctionCall, Process, Reply
from verify.trying.subject import CodeCall, CodeFailed, Failure, LayerUnderTest, Result, Skipped
from verify.trying.trial import Outcome, Trial
from verify.trying.truth import Truth
from verify.trying.user.calls import Plan
from verify.trying.user.results import Wanted

if TYPE_CHECKING:
    from verify.trying.process.here import Here


@dataclass
class Examinee:
    """A function ready to be tried, in a process of its own.

    ``axes`` are the layer's axes of an array in the order in which the function has them.
    """

    process: Process | Here
    plan: Plan
    wanted: Wanted
    subject: LayerUnderTest
    dtype: str = "float64"
    axes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    _latest: Truth | None = None

    def truth(self, case: Case) -> Truth:
        """What is true in a case; of the latest one nothing is worked out again."""
        if self._latest is None or self._latest.case is not case:
            self._latest = Truth(self.subject, case)
        return self._latest

    def tried(
        self, case: Case, dtype: str | None = None, layout: str = ROWS_FIRST
    ) -> Outcome | None:
        """One call, judged; None where the layer itself has no gradient in this case."""
        try:
            trial = Trial(self, self.truth(case))
            return trial.outcome(self.wanted.tensors, dtype or self.dtype, layout)
        except Skipped:
            return None

    def run(self, call: CodeCall) -> Result:
        """The gradients by tensor; ``CannotRun`` where it is not clear which is which."""

        order = self.wanted.order
        reply = self.process.call(
            FunctionCall(
                self._arrays(call),
                self.plan.described(call.case.values),
                len(order or self.wanted.tensors),
                call.layout,
                tuple(i for i, name in enumerate(order) if name == "_"),
                self.subject.is_loss,
            )
        )
        if reply.kind == "uncallable":
            raise CannotRun(reply.message)
        if reply.kind != "returned":
            raise CodeFailed(Failure(_words(reply), call, kind=reply.kind))
        return Result(self._received(reply), reply.touched, reply.overwritten)

    def _arrays(self, call: CodeCall) -> dict[str, NDArray[Any]]:
        """The arrays that the function is given: tensors, upstream gradients, intermediates."""
        upstream = call.upstream or {}
        given = {**call.inputs, **{self.subject.upstream[y]: g for y, g in upstream.items()}}
        if not set(self.plan.arrays) <= set(given):
            dtype = np.result_type(*upstream.values())
            known = self.truth(call.case).values
            given |= {n: numpy_array(known[n], dtype) for n in self.plan.arrays if n not in given}
        arrays = {name: given[name] for name in self.plan.arrays}
        return arrays | {
            name: np.ascontiguousarray(np.transpose(arrays[name], axes))
            for name, axes in self.axes.items()
            if name in arrays
        }

    def _received(self, reply: Reply) -> dict[str, NDArray[Any]]:
        """The arrays by tensor; from the first call on it is settled which tensors there are."""
        received = self.wanted.received(reply)
        for name, axes in self.axes.items():
            if name in received and received[name].ndim == len(axes):
                received[name] = np.transpose(received[name], np.argsort(axes))
        if self.wanted.stated and set(received) != set(self.wanted.tensors):
            raise CannotRun("the function returns other tensors from one call to the next")
        self.wanted = replace(self.wanted, tensors=tuple(received), stated=True)
        return received


def _words(reply: Reply) -> str:
    """What happened instead of a result, as a sentence about the function."""
    if reply.kind not in ("raised", "refused"):
        return reply.message
    verb = "calls" if reply.message.startswith("sys.exit") else "raises"
    return f"it {verb} {reply.message}"
