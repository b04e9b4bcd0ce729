"""The main theorem: <g, J·v> = <gradient, v> for every direction v, and its proof."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from derive.language.terms import Range
from verify.coq.atoms import View
from verify.coq.data import Data, Mode, values
from verify.coq.frame import DIRECTION, Choice, Preliminaries, TensorVariable
from verify.coq.integers import integer
from verify.coq.premises import Premise, Rates
from verify.coq.proofs import SumProof
from verify.coq.scalars import CoqDefinition
from verify.coq.statement import adjoint, introduction, law, size_law, theorem
from verify.coq.terms import Normaliser, ProofTerm, weighted
from verify.coq.trees import TensorRead
from verify.coq.trials import Trials
from verify.coq.validity import Validity, computed

NAME = "gradient_is_adjoint"


@dataclass(frozen=True)
class Pairing:
    """Σ over ranges of weight·(value or ε-part of a tree), for the library.

    ``terms`` are those that the library computes, ``valid`` proves that it may.
    """

    ranges: str
    weight: str
    body: str
    terms: list[ProofTerm]
    valid: str


@dataclass(frozen=True)
class MainTheorem:
    """Statement and proof, and what is assumed beside sizes and tables."""

    text: str
    premises: Sequence[Premise]
    laws: Sequence[int]
    rates: Rates


def main_theorem(frame: Preliminaries, trials: Trials) -> MainTheorem:
    """The theorem: first with as much as possible in atoms, then with more multiplied out."""
    rates = Rates(frame.equations, frame.prose(gradient=False))
    return frame.attempted(lambda c, cancels: _theorem(frame, trials, rates, c, cancels))


def _theorem(
    frame: Preliminaries, trials: Trials, rates: Rates, choice: Choice, cancels: bool
) -> MainTheorem:
    left = _left(frame, rates, choice)
    terms = [t for pairing in left for t in pairing.terms]
    right = _right(frame, rates, choice)
    comparison = SumProof(frame, {}, terms, right.terms, trials, cancels)
    tensors = [*frame.gradient_tensors, direction(frame)]
    sizes = [size_law(n, place, frame) for place, n in enumerate(comparison.sizes)]
    premises = [*map(law, comparison.laws), *sizes, *rates.premises]
    lines = [
        theorem(NAME, frame, tensors, premises, adjoint(frame)),
        "Proof.",
        introduction(frame, tensors, premises),
        *_opening(frame, left, right, rates),
        *comparison.lines(),
        "Qed.",
    ]
    return MainTheorem("\n".join(lines), premises, comparison.laws, rates)


def direction(frame: Preliminaries) -> TensorVariable:
    """The tensor along which the input moves."""
    moving = frame.fixed[frame.derivation.wrt]
    rank = next(t.rank for t in frame.layer_tensors if t.name == moving)
    return TensorVariable(frame.direction, rank)


def _left(frame: Preliminaries, rates: Rates, choice: Choice) -> list[Pairing]:
    """The ε-part of each output, paired with its upstream gradient."""
    moving = {frame.derivation.wrt: DIRECTION}
    view = frame.view(False, *choice)
    return [
        _pairing(frame, view, rates, moving, frame.equations[equation.name], upstream)
        for equation, upstream in frame.outputs()
    ]


def _right(frame: Preliminaries, rates: Rates, choice: Choice) -> Pairing:
    """The claimed gradient, paired with the direction."""
    view = frame.view(True, *choice)
    return _pairing(frame, view, rates, {}, frame.claim, DIRECTION)


def _pairing(
    frame: Preliminaries,
    view: View,
    rates: Rates,
    moving: dict[str, str],
    equation: CoqDefinition,
    weight: str,
) -> Pairing:
    """The ε-part where something moves, else the value."""
    data = Data(frame.fixed, view, moving)
    mode = Mode.RATES if moving else Mode.VALUES
    depth = len(equation.ranges)
    scope = data.bind_all(equation.indices)
    bounds: tuple[Range, ...] = tuple((scope[i].index, lo, hi) for i, lo, hi in equation.ranges)
    normaliser = Normaliser(view, moving)
    of = normaliser.tangents if moving else normaliser.values
    read = TensorRead(weight, tuple(i for i, _, _ in bounds))
    terms = weighted(bounds, read, of(equation.body, values(scope)))
    ranges = []
    for level, (_, lo, hi) in enumerate(equation.ranges):
        name = data.naming(scope, level)
        ranges.append(f"fun e => ({integer(lo, name)}, {integer(hi, name)})")
    proof = Validity(frame.fixed, view, rates, equation.ranges)
    names = "".join(f"intros at{level} ?; " for level in range(depth))
    at = "".join(f" {scope[i].text(depth)}" for i in equation.indices)
    return Pairing(
        f"[{'; '.join(ranges)}]",
        f"fun e : point => {data.fixed[weight]}{at}",
        data.text(equation.body, scope, depth, mode),
        terms,
        names + proof.proof(equation.body, proof.bind_all(equation.indices), depth, mode),
    )


def _opening(
    frame: Preliminaries, left: Sequence[Pairing], right: Pairing, rates: Rates
) -> Iterator[str]:
    """From the theorem to ``meanings left [] = meanings right []``."""
    marks = [str(n) for n in range(len(left))]
    yield from frame.atom_definitions()
    for mark, pairing in [*zip(marks, left, strict=True), ("", right)]:
        yield f"  pose (ranges{mark} := ({pairing.ranges} : list bound))."
        yield f"  pose (weight{mark} := {pairing.weight})."
        yield f"  pose (body{mark} := ({pairing.body} : expression scalars))."
    paired = [f"tangent_pairing scalars ranges{m} weight{m} body{m}" for m in marks]
    yield f"  pose (left := {' ++ '.join(paired)})."
    yield "  pose (right := value_pairing scalars ranges weight body)."
    yield "  transitivity (meanings left [])."
    parts = [list(_met("tangent", m, part, frame)) for m, part in zip(marks, left, strict=True)]
    if len(parts) == 1:
        yield from ("  { " + parts[0][0], *parts[0][1:], "  }")
    else:
        yield "  { unfold left; rewrite !meanings_app."
        for part in reversed(parts[1:]):
            yield from ("    apply f_equal2; cycle 1.", "    { " + part[0], *part[1:], "    }")
        yield from ("    " + parts[0][0], *parts[0][1:], "  }")
    yield "  transitivity (meanings right []); [|symmetry]; cycle 1."
    first, *rest = _met("value", "", right, frame)
    yield from ("  { " + first, *rest, "  }")
    used = " ".join(f"ranges{m} weight{m} body{m}" for m in [*marks, ""])
    yield f"  subst {used}."
    atoms = " ".join(name for name, _ in frame.atoms.found.values())
    if atoms:
        yield f"  explicit left; explicit right; clearbody {atoms}."
    if rates.found:
        yield f"  clear {' '.join(p.name for p in rates.premises)}."


def _met(kind: str, mark: str, pairing: Pairing, frame: Preliminaries) -> Iterator[str]:
    """The pairing's meaning, once its atoms are shown to be what they stand for."""
    lemma = f"{kind}_pairing_meaning scalars ranges{mark} weight{mark} body{mark}"
    yield f"refine ({lemma} _)."
    yield f"    {computed(frame, f'ranges{mark} body{mark}')}."
    yield f"    {pairing.valid}."
