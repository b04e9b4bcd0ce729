"""What both sides and the layer itself must be, to have values: roots of what is not negative,
divisors that are not zero."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, permutations

from sympy import Add, Basic, Expr, Mul

from derive.language.integers import affine, expanded
from derive.language.substitution import substituted
from derive.language.terms import Between, Condition, Entry, Index, Less, symbols_of
from verify.equality.algebra.atoms import Plain
from verify.equality.algebra.places import Place
from verify.equality.algebra.polynomials import (
    Atom,
    Polynomial,
    expression,
    poly_key,
    shortened_by_sympy,
)
from verify.equality.terms import opaque

POSITIVE, NOT_NEGATIVE, NOT_ZERO = "> 0", "≥ 0", "≠ 0"
#: what a fact of one kind says beside itself
_IMPLIED = {
    POSITIVE: (POSITIVE, NOT_NEGATIVE, NOT_ZERO),
    NOT_NEGATIVE: (NOT_NEGATIVE,),
    NOT_ZERO: (NOT_ZERO,),
}


#: what polynomials that differ in their indices alone have in common
Shape = frozenset[tuple[object, int]]


@dataclass(frozen=True)
class Fact:
    """That a value is positive, not negative or not zero wherever some conditions hold.

    ``source`` is the value as it was written, ``origin`` who needs it, ``key`` the writing of the
    polynomial that it is; the indices among ``variables`` stand for all integers.
    """

    kind: str
    source: Expr
    origin: str
    key: str
    conditions: tuple[Condition, ...]
    values: frozenset[str]
    variables: frozenset[Index]
    polynomial: Polynomial = field(compare=False, repr=False, default_factory=dict)


@dataclass
class Facts:
    """Collects facts, and finds the one from which something follows at a place."""

    everything: dict[Shape, list[Fact]] = field(default_factory=dict)
    used: dict[Fact, None] = field(default_factory=dict)
    count: int = 0
    _templates: dict[str, tuple[str, tuple[Expr, ...]]] = field(default_factory=dict)

    def note(
        self,
        kind: str,
        polynomial: Polynomial,
        place: Place,
        source: Expr,
        origin: str,
        variables: frozenset[Index],
    ) -> None:
        """That the polynomial is of a kind at a place."""
        fact = Fact(
            kind,
            source,
            origin,
            poly_key(polynomial),
            place.conditions,
            place.values,
            variables,
            polynomial,
        )
        known = self.everything.setdefault(_shape(polynomial), [])
        if fact not in known:
            known.append(fact)
            self.count += 1

    def follows(
        self, kind: str, polynomial: Polynomial, place: Place, origins: Sequence[str] = ()
    ) -> bool:
        """Whether the polynomial is of a kind, by one of the facts (of these origins)."""
        for fact in self.everything.get(_shape(polynomial), ()):
            fits = kind in _IMPLIED[fact.kind] and (not origins or fact.origin in origins)
            if fits and self._applies(fact, polynomial, place):
                self.used.setdefault(fact)
                return True
        return False

    def _applies(self, fact: Fact, polynomial: Polynomial, place: Place) -> bool:
        """Whether the fact speaks of the polynomial, and its conditions hold."""
        if not fact.values <= place.values:
            return False
        template, places = self._template(polynomial)
        own, patterns = self._template(fact.polynomial)
        if own != template:
            return False
        pairs: list[tuple[Basic, Basic]] = list(zip(patterns, places, strict=True))
        for binding in _bindings(pairs, {}, fact.variables):
            if fact.values and any(binding.get(v, v) != v for v in fact.variables):
                continue
            if _holds(list(fact.conditions), binding, fact.variables, place):
                return True
        return False

    def _template(self, polynomial: Polynomial) -> tuple[str, tuple[Expr, ...]]:
        key = poly_key(polynomial)
        if shortened_by_sympy(polynomial):
            return key, ()
        if key not in self._templates:
            entry = opaque(expression(polynomial))
            self._templates[key] = entry.tensor, tuple(entry.indices)
        return self._templates[key]


def _shape(polynomial: Polynomial) -> Shape:
    found = (
        (c, frozenset(Counter((_kind(a), e) for a, e in p).items())) for p, c in polynomial.items()
    )
    return frozenset(Counter(found).items())


def _kind(atom: Atom) -> str:
    """The kind of an atom, of an entry its tensor, of a symbol its name."""
    value = atom.value if isinstance(atom, Plain) else None
    name = value.tensor if isinstance(value, Entry) else ""
    return (
        f"{type(atom).__name__} {name or (atom.key if value is not None and not atom.free else '')}"
    )


def _holds(
    conditions: list[Condition],
    binding: Mapping[Index, Expr],
    variables: frozenset[Index],
    place: Place,
) -> bool:
    """Whether the conditions hold, for some value of each variable that is left."""
    bound = [substituted(c, binding) for c in conditions]
    left = [v for v in variables if v not in binding and any(v in symbols_of(c) for c in bound)]
    if not left:
        return all(place.holds(c) for c in bound)
    index = left[0]
    own = [c for c in bound if index in symbols_of(c)]
    if len(own) == 1 and isinstance(own[0], Between) and own[0].args[1] == index:
        low, _, high = own[0].args
        rest = [Less(low, high) if c == own[0] else c for c in bound]
        return _holds(rest, {}, variables, place)
    lows = [c.args[0] for c in own if isinstance(c, Between) and c.args[1] == index]
    witnesses = chain(lows, place.indices)
    others = variables - {index}
    return any(_holds(bound, {index: w}, others, place) for w in witnesses)


def _solved(pattern: Expr, index: Index, value: Expr) -> Expr | None:
    """The index for which ±index + e is the value."""
    parts = affine(pattern, index)
    if parts is None or parts[0] not in (1, -1):
        return None
    return expanded(parts[0] * (value - parts[1]))


def _bindings(
    pairs: list[tuple[Basic, Basic]], binding: dict[Index, Expr], variables: frozenset[Index]
) -> Iterator[dict[Index, Expr]]:
    """All values of the variables that make every first expression the second one."""
    if not pairs:
        yield binding
        return
    (pattern, value), *rest = pairs
    if isinstance(pattern, Index) and pattern in variables:
        if binding.get(pattern, value) == value and isinstance(value, Expr):
            yield from _bindings(rest, {**binding, pattern: value}, variables)
        return
    inside = variables.intersection(symbols_of(pattern))
    if not inside:
        if pattern == value:
            yield from _bindings(rest, binding, variables)
        return
    if isinstance(pattern, Add) and len(inside) == 1 and isinstance(value, Expr):
        (index,) = inside
        solved = _solved(pattern, index, value)
        if solved is not None and binding.get(index, solved) == solved:
            yield from _bindings(rest, {**binding, index: solved}, variables)
            return
    if type(pattern) is not type(value) or len(pattern.args) != len(value.args):
        return
    orders = permutations(value.args) if isinstance(pattern, Add | Mul) else [value.args]
    for order in orders:
        inner = list(zip(pattern.args, order, strict=True))
        yield from _bindings([*inner, *rest], binding, variables)
