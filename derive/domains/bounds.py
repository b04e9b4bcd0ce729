"""What single inequalities tell of the values of unknowns: constant bounds, and contradictions."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from derive.domains.formulas import All, AtLeastZero, Formula, Zero, sorted_out
from derive.domains.polynomials import Polynomial, constant_term, scale


def lower_bounds(formulas: Iterable[Formula]) -> dict[int, int]:
    """Least values of atoms as far as single inequalities tell, by a few rounds of passing on."""
    bounds: dict[int, int] = {}
    for _ in range(3):
        for formula in formulas:
            if not isinstance(formula, AtLeastZero | Zero):
                continue
            sides = [formula.polynomial]
            if isinstance(formula, Zero):
                sides.append(scale(formula.polynomial, -1))
            for p in sides:
                _pass_on(p, bounds)
    return bounds


def _pass_on(p: Polynomial, bounds: dict[int, int]) -> None:
    """From ``c·x − rest ≥ 0`` with a rest bounded below, a bound of x."""
    positive = [(m, c) for m, c in p if c > 0 and m]
    if len(positive) != 1 or len(positive[0][0]) != 1:
        return
    ((number,), factor) = positive[0]
    least = least_value(scale(tuple(t for t in p if t != positive[0]), -1), bounds)
    if least is not None:
        bound = -(-least // factor)
        bounds[number] = max(bound, bounds.get(number, bound))


def least_value(p: Polynomial, bounds: dict[int, int]) -> int | None:
    """A lower bound of a polynomial whose coefficients are natural but for the constant one."""
    least = 0
    for m, c in p:
        if any(bounds.get(number, -1) < 0 for number in m) or (m and c < 0):
            return None
        least += c * prod(bounds[number] for number in m)
    return least


def excluded(formula: Formula, bounds: dict[int, int]) -> bool:
    """Whether the lower bounds alone contradict a formula."""
    if isinstance(formula, All):
        return any(excluded(part, bounds) for part in formula.parts)
    if not isinstance(formula, AtLeastZero | Zero):
        return False
    sides = [scale(formula.polynomial, -1)]
    if isinstance(formula, Zero):
        sides.append(formula.polynomial)
    least = [least_value(p, bounds) for p in sides]
    return any(value is not None and value > 0 for value in least)


def clash(formulas: Iterable[Formula]) -> bool:
    """Whether formulas contradict each other two by two, or contradict the bounds of unknowns."""
    literals, choices = sorted_out((), formulas)
    bounds = lower_bounds(literals)
    least: dict[Polynomial, int] = {}
    for literal in literals:
        for p in _sides(literal):
            shape, offset = _shape(p)
            least[shape] = min(offset, least.get(shape, offset))
    return any(_refuted(f, bounds, least) for f in literals) or any(
        all(_refuted(part, bounds, least) for part in choice.parts) for choice in choices
    )


def _refuted(formula: Formula, bounds: dict[int, int], least: dict[Polynomial, int]) -> bool:
    """Whether the bounds exclude a formula, or it needs p ≥ 0 where p ≤ −1 is known.

    ``least`` holds the constant term of every known ``shape + constant ≥ 0``.
    """
    if isinstance(formula, All):
        return any(_refuted(part, bounds, least) for part in formula.parts)
    if not isinstance(formula, AtLeastZero | Zero):
        return False
    for p in _sides(formula):
        shape, offset = _shape(scale(p, -1))
        if shape in least and least[shape] - offset < 0:
            return True
    return excluded(formula, bounds)


def _sides(literal: AtLeastZero | Zero) -> list[Polynomial]:
    """The polynomials that a literal says are at least zero."""
    p = literal.polynomial
    return [p, scale(p, -1)] if isinstance(literal, Zero) else [p]


def _shape(p: Polynomial) -> tuple[Polynomial, int]:
    """A polynomial without its constant term, and that term."""
    return tuple(term for term in p if term[0]), constant_term(p)
