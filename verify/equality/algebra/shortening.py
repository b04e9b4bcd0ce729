"""Integer operations shortened by what is known at a place."""

from __future__ import annotations

from sympy import Expr, Integer

from derive.language.terms import ZERO, Between, FloorDiv, entries
from verify.equality.algebra.places import Place
from verify.equality.tidying import Tidy


class Shorter(Tidy):
    """Shortens also e // m = 0 and e // m·m = e − e % m where 0 ≤ e < m is known."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.known, place.conditions)
        self._place = place

    def _quotient(self, number: Expr, divisor: Expr) -> Expr:
        found = super()._quotient(number, divisor)
        if not isinstance(found, FloorDiv) or entries(found):
            return found
        inside = Between(ZERO, *found.args)
        return Integer(0) if self._place.holds(inside) else found
