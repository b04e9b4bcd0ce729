"""What a diagnosis starts from: the true gradient taken apart, and ways to change it.

A suspect is a wrong gradient that stands for one typical mistake.  If a claim equals it, the
mistake is the reason why the claim is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sympy import Expr

from derive.language.definition import Layer
from derive.language.integers import mentions
from derive.language.terms import ZERO, Between, Divides, Entry, FloorDiv, Index
from verify.claims.differences import Difference
from verify.claims.subject import Subject
from verify.equality.terms import Term, is_opaque, merged

#: how one term is changed: to another one, or to nothing where the mistake does not apply
Change = Callable[[Term], "Term | None"]


@dataclass(frozen=True)
class Suspect:
    """A mistake in words, and the gradient that somebody would get who makes it."""

    words: str
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Scene:
    """The true gradient as terms in the claim's index names, the claim's own terms, and an entry at
    which the two differ.
    """

    subject: Subject
    terms: tuple[Term, ...]
    claimed: tuple[Term, ...]
    difference: Difference

    @property
    def layer(self) -> Layer:
        return self.subject.layer

    @property
    def upstream(self) -> frozenset[str]:
        """The names of the upstream gradients."""
        return frozenset(self.subject.upstream.values())

    @property
    def free(self) -> tuple[Index, ...]:
        return self.subject.claim.free

    @property
    def sums_less(self) -> bool:
        """Whether the claim sums over fewer indices than the truth."""
        most = max((len(t.bound) for t in self.terms), default=0)
        return all(len(t.bound) < most for t in self.claimed)

    @property
    def reduction(self) -> bool:
        """Whether the truth is nothing but sums of the upstream gradient."""
        return all(f.tensor in self.upstream for t in self.terms for f in t.factors)

    def sizes(self, tensor: str) -> tuple[Expr, ...]:
        """The sizes of the axes of whatever a term reads."""
        return tuple(axis.size for axis in self.subject.axes[tensor])

    def reads(self, term: Term) -> list[Entry]:
        """The factors that are tensor entries, each once."""
        return [f for f in dict.fromkeys(term.factors) if not is_opaque(f)]

    def changed(self, words: str, change: Change) -> Iterator[Suspect]:
        """The suspect with every term changed to which the change applies."""
        found = [change(t) for t in self.terms]
        if any(t is not None for t in found):
            pairs = zip(self.terms, found, strict=True)
            yield Suspect(words, tuple(old if new is None else new for old, new in pairs))

    def reread(self, term: Term, mapping: Mapping[Entry, Entry]) -> Term:
        """The term with some reads replaced; guards of the old reads go, those of the new come."""
        old = {g for f in mapping for g in self.guards(f)}
        kept = tuple(c for c in term.conditions if c not in old)
        factors = tuple(mapping.get(f, f) for f in term.factors)
        return self.guarded(replace(term, conditions=kept, factors=factors))

    def guarded(self, term: Term) -> Term:
        """The term with every read outside a tensor counting as zero."""
        guards = tuple(g for f in self.reads(term) for g in self.guards(f))
        return replace(term, conditions=merged(term.conditions, guards))

    def guards(self, read: Entry) -> tuple[Between, ...]:
        """That a read is inside its tensor, one condition an axis."""
        pairs = zip(read.indices, self.sizes(read.tensor), strict=True)
        return tuple(Between(ZERO, i, n) for i, n in pairs)


@dataclass(frozen=True)
class Sliding:
    """A bound index that runs alone along one axis and moves another read's coordinate.

    ``kernel`` and ``axis`` say where it stands alone, ``signal`` and ``along`` where it stands
    with others.
    """

    index: Index
    kernel: Entry
    axis: int
    signal: Entry
    along: int


def slidings(scene: Scene, term: Term) -> list[Sliding]:
    """All bound indices that slide one read over another."""
    found = []
    reads = scene.reads(term)
    for kernel in reads:
        for axis, coordinate in enumerate(kernel.indices):
            if not isinstance(coordinate, Index) or coordinate not in term.bound:
                continue
            for signal in reads:
                for along, other in enumerate(signal.indices):
                    if other != coordinate and mentions(other, coordinate):
                        found.append(Sliding(coordinate, kernel, axis, signal, along))
    return found


def sliding_axes(scene: Scene, name: str) -> set[int]:
    """The axes of a tensor along which something slides."""
    ends = (
        end
        for term in scene.terms
        for s in slidings(scene, term)
        for end in ((s.kernel.tensor, s.axis), (s.signal.tensor, s.along))
    )
    return {axis for tensor, axis in ends if tensor == name}


def at(entry: Entry, coordinates: Mapping[int, Expr]) -> Entry:
    """The read with some coordinates replaced."""
    indices = [coordinates.get(axis, i) for axis, i in enumerate(entry.indices)]
    return Entry(entry.base, *indices)


def numerator_of(coordinate: Expr, term: Term) -> Expr:
    """The coordinate, or what is divided in it where the quotient is exact."""
    if isinstance(coordinate, FloorDiv):
        number, divisor = coordinate.args
        if Divides(divisor, number) in term.conditions:
            return number
    return coordinate


def subsets(items: Sequence[int]) -> Iterable[tuple[int, ...]]:
    """All items together, then each alone."""
    yield tuple(items)
    if len(items) > 1:
        yield from ((item,) for item in items)
