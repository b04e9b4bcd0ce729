"""The atoms of polynomials: numbers, entries, sums, powers, functions.

Atoms with the same key are the same value.  The key is a writing in which the bound indices have
names that depend on their roles alone, so that equal sums are mostly written alike.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property

from sympy import Expr, Function, Integer, exp, oo

from derive.language.normal_form import normal
from derive.language.terms import Index, total
from verify.equality.algebra.naming import by_roles
from verify.equality.algebra.polynomials import (
    Atom,
    Names,
    Number,
    Polynomial,
    Product,
    Renaming,
    Ring,
    expression,
    free_in,
    free_of,
    height_of,
    key_of,
    one,
    poly_height,
    poly_key,
    poly_relabelled,
    product_expression,
    rank,
    relabelled,
)
from verify.equality.algebra.writing import free_indices, indices_in, writing


class Prime(Atom):
    """A prime number, to a broken power."""

    def __init__(self, number: int) -> None:
        super().__init__(f"{number:06d}", frozenset())
        self.number = number

    @cached_property
    def expression(self) -> Expr:
        return Integer(self.number)


class Plain(Atom):
    """A symbol, an operation on integers, or a tensor's entry."""

    def __init__(self, value: Expr) -> None:
        super().__init__(writing(value), indices_in(value))
        self.value = value

    @cached_property
    def expression(self) -> Expr:
        return self.value

    def renamed(self, renaming: Renaming, ring: Ring) -> Polynomial:
        return ring.plain(ring.at(self.value, renaming))

    def relabelled(self, names: Names) -> Atom:
        return Plain(self.value.xreplace(dict(names)))


class Largest(Atom):
    """A maximum, or what else nothing is known of but where it stands."""

    def __init__(self, value: Expr) -> None:
        super().__init__(writing(normal(value)), free_indices(value))
        self.value = value

    @cached_property
    def expression(self) -> Expr:
        return self.value

    def renamed(self, renaming: Renaming, ring: Ring) -> Polynomial:
        return one(Largest(ring.at(self.value, renaming)))

    def relabelled(self, names: Names) -> Atom:
        return Largest(self.value.xreplace(dict(names)))


class Exponential(Atom):
    """exp of a product."""

    def __init__(self, product: Product) -> None:
        super().__init__(f"exp({key_of(product)})", free_in(product), height_of(product))
        self.product = product

    @cached_property
    def expression(self) -> Expr:
        return exp(product_expression(self.product))

    def renamed(self, renaming: Renaming, ring: Ring) -> Polynomial:
        return ring.exponential(ring.renamed({self.product: 1}, renaming))

    def relabelled(self, names: Names) -> Atom:
        return Exponential(relabelled(self.product, names))


class Applied(Atom):
    """Another function of a polynomial."""

    def __init__(self, function: type[Function], argument: Polynomial) -> None:
        key = f"{function.__name__}({poly_key(argument)})"
        super().__init__(key, free_of(argument), poly_height(argument))
        self.function = function
        self.argument = argument

    @cached_property
    def expression(self) -> Expr:
        return self.function(expression(self.argument))

    def renamed(self, renaming: Renaming, ring: Ring) -> Polynomial:
        return ring.applied(self.function, ring.renamed(self.argument, renaming))

    def relabelled(self, names: Names) -> Atom:
        return Applied(self.function, poly_relabelled(self.argument, names))


class Base(Atom):
    """A polynomial of several terms, to a negative, broken or symbolic power."""

    def __init__(self, polynomial: Polynomial) -> None:
        super().__init__(f"({poly_key(polynomial)})", free_of(polynomial), poly_height(polynomial))
        self.polynomial = polynomial

    @cached_property
    def lead(self) -> tuple[Product, Number] | None:
        """The largest term in an order that products respect; None where exponents are negative."""
        if any(not isinstance(e, int | Fraction) or e < 0 for p in self.polynomial for _, e in p):
            return None
        return max(self.polynomial.items(), key=lambda item: rank(item[0]))

    @cached_property
    def expression(self) -> Expr:
        return expression(self.polynomial)

    def renamed(self, renaming: Renaming, ring: Ring) -> Polynomial:
        return ring.renamed(self.polynomial, renaming)

    def relabelled(self, names: Names) -> Atom:
        return Base(poly_relabelled(self.polynomial, names))


class Total(Atom):
    """The sum of a product over all integer values of its bound indices.

    The ranges are among the conditions that it multiplies, and every bound index occurs in a factor
    that another one occurs in as well, or is the only one.
    """

    def __init__(self, bound: tuple[Index, ...], product: Product) -> None:
        names = ",".join(i.name for i in bound)
        free = free_in(product) - set(bound)
        super().__init__(f"Σ{names}({key_of(product)})", free, height_of(product) + 1)
        self.bound = bound
        self.product = product

    @classmethod
    def named(cls, bound: tuple[Index, ...], product: Product) -> Total:
        """The sum under names that tell nothing but the roles of its indices."""
        height = height_of(product) + 1
        names = tuple(Index(f"•{height}.{k}") for k in range(len(bound)))
        order = by_roles(product, bound)
        return cls(names, relabelled(product, dict(zip(order, names, strict=True))))

    @cached_property
    def expression(self) -> Expr:
        body = product_expression(self.product)
        return total(body, [(i, -oo, oo) for i in self.bound])

    def renamed(self, renaming: Renaming, ring: Ring) -> Polynomial:
        bound, product = ring.opened(self.bound, self.product)
        return ring.totalled(ring.renamed({product: 1}, renaming), bound)

    def relabelled(self, names: Names) -> Atom:
        return Total.named(self.bound, relabelled(self.product, names))
