"""Which index of one term is which of another: the maps that a change of index needs.

Two terms agree when their points correspond one to one and the same entries are multiplied.  The
entries say how: where one term reads g[r] and the other g[(p − a)/s], r is (p − a)/s.  Nothing here
needs to be right: Coq checks the maps, and ``verify.coq.trials`` tries them on small sizes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Add, Expr, Integer, Symbol

from derive.domains.known import Known
from derive.language.integers import expanded, mentions
from derive.language.substitution import substituted
from derive.language.terms import (
    Between,
    FloorDiv,
    Index,
    Modulo,
    symbols_of,
)
from verify.coq.terms import ProofTerm
from verify.coq.trees import FactorTree, TensorRead
from verify.equality.matching import Factor, Kind, NotInjective, Sides, System, pairings
from verify.equality.tidying import Tidy

Map = dict[Index, Expr]


def signature(term: ProofTerm) -> tuple[Kind, ...]:
    """What a term multiplies, up to indices: terms that agree have the same signature."""
    return tuple(sorted(_factor(f)[0] for f in term.factors))


def candidates(
    left: ProofTerm, right: ProofTerm, domain: Known
) -> Iterator[tuple[list[Sides], Map, Map]]:
    """Paired indices, with the right side's indices from the left's, and the left's from those."""
    own, given = _once(*([_factor(f) for f in term.factors] for term in (left, right)))
    for pairs in pairings(own, given):
        try:
            there = _solved([(b, a) for a, b in pairs], left, right, domain)
            back = _solved(pairs, right, left, domain)
        except NotInjective:
            continue
        yield pairs, there, back


def _once(own: list[Factor], given: list[Factor]) -> tuple[list[Factor], list[Factor]]:
    """Without numbers that both have, nor repetitions: u·u·u is paired as u is."""
    for factor in list(own):
        if factor in given and not any(
            isinstance(s, Index) for i in factor[1] for s in symbols_of(i)
        ):
            own = _removed(own, factor)
            given = _removed(given, factor)
    alike: list[Factor] = []
    for kind in dict.fromkeys(k for k, _ in own):
        mine, theirs = ([f for f in side if f[0] == kind] for side in (own, given))
        if len(set(mine)) == len(set(theirs)) == 1:
            alike += mine[1:]
    for repeated in alike:
        own = _removed(own, repeated)
        given = _removed(given, next(f for f in given if f[0] == repeated[0]))
    return own, given


def _removed(factors: list[Factor], factor: Factor) -> list[Factor]:
    place = factors.index(factor)
    return [*factors[:place], *factors[place + 1 :]]


def _factor(factor: FactorTree) -> Factor:
    """Reads determine indices best: whole numbers and quotients come last."""
    if isinstance(factor, TensorRead):
        return (False, factor.tensor), factor.indices
    return (True, type(factor).__name__), (factor.value,)


def _solved(sides: Sequence[Sides], source: ProofTerm, target: ProofTerm, domain: Known) -> Map:
    """Each index of the target in terms of the source's, from (target, source) equations."""
    system = _Guessing(sides, source, target, domain)
    system.solve()
    return {index: system.tidy(value) for index, value in system.values.items()}


class _Guessing(System):
    """Equations for the indices of a target at a point of a source; what they leave is guessed."""

    def __init__(
        self,
        sides: Sequence[Sides],
        source: ProofTerm,
        target: ProofTerm,
        domain: Known,
    ) -> None:
        ranges = [Between(lo, index, hi) for index, lo, hi in source.bounds]
        tidy = Tidy(domain.under(*ranges), source.guards)
        tidied = [(tidy(own), given) for own, given in sides]
        # an index that stands alone has the simplest value
        tidied.sort(key=lambda pair: not isinstance(pair[0], Index))
        super().__init__(tidied, target.indices, target.guards, tidy)
        self._source = source
        self._target = target

    def candidates(self) -> Iterator[tuple[bool, int, int, Index, Expr, Expr]]:
        """No index from another one that is open: digits and names tell it sooner."""
        return (found for found in super().candidates() if not found[1])

    def guess(self) -> tuple[Index, Expr]:
        """The first of the guesses below that there is."""
        guess = self._digits() or self._by_name() or self._by_range() or self._only_value()
        if guess is None:
            raise NotInjective
        return guess

    def _digits(self) -> tuple[Index, Expr] | None:
        """An index of which quotients and remainders are given: m = Σ digit·place."""
        for index in self.unknown:
            places = []
            for equation in self.equations:
                place = _place(equation.own, index)
                if place is not None and not any(mentions(equation.given, i) for i in self.unknown):
                    places.append(expanded(equation.given * place))
            if len(places) > 1:
                return index, Add(*dict.fromkeys(places))
        return None

    def _by_name(self) -> tuple[Index, Expr] | None:
        """An index that no equation gives is taken for its namesake."""
        for index in self.unknown:
            for other in self._source.indices:
                if _stem(index) == _stem(other):
                    return index, other
        return None

    def _by_range(self) -> tuple[Index, Expr] | None:
        """Else for an index with the same range that no other is found from."""
        used = {s for value in self.values.values() for s in symbols_of(value)}
        for index, *ends in self._target.bounds:
            for other, *others in self._source.bounds:
                here = [substituted(end, self.values) for end in ends]
                if index in self.unknown and other not in used and here == others:
                    return index, other
        return None

    def _only_value(self) -> tuple[Index, Expr] | None:
        """Else it may have one value only, the lowest."""
        for index, lo, _ in self._target.bounds:
            if index in self.unknown and not any(i in self.unknown for i in symbols_of(lo)):
                return index, lo
        return None


def _place(expr: Expr, index: Index) -> Expr | None:
    """D for m//D and (m//D)%M, 1 for m%M."""
    if isinstance(expr, Modulo):
        inner = expr.args[0]
        return Integer(1) if inner == index else _place(inner, index)
    if isinstance(expr, FloorDiv) and expr.args[0] == index:
        return expr.args[1]
    return None


def _stem(index: Symbol) -> str:
    return str(index.name).split("#")[0].rstrip("'")
