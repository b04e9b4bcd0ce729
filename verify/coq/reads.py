"""Theorems that every entry that is read lies inside its tensor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sympy import Basic, Expr, Integer, Symbol

from derive.language.terms import Between, Both, Condition, Negation, Range, subterms
from verify.coq import hints
from verify.coq.frame import Preliminaries
from verify.coq.integers import atom, integer, statement
from verify.coq.scalars import CoqDefinition, Prose
from verify.coq.statement import introduction, table_facts, theorem
from verify.coq.steps import listed
from verify.coq.trees import (
    Branching,
    Guard,
    Largest,
    Summed,
    TensorRead,
    Times,
    Tree,
    children,
)
from verify.coq.trials import Trials


@dataclass(frozen=True)
class ReadAt:
    """Where a read stands: under which sums, and beside which guards."""

    ranges: tuple[Range, ...] = ()
    guards: tuple[Condition, ...] = ()

    def beside(self, conditions: Sequence[Condition]) -> ReadAt:
        return replace(self, guards=(*self.guards, *conditions))


def reads(tree: Tree, place: ReadAt) -> Iterator[tuple[TensorRead, ReadAt]]:
    """Every read of the tree with its place, sums renamed nowhere."""
    match tree:
        case TensorRead():
            yield tree, place
        case Times():
            factors = list(_factors(tree))
            for n, factor in enumerate(factors):
                others = [f for m, f in enumerate(factors) if m != n]
                beside = place.beside([f.condition for f in others if isinstance(f, Guard)])
                yield from reads(factor, beside)
        case Branching(condition, yes, no):
            yield from reads(yes, place.beside([condition]))
            yield from reads(no, place.beside([Negation(condition)]))
        case Summed(index, lo, hi, body):
            yield from reads(body, replace(place, ranges=(*place.ranges, (index, lo, hi))))
        case Largest(index, lo, hi, condition, body):
            inside = replace(place, ranges=(*place.ranges, (index, lo, hi)))
            conditions = [condition] if condition != Both() else []
            yield from reads(body, inside.beside(conditions))
        case _:
            for child in children(tree):
                yield from reads(child, place)


def _factors(tree: Tree) -> Iterator[Tree]:
    if isinstance(tree, Times):
        yield from _factors(tree.left)
        yield from _factors(tree.right)
    else:
        yield tree


def reads_theorems(frame: Preliminaries) -> Iterator[tuple[str, str]]:
    """Name and text for each equation of the layer and of the gradient that reads anything."""
    for gradient in (False, True):
        layer = frame.gradient if gradient else frame.layer
        equations = frame.claims if gradient else frame.equations
        for definition in equations.values():
            found = list(dict.fromkeys(reads(definition.body, ReadAt())))
            shapes = {r.tensor: layer.shape(r.tensor) for r, _ in found if r.indices}
            found = [(r, p) for r, p in found if r.indices]
            if found:
                name = frame.fresh(f"{definition.name}_reads_inside")
                yield name, _theorem(name, definition, found, shapes, frame, gradient)


def _theorem(
    name: str,
    definition: CoqDefinition,
    found: Sequence[tuple[TensorRead, ReadAt]],
    shapes: Mapping[str, tuple[Expr, ...]],
    frame: Preliminaries,
    gradient: bool,
) -> str:
    prose = frame.prose(gradient)
    trials = Trials(frame.layer, definition.ranges)
    bound = prose.bind_all(definition.indices)
    naming = prose.naming(bound)
    tables = [t for t in frame.layer_tensors if t.integer]
    quantified = f"forall {' '.join(bound.values())} : Z, " if bound else ""
    premises = "".join(
        f"0 <= {bound[i]} < {integer(n, naming)} -> " for i, _, n in definition.ranges
    )
    parts = [_conclusion(r, p, shapes[r.tensor], prose, bound) for r, p in found]
    claim = f"{quantified}{premises}\n    (" + ") /\\\n    (".join(parts) + ")"
    lines = [
        theorem(name, frame, tables, (), claim),
        "Proof.",
        introduction(frame, tables, ()),
        f"  intros {' '.join(bound.values())}{' ?' * len(bound)}." if bound else "",
        frame.assume(_unused(found, shapes, definition, frame)) + " statements.",
        f"  {'refine ' + _conjunction(len(found)) + '.' if len(found) > 1 else ''}".rstrip(),
        *(_proof(r, p, shapes[r.tensor], prose, bound, frame, trials) for r, p in found),
        "Qed.",
    ]
    return "\n".join(line for line in lines if line)


def _unused(
    found: Sequence[tuple[TensorRead, ReadAt]],
    shapes: Mapping[str, tuple[Expr, ...]],
    definition: CoqDefinition,
    frame: Preliminaries,
) -> list[Condition]:
    """What output sizes are, where all reads are inside whatever they are."""
    others = [c for c in frame.layer.domain if c not in frame.definitions]
    loose = Trials(frame.layer, definition.ranges, others)
    for read, place in found:
        inside = [
            Between(Integer(0), i, n)
            for i, n in zip(read.indices, shapes[read.tensor], strict=True)
        ]
        for point in loose.guarded(place.ranges, place.guards, hints.POINTS):
            if not all(loose.holds(c, point) for c in inside):
                return []
    return frame.definitions


def _conjunction(count: int) -> str:
    return "(conj _ " * (count - 1) + "_" + ")" * (count - 1)


def _conclusion(
    read: TensorRead,
    place: ReadAt,
    shape: Sequence[Expr],
    prose: Prose,
    bound: Mapping[Symbol, str],
) -> str:
    """``forall a, 0 <= a < K -> guards -> 0 <= r + a < H``."""
    inner = prose.bind_all((i for i, _, _ in place.ranges), bound)
    name = prose.naming(inner)
    own = [inner[i] for i, _, _ in place.ranges]
    quantified = f"forall {' '.join(own)} : Z, " if own else ""
    ranges = [
        f"{integer(lo, name)} <= {inner[i]} < {integer(hi, name)}" for i, lo, hi in place.ranges
    ]
    guards = [statement(g, name) for g in place.guards]
    guards = [f"({g})" if "/\\" in g or "\\/" in g else g for g in guards]
    inside = [
        f"0 <= {integer(i, name)} < {integer(n, name)}"
        for i, n in zip(read.indices, shape, strict=True)
    ]
    premises = "".join(f"{p} -> " for p in [*ranges, *guards])
    return quantified + premises + " /\\ ".join(inside)


def _proof(
    read: TensorRead,
    place: ReadAt,
    shape: Sequence[Expr],
    prose: Prose,
    bound: Mapping[Symbol, str],
    frame: Preliminaries,
    trials: Trials,
) -> str:
    inner = prose.bind_all((i for i, _, _ in place.ranges), bound)
    name = prose.naming(inner)
    own = [inner[i] for i, _, _ in place.ranges]
    hypotheses = " ?" * (len(place.ranges) + len(place.guards))
    occurring: list[Basic] = [
        *read.indices,
        *shape,
        *(p for g in place.guards for p in subterms(g)),
        *(b for r in place.ranges for b in r[1:]),
    ]
    facts = "".join(f" {fact}" for fact in table_facts(frame, occurring, name))
    numbers = zip(read.indices, shape, strict=True)
    facts += "".join(
        f" assert (0 <= {atom(x, name)} < {atom(y, name)}) by arithmetic."
        for x, y in hints.mixed_radix(frame.layer, numbers)
    )
    intros = f"intros {' '.join(own)}{hypotheses}; " if own or hypotheses else ""
    found = hints.for_points(
        [e for e in occurring if isinstance(e, Expr)],
        (*trials.outer, *place.ranges),
        trials,
        trials.guarded(place.ranges, place.guards, hints.POINTS),
    )
    known, above = listed(found.known, name), listed(found.above, name)
    return f"  - {intros}statements.{facts} lies_inside {known} {above}."
