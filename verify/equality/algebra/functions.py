"""Exponentials, logarithms and other functions of polynomials, brought to one form."""

from __future__ import annotations

from functools import partial

from sympy import Expr, Function, cos, erf, erfc, log, sin, tanh

from derive.language.terms import Expm1, Log1p, Sigmoid
from verify.equality.algebra.atoms import Applied, Exponential
from verify.equality.algebra.comparisons import Comparisons
from verify.equality.algebra.polynomials import (
    Number,
    Polynomial,
    Product,
    added,
    constant,
    key_of,
    one,
    scaled,
)
from verify.equality.algebra.powers import prime_factors
from verify.equality.algebra.products import Undefined
from verify.equality.algebra.truths import comparison_in

#: f(−u) = −f(u), and f(−u) = f(u)
_ODD = (erf, sin)
_EVEN = (cos,)


class Functions(Comparisons):
    """Functions at the place where it stands."""

    def exponential(self, polynomial: Polynomial) -> Polynomial:
        """exp(Σ c·m) = Π exp(m)ᶜ, and exp(c·log u) = uᶜ where u is positive."""
        if comparison_in(polynomial):
            return self.by_cases(polynomial, self.exponential)
        found = constant(1)
        for product, coefficient in polynomial.items():
            found = self.times(found, self._exponential(product, coefficient))
        return found

    def _exponential(self, product: Product, coefficient: Number) -> Polynomial:
        if len(product) == 1:
            ((atom, exponent),) = product
            inner = atom.argument if isinstance(atom, Applied) and atom.function is log else None
            if inner is not None and exponent == 1 and self.is_positive(inner):
                return self.power(inner, coefficient)
        return one(Exponential(product), coefficient)

    def applied(self, function: type[Function], argument: Polynomial) -> Polynomial:
        """A function of a polynomial, in terms of exp where it can be."""
        if function is log:
            return self.logarithm(argument)
        if function is Log1p:
            return self.logarithm(added(constant(1), argument))
        if comparison_in(argument):
            return self.by_cases(argument, partial(self.applied, function))
        if function is Sigmoid:
            raised = self.exponential(argument)
            return self.times(raised, self.power(added(constant(1), raised), -1))
        if function is tanh:
            raised = self.exponential(scaled(argument, 2))
            part = self.power(added(constant(1), raised), -1)
            return added(constant(1), scaled(part, -2))
        if function is Expm1:
            return added(self.exponential(argument), constant(-1))
        if function is erfc:
            return added(constant(1), scaled(self.applied(erf, argument), -1))
        return self._other(function, argument)

    def _other(self, function: type[Function], argument: Polynomial) -> Polynomial:
        if function in (*_ODD, *_EVEN):
            if not argument:
                return {} if function in _ODD else constant(1)
            first = min(argument, key=key_of)
            if argument[first] < 0:
                mirrored = one(Applied(function, scaled(argument, -1)))
                return scaled(mirrored, -1) if function in _ODD else mirrored
        return one(Applied(function, argument))

    def logarithm(self, polynomial: Polynomial) -> Polynomial:
        """log(c·Πaᵉ·P) = log c + Σ e·log a + log P for positive factors."""
        if not polynomial:
            raise Undefined("log 0", self.place)
        if comparison_in(polynomial):
            return self.by_cases(polynomial, lambda p: self.logarithm(p) if p else {})
        number, outer, inner = self.primitive(polynomial, False)
        if not inner:
            raise Undefined("log 0", self.place)
        positive = {(a, e) for a, e in outer if not a.truth}
        if len(positive) < len(outer) or number < 0:
            return one(Applied(log, polynomial))
        parts = [self._log_number(number)]
        for atom, exponent in positive:
            assert not isinstance(exponent, Expr)
            if isinstance(atom, Exponential):
                parts.append({atom.product: exponent})
            else:
                parts.append(scaled(one(Applied(log, one(atom))), exponent))
        if inner != constant(1):
            parts.append(one(Applied(log, inner)))
        return added(*parts)

    def _log_number(self, number: Number) -> Polynomial:
        logarithms = (scaled(one(Applied(log, constant(p))), k) for p, k in prime_factors(number))
        return added(*logarithms)
