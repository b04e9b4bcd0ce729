"""Single steps of a proof about terms, as Coq text: a change of index, a counted index, zero."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import prod

from sympy import Expr, Symbol

from derive.language.terms import Index
from verify.coq import hints
from verify.coq.counting import Drop
from verify.coq.frame import Preliminaries
from verify.coq.integers import Naming, atom, integer, truth
from verify.coq.matching import Map
from verify.coq.names import fresh
from verify.coq.statement import table_facts
from verify.coq.terms import UNIT, ProofTerm
from verify.coq.trees import Inverse, TensorRead, Whole
from verify.coq.trials import Trials

NUMBER = (
    "(gen_phiZ (ring_zero scalars) (ring_one scalars) (ring_plus scalars)"
    " (ring_times scalars) (ring_negate scalars))"
)
#: a term's Coq text, and the term
Written = tuple[str, ProofTerm]


class Steps:
    """Writes proof steps below the outer indices, whose Coq names are given."""

    def __init__(self, frame: Preliminaries, outer: Mapping[Index, str], trials: Trials) -> None:
        self.frame = frame
        self.outer = outer
        self.trials = trials

    @property
    def point(self) -> str:
        """The outer indices' values, innermost first."""
        return f"[{'; '.join(reversed(list(self.outer.values())))}]"

    def change(
        self,
        label: str,
        source: Written,
        target: Written,
        maps: tuple[Map, Map],
        ratio: Fraction,
        ring: str,
        earlier: Sequence[str],
    ) -> Iterator[str]:
        """source = ratio·target by a change of index; ``ring`` ends the comparison of products."""
        (text, term), (other_text, other), (there, back) = source, target, maps
        yield f"  assert ({label} : meaning {text} {self.point}"
        yield f"    = ring_times scalars {_ratio(ratio)} (meaning {other_text} {self.point}))."
        yield f"  {{ {_cleared(earlier)}apply (change_of_index scalars _ _ _"
        yield f"      (fun e => {self._list(there, term, other)})"
        yield f"      (fun e => {self._list(back, other, term)}))."
        heads = self._heads(term)
        ending = f"; first [{ring} | unified {heads}; {ring}]"
        yield from self._direction(term, other, there, back, ending)
        yield from self._direction(other, term, back, there, "")
        yield "  }"

    def drop(self, label: str, text: str, drop: Drop, earlier: Sequence[str]) -> Iterator[str]:
        """A term whose index only counts is that many times the rest."""
        own, rest, (index, lo, _) = drop.term, drop.rest, drop.index
        copy = Index(f"{index.name}c")
        copied = ProofTerm(
            (*rest.bounds, (copy, lo - lo, drop.count)), rest.guards, rest.factors, rest.coefficient
        )
        kept = {i: i for i in rest.indices}
        there, back = {**kept, copy: index - lo}, {**kept, index: copy + lo}
        yield f"  assert ({label} : meaning {text} {self.point}"
        yield f"    = meaning {self.counted(drop)} {self.point})."
        yield f"  {{ {_cleared(earlier)}apply (counting scalars _ _ _ _"
        yield f"      (fun e => {self._list(there, own, copied)})"
        yield f"      (fun e => {self._list(back, copied, own)}))."
        yield from self._direction(own, copied, there, back, "; ring")
        yield from self._direction(copied, own, back, there, "")
        yield f"    - {self._introduced(rest)}"
        yield f"      {self._quotients(rest)}; arithmetic. }}"

    def vanishing(
        self, label: str, text: str, term: ProofTerm, earlier: Sequence[str]
    ) -> Iterator[str]:
        """A term without points, or with the factor zero, is zero."""
        yield f"  assert ({label} : meaning {text} {self.point} = ring_zero scalars)."
        yield f"  {{ {_cleared(earlier)}apply vanishing."
        yield f"    {self._introduced(term)}"
        if term.coefficient == 0:
            yield "    literals; ring. }"
        else:
            yield f"    exfalso; {self._quotients(term)}; arithmetic. }}"

    def counted(self, drop: Drop) -> str:
        """The rest of a term, as many times as its dropped index counts."""
        name = self._placed(drop.rest)
        return (
            f"(counted scalars (fun e => {integer(drop.count, name)})\n"
            f"      {self.written(drop.rest)})"
        )

    def written(self, term: ProofTerm) -> str:
        """A term of the library."""
        bounds = []
        for place, (_, lo, hi) in enumerate(term.bounds):
            name = self._placed(term, place)
            bounds.append(f"fun e => ({integer(lo, name)}, {integer(hi, name)})")
        name = self._placed(term)
        guards = " && ".join(f"({truth(g, name)})" for g in term.guards) or "true"
        value = _number(int(term.coefficient * prod(term.denominators)))
        for n in term.denominators:
            value = f"(ring_times scalars {value} (ring_fraction scalars {n}))"
        for factor in term.factors:
            value = f"(ring_times scalars {value} {self._factor(factor, name)})"
        return f"(Term [{'; '.join(bounds)}] (fun e => {guards}) (fun e => {value}))"

    def _factor(self, factor: TensorRead | Whole | Inverse, name: Naming) -> str:
        if isinstance(factor, TensorRead):
            parts = [self.frame.fixed[factor.tensor], *(atom(i, name) for i in factor.indices)]
            return f"({' '.join(parts)})"
        if isinstance(factor, Whole):
            return f"(number (plain scalars) {atom(factor.value, name)})"
        return f"(ring_fraction scalars {atom(factor.value, name)})"

    def _placed(self, term: ProofTerm, depth: int | None = None) -> Naming:
        """The outer indices and so many of the term's own as coordinates of a point ``e``."""
        own = term.indices if depth is None else term.indices[:depth]
        order = [*self.outer, *own]
        return self._naming(
            {i: f"(coordinate {len(order) - 1 - n} e)" for n, i in enumerate(order)}
        )

    def _list(self, mapping: Map, source: ProofTerm, target: ProofTerm) -> str:
        """The target's own indices, innermost first, in terms of the source's point ``e``."""
        name = self._placed(source)
        return f"[{'; '.join(integer(mapping[i], name) for i in reversed(target.indices))}]"

    def _naming(self, places: Mapping[Index, str]) -> Naming:
        fixed = self.frame.fixed

        def name(key: Symbol | str) -> str:
            return places[key] if isinstance(key, Index) and key in places else fixed[key]

        return name

    def _names(self, term: ProofTerm) -> dict[Index, str]:
        """A name for each of the term's own indices."""
        names = dict(self.outer)
        taken = {*self.frame.fixed.values()}
        for index in term.indices:
            names[index] = fresh(index.name.split("#")[0], {*taken, *names.values()})
        return {i: n for i, n in names.items() if i not in self.outer}

    def _introduced(self, term: ProofTerm) -> str:
        names = " ".join(f"{n} ?" for n in self._names(term).values())
        return f"compute_terms left right; intros {names} ?."

    def _quotients(self, term: ProofTerm) -> str:
        """Everything known about the quotients at a point of the term."""
        name = self._naming({**self.outer, **self._names(term)})
        found = hints.for_change(term, UNIT, {}, {}, self.trials)
        known, above = listed(found.known, name), listed(found.above, name)
        facts = "".join(
            f"{fact[:-1]}; " for fact in table_facts(self.frame, term.expressions, name)
        )
        return f"statements; {facts}replace_quotients {known} {above}"

    def _direction(
        self, source: ProofTerm, target: ProofTerm, there: Map, back: Map, ending: str
    ) -> Iterator[str]:
        """One direction of a change of index."""
        name = self._naming({**self.outer, **self._names(source)})
        yield f"    - {self._introduced(source)}"
        numbers = [(there[index], hi) for index, _, hi in target.bounds]
        facts = [
            f"assert (0 <= {atom(x, name)} < {atom(y, name)}) by arithmetic."
            for x, y in hints.mixed_radix(self.frame.layer, numbers)
        ]
        occurring = [*source.expressions, *hints.mapped(target, there), *there.values()]
        reads = list(table_facts(self.frame, occurring, name))
        if facts or reads:
            yield from (f"      {line}" for line in ["statements.", *reads, *facts])
        found = hints.for_change(source, target, there, back, self.trials)
        known, above = listed(found.known, name), listed(found.above, name)
        yield f"      corresponds {known} {above} {self._heads(source)}{ending}."

    def _heads(self, term: ProofTerm) -> str:
        """What reads the entries that must agree."""
        heads = []
        for factor in term.factors:
            if isinstance(factor, TensorRead) and factor.indices:
                heads.append(self.frame.fixed[factor.tensor])
            elif isinstance(factor, Inverse):
                heads.append("(ring_fraction scalars)")
            elif isinstance(factor, Whole):
                heads.append(NUMBER)
        return f"({', '.join(['tt', *dict.fromkeys(heads)])})" if heads else "tt"


def listed(values: Iterable[Expr], name: Naming) -> str:
    """A list of hints."""
    texts = ["tt", *(integer(v, name) for v in values)]
    return f"({', '.join(texts)})" if len(texts) > 1 else "tt"


def _cleared(earlier: Sequence[str]) -> str:
    """Steps already made must not be taken apart with the guards."""
    return f"clear {' '.join(earlier)}; " if earlier else ""


def _number(n: int) -> str:
    return f"(number (plain scalars) {f'({n})' if n < 0 else n})"


def _ratio(ratio: Fraction) -> str:
    text = _number(ratio.numerator)
    if ratio.denominator == 1:
        return text
    return f"(ring_times scalars {text} (fraction (plain scalars) {ratio.denominator}))"
