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
    ONE,
    ZERO,
    Between,
    Condition,
    Divides,
    FirstMax,
    FloorDiv,
    Index,
    MaxOver,
    Same,
    entries,
    indices_in,
    subterms,
    varies,
)
from numeric.lowering.naming import FreshNames
from numeric.lowering.rearranging.quotients import divided
from numeric.program.assumptions import Assumptions
from numeric.program.reads import Axis


@dataclass(frozen=True)
class ScatteredProduct:
    """What is summed over the axes ``inner`` at a place: factors, where the guards hold."""

    guards: tuple[Condition, ...]
    factors: tuple[Expr, ...]
    inner: tuple[Axis, ...]
    here: Assumptions


@dataclass(frozen=True)
class Scattered:
    """A sum taken apart: its terms are summed as ``source`` says, and added at ``positions``.

    ``outer`` are the axes of the result, the axes around ``source`` those over which is added.
    """

    outer: tuple[Axis, ...]
    positions: tuple[Expr, ...]
    source: ScatteredProduct
    evidence: tuple[Decision, ...]


@dataclass(frozen=True)
class _Move:
    """An outer index replaced: it is at ``position``, where ``along`` counts (None: inner ones)."""

    index: Index
    position: Expr
    along: Axis | None
    solved: tuple[Condition, ...]
    evidence: tuple[Decision, ...]


def scattered(term: ScatteredProduct, names: FreshNames) -> Scattered | None:
    """The sum as a scatter; None where nothing suggests one."""
    outer = term.here.axes_of(*term.guards, *term.factors)
    moves = [move for axis in outer if (move := _move(axis, term, names)) is not None]
    return _scattered(moves, term, outer) if moves else None


def _scattered(
    moves: Sequence[_Move], term: ScatteredProduct, outer: tuple[Axis, ...]
) -> Scattered | None:
    where_to = {m.index: m.position for m in moves}
    moving = {m.index: m.along for m in moves}
    if any(mentions(p, i) for p in where_to.values() for i in where_to):
        return None
    axes = [a for i, n in outer if (a := moving.get(i, (i, n))) is not None]
    held = tuple(a for a in term.inner if any(mentions(p, a[0]) for p in where_to.values()))
    places = set(moving.values())
    still = (a for a in axes if a not in places)
    source_axes = (*still, *held, *(a for a in axes if a in places))
    inside = {i: Between(ZERO, where_to[i], n) for i, n in outer if i in where_to}
    old = [substituted(c, where_to) for c in term.here.where]
    here = replace(term.here, axes=source_axes, where=()).given([*old, *inside.values()])
    rest = tuple(a for a in term.inner if a not in held)
    deep = here.within(rest)
    solved = {c for m in moves for c in m.solved}
    kept = [divided(substituted(c, where_to), deep) for c in term.guards if c not in solved]
    irregular = [inside[m.index] for m in moves if m.along is None]
    kept += [c for c in irregular if not here.anywhere.shows(c)]
    kept = [c for c in kept if not deep.shows(c)]
    factors = tuple(divided(substituted(f, where_to), deep) for f in term.factors)
    foreign = set(indices_in(*here.where)) - set(here.indices)
    if foreign and any(deep.may_fail(t) for t in (*kept, *factors)):
        return None
    positions = tuple(where_to.get(i, i) for i, _ in outer)
    evidence = tuple(d for m in moves for d in m.evidence)
    return Scattered(outer, positions, ScatteredProduct(tuple(kept), factors, rest, here), evidence)


def _move(axis: Axis, term: ScatteredProduct, names: FreshNames) -> _Move | None:
    for guard in term.guards:
        move = None
        if isinstance(guard, Divides):
            modulus, number = guard.args
            limits = _limits(FloorDiv(number, modulus), term)
            move = _along(axis, modulus, number, (guard, *limits), term, names)
        elif isinstance(guard, Same):
            move = _to_fixed(axis, guard, term.inner)
        elif isinstance(guard, Between) and guard.args[0] == ZERO and _repeated(axis[0], term):
            move = _along(axis, ONE, guard.args[1], (guard,), term, names)
        if move is not None:
            return move
    return None


def _limits(quotient: Expr, term: ScatteredProduct) -> list[Between]:
    """That the quotient is inside an axis: a guard, or what is known where it is read."""
    stated = [c for c in term.guards if isinstance(c, Between) and c.args[:2] == (ZERO, quotient)]
    if stated:
        return stated
    inside = term.here.within(term.inner).given(term.guards)
    for entry in (e for f in term.factors for e in entries(f)):
        for at, size in zip(entry.indices, term.here.layer.shape(entry.tensor), strict=True):
            if at == quotient and inside.shows(Between(ZERO, at, size)):
                return [Between(ZERO, at, size)]
    return []


def _repeated(index: Index, term: ScatteredProduct) -> bool:
    """Whether an inner reduction depends on the index: it would be repeated for every term."""
    parts = (p for part in (*term.factors, *term.guards) for p in subterms(part))
    return any(isinstance(p, Sum | MaxOver | FirstMax) and mentions(p, index) for p in parts)


def _along(
    axis: Axis,
    modulus: Expr,
    number: Expr,
    solved: tuple[Condition, ...],
    term: ScatteredProduct,
    names: FreshNames,
) -> _Move | None:
    """number = modulus·t with 0 ≤ t < n, solved for the outer index in it."""
    index, inner, here = axis[0], term.inner, term.here
    limits = [c for c in solved if isinstance(c, Between)]
    parts = affine(number, index)
    if not limits or parts is None or parts[0] not in (1, -1) or not here.at_least(1, modulus):
        return None
    sign, rest = parts
    extent = limits[0].args[2]
    if entries(rest) or not _moved_by(rest, inner) or varies(extent):
        return None
    place = names.index(index.name.rstrip("'") + "'")
    counted: Expr = place if sign == 1 else extent - 1 - place
    position = expanded(sign * (modulus * counted - rest))
    there = here.within(inner).given([c for c in solved if isinstance(c, Divides)])
    back = expanded(sign * (modulus * divided(FloorDiv(number, modulus), there) - rest))
    onto = replace(here, axes=((place, extent), *inner), where=())
    forth = [divided(substituted(c, {index: position}), onto) for c in solved]
    evidence = (there.decide(Same(back, index)), *(onto.decide(c) for c in forth))
    if not all(d.holds for d in evidence):
        return None
    return _Move(index, position, (place, extent), solved, evidence)


def _to_fixed(axis: Axis, guard: Same, inner: tuple[Axis, ...]) -> _Move | None:
    """A guard that says where the outer index is, by inner indices and tables alone."""
    for one, other in (guard.args, guard.args[::-1]):
        if one == axis[0] and _moved_by(other, inner):
            return _Move(axis[0], other, None, (guard,), ())
    return None


def _moved_by(expr: Expr, inner: tuple[Axis, ...]) -> bool:
    """Whether inner indices occur, and no others."""
    found = set(indices_in(expr))
    return bool(found) and found <= {i for i, _ in inner}
