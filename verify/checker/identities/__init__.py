"""The identities that steps may use, each written down and recognised anew, by theme.

An identity is a function from a step's old and new subterm and the place to the *ways* in which
the one equals the other: each way is a list of side conditions, and yielding it claims that they
are enough.  Yielding nothing says that the step is no instance; so it is, unasked, where a subterm
is not of the kind that the function is annotated with.  Modules here are discovered.

What *equals* means: wherever the old subterm has a value, so has the new one, and it is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any, TypeAlias, get_type_hints

from sympy import Basic

from derive.language.terms import Between, Condition, Range
from derive.plugins import run_all
from verify.checker.places import Surroundings
from verify.checker.values import Need

Way: TypeAlias = Sequence[Need]
Identity: TypeAlias = Callable[[Any, Any, Surroundings], Iterator[Way]]

_IDENTITIES: dict[str, Identity] = {}


def identity(name: str) -> Callable[[Identity], Identity]:
    """Register a function as the identity that steps call by that name."""

    def register(function: Identity) -> Identity:
        if name in _IDENTITIES:
            raise ValueError(f"there are two identities {name!r}")
        _IDENTITIES[name] = partial(_of_its_kinds, function, get_type_hints(function))
        return function

    return register


def _of_its_kinds(
    function: Identity, kinds: Mapping[str, Any], old: Basic, new: Basic, place: Surroundings
) -> Iterator[Way]:
    if isinstance(old, kinds["old"]) and isinstance(new, kinds["new"]):
        yield from function(old, new, place)


@cache
def identities() -> dict[str, Identity]:
    """All identities by name."""
    run_all(__name__)
    return dict(sorted(_IDENTITIES.items()))


def within(ranges: Sequence[Range]) -> tuple[Condition, ...]:
    """That all indices are in their ranges."""
    return tuple(Between(lo, i, hi) for i, lo, hi in ranges)
