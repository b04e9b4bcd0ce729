"""The main theorem: <g, J·v> = <gradient, v> for every direction v, and its proof."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sympy import Expr, Symbol

from derive.language.terms import Range
from verify.coq.frame import DIRECTION, Preliminaries, TensorVariable
from verify.coq.integers import integer
from verify.coq.proofs import SumProof
from verify.coq.scalars import Data, Placed, coordinate
from verify.coq.statement import adjoint, introduction, theorem
from verify.coq.terms import Normaliser, ProofTerm, weighted
from verify.coq.trees import TensorRead, Tree
from verify.coq.trials import Trials

NAME = "gradient_is_adjoint"


@dataclass(frozen=True)
class Pairing:
    """Σ over ranges of weight·(value or ε-part of a tree): for the library, and its terms."""

    ranges: str
    weight: str
    body: str
    terms: list[ProofTerm]


def main_theorem(frame: Preliminaries, trials: Trials) -> tuple[str, Sequence[int]]:
    """Statement and proof, and the laws of fractions that are assumed."""
    left = _left(frame)
    terms = [t for pairing in left for t in pairing.terms]
    right = _right(frame)
    comparison = SumProof(frame, {}, terms, right.terms, trials)
    tensors = [*frame.gradient_tensors, _direction(frame)]
    laws = comparison.laws
    lines = [
        theorem(NAME, frame, tensors, laws, adjoint(frame)),
        "Proof.",
        introduction(frame, tensors, laws),
        *_opening(left, right),
        *comparison.lines(),
        "Qed.",
    ]
    return "\n".join(lines), laws


def _direction(frame: Preliminaries) -> TensorVariable:
    moving = frame.fixed[frame.derivation.wrt]
    rank = next(t.rank for t in frame.layer_tensors if t.name == moving)
    return TensorVariable(frame.direction, rank)


def _left(frame: Preliminaries) -> list[Pairing]:
    """The ε-part of each output, paired with its upstream gradient."""
    moving = {frame.derivation.wrt: DIRECTION}
    normaliser = Normaliser(frame.equations, moving)
    data = Data(frame.fixed, frame.equations, moving)
    found = []
    for equation, upstream in frame.outputs():
        body = frame.equations[equation.name].body
        scope, bounds, at = _bound(equation.ranges, normaliser)
        terms = weighted(bounds, TensorRead(upstream, at), normaliser.tangents(body, scope))
        found.append(_pairing(data, equation.ranges, upstream, body, terms))
    return found


def _right(frame: Preliminaries) -> Pairing:
    """The claimed gradient, paired with the direction."""
    normaliser = Normaliser(frame.claims, {})
    data = Data(frame.fixed, frame.claims, {})
    claim = frame.claim
    scope, bounds, at = _bound(claim.ranges, normaliser)
    terms = weighted(bounds, TensorRead(DIRECTION, at), normaliser.values(claim.body, scope))
    return _pairing(data, claim.ranges, DIRECTION, claim.body, terms)


def _bound(
    ranges: Sequence[Range], normaliser: Normaliser
) -> tuple[dict[Symbol, Expr], tuple[Range, ...], tuple[Expr, ...]]:
    """Indices of their own for the outer sums."""
    own = [(normaliser.fresh(index.name), lo, hi) for index, lo, hi in ranges]
    scope: dict[Symbol, Expr] = {r[0]: o[0] for r, o in zip(ranges, own, strict=True)}
    return scope, tuple(own), tuple(o[0] for o in own)


def _pairing(
    data: Data, ranges: Sequence[Range], weight: str, body: Tree, terms: list[ProofTerm]
) -> Pairing:
    scope: dict[Symbol, Placed] = {}
    bounds = []
    for level, (index, lo, hi) in enumerate(ranges):
        name = data.naming(scope, level)
        bounds.append(f"fun e => ({integer(lo, name)}, {integer(hi, name)})")
        scope[index] = coordinate(level)
    depth = len(ranges)
    at = "".join(f" (coordinate {depth - 1 - level} e)" for level in range(depth))
    return Pairing(
        f"[{'; '.join(bounds)}]",
        f"fun e : point => {data.fixed[weight]}{at}",
        data.text(body, scope, depth),
        terms,
    )


def _opening(left: Sequence[Pairing], right: Pairing) -> Iterator[str]:
    """From the theorem to ``meanings left [] = meanings right []``."""
    marks = [str(n) for n in range(len(left))]
    for mark, pairing in [*zip(marks, left, strict=True), ("", right)]:
        yield f"  pose (ranges{mark} := ({pairing.ranges} : list bound))."
        yield f"  pose (weight{mark} := {pairing.weight})."
        yield f"  pose (body{mark} := ({pairing.body} : expression scalars))."
    paired = [f"tangent_pairing scalars ranges{m} weight{m} body{m}" for m in marks]
    yield f"  pose (left := {' ++ '.join(paired)})."
    yield "  pose (right := value_pairing scalars ranges weight body)."
    yield "  transitivity (meanings left [])."
    exact = [f"exact (tangent_pairing_meaning scalars ranges{m} weight{m} body{m})" for m in marks]
    if len(left) == 1:
        yield f"  {{ {exact[0]}. }}"
    else:
        yield "  { unfold left; rewrite !meanings_app."
        yield from (f"    apply f_equal2; [|{last}]." for last in reversed(exact[1:]))
        yield f"    {exact[0]}. }}"
    yield "  transitivity (meanings right []);"
    yield "    [|symmetry; exact (value_pairing_meaning scalars ranges weight body)]."
    yield "  subst " + " ".join(f"ranges{m} weight{m} body{m}" for m in [*marks, ""]) + "."
