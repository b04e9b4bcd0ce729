"""What values need: divisors that are not zero, roots of what is not negative."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr

from verify.equality.algebra.conditions import Conditions
from verify.equality.algebra.facts import NOT_NEGATIVE, NOT_ZERO, POSITIVE
from verify.equality.algebra.polynomials import UNIT, Polynomial, one


class Needs(Conditions):
    """Notes what is needed at the place where it stands."""

    def note(self, kind: str, polynomial: Polynomial, source: Expr) -> None:
        """What the value needs, and its factors with it."""
        if not polynomial or polynomial.keys() == {UNIT}:
            return
        for part, own in self._parts(kind, polynomial):
            self.facts.note(own, part, self.place, source, self.origin, self._variables)

    def _parts(self, kind: str, polynomial: Polynomial) -> Iterator[tuple[Polynomial, str]]:
        """The factors of which something follows: of a product that is not zero, all are not."""
        if len(polynomial) > 1:
            number, outer, inner = self.primitive(polynomial, kind == NOT_ZERO)
            if inner and (kind == NOT_ZERO or (number > 0 and all(not a.truth for a, _ in outer))):
                yield inner, kind
        else:
            ((outer, number),) = polynomial.items()
        open_ones = [(a, e) for a, e in outer if not a.truth and not self.is_positive(one(a))]
        if kind != NOT_NEGATIVE:
            yield from ((one(a), NOT_ZERO) for a, _ in open_ones)
        signed = kind == POSITIVE or (kind == NOT_NEGATIVE and not any(a.truth for a, _ in outer))
        if signed and len(polynomial) == len(open_ones) == 1 and number > 0:
            ((atom, exponent),) = open_ones
            if exponent in (1, -1):
                yield one(atom), kind
