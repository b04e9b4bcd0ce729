"""How a user's function is called: what goes where, what runs before it, and that as a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sympy import Symbol

from verify.evaluation.compiled import Values
from verify.trying.process.process import Loaded, SignatureParameter
from verify.trying.user import names
from verify.trying.user.arguments import Filling, Offers, Tensor, filled


@dataclass(frozen=True)
class Call:
    """One call, by ``function``'s name in the file; ``defaults`` are parameters left alone."""

    function: str
    positional: tuple[Filling, ...]
    named: Mapping[str, Filling]
    defaults: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[Filling, ...]:
        return (*self.positional, *self.named.values())

    @property
    def text(self) -> str:
        inside = [s.text for s in self.positional]
        inside += [n if n == s.text else f"{n}={s.text}" for n, s in self.named.items()]
        return f"{self.function}({', '.join(inside)})"

    def described(self, values: Values) -> dict[str, Any]:
        """For the process that makes the call, at concrete sizes."""
        return {
            "function": self.function,
            "positional": [s.described(values) for s in self.positional],
            "named": {name: s.described(values) for name, s in self.named.items()},
        }


@dataclass(frozen=True)
class Bundle(Filling):
    """Several things in a tuple, or in a dictionary where there are ``keys``."""

    items: tuple[Filling, ...]
    keys: tuple[str, ...] | None = None

    @property
    def arrays(self) -> tuple[str, ...]:
        return tuple(a for item in self.items for a in item.arrays)

    @property
    def symbols(self) -> set[Symbol]:
        return {s for item in self.items for s in item.symbols}

    def described(self, values: Values) -> dict[str, Any]:
        items = [item.described(values) for item in self.items]
        if self.keys is None:
            return {"tuple": items}
        return {"mapping": dict(zip(self.keys, items, strict=True))}


def bundle(items: Sequence[Filling], keys: Sequence[str] | None = None) -> Bundle:
    """The bundle with its text: ``(x, w, {"stride": s})``."""
    texts = [item.text for item in items]
    if keys is not None:
        inside = ", ".join(f'"{k}": {t}' for k, t in zip(keys, texts, strict=True))
        return Bundle(f"{{{inside}}}", tuple(items), tuple(keys))
    return Bundle(f"({', '.join(texts)}{',' * (len(texts) == 1)})", tuple(items))


@dataclass(frozen=True)
class Made(Filling):
    """What another function of the file returns, or the part of it at a place."""

    call: Call
    at: int | None = None

    @property
    def arrays(self) -> tuple[str, ...]:
        return tuple(a for s in self.call.sources for a in s.arrays)

    @property
    def symbols(self) -> set[Symbol]:
        return {s for source in self.call.sources for s in source.symbols}

    def described(self, values: Values) -> dict[str, Any]:
        return {"call": self.call.described(values), "at": self.at}


def made(call: Call, at: int | None) -> Made:
    return Made(call.text if at is None else f"{call.text}[{at}]", call, at)


@dataclass(frozen=True)
class Plan:
    """The calls of one try; the result is what the last one returns.

    ``before`` run first: they make the object that the method ``call`` belongs to, and run its
    forward pass.  ``attributes`` are tensors that the object is given under one of some names.
    """

    call: Call
    before: tuple[Call, ...] = ()
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def _calls(self) -> tuple[Call, ...]:
        return (*self.before, self.call)

    @property
    def arrays(self) -> tuple[str, ...]:
        """The tensors that are passed, each once."""
        passed = (a for c in self._calls for s in c.sources for a in s.arrays)
        return tuple(dict.fromkeys((*passed, *self.attributes)))

    @property
    def symbols(self) -> set[Symbol]:
        """The sizes and hyperparameters that are passed."""
        return {symbol for c in self._calls for s in c.sources for symbol in s.symbols}

    @property
    def defaults(self) -> tuple[str, ...]:
        """Parameters left alone, with their own default values."""
        return tuple(d for c in self._calls for d in c.defaults)

    @property
    def text(self) -> str:
        given = f", given {', '.join(self.attributes)}" if self.attributes else ""
        texts = [c.text for c in self._calls]
        texts[0] += given
        return "; ".join(texts)

    def described(self, values: Values) -> dict[str, Any]:
        """For the process that makes the calls, at concrete sizes."""
        return {
            "call": self.call.described(values),
            "before": [c.described(values) for c in self.before],
            "attributes": {name: list(some) for name, some in self.attributes.items()},
        }


def call_of(
    function: str,
    parameters: Sequence[SignatureParameter] | None,
    offers: Offers,
    order: Sequence[str],
    given: Mapping[str, Filling] | None = None,
) -> Call:
    """A call with every parameter filled; ``CannotRun`` where one cannot be."""
    if parameters is None or (parameters and all(p.kind == "VAR_POSITIONAL" for p in parameters)):
        return Call(function, tuple(Tensor(name, name) for name in order), {})
    found = filled(function, parameters, offers, order, given)
    first = [p.name for p in parameters if p.kind == "POSITIONAL_ONLY" and p.name in found]
    left = tuple(f"{p.name}={p.default}" for p in parameters if p.default and p.name not in found)
    named = {name: source for name, source in found.items() if name not in first}
    return Call(function, tuple(found[name] for name in first), named, left)


#: what is settled of the parameters, by the function's name
Settled = Mapping[str, Mapping[str, Filling]]


def plan(function: str, loaded: Loaded, offers: Offers, settled: Settled | None = None) -> Plan:
    """How to call the function; ``CannotRun`` where a parameter cannot be filled."""
    settled = settled or {}
    if loaded.method:
        return _method(function, loaded, offers, settled)
    given = settled.get(function)
    return Plan(call_of(function, loaded.parameters, offers, offers.essential, given))


def _method(function: str, loaded: Loaded, offers: Offers, settled: Settled) -> Plan:
    """The class is made with what it takes, its forward pass is run, then comes the method."""
    owner, _, name = function.rpartition(".")
    constructor = loaded.functions.get(owner, ())
    made_first = call_of(owner, constructor, offers, offers.inputs[1:], settled.get(owner))
    before = [made_first]
    paths = [f"{owner}.{n}" for n in (name.replace("backward", "forward"), "forward", "__call__")]
    known = [p for p in (*settled, *paths) if p in loaded.functions and p not in (owner, function)]
    if known:
        path = known[0]
        given = {a for s in made_first.sources for a in s.arrays}
        order = [t for t in offers.inputs if t not in given][:1]
        before.append(call_of(path, loaded.functions[path], offers, order, settled.get(path)))
    order = list(offers.upstream.values())
    call = call_of(function, loaded.parameters, offers, order, settled.get(function))
    passed = {a for c in (*before, call) for s in c.sources for a in s.arrays}
    missing = [t for t in offers.inputs if t not in passed]
    return Plan(call, tuple(before), {t: names.spellings(t) for t in missing})
