"""Whether two expressions are equal wherever both have values, by algebra.

Sizes count as 1 or more first; where nothing says so, their being 0 is a case of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sympy import Expr

from derive.language.definition import Equation, Layer
from derive.language.substitution import integral
from derive.language.terms import (
    Index,
    Range,
)
from verify.equality.algebra.facts import NOT_NEGATIVE, NOT_ZERO, POSITIVE, Fact
from verify.equality.algebra.lacking import lacking
from verify.equality.algebra.places import Place, reached
from verify.equality.algebra.polynomials import (
    Polynomial,
    added,
    poly_key,
    scaled,
)
from verify.equality.algebra.products import NoLaw, TooLong, Undefined
from verify.equality.algebra.reading import Reader
from verify.equality.algebra.situations import situations
from verify.equality.algebra.telling import terms
from verify.equality.algebra.vanishing import Left, Vanishing
from verify.equality.places import Frame

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
    for place in situations(layer, free):
        case = _Case(layer, free, definitions, place)
        missing = case.missing(truth, claim)
        if missing:
            return Agreement(False, missing=missing)
        premises.update(dict.fromkeys(case.premises))
        hypotheses.update(dict.fromkeys(case.hypotheses))
        deciders |= case.deciders
    return Agreement(True, tuple(premises), tuple(hypotheses), tuple(sorted(deciders)))


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
        self._reader = Reader(layer, definitions, place)
        self._vanishing = Vanishing(self._reader, Frame(layer, tuple(free)))
        self.hypotheses: list[Fact] = []
        self.premises: list[Fact] = []

    def missing(self, truth: Side, claim: Side) -> str:
        """What was not shown; empty where the two are equal."""
        reader = self._reader
        root = reader.place
        try:
            left = self._vanishing.left(self._gap(truth, claim))
            if left is not None:  # read again, what either side needs is known of both
                reader.forget()
                left = self._vanishing.left(self._gap(truth, claim))
            if left is not None:
                return self._unlike(left)
        except Undefined as undefined:
            if reader.origin != TRUTH or not reached(undefined.place, root):
                return f"it is not known that {undefined} is not needed"
        except NoLaw as law:
            return f"it is not known that {law}"
        except TooLong:
            return "multiplied out, one side has too many terms"
        self._settle()
        return ""

    def _unlike(self, left: Left) -> str:
        """What is not known to be 0, where, and by which law it might be."""
        reader = self._reader
        own = sorted(left.order - reader.place.order, key=lambda b: poly_key(b.polynomial))
        bounds = [reader.words(b.polynomial, POSITIVE if b.strict else NOT_NEGATIVE) for b in own]
        where = f" where {' and '.join(bounds)}" if bounds else ""
        return f"{lacking(left.gap)}; no law was found by which {terms(left.gap)} is 0{where}"

    def _gap(self, truth: Side, claim: Side) -> Polynomial:
        """The truth less the claim, where the layer, the truth and the claim have values."""
        reader = self._reader
        reader.origin = LAYER
        for equation in self._layer.equations:
            with suppress(Undefined):
                reader.universal(equation)
        sides = []
        for origin, side in ((TRUTH, truth), (CLAIM, claim)):
            reader.origin = origin
            sides.append(reader.read(side.expression, side.names))
        return added(sides[0], scaled(sides[1], -1))

    @property
    def deciders(self) -> set[str]:
        """Who took part."""
        return self._reader.place.deciders | self._vanishing.deciders

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


def _of_sizes(fact: Fact) -> bool:
    """A divisor made of sizes: that is decided elsewhere (``verify.equality.definedness``)."""
    return fact.kind == NOT_ZERO and integral(fact.source)
