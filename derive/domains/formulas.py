"""Polynomials over numbered atoms, and formulas over polynomials in negation normal form.

A monomial is the ascending tuple of its atoms' numbers, with repetition; a polynomial is the
ascending tuple of ``(monomial, coefficient)`` pairs without zero coefficients.  Both are plain
tuples of integers: hashing and ordering them is cheap and the same in every process.  The
constructors of formulas in lower case fold constants: TRUE and FALSE appear only as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import gcd, prod

Monomial = tuple[int, ...]
Polynomial = tuple[tuple[Monomial, int], ...]

ONE: Monomial = ()


def collect(terms: Iterable[tuple[Monomial, int]]) -> Polynomial:
    """The sum of the given terms."""
    found: dict[Monomial, int] = {}
    for monomial, coefficient in terms:
        found[monomial] = found.get(monomial, 0) + coefficient
    return tuple(sorted(item for item in found.items() if item[1]))


def constant(value: int) -> Polynomial:
    """The polynomial that is one number."""
    return ((ONE, value),) if value else ()


def atom(number: int) -> Polynomial:
    """The polynomial that is one atom."""
    return (((number,), 1),)


def add(*polynomials: Polynomial) -> Polynomial:
    """The sum of polynomials."""
    return collect(term for p in polynomials for term in p)


def scale(p: Polynomial, factor: int) -> Polynomial:
    """A polynomial times a number."""
    return tuple((m, c * factor) for m, c in p) if factor else ()


def subtract(p: Polynomial, q: Polynomial) -> Polynomial:
    """p − q."""
    return add(p, scale(q, -1))


def multiply(p: Polynomial, q: Polynomial) -> Polynomial:
    """The product of two polynomials."""
    return collect((tuple(sorted(m + n)), c * d) for m, c in p for n, d in q)


def value_of_constant(p: Polynomial) -> int | None:
    """The number that a polynomial is, or None where an atom occurs."""
    if not p:
        return 0
    return p[0][1] if len(p) == 1 and p[0][0] == ONE else None


def constant_term(p: Polynomial) -> int:
    """The coefficient of the monomial 1 (which is the least in the order of monomials)."""
    return p[0][1] if p and p[0][0] == ONE else 0


def content(p: Polynomial) -> int:
    """The greatest common divisor of all coefficients but the constant one; 0 for a constant."""
    return gcd(*(c for m, c in p if m))


def atoms_of(p: Polynomial) -> set[int]:
    """The numbers of the atoms that occur."""
    return {number for m, _ in p for number in m}


def evaluate(p: Polynomial, values: Sequence[int]) -> int:
    """The value at a point, given one value an atom."""
    return sum(c * prod(values[number] for number in m) for m, c in p)


def without(m: Monomial, part: Monomial) -> Monomial | None:
    """The cofactor m / part, or None where ``part`` is no factor of ``m``."""
    rest = list(m)
    for number in part:
        if number not in rest:
            return None
        rest.remove(number)
    return tuple(rest)


@dataclass(frozen=True, slots=True)
class AtLeastZero:
    """``p ≥ 0``."""

    polynomial: Polynomial


@dataclass(frozen=True, slots=True)
class Zero:
    """``p = 0``."""

    polynomial: Polynomial


@dataclass(frozen=True, slots=True)
class NonZero:
    """``p ≠ 0``."""

    polynomial: Polynomial


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds."""

    parts: tuple[Formula, ...]


Literal = AtLeastZero | Zero
Formula = AtLeastZero | Zero | NonZero | All | Any

TRUE = All(())
FALSE = Any(())


def at_least_zero(p: Polynomial) -> Formula:
    """``p ≥ 0`` with the common factor of the coefficients divided out, as integers allow."""
    value = value_of_constant(p)
    if value is not None:
        return TRUE if value >= 0 else FALSE
    divisor = content(p)
    if divisor == 1:
        return AtLeastZero(p)
    least = constant_term(p) // divisor
    return AtLeastZero(add(constant(least), tuple((m, c // divisor) for m, c in p if m)))


def zero(p: Polynomial) -> Formula:
    """``p = 0``, without common factors and with a positive leading coefficient."""
    value = value_of_constant(p)
    if value is not None:
        return FALSE if value else TRUE
    divisor = content(p)
    if constant_term(p) % divisor:
        return FALSE
    sign = 1 if p[-1][1] > 0 else -1
    return Zero(tuple((m, c // divisor * sign) for m, c in p))


def conjunction(parts: Iterable[Formula]) -> Formula:
    """All parts hold."""
    found: dict[Formula, None] = {}
    for part in parts:
        if part == FALSE:
            return FALSE
        found.update(dict.fromkeys(part.parts if isinstance(part, All) else (part,)))
    return next(iter(found)) if len(found) == 1 else All(tuple(found))


def disjunction(parts: Iterable[Formula]) -> Formula:
    """At least one part holds."""
    found: dict[Formula, None] = {}
    for part in parts:
        if part == TRUE:
            return TRUE
        found.update(dict.fromkeys(part.parts if isinstance(part, Any) else (part,)))
    return next(iter(found)) if len(found) == 1 else Any(tuple(found))


def complement(formula: Formula) -> Formula:
    """The formula that holds exactly where the given one does not."""
    if isinstance(formula, AtLeastZero):
        return at_least_zero(subtract(constant(-1), formula.polynomial))
    if isinstance(formula, Zero):
        return NonZero(formula.polynomial)
    if isinstance(formula, NonZero):
        return Zero(formula.polynomial)
    if isinstance(formula, All):
        return disjunction(complement(part) for part in formula.parts)
    return conjunction(complement(part) for part in formula.parts)


def apart(p: Polynomial) -> Formula:
    """``p ≠ 0`` as ``p ≥ 1`` or ``p ≤ −1``."""
    return disjunction(at_least_zero(add(q, constant(-1))) for q in (p, scale(p, -1)))


def sorted_out(
    known: Iterable[Literal], formulas: Iterable[Formula]
) -> tuple[list[Literal], list[Any]]:
    """What formulas say together with known literals: more literals, and choices still open."""
    literals = dict.fromkeys(known)
    choices: list[Any] = []
    stack = list(reversed(list(formulas)))
    while stack:
        formula = stack.pop()
        if isinstance(formula, All):
            stack.extend(reversed(formula.parts))
        elif isinstance(formula, NonZero):
            stack.append(apart(formula.polynomial))
        elif isinstance(formula, Any):
            choices.append(formula)
        else:
            literals[formula] = None
    return list(literals), choices


def polynomials_of(formula: Formula) -> Iterator[Polynomial]:
    """All polynomials of a formula, in order of appearance."""
    if isinstance(formula, All | Any):
        for part in formula.parts:
            yield from polynomials_of(part)
    else:
        yield formula.polynomial


def holds_at(formula: Formula, values: Sequence[int]) -> bool:
    """Whether a formula holds at a point, given one value an atom."""
    if isinstance(formula, All):
        return all(holds_at(part, values) for part in formula.parts)
    if isinstance(formula, Any):
        return any(holds_at(part, values) for part in formula.parts)
    value = evaluate(formula.polynomial, values)
    if isinstance(formula, AtLeastZero):
        return value >= 0
    return (value == 0) == isinstance(formula, Zero)
