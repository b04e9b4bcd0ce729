"""Which parameter of a user's function receives what: by name, and only then in order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sympy import Expr, Symbol

from derive.language.definition import Layer
from derive.language.terms import symbols_of
from verify.evaluation.compiled import Values
from verify.evaluation.sizes import known
from verify.trying.process.process import CannotRun, SignatureParameter

#: names that people give to one and the same thing
UPSTREAM = (
    "g", "dy", "dout", "d_out", "dz", "gy", "grad", "grad_out", "grad_output", "grad_y", "dL_dy",
    "delta", "upstream", "upstream_gradient",
)  # fmt: skip
TENSORS = (
    ("x", "input", "inputs", "inp", "image", "images", "data"),
    ("k", "w", "kernel", "kernels", "weight", "weights", "filter", "filters"),
    ("b", "bias"),
    ("t", "target", "targets", "label", "labels"),
)
OPTIONS = (
    ("s", "stride", "strides"),
    ("p", "padding", "pad"),
    ("d", "dilation"),
    ("G", "groups"),
    ("K", "kernel_size"),
    ("e", "output_padding"),
)


@dataclass(frozen=True)
class Filling:
    """What a parameter receives: an array by name, or a value of sizes and hyperparameters.

    ``parts`` are the values, each an expression in symbols of the layer or a constant;
    ``together`` says that they are passed as a tuple.  ``text`` is how a report writes it.
    """

    text: str
    array: str | None = None
    parts: tuple[Any, ...] = ()
    together: bool = False

    def value(self, values: Values) -> Any:
        """The value at concrete sizes: numbers that JSON can carry."""
        found = [_number(known(p, values) if isinstance(p, Expr) else p) for p in self.parts]
        return found if self.together else found[0]


@dataclass(frozen=True)
class Plan:
    """How the function is called: what goes where, and the call as a line of text.

    ``defaults`` are parameters left alone, with their own default values.
    """

    positional: tuple[Filling, ...]
    named: Mapping[str, Filling]
    text: str
    defaults: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[Filling, ...]:
        return (*self.positional, *self.named.values())

    @property
    def arrays(self) -> tuple[str, ...]:
        """The tensors that are passed, each once."""
        return tuple(dict.fromkeys(s.array for s in self.sources if s.array is not None))

    @property
    def symbols(self) -> set[Symbol]:
        """The sizes and hyperparameters that are passed."""
        parts = (p for s in self.sources for p in s.parts if isinstance(p, Expr))
        return {s for p in parts for s in symbols_of(p)}


@dataclass(frozen=True)
class Offers:
    """All that a layer has to give; ``given`` are values of its options, as it was built with."""

    layer: Layer
    upstream: Mapping[str, str]
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def essential(self) -> tuple[str, ...]:
        """The upstream gradients and the inputs, in the order in which they are passed."""
        return (*self.upstream.values(), *(t.name for t in self.layer.tensors))

    @cached_property
    def _arrays(self) -> tuple[str, ...]:
        return (*self.essential, *(e.name for e in self.layer.equations))

    @cached_property
    def _symbols(self) -> dict[str, Symbol]:
        return {s.name: s for s in (*(h.symbol for h in self.layer.hyperparameters),
                                    *self.layer.sizes)}  # fmt: skip

    def find(self, name: str) -> Filling | None:
        """What a parameter of that name receives; None where the name says nothing."""
        if name in self._arrays:
            return Filling(name, name)
        if name in self._symbols:
            return Filling(name, parts=(self._symbols[name],))
        return self._synonym(name) or self._option(name) or self._alike(name) or self._shape(name)

    def _synonym(self, name: str) -> Filling | None:
        """A tensor under another common name."""
        if name in UPSTREAM and len(self.upstream) == 1:
            (only,) = self.upstream.values()
            return Filling(only, only)
        for group in TENSORS:
            there = [a for a in group if a in self.essential]
            if name.lower() in group and len(there) == 1:
                return Filling(there[0], there[0])
        return None

    def _alike(self, name: str) -> Filling | None:
        """A tensor whose name differs in capital letters only."""
        alike = [a for a in self.essential if a.lower() == name.lower()]
        return Filling(alike[0], alike[0]) if len(alike) == 1 else None

    def _shape(self, name: str) -> Filling | None:
        """``x_shape``, and the like."""
        base = re.sub(r"_?shape_?(of_)?", "", name)
        source = (self.find(base) if base else None) if base != name else None
        if source is None or source.array is None:
            return None
        tensor = source.array
        outputs = {g: y for y, g in self.upstream.items()}
        sizes = self.layer.shape(outputs.get(tensor, tensor))
        return Filling(f"{tensor}.shape", parts=tuple(sizes), together=True)

    def _option(self, name: str) -> Filling | None:
        """``stride`` and the like: what the layer was built with, else symbols such as s1, s2."""
        letter, axis = re.fullmatch(r"(.*?)(\d*)", name).groups()  # type: ignore[union-attr]
        group = next((g for g in OPTIONS if letter in g or name in g), (name,))
        for option in (name, *group):
            if option in self.given:
                return self._given(option, int(axis) - 1 if axis and name != option else None)
        found = [s for n, s in self._symbols.items() if re.fullmatch(f"{group[0]}\\d*", n)]
        if name not in group or not found:
            return None
        texts = ", ".join(s.name for s in found)
        return Filling(
            texts if len(found) == 1 else f"({texts})", None, tuple(found), len(found) > 1
        )

    def _given(self, option: str, axis: int | None) -> Filling | None:
        value = self.given[option]
        parts = tuple(value) if isinstance(value, list | tuple) else (value,)
        together = isinstance(value, list | tuple)
        if axis is not None and together:
            if not 0 <= axis < len(parts):
                return None
            parts, together = parts[axis : axis + 1], False
        if any(isinstance(p, list | tuple) for p in parts):
            return None
        parts = tuple(self._symbols.get(p, p) if isinstance(p, str) else p for p in parts)
        texts = ", ".join(p.name if isinstance(p, Symbol) else repr(p) for p in parts)
        return Filling(f"({texts})" if together else texts, None, parts, together)


def plan(function: str, parameters: Sequence[SignatureParameter] | None, offers: Offers) -> Plan:
    """How to call the function; ``CannotRun`` where a parameter cannot be filled."""
    everything = tuple(Filling(name, name) for name in offers.essential)
    if parameters is None or all(p.kind == "VAR_POSITIONAL" for p in parameters):
        return _plan(function, everything, {}, ())
    found: dict[str, Filling | None] = {}
    for parameter in parameters:
        if parameter.kind not in ("VAR_POSITIONAL", "VAR_KEYWORD"):
            source = offers.find(parameter.name)
            if source is not None or parameter.default is None:
                found[parameter.name] = source
    _in_order(function, found, offers)
    if any(p.kind == "VAR_KEYWORD" for p in parameters):
        used = {s.array for s in found.values() if s is not None}
        found |= {n: Filling(n, n) for n in offers.essential if n not in used and n not in found}
    first = [p.name for p in parameters if p.kind == "POSITIONAL_ONLY" and p.name in found]
    sources = {name: source for name, source in found.items() if source is not None}
    left = tuple(f"{p.name}={p.default}" for p in parameters if p.default and p.name not in found)
    named = {name: source for name, source in sources.items() if name not in first}
    return _plan(function, tuple(sources[name] for name in first), named, left)


def _in_order(function: str, found: dict[str, Filling | None], offers: Offers) -> None:
    """Parameters whose names say nothing take the remaining tensors, if there are as many."""
    unknown = [name for name, source in found.items() if source is None]
    used = {source.array for source in found.values() if source is not None}
    remaining = [name for name in offers.essential if name not in used]
    if unknown and len(unknown) != len(remaining):
        raise CannotRun(
            f"{function}({', '.join(found)}): nothing is known that {' and '.join(unknown)} could"
            f" receive\n{_known(offers)}"
        )
    for name, tensor in zip(unknown, remaining if unknown else [], strict=True):
        found[name] = Filling(tensor, tensor)


def _known(offers: Offers) -> str:
    layer = offers.layer
    tensors = ", ".join(offers.essential)
    sizes = ", ".join(s.name for s in layer.sizes)
    options = ", ".join(dict.fromkeys((*offers.given, *(h.name for h in layer.hyperparameters))))
    more = f"; hyperparameters: {options}" if options else ""
    return f"a parameter may be called: {tensors} (tensors); {sizes} (sizes){more}"


def _plan(
    function: str,
    positional: tuple[Filling, ...],
    named: dict[str, Filling],
    left: tuple[str, ...],
) -> Plan:
    inside = [s.text for s in positional]
    inside += [n if n == s.text else f"{n}={s.text}" for n, s in named.items()]
    return Plan(positional, named, f"{function}({', '.join(inside)})", left)


def _number(value: Any) -> Any:
    """Whole numbers as integers, other rationals as floats; what is no number stays."""
    if isinstance(value, bool | str) or value is None:
        return value
    return int(value) if value == int(value) else float(value)


def settings(
    word: str, options: Mapping[str, Any], assignments: Sequence[str] = ()
) -> dict[str, Any]:
    """What the options of a layer are set to, where the command line's words built the layer.

    ``word`` is the layer's name or definition, ``assignments`` are NAME=VALUE of a typed one;
    options of a catalog layer that were not given have their defaults.
    """
    from derive import catalog
    from derive.console.arguments import value

    pairs = [(name, text) for name, _, text in (a.partition("=") for a in assignments)]
    given = {n: value(v) for n, v in (*options.items(), *pairs) if v is not None}
    if word not in catalog.names():
        return given
    defaults = {n: p.default for n, p in catalog.options(word).items() if p.default is not None}
    return {**defaults, **given}
