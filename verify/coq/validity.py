"""Proofs that atoms are what they stand for, and that rates are those of the premises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Symbol

from derive.language.terms import Range
from verify.coq.atoms import View
from verify.coq.data import Data, Mode, Spots
from verify.coq.frame import Preliminaries
from verify.coq.functions import rate_of
from verify.coq.integers import atom
from verify.coq.premises import Rates
from verify.coq.trees import (
    Applied,
    Branching,
    Largest,
    Minus,
    Plus,
    Raised,
    Reciprocal,
    Rooted,
    Selected,
    Summed,
    TensorRead,
    Times,
    Tree,
)

#: the ε-part of an exponent, which does not move
STILL = "cbn; ring"


class Validity(Data):
    """Writes the proof of ``valid`` of the expression that ``Data`` writes.

    The goal has been computed; the index bound at level n is called ``at{n}``.
    """

    def __init__(
        self,
        fixed: Mapping[Symbol | str, str],
        view: View,
        rates: Rates,
        ranges: Sequence[Range],
        names: Sequence[str] = (),
    ) -> None:
        """``names`` are what the outermost indices are called, where that is not ``at0`` …"""
        super().__init__(fixed, view, {})
        self.rates = rates
        self.ranges = tuple(ranges)
        self.names = names

    def coordinate(self, level: int, depth: int) -> str:
        return self.names[level] if level < len(self.names) else f"at{level}"

    def proof(self, tree: Tree, scope: Spots, depth: int, mode: Mode) -> str:
        """One tactic."""

        def inner(*trees: Tree) -> str:
            return _both([self.proof(t, scope, depth, mode) for t in trees])

        if mode is Mode.VALUES and self.view.closed(tree):
            return _both(["same", "intros []"])
        match tree:
            case TensorRead(tensor) if tensor in self.view.equations:
                return self._opened(tree, scope, depth, mode)
            case Plus(left, right) if self.view.closed(tree):
                return _both(["same", f"intros _; {inner(left, right)}"])
            case Times(left, right) if left == right:
                return inner(left)
            case Plus(left, right) | Times(left, right):
                return inner(left, right)
            case Branching(_, yes, no):
                return inner(yes, no)
            case Minus(body):
                return inner(body)
            case Summed(index, lo, hi, body):
                within = self.bind(index, scope, depth)
                ranges, self.ranges = self.ranges, (*self.ranges, (index, lo, hi))
                below = self.proof(body, within, depth + 1, mode)
                self.ranges = ranges
                return f"intros at{depth} ?; {below}"
            case Selected(_, _, yes, no):
                return _both(["same", inner(yes, no)])
            case Applied() | Reciprocal() | Rooted() | Raised():
                rate = self.proof(rate_of(tree), scope, depth, Mode.VALUES)
                still = [STILL] if isinstance(tree, Raised) else []
                parts = [self._rate(tree, scope, depth), *still, inner(tree.body), rate]
                return _both(["same", f"intros _; {_both(parts)}"])
            case Largest(index, lo, hi, _, body):
                within = self.bind(index, scope, depth)
                ranges, self.ranges = self.ranges, (*self.ranges, (index, lo, hi))
                below = self.proof(body, within, depth + 1, mode)
                self.ranges = ranges
                return _both(["same", f"intros _ at{depth} ?; {_both(['same', below])}"])
        return "same" if self.view.closed(tree) else "holds"

    def _opened(self, tree: TensorRead, scope: Spots, depth: int, mode: Mode) -> str:
        ranges, self.ranges = self.ranges, self.view.equations[tree.tensor].ranges
        below = self.opened(tree, scope, depth, mode)
        self.ranges = ranges
        return below if self.view.opens(tree) else _both(["same", f"intros _; {below}"])

    def text(self, tree: Tree, scope: Spots, depth: int, mode: Mode) -> str:
        return self.proof(tree, scope, depth, mode)

    def _rate(self, tree: Tree, scope: Spots, depth: int) -> str:
        """The premise, at what its indices stand for here."""
        if not isinstance(tree, Applied | Raised):
            return "reflexivity"
        name, indices = self.rates.named(tree, self.ranges)
        naming = self.naming(scope, depth)
        at = "".join(f" {atom(i, naming)}" for i in indices)
        reasons = " _" * len(indices)
        return f"refine ({name}{at}{reasons}); within" if indices else f"exact {name}"


def _both(parts: Sequence[str]) -> str:
    """The parts of a conjunction, one after the other."""
    *rest, text = parts
    for part in reversed(rest):
        text = f"split; [{part}|{text}]"
    return text


def computed(frame: Preliminaries, bodies: str) -> str:
    """The tactic that takes a goal ``valid`` of the bodies apart."""
    atoms = [name for name, _ in frame.atoms.found.values()]
    equations = [d.name for d in [*frame.equations.values(), *frame.claims.values()]]
    opened = " ".join([bodies, *atoms, *equations])
    return (
        f"cbv beta iota zeta delta [{opened}\n"
        "      every valid evaluate coordinate nth fst snd plain carrier zero one plus times\n"
        "      negate number fraction inverse root apply power less inverse_rate root_rate]"
    )
