"""Polynomials with rational coefficients in values that are not taken apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any, Protocol, TypeAlias

from sympy import Add, Basic, Expr, Function, Mul, Pow, Rational, expand

from derive.language.terms import Condition, Index


class Atom:
    """A value that is not taken apart: ``free`` are its free indices.

    ``height`` counts how deep sums are nested in it; names of bound indices hold the height of
    their sum, so that no two that are nested clash.
    """

    #: values 0 and 1 only
    truth = False

    def __init__(self, key: str, free: frozenset[Index], height: int = 0) -> None:
        self.key = key
        self.free = free
        self.height = height
        self._hash = hash(key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Atom) and self.key == other.key

    def __repr__(self) -> str:
        return self.key

    @cached_property
    def expression(self) -> Any:
        """The atom as an expression of the language."""
        raise NotImplementedError

    def renamed(self, renaming: Renaming, ring: Ring) -> Polynomial:
        """The value with free indices replaced; none of the new names is bound in it."""
        raise NotImplementedError

    def relabelled(self, names: Names) -> Atom:
        """The atom with free indices called otherwise, different ones differently."""
        raise NotImplementedError


#: a number, or an expression in hyperparameters
Exponent: TypeAlias = int | Fraction | Expr
Number: TypeAlias = int | Fraction
Product: TypeAlias = frozenset[tuple[Atom, Exponent]]
Polynomial: TypeAlias = dict[Product, Number]
Renaming: TypeAlias = Mapping[Index, Expr]
Names: TypeAlias = Mapping[Index, Index]

UNIT: Product = frozenset()


class Ring(Protocol):
    """The operations on polynomials, at the place where they are done."""

    def at(self, value: Basic, renaming: Renaming) -> Any:
        """An index expression or a condition, with other indices."""

    def renamed(self, polynomial: Polynomial, renaming: Renaming) -> Polynomial:
        """The polynomial with other indices."""

    def opened(
        self, bound: tuple[Index, ...], product: Product
    ) -> tuple[tuple[Index, ...], Product]:
        """A product with fresh names for some indices, and these names."""

    def totalled(self, polynomial: Polynomial, bound: tuple[Index, ...]) -> Polynomial:
        """The sum over all integers."""

    def power(self, polynomial: Polynomial, exponent: Exponent) -> Polynomial:
        """A power."""

    def exponential(self, polynomial: Polynomial) -> Polynomial:
        """exp of the polynomial."""

    def applied(self, function: type[Function], argument: Polynomial) -> Polynomial:
        """A function of the polynomial."""

    def plain(self, value: Expr) -> Polynomial:
        """An integer expression or an entry."""

    def guard(self, condition: Condition) -> Polynomial:
        """1 where a condition on integers holds."""

    def positive(self, polynomial: Polynomial) -> Polynomial:
        """1 where the polynomial is positive."""

    def not_zero(self, polynomial: Polynomial) -> Polynomial:
        """1 where the polynomial is not zero."""


def one(atom: Atom, exponent: Exponent = 1) -> Polynomial:
    """The atom, to a power, as a polynomial."""
    return {frozenset([(atom, exponent)]): 1}


def constant(number: Number) -> Polynomial:
    """A number as a polynomial."""
    return {UNIT: number} if number else {}


def added(*polynomials: Polynomial) -> Polynomial:
    """The sum."""
    found: Polynomial = {}
    for polynomial in polynomials:
        for product, coefficient in polynomial.items():
            total_ = found.get(product, 0) + coefficient
            if total_:
                found[product] = total_
            else:
                del found[product]
    return found


def scaled(polynomial: Polynomial, number: Number) -> Polynomial:
    """The multiple by a number."""
    return {p: c * number for p, c in polynomial.items()} if number else {}


def relabelled(product: Product, names: Names) -> Product:
    """The product with free indices called otherwise, different ones differently."""
    return frozenset(
        (a if a.free.isdisjoint(names) else a.relabelled(names), e) for a, e in product
    )


def poly_relabelled(polynomial: Polynomial, names: Names) -> Polynomial:
    """The polynomial with free indices called otherwise, different ones differently."""
    return {relabelled(p, names): c for p, c in polynomial.items()}


def free_in(product: Product) -> frozenset[Index]:
    """The free indices of a product."""
    return frozenset().union(*(a.free for a, _ in product)) if product else frozenset()


def free_of(polynomial: Polynomial) -> frozenset[Index]:
    """The free indices of a polynomial."""
    return frozenset().union(*map(free_in, polynomial)) if polynomial else frozenset()


def height_of(product: Product) -> int:
    """How deep sums are nested in a product."""
    return max((a.height for a, _ in product), default=0)


def poly_height(polynomial: Polynomial) -> int:
    """How deep sums are nested in a polynomial."""
    return max(map(height_of, polynomial), default=0)


def key_of(product: Product) -> str:
    """A writing that tells different products apart."""
    return "·".join(sorted(f"{a.key}^{e}" if e != 1 else a.key for a, e in product))


def poly_key(polynomial: Polynomial) -> str:
    """A writing that tells different polynomials apart."""
    return " + ".join(sorted(f"{c}*{key_of(p)}" for p, c in polynomial.items()))


def shortened_by_sympy(polynomial: Polynomial) -> bool:
    """Whether its expression would be another value where there is none: exp(log u) is u there."""
    return "exp(log(" in poly_key(polynomial)


def rank(product: Product) -> tuple[Any, ...]:
    """By degree, then by the exponents of the atoms in the order of their keys."""
    found = sorted(((a.key, e) for a, e in product), reverse=True)
    return sum(e for _, e in found), found


def expression(polynomial: Polynomial) -> Expr:
    """The polynomial as an expression of the language."""
    ordered = sorted(polynomial.items(), key=lambda item: key_of(item[0]))
    return Add(*(Mul(rational(c), product_expression(p)) for p, c in ordered))


def product_expression(product: Product) -> Expr:
    """The product as an expression of the language."""
    ordered = sorted(product, key=lambda pair: pair[0].key)
    return Mul(*(Pow(a.expression, rational(e)) for a, e in ordered))


def rational(number: Exponent) -> Expr:
    """A number in SymPy's words."""
    if isinstance(number, Expr):
        return number
    return Rational(number.numerator, number.denominator)


def exact(number: Fraction) -> Number:
    """An integer where it is one."""
    return int(number) if number.denominator == 1 else number


def summed(exponents: Iterable[Exponent]) -> Exponent:
    """The sum of exponents, a number where it is one."""
    exponents = list(exponents)
    number = sum((Fraction(e) for e in exponents if not isinstance(e, Expr)), Fraction(0))
    symbolic = [e for e in exponents if isinstance(e, Expr)]
    if not symbolic:
        return exact(number)
    whole = expand(Add(rational(number), *symbolic))
    return exact(Fraction(int(whole.p), int(whole.q))) if isinstance(whole, Rational) else whole
