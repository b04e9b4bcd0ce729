"""Sums that gather where they could scatter: x̄[q] = Σ_a [s | q−a][0 ≤ (q−a)/s < n]·F((q−a)/s, a).

With t = (q−a)/s the same terms are counted by (t, a), each once, and q = s·t + a: every F(t, a) is
added to the entry s·t + a, without zeros between the entries of a stride, and what depends on t
alone is computed once for each t.  The adjoint of a strided convolution is computed so (im2col's
transpose, col2im), and that of pooling.  A guard [q = e] is solved in the same way; where e reads a
table, the positions are irregular.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sympy import Expr, Sum

from derive.domains import Decision
from derive.language.integers import affine, expanded, mentions
from derive.language.substitution import substituted
from derive.language.terms import (
    Between,
    Condition,
    Divides,
    FirstMax,
    FloorDiv,
    Index,
    MaxOver,
    Same,
    entries,
    subterms,
)
from numeric.lowering.ground import Ground, varies
from numeric.lowering.naming import Names
from numeric.lowering.settling import settled
from numeric.lowering.totality import is_partial
from numeric.program.reads import ONE, ZERO, Axis


@dataclass(frozen=True)
class Spreading:
    """A sum taken apart: terms over ``ground.axes`` and summed over ``inner``, and where they go.

    ``outer`` are the axes of the result, ``positions`` the entry to which a term is added.
    """

    outer: tuple[Axis, ...]
    positions: tuple[Expr, ...]
    ground: Ground
    inner: tuple[Axis, ...]
    guards: tuple[Condition, ...]
    factors: tuple[Expr, ...]
    evidence: tuple[Decision, ...]


@dataclass(frozen=True)
class _Move:
    """An outer index replaced: it is at ``position``, where ``along`` counts (None: inner ones)."""

    index: Index
    position: Expr
    along: Axis | None
    solved: tuple[Condition, ...]
    evidence: tuple[Decision, ...]


def spreading(
    guards: Sequence[Condition],
    factors: Sequence[Expr],
    inner: tuple[Axis, ...],
    ground: Ground,
    names: Names,
) -> Spreading | None:
    """The sum of the product over ``inner`` as a scatter; None where nothing suggests one."""
    parts = [*guards, *factors]
    outer = ground.axes_of(*parts)
    moves: list[_Move] = []
    for axis in outer:
        move = _move(axis, guards, factors, inner, ground, names)
        if move is not None:
            moves.append(move)
    if not moves:
        return None
    return _spread(moves, guards, factors, inner, outer, ground)


def _spread(
    moves: Sequence[_Move],
    guards: Sequence[Condition],
    factors: Sequence[Expr],
    inner: tuple[Axis, ...],
    outer: tuple[Axis, ...],
    ground: Ground,
) -> Spreading | None:
    where_to = {m.index: m.position for m in moves}
    moving = {m.index: m.along for m in moves}
    positions = tuple(where_to.get(i, i) for i, _ in outer)
    if any(mentions(p, i) for p in where_to.values() for i in where_to):
        return None
    axes = [moving.get(i, (i, n)) for i, n in outer]
    held = tuple(a for a in inner if any(mentions(p, a[0]) for p in where_to.values()))
    places = {m.along for m in moves}
    still = (a for a in axes if a is not None and a not in places)
    source_axes = (*still, *held, *(a for a in axes if a is not None and a in places))
    inside = [Between(ZERO, where_to[i], n) for i, n in outer if i in where_to]
    old = [substituted(c, where_to) for c in ground.where]
    new = replace(ground, axes=source_axes, where=()).given([*old, *inside])
    rest = tuple(a for a in inner if a not in held)
    deep = new.within(rest)
    solved = {c for m in moves for c in m.solved}
    kept = [settled(substituted(c, where_to), deep) for c in guards if c not in solved]
    irregular = [c for m, c in zip(moves, inside, strict=True) if m.along is None]
    kept += [c for c in irregular if not replace(new, where=()).shows(c)]
    kept = [c for c in kept if not deep.shows(c)]
    terms = tuple(settled(substituted(f, where_to), deep) for f in factors)
    if any(is_partial(t, deep) for t in (*kept, *terms)) and _foreign(new):
        return None
    evidence = tuple(d for m in moves for d in m.evidence)
    return Spreading(outer, positions, new, rest, tuple(kept), terms, evidence)


def _foreign(ground: Ground) -> bool:
    """Whether a condition speaks of an index that is not around."""
    known = set(ground.indices)
    found = {s for c in ground.where for s in subterms(c) if isinstance(s, Index)}
    return not found <= known


def _move(
    axis: Axis,
    guards: Sequence[Condition],
    factors: Sequence[Expr],
    inner: tuple[Axis, ...],
    ground: Ground,
    names: Names,
) -> _Move | None:
    for guard in guards:
        if isinstance(guard, Divides):
            modulus, number = guard.args
            limits = [
                c for c in guards if isinstance(c, Between) and _is_quotient(c, modulus, number)
            ]
            limits = limits or _implied(FloorDiv(number, modulus), factors, guards, inner, ground)
            move = _along(axis, modulus, number, (guard, *limits), inner, ground, names)
        elif isinstance(guard, Same):
            move = _to_fixed(axis, guard, inner, ground)
        elif (
            isinstance(guard, Between) and guard.args[0] == 0 and _nested(axis[0], factors, guards)
        ):
            move = _along(axis, ONE, guard.args[1], (guard,), inner, ground, names)
        else:
            move = None
        if move is not None:
            return move
    return None


def _implied(
    quotient: Expr,
    factors: Sequence[Expr],
    guards: Sequence[Condition],
    inner: tuple[Axis, ...],
    ground: Ground,
) -> list[Between]:
    """That the quotient is inside an axis that it reads, where no guard is needed to say so."""
    inside = ground.within(inner).given(guards)
    for entry in (e for f in factors for e in entries(f)):
        for at, size in zip(entry.indices, ground.layer.shape(entry.tensor), strict=True):
            if at == quotient and inside.shows(Between(ZERO, at, size)):
                return [Between(ZERO, at, size)]
    return []


def _is_quotient(guard: Between, modulus: Expr, number: Expr) -> bool:
    return guard.args[0] == 0 and guard.args[1] == FloorDiv(number, modulus)


def _nested(index: Index, factors: Sequence[Expr], guards: Sequence[Condition]) -> bool:
    """Whether an inner reduction depends on the index: it would be repeated for every term."""
    parts = [p for f in (*factors, *guards) for p in subterms(f)]
    return any(isinstance(p, Sum | MaxOver | FirstMax) and mentions(p, index) for p in parts)


def _along(
    axis: Axis,
    modulus: Expr,
    number: Expr,
    solved: tuple[Condition, ...],
    inner: tuple[Axis, ...],
    ground: Ground,
    names: Names,
) -> _Move | None:
    """number = modulus·t with 0 ≤ t < n, solved for the outer index in it."""
    index = axis[0]
    limits = [c for c in solved if isinstance(c, Between)]
    parts = affine(number, index)
    if not limits or parts is None or parts[0] not in (1, -1) or not ground.at_least(1, modulus):
        return None
    sign, rest = parts
    if entries(rest) or not _only(rest, inner) or not any(mentions(rest, i) for i, _ in inner):
        return None
    extent = limits[0].args[2]
    if varies(extent):
        return None
    place = names.index(index.name.rstrip("'") + "'")
    counted: Expr = place if sign == 1 else extent - 1 - place
    position = expanded(sign * (modulus * counted - rest))
    there = ground.within(inner).given([c for c in solved if isinstance(c, Divides)])
    back = expanded(sign * (modulus * settled(FloorDiv(number, modulus), there) - rest))
    onto = replace(ground, axes=((place, extent), *inner), where=())
    forth = [settled(substituted(c, {index: position}), onto) for c in solved]
    evidence = (there.decide(Same(back, index)), *(onto.decide(c) for c in forth))
    if not all(d.holds for d in evidence):
        return None
    return _Move(index, position, (place, extent), solved, evidence)


def _to_fixed(axis: Axis, guard: Same, inner: tuple[Axis, ...], ground: Ground) -> _Move | None:
    """A guard that says where the outer index is, by inner indices and tables alone."""
    index = axis[0]
    for one, other in (guard.args, guard.args[::-1]):
        alone = one == index and not mentions(other, index) and _only(other, inner)
        if alone and any(mentions(other, i) for i, _ in inner):
            return _Move(index, other, None, (guard,), ())
    return None


def _only(expr: Expr, inner: tuple[Axis, ...]) -> bool:
    """Whether no index occurs but inner ones."""
    known = {i for i, _ in inner}
    return all(s in known for s in subterms(expr) if isinstance(s, Index))
