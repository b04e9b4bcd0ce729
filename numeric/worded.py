"""An entry of a kind with its options, as one writes it: ``sgd(momentum=0.9)``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any, Protocol, TypeVar

from derive.plugins import Plugins, meant


class WithOptions(Protocol):
    """A module whose entry takes numbers by name; each has a default."""

    OPTIONS: Mapping[str, float]


Kind = TypeVar("Kind", bound=WithOptions)


def worded(text: str, known: Plugins[Kind]) -> tuple[Kind, dict[str, float]]:
    """The module that ``sgd`` or ``sgd(momentum=0.9)`` means, and all its options' values.

    ``ValueError`` for what is unknown, and for values that are no numbers of at least 0.
    """
    found = re.fullmatch(r"\s*(\w+)\s*(?:\(([^()]*)\))?\s*", text)
    if found is None:
        raise ValueError(f"{text!r} is no {known.noun}; write it as name(option=0.5)")
    module = known.get(found[1])
    options = dict(module.OPTIONS)
    for part in filter(str.strip, (found[2] or "").split(",")):
        option, value = _option(part, text)
        if option not in options:
            there = f"its options are: {', '.join(options)}" if options else "it takes none"
            near = meant(option, [*options])
            raise ValueError(f"{known.noun} {found[1]} has no option {option!r}; {there}{near}")
        options[option] = value
    return module, options


def whole(text: str, known: Plugins[Any]) -> str:
    """The text with all options written out, so that it means the same when defaults change."""
    module, options = worded(text, known)
    name = module.__name__.rpartition(".")[2]
    return (
        f"{name}({', '.join(f'{o}={_all_of(v)}' for o, v in options.items())})" if options else name
    )


def _all_of(value: float) -> str:
    """The number with all of its digits, so that it is read as the same."""
    return repr(float(value)).removesuffix(".0")


def _option(part: str, text: str) -> tuple[str, float]:
    option, _, written = map(str.strip, part.partition("="))
    try:
        value = float(written)
    except ValueError:
        raise ValueError(f"{part.strip()!r} in {text!r} is no option; write name=0.5") from None
    if not (isfinite(value) and value >= 0):
        raise ValueError(f"{option} in {text!r} must be a number of at least 0")
    return option, value
