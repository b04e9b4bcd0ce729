"""Sines and cosines: of sums, of multiples, of parts of a turn.

A product of two is half of a sum of two, so that none is left beside another one: sines and cosines
of different arguments are then independent.
"""

from __future__ import annotations

from fractions import Fraction

from sympy import Expr, Function, cos, pi, sin

from verify.equality.algebra.atoms import Applied, Plain
from verify.equality.algebra.functions import Functions
from verify.equality.algebra.polynomials import (
    Atom,
    Exponent,
    Polynomial,
    Product,
    added,
    scaled,
)

_HALF_TURN: Product = frozenset([(Plain(pi), 1)])


class Trigonometry(Functions):
    """Sines and cosines at the place where it stands."""

    def _tidied(self, exponents: dict[Atom, Exponent]) -> Polynomial:
        """Two sines or cosines as a sum.

        Terminates: the sum has one of them in each term.
        """
        waves = sorted((a for a in exponents if _is_wave(a)), key=lambda a: a.key)
        natural = [a for a in waves for _ in range(_natural(exponents[a]))]
        if len(natural) < 2:
            return super()._tidied(exponents)
        rest = dict(exponents)
        for atom in natural[:2]:
            left = rest.pop(atom)
            assert not isinstance(left, Expr)
            if left != 1:
                rest[atom] = left - 1
        return self.times(self._tidied(rest), self._as_sum(*natural[:2]))

    def _as_sum(self, first: Atom, second: Atom) -> Polynomial:
        """2·cos a·cos b = cos(a − b) + cos(a + b), and so on."""
        assert isinstance(first, Applied) and isinstance(second, Applied)
        less = added(first.argument, scaled(second.argument, -1))
        more = added(first.argument, second.argument)
        half = Fraction(1, 2)
        if first.function is second.function:
            sign = 1 if first.function is cos else -1
            parts = self.applied(cos, less), scaled(self.applied(cos, more), sign)
        else:
            sign = 1 if first.function is sin else -1
            parts = self.applied(sin, more), scaled(self.applied(sin, less), sign)
        return scaled(added(*parts), half)

    def _other(self, function: type[Function], argument: Polynomial) -> Polynomial:
        """Quarters of a turn leave the argument: sin(u + π/2) = cos u, cos(u + π/2) = −sin u."""
        halves = argument.get(_HALF_TURN, 0)
        quarters = (2 * halves) // 1
        if function not in (sin, cos) or not quarters:
            return super()._other(function, argument)
        rest = added(argument, {_HALF_TURN: Fraction(-quarters, 2)})
        turned = (quarters + (function is cos)) % 4
        found = self.applied(cos if turned % 2 else sin, rest)
        return scaled(found, -1 if turned in (2, 3) else 1)


def _is_wave(atom: Atom) -> bool:
    return isinstance(atom, Applied) and atom.function in (sin, cos)


def _natural(exponent: Exponent) -> int:
    """How often a factor stands there as itself."""
    return exponent if isinstance(exponent, int) and exponent > 0 else 0
