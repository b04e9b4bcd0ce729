"""What a theorem assumes of elementary functions: their rates of change, where they are applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sympy import Symbol

from derive.language.substitution import substituted
from derive.language.terms import Index, Range, indices_in
from verify.coq.functions import BY_NAME, rate_of
from verify.coq.integers import integer
from verify.coq.scalars import ADDITION, WORD, CoqDefinition, Prose
from verify.coq.trees import (
    Applied,
    Largest,
    Raised,
    Summed,
    Tree,
    children,
    parts,
    renamed,
    subtrees,
)

#: what a premise is about
RATED = Applied | Raised


@dataclass(frozen=True)
class Premise:
    """A hypothesis of a theorem: its name in proofs, its Coq text, and what it says."""

    name: str
    text: str
    words: str


@dataclass(frozen=True)
class Rate:
    """A function at an argument, for all values of the indices in it."""

    tree: Applied | Raised
    ranges: tuple[Range, ...]

    @property
    def canonical(self) -> Rate:
        """The same with indices that do not depend on what they are called."""
        own: dict[Symbol, Index] = {r[0]: Index(f"i{n}") for n, r in enumerate(self.ranges)}
        tree = renamed(self.tree, own)
        assert isinstance(tree, RATED)
        return Rate(
            tree,
            tuple((own[i], substituted(a, own), substituted(b, own)) for i, a, b in self.ranges),
        )


def rate_at(tree: Applied | Raised, ranges: Sequence[Range]) -> Rate:
    """What must be known of the tree where it stands under these ranges."""
    free = _free(tree)
    for index, lo, hi in reversed(ranges):
        if index in free:
            free |= {*indices_in(lo, hi)}
    return Rate(tree, tuple(r for r in ranges if r[0] in free))


def _free(tree: Tree) -> set[Index]:
    found = {i for part in subtrees(tree) for i in indices_in(*parts(part))}
    bound = {p.index for p in subtrees(tree) if isinstance(p, Summed | Largest)}
    return found - bound


class Rates:
    """The premises on functions that a layer's equations call for."""

    def __init__(self, equations: Mapping[str, CoqDefinition], prose: Prose) -> None:
        self.prose = prose
        self.found: dict[Rate, Premise] = {}
        for equation in equations.values():
            for rate in _rates(equation.body, equation.ranges):
                if rate.canonical not in self.found:
                    self.found[rate.canonical] = self._premise(rate, len(self.found))

    @property
    def premises(self) -> list[Premise]:
        return list(self.found.values())

    def named(self, tree: Applied | Raised, ranges: Sequence[Range]) -> tuple[str, list[Symbol]]:
        """The premise on a tree under these ranges, and the indices it is to be applied to."""
        rate = rate_at(tree, ranges)
        return self.found[rate.canonical].name, [r[0] for r in rate.ranges]

    def _premise(self, rate: Rate, number: int) -> Premise:
        bound = self.prose.bind_all(r[0] for r in rate.ranges)
        name = self.prose.naming(bound)
        ranges = "".join(
            f"{integer(lo, name)} <= {bound[i]} < {integer(hi, name)} -> "
            for i, lo, hi in rate.ranges
        )
        quantified = f"forall {' '.join(bound.values())} : Z, {ranges}" if bound else ""
        argument = self.prose.text(rate.tree.body, bound, WORD)
        if isinstance(rate.tree, Applied):
            head = f"rate scalars {rate.tree.function} {argument}"
            words = f"{BY_NAME[rate.tree.function].law} at u = {_plainly(argument)}"
        else:
            exponent = self.prose.text(rate.tree.exponent, bound, WORD)
            head = f"base_rate scalars {argument} {exponent}"
            words = f"(u^a)' = a·u^a/u at u = {_plainly(argument)}"
        value = self.prose.text(rate_of(rate.tree), bound, ADDITION)
        return Premise(f"rate{number}", f"({quantified}{head} = {value})%scalar", words)


def _rates(tree: Tree, ranges: tuple[Range, ...]) -> Iterator[Rate]:
    if isinstance(tree, RATED):
        yield rate_at(tree, ranges)
    if isinstance(tree, Summed | Largest):
        ranges = (*ranges, (tree.index, tree.lo, tree.hi))
    for child in children(tree):
        yield from _rates(child, ranges)


def _plainly(text: str) -> str:
    """An argument without what only Coq needs."""
    inside = text[1:-1] if text.startswith("(") else text
    return inside.replace("apply _ ", "").replace(" _ ", " ")
