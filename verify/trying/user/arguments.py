"""Which parameter of a user's function receives what: by name, and only then in order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

from sympy import Expr, Symbol

from derive.language.definition import Layer
from derive.language.terms import symbols_of
from verify.evaluation.compiled import Values
from verify.evaluation.sizes import known
from verify.trying.process.process import CannotRun, SignatureParameter
from verify.trying.user import names
from verify.trying.user.layouts import laid


@dataclass(frozen=True)
class Filling:
    """What a parameter receives; ``text`` is how a report writes it."""

    text: str

    @property
    def arrays(self) -> tuple[str, ...]:
        """The tensors in it."""
        return ()

    @property
    def symbols(self) -> set[Symbol]:
        """The sizes and hyperparameters in it."""
        return set()

    def described(self, values: Values) -> dict[str, Any]:
        """For the process that makes the call, at concrete sizes."""
        raise NotImplementedError


@dataclass(frozen=True)
class Tensor(Filling):
    """An array, by its name."""

    array: str

    @property
    def arrays(self) -> tuple[str, ...]:
        return (self.array,)

    def described(self, values: Values) -> dict[str, Any]:
        return {"array": self.array}


@dataclass(frozen=True)
class Numbers(Filling):
    """Values of sizes and hyperparameters, or constants; ``together``: passed as a tuple."""

    parts: tuple[Any, ...]
    together: bool = False

    @property
    def symbols(self) -> set[Symbol]:
        return {s for p in self.parts if isinstance(p, Expr) for s in symbols_of(p)}

    def described(self, values: Values) -> dict[str, Any]:
        found = [_number(known(p, values) if isinstance(p, Expr) else p) for p in self.parts]
        return {"value": found if self.together else found[0]}


@dataclass(frozen=True)
class Offers:
    """All that a layer has to give; ``given`` are values of its options, as it was built with.

    ``axes`` are the axes of arrays that have another order for the function.
    """

    layer: Layer
    upstream: Mapping[str, str]
    given: Mapping[str, Any] = field(default_factory=dict)
    axes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def essential(self) -> tuple[str, ...]:
        """The upstream gradients and the inputs, in the order in which they are passed."""
        return (*self.upstream.values(), *self.inputs)

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(t.name for t in self.layer.tensors)

    @cached_property
    def is_loss(self) -> bool:
        """Whether all that the layer computes is single numbers."""
        return all(not self.layer.shape(y) for y in self.upstream)

    @cached_property
    def _arrays(self) -> tuple[str, ...]:
        return (*self.essential, *(e.name for e in self.layer.equations))

    @cached_property
    def _symbols(self) -> dict[str, Symbol]:
        return {
            s.name: s for s in (*(h.symbol for h in self.layer.hyperparameters), *self.layer.sizes)
        }

    def find(self, name: str) -> Filling | None:
        """What a parameter of that name receives; None where the name says nothing."""
        return next(iter(self.meanings(name)), None)

    def meanings(self, name: str) -> list[Filling]:
        """All that a parameter of that name may mean, the likeliest first."""
        if name in self.essential:
            return [Tensor(name, name)]
        exact = [Tensor(name, name)] if name in self._arrays else []
        sizes: list[Filling] = []
        if name in self._symbols:
            sizes = [Numbers(name, (self._symbols[name],))]
        arrays: list[str] = []
        if name in names.UPSTREAM and len(self.upstream) == 1:
            arrays += self.upstream.values()
        elif name.lower() in names.OUTPUTS and len(self.upstream) == 1 and not self.is_loss:
            arrays += self.upstream
        arrays += names.called(name, self.inputs)
        options = [] if sizes else self._option(name)
        alike = [a for a in self.essential if a.lower() == name.lower()]
        shape = self._shape(name)
        found: list[Filling] = [
            *exact,
            *sizes,
            *self._width(name),
            *(Tensor(a, a) for a in arrays),
            *options,
            *(Tensor(a, a) for a in alike[: len(alike) == 1]),
            *([shape] if shape else []),
        ]
        return list(dict.fromkeys(found))

    def _shape(self, name: str) -> Filling | None:
        """``x_shape``, and the like."""
        base = re.sub(r"_?shape?_?(of_)?", "", name)
        source = self.find(base) if base and base != name else None
        if not isinstance(source, Tensor):
            return None
        tensor = source.array
        outputs = {g: y for y, g in self.upstream.items()}
        sizes = laid(self.layer.shape(outputs.get(tensor, tensor)), self.axes.get(tensor, ()))
        return Numbers(f"{tensor}.shape", tuple(sizes), True)

    def _width(self, name: str) -> list[Filling]:
        """``in_features`` and the like: the second axis, of what goes in or comes out."""
        tensors = (*self.inputs[:1], *[*self.upstream][:1])
        for tensor, words in zip(tensors, (names.WIDTHS_IN, names.WIDTHS_OUT), strict=False):
            shape = self.layer.shape(tensor)
            if name in words and len(shape) > 1:
                return [Numbers(f"{tensor}.shape[1]", (shape[1],))]
        return []

    def _option(self, name: str) -> list[Filling]:
        """``stride`` and the like: what the layer was built with, else symbols such as s1, s2."""
        if name in names.AXES:
            name, axis = names.AXES[name]
            return [f for f in (_along(f, axis) for f in self._option(name)) if f]
        letter, digits = re.fullmatch(r"(.*?)(\d*)", name).groups()  # type: ignore[union-attr]
        group = next((g for g in names.OPTIONS if letter in g or name in g), (name,))
        for option in (name, *group):
            if option in self.given:
                found = self._given(option)
                single = digits and name != option and found is not None
                found = _along(found, int(digits) - 1) if single and found else found
                return [found] if found else []
        symbols = [s for n, s in self._symbols.items() if re.fullmatch(f"{group[0]}\\d*", n)]
        if name not in group or not symbols:
            return []
        return [_numbers(tuple(symbols), len(symbols) > 1)]

    def _given(self, option: str) -> Numbers | None:
        value = self.given[option]
        together = isinstance(value, list | tuple)
        parts = tuple(value) if together else (value,)
        if any(isinstance(p, list | tuple) for p in parts):
            return None
        return _numbers(
            tuple(self._symbols.get(p, p) if isinstance(p, str) else p for p in parts), together
        )


def _numbers(parts: tuple[Any, ...], together: bool) -> Numbers:
    texts = ", ".join(p.name if isinstance(p, Symbol) else repr(p) for p in parts)
    return Numbers(f"({texts})" if together else texts, parts, together)


def _along(numbers: Filling, axis: int) -> Numbers | None:
    """The part of an option for one axis; an option with one value has it for all."""
    if not isinstance(numbers, Numbers) or not numbers.together:
        return numbers if isinstance(numbers, Numbers) else None
    part = numbers.parts[axis : axis + 1]
    return _numbers(part, False) if axis >= 0 and part else None


def _number(value: Any) -> Any:
    """Whole numbers as integers, other rationals as floats; what is no number stays."""
    if isinstance(value, bool | str) or value is None:
        return value
    return int(value) if value == int(value) else float(value)


def filled(
    function: str,
    parameters: Sequence[SignatureParameter],
    offers: Offers,
    order: Sequence[str],
    given: Mapping[str, Filling] | None = None,
) -> dict[str, Filling]:
    """What each parameter receives; those left at their defaults are not in it.

    ``given`` is settled already.  Parameters whose names say nothing take what is left of the
    tensors in ``order``, if there are just as many.
    """
    given = given or {}
    meanings = {
        p.name: [given[p.name]] if p.name in given else offers.meanings(p.name)
        for p in parameters
        if p.kind not in ("VAR_POSITIONAL", "VAR_KEYWORD")
    }
    wanted = [
        p.name for p in parameters if p.name in meanings and (meanings[p.name] or not p.default)
    ]
    found = likeliest({name: meanings[name] for name in wanted}, offers)
    used = {a for source in found.values() for a in source.arrays}
    unknown = [name for name in wanted if name not in found]
    remaining = [name for name in order if name not in used]
    if offers.is_loss and len(unknown) < len(remaining):
        remaining = [name for name in remaining if name not in offers.upstream.values()]
    if unknown and len(unknown) != len(remaining):
        raise CannotRun(
            f"{function}({', '.join(wanted)}): nothing is known that {' and '.join(unknown)} could"
            f" receive\n{_known(offers)}"
        )
    if unknown:
        found |= {n: Tensor(t, t) for n, t in zip(unknown, remaining, strict=True)}
    if any(p.kind == "VAR_KEYWORD" for p in parameters):
        used = {a for source in found.values() for a in source.arrays}
        found |= {n: Tensor(n, n) for n in order if n not in used and n not in found}
    return {name: found[name] for name in [*wanted, *(n for n in found if n not in wanted)]}


def likeliest(meanings: Mapping[str, list[Filling]], offers: Offers) -> dict[str, Filling]:
    """One meaning for each name: that of a tensor which nothing else is for, else the likeliest.

    ``W`` is the kernel where no other parameter is, and the width beside ``H``.
    """
    found = {name: some[0] for name, some in meanings.items() if len(some) == 1}
    taken = {a for source in found.values() for a in source.arrays}
    lengths = {s for source in found.values() for s in source.symbols}
    for name, some in meanings.items():
        if len(some) < 2:
            continue
        free = [m for m in some if {*m.arrays} & {*offers.essential} - taken]
        beside = any(_beside(m.symbols, lengths, offers) for m in some)
        found[name] = free[0] if free and not beside else some[0]
        taken |= {*found[name].arrays}
    return {name: found[name] for name in meanings if name in found}


def _beside(sizes: set[Symbol], lengths: set[Symbol], offers: Offers) -> bool:
    """Whether a size is that of the axis next to one of some others."""
    shapes = [offers.layer.shape(t) for t in offers.inputs]
    pairs = {pair for shape in shapes for pair in pairwise(shape)}
    return any((s, other) in pairs or (other, s) in pairs for s in sizes for other in lengths)


def _known(offers: Offers) -> str:
    layer = offers.layer
    tensors = ", ".join(offers.essential)
    sizes = ", ".join(s.name for s in layer.sizes)
    options = ", ".join(dict.fromkeys((*offers.given, *(h.name for h in layer.hyperparameters))))
    more = f"; hyperparameters: {options}" if options else ""
    return (
        f"a parameter may be called: {tensors} (tensors); {sizes} (sizes){more}\n"
        "other conventions: --calls cs231n for a `cache`, --calls FILE.toml for a recipe"
        " (docs/check-code.md)"
    )


def settings(
    word: str, options: Mapping[str, Any], assignments: Sequence[str] = ()
) -> dict[str, Any]:
    """What the options of a layer are set to, where the command line's words built the layer.

    ``word`` is the layer's name or definition, ``assignments`` are NAME=VALUE of a typed one;
    options of a catalog layer that were not given have their defaults.
    """
    from derive import catalog  # local: start-up time
    from derive.console.arguments import value

    pairs = [(name, text) for name, _, text in (a.partition("=") for a in assignments)]
    given = {n: value(v) for n, v in (*options.items(), *pairs) if v is not None}
    if word not in catalog.names():
        return given
    defaults = {n: p.default for n, p in catalog.options(word).items() if p.default is not None}
    found = {**defaults, **given}
    if "kernel_size" in found and "stride" in catalog.options(word):
        found.setdefault("stride", found["kernel_size"])  # the step of a pool, unless told
    return found


def unasked(word: str, options: Mapping[str, Any]) -> frozenset[str]:
    """The options of a catalog layer that were not typed."""
    from derive import catalog  # local: start-up time

    if word not in catalog.names():
        return frozenset()
    return frozenset(n for n in catalog.options(word) if options.get(n) is None)
