"""Whether two expressions are equal wherever both have values, by algebra.

Sizes count as 1 or more first; where nothing says so, their being 0 is a case of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from sympy import Expr, Integer, Mul, Pow

from derive.domains.known import Known
from derive.language.definition import Equation, Layer
from derive.language.substitution import integral
from derive.language.terms import (
    ZERO,
    AtMost,
    Between,
    Condition,
    Entry,
    Index,
    Range,
    Same,
    entries,
)
from verify.equality.algebra.atoms import Base, Plain, Total
from verify.equality.algebra.facts import NOT_ZERO, Fact
from verify.equality.algebra.places import Place
from verify.equality.algebra.polynomials import (
    Exponent,
    Polynomial,
    Product,
    added,
    rational,
    scaled,
    shortened_by_sympy,
    summed,
)
from verify.equality.algebra.products import NoLaw, TooLong
from verify.equality.algebra.reading import Reader
from verify.equality.algebra.telling import unlike
from verify.equality.algebra.truths import Guard
from verify.equality.places import Frame
from verify.equality.proof import shown_by
from verify.equality.terms import Term, opaque, range_condition

LAYER, TRUTH, CLAIM = "the layer", "the gradient", "the claim"


@dataclass(frozen=True)
class Side:
    """An expression with every guard spelled out, and what its indices are called on the other."""

    expression: Expr
    names: Mapping[Index, Expr] = field(default_factory=dict)


@dataclass(frozen=True)
class Agreement:
    """Whether two expressions are equal; where not shown, ``missing`` says what would be needed.

    ``premises`` are what was relied upon because the layer or the truth would have no value
    otherwise, ``hypotheses`` what the claim needs beyond that to have one.
    """

    equal: bool
    premises: tuple[Fact, ...] = ()
    hypotheses: tuple[Fact, ...] = ()
    deciders: tuple[str, ...] = ()
    missing: str = ""


def agreement(
    layer: Layer,
    free: Sequence[Range],
    truth: Side,
    claim: Side,
    adjoints: Mapping[str, Equation] | None = None,
) -> Agreement:
    """Whether the claim is the truth at all indices in range, wherever both have values."""
    definitions = {**{e.name: e for e in layer.equations}, **(adjoints or {})}
    premises: dict[Fact, None] = {}
    hypotheses: dict[Fact, None] = {}
    deciders: set[str] = set()
    for place in _cases(layer, free):
        case = _Case(layer, free, definitions, place)
        missing = case.missing(truth, claim)
        if missing:
            return Agreement(False, missing=missing)
        premises.update(dict.fromkeys(case.premises))
        hypotheses.update(dict.fromkeys(case.hypotheses))
        deciders |= case.deciders
    return Agreement(True, tuple(premises), tuple(hypotheses), tuple(sorted(deciders)))


def _cases(layer: Layer, free: Sequence[Range]) -> Iterator[Place]:
    """All sizes 1 or more; and each that may be 0 at 0, those before it 1 or more."""
    ranges = [c for r in free for c in range_condition(*r)]
    known = Known(layer.facts, layer.domain)
    root = Place(known).under(*ranges)
    open_ones = [s for s in layer.sizes if not root.at_least_one(s)]
    some = [AtMost(Integer(1), s) for s in open_ones]
    yield root.under(*some)
    for k, size in enumerate(open_ones):
        inner = known.under(*ranges, *some[:k], Same(size, ZERO))
        conditions = (*ranges, *some[:k], Same(size, ZERO))
        yield Place(inner, conditions, nothing=frozenset([size]))


class _Case:
    """Both sides at one place."""

    def __init__(
        self,
        layer: Layer,
        free: Sequence[Range],
        definitions: Mapping[str, Equation],
        place: Place,
    ) -> None:
        self._layer = layer
        self._free = free
        self._reader = Reader(layer, definitions, place)
        self.deciders = place.deciders
        self.hypotheses: list[Fact] = []
        self.premises: list[Fact] = []

    def missing(self, truth: Side, claim: Side) -> str:
        """What was not shown; empty where the two are equal."""
        reader = self._reader
        try:
            reader.origin = LAYER
            for equation in self._layer.equations:
                reader.universal(equation)
            sides = []
            for origin, side in ((TRUTH, truth), (CLAIM, claim)):
                reader.origin = origin
                sides.append(reader.read(side.expression, side.names))
            gap = added(sides[0], scaled(sides[1], -1))
            if gap and self._cleared(gap) and not self._vanishes(gap):
                return unlike(gap)
        except NoLaw as law:
            return f"it is not known that {law}"
        except TooLong:
            return "multiplied out, one side has too many terms"
        self._settle()
        return ""

    def _settle(self) -> None:
        """What was used, and what the claim needs beyond what the layer and the truth do."""
        reader = self._reader
        used = list(reader.facts.used)
        reader.origins = (LAYER, TRUTH)
        for facts in reader.facts.everything.values():
            for fact in facts:
                if fact.origin == CLAIM and not _of_sizes(fact) and not self._implied(fact):
                    self.hypotheses.append(fact)
        self.premises = [f for f in used if f.origin != CLAIM]

    def _implied(self, fact: Fact) -> bool:
        place = self._reader.place
        self._reader.place = place.under(*fact.conditions, values=fact.values)
        try:
            return self._reader.known(fact.kind, fact.polynomial)
        finally:
            self._reader.place = place

    def _cleared(self, gap: Polynomial) -> Polynomial:
        """Multiplied by every polynomial that is divided by and known not to be zero."""
        for _ in range(20):
            base = next((b for b, e in _divisors(gap) if self._may_multiply(b, e)), None)
            if base is None:
                return gap
            gap = self._multiplied(gap, base)
        return gap

    def _may_multiply(self, base: Base, exponent: Exponent) -> bool:
        if isinstance(exponent, int):
            return self._reader.is_not_zero(base.polynomial)
        return self._reader.is_positive(base.polynomial)

    def _multiplied(self, gap: Polynomial, base: Base) -> Polynomial:
        """Times the least natural power after which no exponent of the base is below 0.

        The terms are put together from their other factors, so that no law divides again.
        """
        reader = self._reader
        lowest = min(e for p in gap for a, e in p if a == base and not isinstance(e, Expr))
        natural = -int(lowest // 1)
        found: Polynomial = {}
        for product, coefficient in gap.items():
            exponents = dict(product)
            exponent = summed((exponents.pop(base, 0), natural))
            rest = {frozenset(exponents.items()): coefficient}
            found = added(found, reader.times(rest, reader.power(base.polynomial, exponent)))
        return found

    def _vanishes(self, gap: Polynomial) -> bool:
        """By comparing products of entries and of what algebra leaves, with integer sets."""
        if shortened_by_sympy(gap):
            return False
        frame = Frame(self._layer, tuple(self._free))
        terms = [_term(p, c) for p, c in gap.items()]
        kinds = Counter(t.tensors for t in terms)
        if any(kinds[t.tensors] == 1 and _somewhere(t) for t in terms):
            return False
        shown = shown_by(terms, [], frame)
        self.deciders |= {d.decider for d in shown or ()}
        return shown is not None


def _somewhere(term: Term) -> bool:
    """Whether a term has no conditions but the ranges of its sums: some product occurs in it."""
    return all(isinstance(c, Between) and c.args[1] in term.bound for c in term.conditions)


def _of_sizes(fact: Fact) -> bool:
    """A divisor made of sizes: that is decided elsewhere (``verify.equality.definedness``)."""
    return fact.kind == NOT_ZERO and integral(fact.source)


def _divisors(gap: Polynomial) -> Iterator[tuple[Base, Exponent]]:
    for product in gap:
        for atom, exponent in sorted(product, key=lambda pair: pair[0].key):
            if isinstance(atom, Base) and not isinstance(exponent, Expr) and exponent < 0:
                yield atom, exponent


def _term(product: Product, coefficient: int | Fraction) -> Term:
    """The product as it is compared: sums open, numbers and sizes in the coefficient."""
    coefficients: list[Expr] = [rational(coefficient)]
    bound: tuple[Index, ...] = ()
    conditions: tuple[Condition, ...] = ()
    factors: list[Entry] = []
    term = Term()
    for atom, exponent in sorted(product, key=lambda pair: pair[0].key):
        if isinstance(atom, Total) and isinstance(exponent, int) and exponent > 0:
            inner = replace(_term(atom.product, 1), bound=atom.bound)
            for _ in range(exponent):
                term = term.times(inner)
        elif isinstance(atom, Guard):
            conditions = (*conditions, atom.condition)
        elif isinstance(atom, Plain) and isinstance(atom.value, Entry):
            if isinstance(exponent, int) and exponent > 0:
                factors += [atom.value] * exponent
            else:
                factors.append(opaque(Pow(atom.value, rational(exponent))))
        elif isinstance(atom, Plain) and not entries(atom.value):
            coefficients.append(Pow(atom.value, rational(exponent)))
        elif isinstance(exponent, int) and exponent > 0:
            factors += [opaque(atom.expression)] * exponent
        else:
            factors.append(opaque(Pow(atom.expression, rational(exponent))))
    return Term(Mul(*coefficients), bound, conditions, tuple(factors)).times(term)
