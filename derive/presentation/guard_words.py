"""What the conditions left in a gradient mean, said in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sympy import Add, Basic, Expr

from derive.engine.record import Derivation
from derive.language.printing import plain
from derive.language.printing.order import factor_key
from derive.language.terms import (
    Between,
    Both,
    Condition,
    Divides,
    Entry,
    ExactQuotient,
    FirstMax,
    FloorDiv,
    Iverson,
    Same,
    entries,
    replace,
    subterms,
)
from derive.presentation.blocks import Prose
from derive.presentation.kinks import kinks


def remarks(derivation: Derivation) -> list[Prose]:
    """The remaining conditions of a derivation's results, and its kinks, as sentences."""
    upstream = {g for _, g in derivation.upstream}
    upstream |= {a.name for a in derivation.adjoints[:-1]}
    found: list[Prose] = []
    closed = {c.adjoint: c.expression for c in derivation.closings}
    for adjoint in derivation.adjoints:
        found += _of_result(closed.get(adjoint.name, adjoint.result), upstream)
    return list(dict.fromkeys([*found, *kinks(derivation.source)]))


@dataclass(frozen=True)
class _Limit:
    """A range guard that keeps one coordinate of a read inside its tensor."""

    guard: Between
    tensor: str


def _of_result(result: Expr, upstream: set[str]) -> list[Prose]:
    guards = list(dict.fromkeys(_guards(result)))
    divisions = [g for g in guards if isinstance(g, Divides)]
    limits = [limit for g in guards if (limit := _limit(g, result)) is not None]
    found = [_stride(divisions)] if divisions else []
    for tensor in dict.fromkeys(limit.tensor for limit in limits):
        own = [_exact(limit.guard, divisions) for limit in limits if limit.tensor == tensor]
        found.append(_padding(own, tensor, tensor in upstream))
    said = {*divisions, *(limit.guard for limit in limits)}
    terms = [set(_guards(term)) for term in Add.make_args(result)]
    for guard in (g for g in guards if g not in said):
        everywhere = all(guard in term for term in terms)
        found.append(_remaining(guard) if everywhere else _of_one_term(guard))
    return found


def _exact(guard: Between, divisions: list[Divides]) -> Between:
    """The guard with its quotients written as exact ones where the guards beside it say so."""
    quotients = {FloorDiv(e, m): ExactQuotient(e, m) for m, e in (d.args for d in divisions)}
    changed: Between = replace(guard, dict(quotients))
    return changed


def _guards(expr: Basic) -> Iterator[Condition]:
    """The single conditions in the guards of an expression, in order of appearance."""
    for term in subterms(expr):
        if isinstance(term, Iverson):
            yield from _single(term.args[0])


def _single(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, Both):
        for part in condition.args:
            yield from _single(part)
    else:
        yield condition


def _limit(guard: Condition, result: Expr) -> _Limit | None:
    if not isinstance(guard, Between):
        return None
    for read in sorted(dict.fromkeys(entries(result)), key=plain):
        if guard.args[1] in read.indices:
            return _Limit(guard, read.tensor)
    return None


def _in_reading_order(conditions: Sequence[Condition]) -> list[Condition]:
    return sorted(conditions, key=lambda c: factor_key(Iverson(c), plain(c)))


def _joined(phrases: Sequence[Prose]) -> Prose:
    """``a``, ``a and b``, ``a, b and c``."""
    parts = list(phrases[0])
    for place, phrase in enumerate(phrases[1:], 2):
        parts += [" and " if place == len(phrases) else ", ", *phrase]
    return tuple(parts)


def _padding(guards: Sequence[Between], tensor: str, is_upstream: bool) -> Prose:
    outside = ("outside ", *_joined([(g,) for g in _in_reading_order(guards)]))
    if is_upstream:
        zero = " counts as zero: this is the padding"
        return (*outside, " the upstream gradient ", Entry(tensor), zero)
    return (*outside, " ", Entry(tensor), " counts as zero: this is the layer's own padding")


def _stride(divisions: Sequence[Divides]) -> Prose:
    ordered = _in_reading_order(divisions)
    phrases: list[Prose] = [(g.args[0], " divides ", g.args[1]) for g in ordered]
    meaning = " is there an output entry to take from: this is the zero-stuffing of a stride"
    return ("only where ", *_joined(phrases), meaning)


def _of_one_term(guard: Condition) -> Prose:
    """A guard that other terms of the result are free of."""
    if isinstance(guard, FirstMax):
        return _remaining(guard)
    return ("only where ", guard, " does its term count")


def _remaining(guard: Condition) -> Prose:
    if isinstance(guard, FirstMax):
        return (
            "where ",
            guard,
            ": of several largest values only the first, in row-major order, receives the gradient",
        )
    if isinstance(guard, Same) and entries(guard):
        tables = ", ".join(dict.fromkeys(e.tensor for e in entries(guard)))
        return ("only where ", guard, f": the gradient is scattered through the table {tables}")
    if entries(guard):
        return ("only where ", guard, " does the gradient pass")
    return ("only where ", guard, " does this term count")
