"""What helps Coq's arithmetic: likely values and bounds of quotients, and numbers in mixed radix.

Hints are suggestions, found by trying small sizes.  Coq proves each one it uses; a bad one costs
time, never soundness.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Basic, Expr

from derive.language.definition import Layer
from derive.language.integers import exact_multiple, expanded, split_multiple
from derive.language.substitution import substituted
from derive.language.terms import FloorDiv, Greatest, Modulo, Range, Size, symbols_of
from verify.coq.matching import Map
from verify.coq.terms import ProofTerm
from verify.coq.trials import Trials, Values

#: points of each sample at which a suggestion is tried
POINTS = 100


@dataclass(frozen=True)
class Hints:
    """Values that some quotient has, and bounds that some quotient stays below."""

    known: tuple[Expr, ...] = ()
    above: tuple[Expr, ...] = ()


def for_change(
    source: ProofTerm, target: ProofTerm, there: Map, back: Map, trials: Trials
) -> Hints:
    """Hints for what is to be shown of a point of the source, and of its image."""
    occurring = [*source.expressions, *mapped(target, there), *there.values()]
    occurring += [substituted(e, there) for e in back.values()]
    return for_points(
        occurring, [*trials.outer, *source.bounds], trials, trials.points(source, POINTS)
    )


def mapped(target: ProofTerm, there: Map) -> list[Expr]:
    """The same with the indices' values put in."""
    return [substituted(e, there) for e in target.expressions]


def for_points(
    occurring: Sequence[Expr],
    ranges: Sequence[Range],
    trials: Trials,
    points: Iterable[Values],
) -> Hints:
    """Hints for quotients in the expressions, tried at the points."""
    quotients: dict[tuple[Expr, Expr], None] = {}
    multiples: dict[Expr, None] = {}
    for expr in occurring:
        _collect(expr, quotients, multiples)
    # a quotient in the domain is worked out too, but no hint is needed for it
    if not quotients:
        return Hints()
    seen = list(points)
    known = [
        value
        for value in dict.fromkeys([*multiples, *(r[0] for r in ranges), *trials.layer.symbols])
        if any(_equal(a, b, value, trials, seen) for a, b in quotients)
    ]
    limits: dict[Expr, Expr] = {index: hi for index, _, hi in ranges}
    above = [_limit(limits.get(a), b, trials.layer) for a, b in quotients]
    return Hints(tuple(known), tuple(dict.fromkeys(x for x in above if x is not None)))


def _collect(
    expr: Basic, quotients: dict[tuple[Expr, Expr], None], multiples: dict[Expr, None]
) -> Any:
    """Note every a // b and a % b, and X where a = b·X + e; return the expression with X put in."""
    if not expr.args:
        return expr
    args = [_collect(arg, quotients, multiples) for arg in expr.args]
    if not isinstance(expr, FloorDiv | Modulo):
        return expr.func(*args)
    number, divisor = expanded(args[0]), args[1]
    quotients[number, divisor] = None
    multiple, rest = split_multiple(number, divisor)
    if multiple == 0:
        return expr.func(*args)
    multiples[multiple] = None
    return multiple if isinstance(expr, FloorDiv) else rest


def _equal(a: Expr, b: Expr, value: Expr, trials: Trials, points: Sequence[Values]) -> bool:
    return all(_at(a, b, p, trials) == trials.number(value, p) for p in points)


def _limit(end: Expr | None, divisor: Expr, layer: Layer) -> Expr | None:
    """X where an index below ``end`` = divisor·X is divided, or below ``end`` by end // X."""
    if end is None:
        return None
    if isinstance(divisor, FloorDiv) and divisor.args[0] == end:
        return divisor.args[1]
    return exact_multiple(meaning(end, layer), divisor)


def meaning(size: Expr, layer: Layer) -> Expr:
    """What an output size stands for where it is not zero."""
    definitions: dict[Expr, Expr] = dict(layer.definitions)
    found = definitions.get(size, size)
    if isinstance(found, Greatest):
        found = next(arg for arg in found.args if arg != 0)
    return expanded(found)


def _at(a: Expr, b: Expr, point: Values, trials: Trials) -> int | None:
    divisor = trials.number(b, point)
    return trials.number(a, point) // divisor if divisor else None


def mixed_radix(layer: Layer, numbers: Iterable[tuple[Expr, Expr]]) -> list[tuple[Expr, Expr]]:
    """(X, Y) with 0 ≤ X < Y to show first, where a number b·X + e must be below b·Y."""
    found: dict[tuple[Expr, Expr], None] = {}
    for number, size in numbers:
        found.update(dict.fromkeys(_horner(expanded(number), meaning(size, layer))))
    return list(found)


def _horner(number: Expr, above: Expr) -> list[tuple[Expr, Expr]]:
    """The leading digits of a number in mixed radix and what bounds them, shortest first."""
    for base in (s for s in symbols_of(above) if isinstance(s, Size)):
        digits, rest = split_multiple(number, base)
        limit = exact_multiple(above, base)
        if digits == 0 or rest == 0 or limit is None or limit == 1:
            continue
        if any(isinstance(s, Size) for s in symbols_of(rest)):
            continue
        return [*_horner(digits, limit), (digits, limit)]
    return []
