"""Finding catalog layers and turning their options into notation text.  Imports nothing heavy."""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol, get_type_hints

from derive.catalog.options import Definition, OptionError
from derive.plugins import Plugins, meant

if TYPE_CHECKING:
    from derive.catalog.option_words import Kind, Option
    from derive.presentation.blocks import Chapter

__all__ = ["Definition", "OptionError"]


class CatalogLayer(Protocol):
    """A module of ``derive.catalog.layers``; its options are the parameters of ``notation``."""

    SUMMARY: str
    notation: Callable[..., Definition]


LAYERS: Plugins[CatalogLayer] = Plugins("derive.catalog.layers", CatalogLayer, "layer")


def names() -> list[str]:
    """The names of all catalog layers, sorted."""
    return LAYERS.names()


def module(name: str) -> CatalogLayer:
    """The module of a catalog layer."""
    if name not in names():
        from derive.catalog.elsewhere import advice  # local: start-up time

        known = names()
        raise OptionError(
            f"there is no layer {name!r}{advice(name, known)}\nthe catalog has: {', '.join(known)}"
        )
    return LAYERS.get(name)


def listing() -> Chapter:
    """Every layer, with its one-line definition."""
    from derive.presentation.blocks import Chapter, Definitions, Told  # local: start-up time

    summaries = {name: summary(name) for name in names()}
    entries = tuple((name, (words,)) for name, words in summaries.items())
    records = [{"name": name, "summary": words} for name, words in summaries.items()]
    return Chapter("layers", (Told(lambda: [Definitions(entries)], lambda: records),))


def summary(name: str) -> str:
    """The layer's one-line definition.

    It is read off the module's text where it stands on a line of its own: to run every module for
    a line of it would take `derive list` longer than everything else.
    """
    text = pkgutil.get_data(LAYERS.package, f"{name}.py") or b""
    line = re.search(rb'^SUMMARY = "([^"\\]*)"$', text, re.MULTILINE)
    return line[1].decode() if line else str(module(name).SUMMARY)


def options(name: str) -> dict[str, inspect.Parameter]:
    """The options of a catalog layer, in order, with their defaults."""
    return dict(inspect.signature(module(name).notation).parameters)


def every_option() -> list[Option]:
    """The options of all layers: those known by name first, in the order of their table."""
    from derive.catalog.option_words import MEANINGS, Option  # local: start-up time

    kinds: dict[str, set[object]] = {}
    for name in names():
        for option, kind in get_type_hints(module(name).notation).items():
            if option != "return":
                kinds.setdefault(option, set()).add(kind)
    order = [*(o for o in MEANINGS if o in kinds), *(o for o in kinds if o not in MEANINGS)]
    return [Option(name, _kind(kinds[name])) for name in order]


def _kind(hints: set[object]) -> Kind:
    """What a command line reads for an option that has these types in the layers that take it."""
    if hints <= {bool, bool | None}:
        return "flag"
    return "number" if hints == {int} else "text"


def definition(name: str, /, **given: object) -> Definition:
    """The notation text of a catalog layer under the given options.

    Raises ``OptionError`` for an unknown layer, option or value, and for a symbol whose name the
    layer already uses.
    """
    known = options(name)
    unknown = [o for o in given if o not in known]
    if unknown:
        there = f"its options are: {', '.join(known)}" if known else "it takes none"
        near = meant(unknown[0], list(known))
        raise OptionError(f"{name} has no option {unknown[0]!r}; {there}{near}")
    _check_flags(name, given)
    found = module(name).notation(**given)
    found.check_names()
    return found


def _check_flags(name: str, given: Mapping[str, object]) -> None:
    """Options that are True or False take nothing else, however true it may seem."""
    kinds = get_type_hints(module(name).notation)
    for option, value in given.items():
        if kinds[option] in (bool, bool | None) and not isinstance(value, kinds[option]):
            raise OptionError(f"{option} must be True or False, not {value!r}")
