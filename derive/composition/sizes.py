"""The sizes of applied layers: an axis that a layer takes is as long as what it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as changed

from sympy import Add, Expr, Integer, Symbol

from derive.composition.applying import Application
from derive.composition.renaming import Renaming
from derive.domains import Decision, decide
from derive.language.definition import Hyperparameter
from derive.language.integers import affine, exact_multiple, expanded
from derive.language.notation.limits import WORDS
from derive.language.notation.numbers import NoValue, truth
from derive.language.terms import (
    ZERO,
    AtMost,
    Condition,
    Greatest,
    Parameter,
    RealParameter,
    Same,
    Size,
    symbols_of,
)


class Mismatch(Exception):
    """Two sizes of which it was not shown that they are the same; ``decision`` may say where."""

    def __init__(self, wanted: Expr, found: Expr, decision: Decision | None = None) -> None:
        super().__init__()
        self.wanted, self.found, self.decision = wanted, found, decision


class Impossible(Exception):
    """A requirement of a layer that does not hold for what it is given."""

    def __init__(self, stated: Condition) -> None:
        super().__init__()
        self.stated = stated


class TwoKinds(Exception):
    """A name that the writer gave to an integer and to a real number."""


@dataclass
class Sizes:
    """The sizes and hyperparameters of a composition in the making.

    ``taken`` are names that none of them may get; ``merged`` are sizes that were found to be others
    when this was done before: it is begun anew with these.  ``merges`` are those found now.
    ``reserved`` names hyperparameters that the writer chose.
    """

    taken: set[str]
    reserved: frozenset[str]
    merged: Mapping[Symbol, Expr]
    merges: dict[Symbol, Expr] = field(default_factory=dict)
    definitions: dict[Size, Expr] = field(default_factory=dict)
    requirements: dict[Condition, None] = field(default_factory=dict)
    hyperparameters: dict[str, Hyperparameter] = field(default_factory=dict)
    shapes: dict[Expr, None] = field(default_factory=dict)
    _known: dict[Expr, Size] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)

    # --- names --------------------------------------------------------------------------------

    def fresh(self, name: str) -> str:
        """The name, or one like it with the next number: K1 → K3 where there are K1 and K2."""
        if name not in self.taken and name not in WORDS:
            self.taken.add(name)
            return name
        base = name.rstrip("0123456789'") or name
        number = self._numbers.get(base, 2)
        while f"{base}{number}" in self.taken:
            number += 1
        self._numbers[base] = number
        self.taken.add(f"{base}{number}")
        return f"{base}{number}"

    def hyperparameter(self, stated: Hyperparameter, chosen: bool) -> Parameter | RealParameter:
        """The symbol of a layer's hyperparameter in the composition.

        One that the writer named is what bears that name elsewhere, and so is a real number with
        the same default, such as an ε; all others are numbers of their own.
        """
        there = self.hyperparameters.get(stated.name)
        alike = there is not None and (there.default, there.minimum) == (
            stated.default,
            stated.minimum,
        )
        real = isinstance(stated.symbol, RealParameter)
        one = chosen or (real and alike and stated.default is not None)
        if there is not None and one and type(there.symbol) is type(stated.symbol):
            minima = [m for m in (there.minimum, stated.minimum) if m is not None]
            both = changed(there, minimum=max(minima, default=None))
            self.hyperparameters[stated.name] = both
            return there.symbol
        if chosen and there is not None:
            raise TwoKinds(stated.name)
        free = chosen
        name = stated.name if free else self.fresh(stated.name)
        if free:
            self.taken.add(name)
        symbol = type(stated.symbol)(name)
        self.hyperparameters[name] = changed(stated, symbol=symbol)
        return symbol

    def size(self, name: str) -> Expr:
        """A size of an input: a new symbol, or what that was found to be."""
        symbol = Size(self.fresh(name))
        return self.merged.get(symbol, symbol)

    # --- one layer ----------------------------------------------------------------------------

    def opened(self, application: Application) -> Renaming:
        """The layer's hyperparameters under their names in the composition, nothing else yet."""
        renaming = Renaming()
        for stated in application.layer.hyperparameters:
            chosen = stated.name in application.chosen
            renaming.symbols[stated.symbol] = self.hyperparameter(stated, chosen)
        return renaming

    def match(self, wanted: Expr, found: Expr, own: Renaming) -> None:
        """Make the size of an axis that a layer takes that of what it is given.

        Raises ``Mismatch``.
        """
        if isinstance(wanted, Size) and wanted not in own.symbols:
            own.symbols[wanted] = found
            return
        unbound = [s for s in symbols_of(wanted) if isinstance(s, Size) and s not in own.symbols]
        if not unbound:
            self._same(own.of(wanted), found)
            return
        solution = self._solved(wanted, found, unbound, own)
        if solution is not None:
            own.symbols[unbound[0]] = solution
        elif self._free(found):
            for symbol in unbound:
                own.symbols[symbol] = self.size(symbol.name)
            self._merge(found, own.of(wanted))
        else:
            raise Mismatch(wanted, found)

    def _solved(
        self, wanted: Expr, found: Expr, unbound: Sequence[Symbol], own: Renaming
    ) -> Expr | None:
        """The one size that an axis leaves open: 4·C for an axis of 16 makes C 4."""
        linear = affine(wanted, unbound[0]) if len(unbound) == 1 else None
        if linear is None:
            return None
        coefficient, rest = map(own.of, linear)
        meaning = self.definitions.get(found, found) if isinstance(found, Size) else found
        solution = exact_multiple(meaning - rest, coefficient)
        whole = isinstance(solution, Integer) and solution >= 0
        return solution if whole or isinstance(solution, Size) else None

    def _same(self, one: Expr, other: Expr) -> None:
        """One size for what one index runs along; ``Mismatch`` where they may differ."""
        if one == other:
            return
        if self._free(other) and other not in self._behind(one):
            self._merge(other, one)
        elif self._free(one) and one not in self._behind(other):
            self._merge(one, other)
        elif not self._differ_by_free(one, other):
            decision = decide(Same(one, other), self.domain(one, other), self.order(one, other))
            if not decision.holds:
                raise Mismatch(one, other, decision)
            self.requirements[Same(one, other)] = None

    def _differ_by_free(self, one: Expr, other: Expr) -> bool:
        """Whether two output sizes are the same once two free sizes in them are one."""
        meanings = [self.definitions.get(s, s) if isinstance(s, Size) else s for s in (one, other)]
        rest = expanded(Add(meanings[0], -meanings[1]))
        if rest.is_Add and len(rest.args) == 2:
            a, b = Add.make_args(rest)
            plus, minus = (a, -b) if self._free(a) else (b, -a)
            if self._free(plus) and self._free(minus):
                self._merge(plus, minus)
                return True
        return False

    def _merge(self, size: Expr, meaning: Expr) -> None:
        assert isinstance(size, Size), size
        self.merges[size] = meaning

    def _free(self, size: Expr) -> bool:
        """Whether a size is that of an input and nothing else yet."""
        return isinstance(size, Size) and size not in self.definitions and size not in self.merges

    def _behind(self, *sizes: Expr) -> dict[Symbol, None]:
        """The symbols in sizes, and those that they are made from."""
        pending = [s for size in sizes for s in symbols_of(size)]
        seen: dict[Symbol, None] = {}
        while pending:
            symbol = pending.pop()
            if symbol not in seen:
                seen[symbol] = None
                meaning = self.definitions.get(symbol) if isinstance(symbol, Size) else None
                pending += symbols_of(meaning) if meaning is not None else []
        return seen

    def domain(self, *sizes: Expr) -> list[Condition]:
        """What is known of sizes, and of those that they are made from."""
        found: list[Condition] = []
        behind = self._behind(*sizes)
        for symbol in behind:
            if isinstance(symbol, Size):
                found.append(AtMost(ZERO, symbol))
                meaning = self.definitions.get(symbol)
                found += [Same(symbol, Greatest(ZERO, meaning))] if meaning is not None else []
            stated = self.hyperparameters.get(symbol.name)
            if stated is not None and stated.minimum is not None:
                found.append(AtMost(Integer(stated.minimum), symbol))
        found += [c for c in self.requirements if behind.keys() >= set(symbols_of(c))]
        return found

    def order(self, *sizes: Expr) -> list[Symbol]:
        """The symbols of sizes, those of inputs first."""
        return sorted(self._behind(*sizes), key=lambda s: (s in self.definitions, s.name))

    def close(self, application: Application, own: Renaming) -> None:
        """The rest of a layer's symbols: sizes that only it has, output sizes, requirements."""
        layer = application.layer
        for size in layer.sizes:
            if size not in own.symbols:
                own.symbols[size] = self.size(size.name)
        for stated in layer.requirements:
            self.require(own.of(stated))
        for size, meaning in layer.definitions:
            own.symbols[size] = self.extent(own.of(meaning), size.name)

    def extent(self, meaning: Expr, name: str) -> Expr:
        """What ranges and shapes call an output size; ``name`` if it needs one of its own."""
        if isinstance(meaning, Integer):
            return max(meaning, ZERO)
        if isinstance(meaning, Size) or meaning in self.shapes:
            return meaning
        if isinstance(meaning, Parameter):
            least = self.hyperparameters[meaning.name].minimum
            if least is not None and least >= 0:
                return meaning
        if meaning not in self._known:
            symbol = Size(self.fresh(name))
            self._known[meaning] = symbol
            self.definitions[symbol] = meaning
        return self._known[meaning]

    def require(self, stated: Condition) -> None:
        """Add a requirement; ``Impossible`` for one of numbers that does not hold."""
        if symbols_of(stated):
            self.requirements[stated] = None
            return
        try:
            holds = truth(stated, {})
        except NoValue:
            holds = False
        if not holds:
            raise Impossible(stated)
