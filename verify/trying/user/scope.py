"""What is varied: every hyperparameter that the function takes; and what a verdict covers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from derive import catalog
from derive.catalog.options import OptionError
from derive.language.definition import Layer
from verify.evaluation.compiled import Values
from verify.trying.user.calls import Plan
from verify.trying.user.names import OPTIONS

#: how a function is called as one of a layer that was built with some options
Planned = Callable[[Layer, Mapping[str, Any]], Plan]

#: the letter that stands for an option, by the option's name
_LETTERS = {name: letter for letter, *names in OPTIONS for name in names}


@dataclass(frozen=True)
class Loosened:
    """A layer, the values of its options as far as they are numbers, and which nobody asked for."""

    layer: Layer
    given: Mapping[str, Any]
    unasked: frozenset[str]


def loosened(
    layer: Layer, given: Mapping[str, Any], unasked: Collection[str], planned: Planned
) -> Loosened:
    """The layer with those options symbolic that nobody asked for and that the function takes."""
    same = Loosened(layer, given, frozenset(unasked))
    asked = {n: v for n, v in given.items() if n not in unasked}
    if layer.name not in catalog.names() or _built(layer.name, asked) != layer:
        return same
    letters = {n: _LETTERS[n] for n in unasked if n in _LETTERS and not asked.get(n)}
    letters.pop("kernel_size", None)  # it is symbolic already
    letters = {n: s for n, s in letters.items() if _built(layer.name, {**asked, n: s})}
    most = _built(layer.name, {**asked, **letters})
    if most is None:
        return same
    others = {n: v for n, v in given.items() if n not in letters}
    taken = {s.name for s in planned(most, others).symbols}
    letters = {n: s for n, s in letters.items() if s in taken}
    loose = _built(layer.name, {**asked, **letters}) if letters else None
    if loose is None:
        return same
    rest = {n: v for n, v in given.items() if n not in letters}
    return Loosened(loose, rest, same.unasked - letters.keys())


def _built(name: str, options: Mapping[str, Any]) -> Layer | None:
    import derive  # local: this package is part of it

    try:
        return derive.layer(name, **options)
    except OptionError:
        return None


@dataclass(frozen=True)
class Scope:
    """The sizes and hyperparameters that took several values, and ``NAME = VALUE`` of others."""

    varied: tuple[str, ...] = ()
    held: tuple[str, ...] = ()

    @property
    def only(self) -> str:
        """``stride = 1, padding = 0 only``; empty where everything was varied."""
        return f"{', '.join(self.held)} only" if self.held else ""

    @property
    def text(self) -> str:
        """``H, W varied; stride = 1 only``."""
        varied = f"{', '.join(self.varied)} varied" if self.varied else ""
        return "; ".join(part for part in (varied, self.only) if part)


def scope(loose: Loosened, tried: Iterable[Values], defaults: Iterable[str]) -> Scope:
    """What the cases in which the function answered differ in, and what they have in common.

    ``defaults`` are parameters of the function, ``NAME=VALUE``.
    """
    layer, given, unasked = loose.layer, loose.given, loose.unasked
    values = list(tried)
    varied, held = [], []
    for symbol in (*layer.sizes, *(h.symbol for h in layer.hyperparameters)):
        seen = {v[symbol] for v in values}
        if len(seen) > 1:
            varied.append(symbol.name)
        elif seen:
            held.append(f"{symbol.name} = {next(iter(seen))}")
    for name in _LETTERS:
        if name in unasked and not (name == "groups" and not given.get("channels")):
            if name == "stride" and given.get(name) is None:
                held.append("stride = kernel_size")
            elif given.get(name) is not None:
                held.append(f"{name} = {given[name]}")
    return Scope(tuple(varied), (*held, *(d.replace("=", " = ") for d in defaults)))
