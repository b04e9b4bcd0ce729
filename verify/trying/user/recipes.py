"""Recipes: a small TOML file that says how a function is called, where names do not.

It is parsed and looked up, never evaluated.  docs/check-code.md describes what may stand in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from verify.trying.process.process import CannotRun, Loaded
from verify.trying.user.arguments import Filling, Numbers, Offers
from verify.trying.user.calls import Call, bundle, call_of, made

#: what may stand in a recipe, and what is said of it
_KEYS = {
    "arguments": "of the function, by parameter",
    "forward": "what runs first: function, arguments",
    "constructor": "of a method's class: arguments",
    "returns": 'the tensors in order, "_" for anything else, or by key',
    "layout": "such as NHWC or NHWC,HWIO",
}


@dataclass(frozen=True)
class Recipe:
    """What the file says; everything may be missing."""

    file: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    forward: Mapping[str, Any] = field(default_factory=dict)
    constructor: Mapping[str, Any] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    layout: str = ""

    def given(self, function: str, loaded: Loaded, offers: Offers) -> dict[str, dict[str, Filling]]:
        """What is settled of the parameters of each function that is called."""
        owner = function.rpartition(".")[0]
        found = {owner: self._arguments(self.constructor.get("arguments", {}), offers, None)}
        arguments = self._arguments(self.forward.get("arguments", {}), offers, None)
        forward, name = None, self.forward.get("function")
        if name is not None and not loaded.method:
            if name not in loaded.functions:
                there = ", ".join(loaded.functions) or "no other function"
                raise CannotRun(f"{self.file}: the file has no function {name!r}; it has {there}")
            forward = call_of(name, loaded.functions[name], offers, offers.inputs, arguments)
        elif loaded.method:
            found[f"{owner}.{name or 'forward'}"] = arguments
        found[function] = self._arguments(self.arguments, offers, forward)
        for called, some in found.items():
            self._known(
                called,
                some,
                loaded.parameters if called == function else loaded.functions.get(called),
            )
        return found

    def _known(self, called: str, given: Mapping[str, Filling], parameters: Any) -> None:
        """A misspelt parameter is said, not ignored."""
        if parameters is None or any(p.kind == "VAR_KEYWORD" for p in parameters):
            return
        there = [p.name for p in parameters]
        for name in given:
            if name not in there:
                listed = ", ".join(there) or "none"
                raise CannotRun(
                    f"{self.file}: {called} has no parameter {name!r}; its parameters are: {listed}"
                )

    def _arguments(
        self, table: Mapping[str, Any], offers: Offers, forward: Call | None
    ) -> dict[str, Filling]:
        return {name: self._filling(what, offers, forward) for name, what in table.items()}

    def _filling(self, what: Any, offers: Offers, forward: Call | None) -> Filling:
        """An argument: names of the layer as text, other values as they are."""
        match what:
            case dict():
                items = [self._filling(item, offers, forward) for item in what.values()]
                return bundle(items, list(what))
            case list():
                return bundle([self._filling(item, offers, forward) for item in what])
            case str():
                return self._named(what, offers, forward)
            case int() | float():
                return Numbers(repr(what), (what,))
        raise CannotRun(f"{self.file}: an argument cannot be {what!r}")

    def _named(self, what: str, offers: Offers, forward: Call | None) -> Filling:
        if len(what) > 1 and what[0] == what[-1] == "'":
            return Numbers(what, (what[1:-1],))
        first, _, place = what.partition(".")
        if first == "forward" and forward is not None:
            if place and not place.lstrip("-").isdigit():
                raise CannotRun(f"{self.file}: a part of what forward returns is forward.1, …")
            return made(forward, int(place) if place else None)
        found = offers.find(f"{first}_shape" if place == "shape" else what)
        if found is None:
            raise CannotRun(
                f"{self.file}: nothing is known that {what!r} could be; a word for the function"
                f" itself has quotes inside: \"'{what}'\""
            )
        return found


def read(path: str) -> Recipe:
    """The recipe in a file; ``CannotRun`` says what is wrong with it."""
    import tomllib  # local: start-up time

    try:
        with Path(path).open("rb") as file:
            table = tomllib.load(file)
    except OSError as error:
        raise CannotRun(f"cannot read the recipe {path!r}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CannotRun(f"the recipe {path!r} is no TOML: {error}") from None
    for key, inner in table.items():
        if key not in _KEYS:
            listed = "; ".join(f"{k} ({said})" for k, said in _KEYS.items())
            raise CannotRun(f"{path}: {key!r} is nothing a recipe says; it may say: {listed}")
        if key in ("arguments", "forward", "constructor") and not isinstance(inner, dict):
            raise CannotRun(f"{path}: {key} is a table: [{key}]")
    for key, allowed in (("forward", ("function", "arguments")), ("constructor", ("arguments",))):
        for inner in table.get(key, {}):
            if inner not in allowed:
                raise CannotRun(f"{path}: in [{key}] may stand: {', '.join(allowed)}; not {inner}")
        if not isinstance(table.get(key, {}).get("arguments", {}), dict):
            raise CannotRun(f"{path}: arguments is a table: [{key}.arguments]")
    returns = table.get("returns", [])
    if isinstance(returns, str):
        returns = [returns]
    if not isinstance(returns, list | dict) or not all(
        isinstance(n, str) for n in (returns.values() if isinstance(returns, dict) else returns)
    ):
        raise CannotRun(f"{path}: returns is a list of tensors, or a table of them by key")
    return Recipe(
        path,
        table.get("arguments", {}),
        table.get("forward", {}),
        table.get("constructor", {}),
        tuple(returns) if isinstance(returns, list) else (),
        returns if isinstance(returns, dict) else {},
        str(table.get("layout", "")),
    )
