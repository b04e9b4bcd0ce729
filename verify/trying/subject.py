"""What is tested, and what a test may say of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from derive.engine.record import Derivation
from derive.engine.reverse import upstream_names
from derive.gradients import differentiate
from derive.language.definition import Layer

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Code:
    """A layer's two passes as functions.

    ``forward(**tensors, **hyperparameters)`` gives the output, or outputs by name where there are
    several; ``backward(g, **the same)`` the gradients by tensor, for g by output.
    """

    forward: Callable[..., Any]
    backward: Callable[..., Mapping[str, Any]]


@dataclass(frozen=True)
class Subject:
    """A layer, with slow code of the same layer, made another way, as an oracle if there is one.

    ``sizes`` names those that the code has to be told, since no tensor determines them.
    """

    layer: Layer
    oracle: Code | None = None
    sizes: tuple[str, ...] = ()

    @cached_property
    def upstream(self) -> dict[str, str]:
        """The name of the upstream gradient of each output."""
        return upstream_names(self.layer)

    @property
    def loops(self) -> Code:
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


@dataclass(frozen=True)
class Call:
    """One call: ``forward``, or ``backward`` where there is an upstream gradient.

    ``layout`` is what was done to every array before, as Python text in ``a``; or nothing.
    """

    inputs: Arrays
    options: Mapping[str, Any]
    upstream: Arrays | None = None
    layout: str = ""


@dataclass(frozen=True)
class Failure:
    """What went wrong: ``words`` say it in a sentence, ``call`` shows it.

    ``pick`` is the output or gradient in question; ``along`` what it was multiplied by and summed
    over; ``expected`` and ``found`` are arrays, numbers or words.
    """

    words: str
    call: Call
    pick: str = ""
    expected: Any = None
    found: Any = None
    along: NDArray[Any] | None = None


class CodeFailed(Exception):
    """The code raised, or returned what is no result; ``failure`` says what."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.words)
        self.failure = failure


class Skipped(Exception):
    """This case says nothing: the layer has no value or no derivative, or is at a kink."""
