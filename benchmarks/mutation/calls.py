"""The calls of a function that trying a program comes to, and what a wrong function makes of them.

A mutant of a function that does to each of these calls what the right one does changes nothing in
any case; if it does something else, only the cases in which it does may refute it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import wraps
from types import ModuleType
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds
from numpy.typing import NDArray

from benchmarks.mutation.results import Module
from benchmarks.mutation.sameness import key
from benchmarks.mutation.scoring import Try, WithoutEndError, refutes, silent, tries
from numeric.emission.loading import loaded
from verify.trying.properties import properties

#: what happened if a function was stopped
_ENDLESS = ("tuple", ("str", WithoutEndError.__name__), ("str", ""))
#: what happened: a result or an error, the arguments afterwards, which of them share its memory
Outcome = tuple[Any, ...]


@dataclass
class Call:
    """The arguments of a call, as they were, and the tries in which it is made."""

    arguments: Sequence[Any]
    named: dict[str, Any]
    places: dict[Try, None] = field(default_factory=dict)

    def outcome(self, function: Callable[..., Any]) -> Outcome:
        """What a function does to copies of the arguments."""
        arguments, named = [copied(a) for a in self.arguments], copied(self.named)
        with silent():
            try:
                result = function(*arguments, **named)
            except Exception as error:
                result = (type(error).__name__, str(error))
        arrays = [a for a in (*arguments, *named.values()) if isinstance(a, np.ndarray)]
        made = [r for r in _parts(result) if isinstance(r, np.ndarray)]
        shared = [np.may_share_memory(a, r) for a in arrays for r in made]
        return key(result), [key(a) for a in arrays], shared


class Calls:
    """All calls of some functions of a module, each kind of arguments once."""

    def __init__(self, module: Module, functions: Sequence[str]) -> None:
        self._found: dict[str, dict[Any, Call]] = defaultdict(dict)
        self._now: Try | None = None
        self._loaded = loaded("recorded", module.text)
        for name in functions:
            right = getattr(self._loaded, name)
            setattr(self._loaded, name, self._recording(name, right))
        code = module.coded(self._loaded)
        known = {one.name: one for one in properties()}
        for place in tries(range(len(module.cases))):
            self._now, truth = place, module.cases[place.case]
            if not known[place.name].applies(truth.layer):
                refutes(known[place.name], code, truth)
        self._now = None
        self._right = loaded("right", module.text)
        self._outcomes: dict[str, list[tuple[Call, Outcome]]] = {}

    def _recording(self, name: str, right: Callable[..., Any]) -> Callable[..., Any]:
        found = self._found[name]

        @wraps(right)
        def recorded(*arguments: Any, **named: Any) -> Any:
            if self._now is None:
                return right(*arguments, **named)
            told = (key(arguments), key(named))
            if told not in found:
                found[told] = Call(copied(arguments), copied(named))
            found[told].places[self._now] = None
            return right(*arguments, **named)

        return recorded

    def differing(self, function: str, module: ModuleType) -> Iterator[Try]:
        """The tries in which another module's function does something else.

        Of a function that goes on and on no further calls are looked at: each takes its time.
        """
        if function not in self._outcomes:
            right, calls = getattr(self._right, function), self._found[function].values()
            self._outcomes[function] = [(call, call.outcome(right)) for call in calls]
        wrong = getattr(module, function)
        for call, outcome in self._outcomes[function]:
            made = call.outcome(wrong)
            if made != outcome:
                yield from call.places
            if made[0] == _ENDLESS:
                return

    def count(self, function: str) -> int:
        """How many different calls of a function there are."""
        return len(self._found[function])


def copied(value: Any) -> Any:
    """The same in memory of its own; arrays lie there in the same way."""
    if isinstance(value, np.ndarray):
        return _laid(value)
    if isinstance(value, tuple | list):
        made = map(copied, value)
        return type(value)(*made) if hasattr(value, "_fields") else type(value)(made)
    if isinstance(value, dict):
        return {k: copied(v) for k, v in value.items()}
    return value


def _laid(array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype == object or not array.size:
        made = array.copy()
    else:
        low, high = byte_bounds(array)
        start = array.__array_interface__["data"][0] - low
        memory: Any = np.zeros(high - low, np.uint8)
        made = np.ndarray(array.shape, array.dtype, memory, start, array.strides)
        made[...] = array
    made.flags.writeable = array.flags.writeable
    return made


def _parts(result: Any) -> Iterator[Any]:
    if isinstance(result, tuple | list):
        for one in result:
            yield from _parts(one)
    else:
        yield result
