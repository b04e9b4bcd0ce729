"""Formulas in negation normal form over polynomials, and the problems built from them.

The constructors in lower case fold constants, so that TRUE and FALSE appear only as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from derive.domains.polynomials import (
    Polynomial,
    add,
    constant,
    constant_term,
    content,
    evaluate,
    scale,
    subtract,
    value_of_constant,
)


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
