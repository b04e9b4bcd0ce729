"""A layer, code of it, one call of the code, and what may go wrong there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from derive.engine.record import Derivation
from derive.engine.reverse import upstream_names
from derive.gradients import differentiate
from derive.language.definition import Layer
from verify.evaluation.arrays import Array
from verify.trying.case import Case
from verify.trying.memory import LAYOUTS, Touched, touched

Arrays = dict[str, NDArray[Any]]

#: called with the number of cases done and of all cases
Progress = Callable[[int, int], object]
#: how many cases are tried unless somebody wants more or fewer
EXAMPLES = 100

#: failures that leave the gradient right: code that has them is right, and inconvenient
MANNERS = (
    "modified",
    "dtype",
    "broadcast",
    "overwritten",
    "memory order",
    "float32",
    "empty batch",
    "refused",
)


@dataclass(frozen=True)
class CodeCall:
    """One call: of the forward pass, or of the backward pass where there are upstream gradients.

    ``layout`` names how the arrays lie in memory, one of ``LAYOUTS``; or nothing.
    """

    case: Case
    inputs: Arrays = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    upstream: Arrays | None = None
    layout: str = ""


@dataclass(frozen=True)
class Result:
    """What a call returned, by name, and what it did to its arrays.

    ``overwritten``: what the call before had returned has changed since.
    """

    arrays: Mapping[str, Any]
    touched: Touched = field(default_factory=Touched)
    overwritten: bool = False


@dataclass(frozen=True)
class Failure:
    """What went wrong: ``words`` say it in a sentence, ``call`` shows it.

    ``tensor`` is the output, or the tensor whose gradient is in question, ``at`` the first entry
    that is wrong; ``along`` what it was multiplied by and summed over.  ``expected`` and ``found``
    are arrays, numbers or words; ``arrays`` the whole gradient as it should be and as it was
    returned.  ``kind`` is one of "raised", "time", "ended", "unreadable", "shape", "value", "not a
    number", "non-deterministic", "state", or one of ``MANNERS``.
    """

    words: str
    call: CodeCall
    tensor: str = ""
    expected: Any = None
    found: Any = None
    along: NDArray[Any] | None = None
    kind: str = "value"
    at: tuple[int, ...] = ()
    arrays: tuple[Array, Array] | None = None

    @property
    def case(self) -> Case:
        return self.call.case

    @property
    def about_values(self) -> bool:
        """Whether the gradient is wrong or missing, not the manners."""
        return self.kind not in MANNERS

    def like(self, other: Failure) -> bool:
        """Whether another failure is of the same kind and about the same tensor."""
        return (self.kind, self.tensor) == (other.kind, other.tensor)


class CodeFailed(Exception):
    """The code raised, or returned what is no result; ``failure`` says what."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.words)
        self.failure = failure


class Skipped(Exception):
    """This case says nothing: the layer has no value or no derivative, or is at a kink."""


class Callee(Protocol):
    """Code of a layer, wherever it runs."""

    def run(self, call: CodeCall) -> Result:
        """Make the call; ``CodeFailed`` where there is no result."""


@dataclass(frozen=True)
class LayerCode:
    """A layer's two passes as functions of this process.

    ``forward(**tensors, **hyperparameters)`` gives the output, or outputs by name where there are
    several; ``backward(g, **the same)`` the gradients by tensor, for g by output.
    """

    forward: Callable[..., Any]
    backward: Callable[..., Mapping[str, Any]]

    def run(self, call: CodeCall) -> Result:
        """An output that is alone is named by nothing.

        The code is given copies: what it does to them is not done to the next call's.
        """
        lay = LAYOUTS[call.layout].made if call.layout else np.copy
        inputs, upstream = (
            {n: lay(a) if isinstance(a, np.ndarray) else a for n, a in arrays.items()}
            for arrays in (call.inputs, call.upstream or {})
        )
        given = {n: a for n, a in {**inputs, **upstream}.items() if isinstance(a, np.ndarray)}
        before = {n: a.copy() for n, a in given.items()}
        try:
            if call.upstream is None:
                made = self.forward(**inputs, **call.options)
            else:
                made = self.backward(upstream, **inputs, **call.options)
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            failure = Failure(f"the code raises {said}", call, "", "a result", said, kind="raised")
            raise CodeFailed(failure) from error
        arrays = dict(made) if isinstance(made, Mapping) else {"": made}
        results = [a for a in arrays.values() if isinstance(a, np.ndarray)]
        return Result(arrays, touched(given, before, results))


@dataclass(frozen=True)
class LayerUnderTest:
    """A layer, with slow code of the same layer, made another way, as an oracle if there is one.

    ``sizes`` names those that the code has to be told, since no tensor determines them.
    """

    layer: Layer
    oracle: LayerCode | None = None
    sizes: tuple[str, ...] = ()

    @cached_property
    def upstream(self) -> dict[str, str]:
        """The name of the upstream gradient of each output."""
        return upstream_names(self.layer)

    @cached_property
    def is_loss(self) -> bool:
        """Whether all that the layer computes is single numbers."""
        return all(not self.layer.shape(y) for y in self.upstream)

    @property
    def loops(self) -> LayerCode:
        """The oracle, for properties that need one."""
        assert self.oracle is not None
        return self.oracle

    def derivation(self, tensor: str) -> Derivation:
        """∂L/∂(the tensor), derived once."""
        if tensor not in self._derivations:
            self._derivations[tensor] = differentiate(self.layer, tensor)
        return self._derivations[tensor]

    @cached_property
    def _derivations(self) -> dict[str, Derivation]:
        return {}

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        return tuple(e.name for e in self.layer.outputs)

    @cached_property
    def differentiable(self) -> tuple[str, ...]:
        """The tensors that have a gradient."""
        return tuple(t.name for t in self.layer.tensors if not t.integer)


def every_layer(layer: Layer) -> str:
    """For a property that says something about every layer."""
    return ""


def with_gradients(layer: Layer) -> str:
    """For a property that says something about every layer that has a gradient."""
    return "" if any(not t.integer for t in layer.tensors) else "no tensor has a gradient"
