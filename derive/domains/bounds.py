"""What single literals tell at a glance: least values of unknowns and of sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from derive.domains.formulas import (
    All,
    AtLeastZero,
    Formula,
    Literal,
    Polynomial,
    Zero,
    constant_term,
    scale,
    sorted_out,
)

#: how often bounds are passed on
_ROUNDS = 3


def lower_bounds(formulas: Iterable[Formula]) -> dict[int, int]:
    """Least values of atoms as far as single inequalities tell, by a few rounds of passing on."""
    bounds: dict[int, int] = {}
    telling = [told for f in formulas for p in _sides(f) if (told := _telling(p)) is not None]
    for _ in range(_ROUNDS):
        before = dict(bounds)
        for number, factor, rest in telling:
            least = least_value(rest, bounds)
            if least is not None:
                bound = -(-least // factor)
                bounds[number] = max(bound, bounds.get(number, bound))
        if bounds == before:
            break
    return bounds


def _telling(p: Polynomial) -> tuple[int, int, Polynomial] | None:
    """``(x, c, rest)`` where p ≥ 0 is ``c·x ≥ rest`` with a rest that may be bounded below."""
    positive = [term for term in p if term[1] > 0 and term[0]]
    if len(positive) != 1 or len(positive[0][0]) != 1:
        return None
    ((number,), factor) = positive[0]
    return number, factor, tuple((m, -c) for m, c in p if (m, c) != positive[0])


def least_value(p: Polynomial, bounds: Mapping[int, int]) -> int | None:
    """A lower bound of a polynomial whose coefficients are natural but for the constant one."""
    least = 0
    for m, c in p:
        if not m:
            least += c
            continue
        if c < 0:
            return None
        for number in m:
            bound = bounds.get(number, -1)
            if bound < 0:
                return None
            c *= bound
        least += c
    return least


def excluded(formula: Formula, bounds: Mapping[int, int]) -> bool:
    """Whether the lower bounds alone contradict a formula."""
    if isinstance(formula, All):
        return any(excluded(part, bounds) for part in formula.parts)
    least = [least_value(scale(p, -1), bounds) for p in _sides(formula)]
    return any(value is not None and value > 0 for value in least)


class Facts:
    """Literals that are known, looked at one by one and two by two."""

    def __init__(self, literals: Iterable[Literal]) -> None:
        known = list(literals)
        self.bounds = lower_bounds(known)
        #: the least constant term of every known ``shape + constant ≥ 0``
        self._least: dict[Polynomial, int] = {}
        for p in (p for literal in known for p in _sides(literal)):
            shape, offset = _shape(p)
            self._least[shape] = min(offset, self._least.get(shape, offset))

    def refute(self, formula: Formula) -> bool:
        """Whether the bounds exclude a formula, or it needs p ≥ 0 where p ≤ −1 is known."""
        if isinstance(formula, All):
            return any(self.refute(part) for part in formula.parts)
        for p in _sides(formula):
            shape, offset = _shape(scale(p, -1))
            if shape in self._least and self._least[shape] - offset < 0:
                return True
        return excluded(formula, self.bounds)

    def show(self, p: Polynomial) -> bool:
        """Whether a polynomial is at least zero."""
        least = least_value(p, self.bounds)
        if least is not None and least >= 0:
            return True
        shape, offset = _shape(p)
        return shape in self._least and self._least[shape] <= offset

    def idle(self, literal: Literal) -> bool:
        """Whether a known literal says less than others do."""
        if isinstance(literal, Zero):
            return False
        shape, offset = _shape(literal.polynomial)
        if self._least[shape] < offset:
            return True
        bounds_none = len(shape) > 1 or any(len(m) > 1 for m, _ in shape)
        least = least_value(literal.polynomial, self.bounds)
        return bounds_none and least is not None and least >= 0


def clash(formulas: Iterable[Formula]) -> bool:
    """Whether formulas contradict each other two by two, or contradict the bounds of unknowns."""
    literals, choices = sorted_out((), formulas)
    facts = Facts(literals)
    return any(facts.refute(f) for f in literals) or any(
        all(facts.refute(part) for part in choice.parts) for choice in choices
    )


def _sides(formula: Formula) -> list[Polynomial]:
    """The polynomials that a literal says are at least zero; none of another formula."""
    if isinstance(formula, AtLeastZero):
        return [formula.polynomial]
    if isinstance(formula, Zero):
        return [formula.polynomial, scale(formula.polynomial, -1)]
    return []


def _shape(p: Polynomial) -> tuple[Polynomial, int]:
    """A polynomial without its constant term, and that term."""
    return tuple(term for term in p if term[0]), constant_term(p)
