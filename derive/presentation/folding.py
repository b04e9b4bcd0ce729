"""A derivation in parts, folded: a section for each part, with its equations and what is left of
its adjoints; all that is in between is opened by ``full``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from sympy import Expr

from derive.engine.parted import InParts
from derive.engine.record import Adjoint, Derivation, Form
from derive.language.definition import Equation, Layer, Part
from derive.language.terms import Entry, Partial
from derive.presentation import telling
from derive.presentation.blocks import (
    Block,
    Chapter,
    Facts,
    Formula,
    Group,
    Heading,
    Listing,
    Named,
    Paragraph,
    Prose,
    Shape,
    Signature,
    Told,
)
from derive.presentation.data import records
from derive.presentation.guard_words import remarks


def chapter(derivations: Sequence[Derivation], detail: str = "default") -> Chapter:
    """Derivations one after another; those of one layer in parts together, part by part."""
    first = derivations[0] if derivations else None
    if not isinstance(first, InParts) or any(d.source is not first.source for d in derivations):
        return telling.chapter(derivations, detail)
    if detail not in telling.DETAILS:
        return telling.chapter(derivations, detail)  # says which there are
    return Chapter(
        "derivations",
        (Told(partial(_folded, derivations, detail), partial(_records, derivations)),),
    )


def _records(derivations: Sequence[Derivation]) -> Iterator[Mapping[str, Any]]:
    for derivation in derivations:
        yield from records(derivation)


def _folded(derivations: Sequence[Derivation], detail: str) -> Iterator[Block]:
    source = derivations[0].source
    yield from _introduction(source, detail)
    gradients = _Gradients(derivations)
    if detail != "full":
        yield Paragraph((f"{gradients.steps} steps, folded by layer; --full opens them",))
    for number in reversed(range(len(source.parts))):
        found = gradients.of_part(number)
        if found:
            yield from _section(source, source.parts[number], found, gradients, detail)


def _introduction(layer: Layer, detail: str) -> Iterator[Block]:
    """The parts in order, what goes in and comes out, and what is known of sizes."""
    yield Heading((layer.name,), 1)
    rows = [(Shape(p.output, layer.shape(p.output)), f" = {p.title}") for p in layer.parts]
    yield Facts(tuple(rows))
    found = telling.facts(layer, detail)
    yield Group((Signature(*telling.shapes(layer)), Facts(tuple(found))))


class _Gradients:
    """The adjoints of several derivations, each once."""

    def __init__(self, derivations: Sequence[Derivation]) -> None:
        self.derivations = derivations
        self.source = derivations[0].source
        self.adjoints: dict[str, Adjoint] = {}
        self.asked: dict[str, Derivation] = {}
        self._closings = {c.adjoint: c for d in derivations for c in d.closings}
        self._forms: dict[str, tuple[Form, ...]] = {}
        for derivation in derivations:
            assert isinstance(derivation, InParts), derivation
            self._forms |= {local.wrt: local.forms for local in derivation.locals()}
            self.asked[derivation.wrt] = derivation
            for adjoint in derivation.adjoints:
                self.adjoints.setdefault(adjoint.target.tensor, adjoint)

    @property
    def given(self) -> tuple[tuple[str, str], ...]:
        """The upstream gradients of the outputs."""
        return self.derivations[0].upstream

    def remarks(self, own: tuple[Equation, ...], adjoints: Sequence[Adjoint]) -> list[Prose]:
        """What is to be said of some adjoints, and of the kinks of some equations."""
        names = tuple((a.target.tensor, a.name) for a in self.adjoints.values())
        part = replace(self.source, equations=own)
        last = adjoints[-1].target.tensor
        return remarks(
            Derivation(part, last, (*self.given, *names), tuple(adjoints), (), part),
        )

    @property
    def steps(self) -> int:
        """How many steps there are."""
        closings = sum(len(c.steps) for c in self._closings.values())
        return sum(len(a.steps) for a in self.adjoints.values()) + closings

    def of_part(self, number: int) -> list[Adjoint]:
        """The adjoints that can be told once a part has been met on the way back.

        What several parts take is told at the first of them, the last that is met.
        """
        part = self.source.parts[number]
        later = {t for p in self.source.parts[:number] for t in p.tensors}
        inner = list(reversed(part.equations[:-1]))
        names = [*inner, *(t for t in dict.fromkeys(part.tensors) if t not in later)]
        return [self.adjoints[name] for name in names if name in self.adjoints]

    def left(self, adjoint: Adjoint) -> Expr:
        """∂L/∂x[…] where that was asked for, else g_m[…]."""
        if adjoint.target.tensor in self.asked:
            return Partial(self.source.loss, adjoint.target)
        return Entry(adjoint.name, *adjoint.target.indices)

    def readers(self, tensor: str) -> list[str]:
        """The names of the parts that take a tensor."""
        return [p.name for p in self.source.parts if tensor in p.tensors]

    def closing(self, adjoint: Adjoint) -> Any:
        """The closed form of an adjoint, or None."""
        return self._closings.get(adjoint.name)

    def words(self, adjoint: Adjoint) -> list[str]:
        """The names of its form."""
        return [form.text for form in self._forms.get(adjoint.target.tensor, ())[:1]]


def _section(
    source: Layer, part: Part, adjoints: Sequence[Adjoint], gradients: _Gradients, detail: str
) -> Iterator[Block]:
    """One part: its equations, and for each tensor that it takes what is left of the adjoint."""
    yield Heading((f"{part.output} = {part.title}",), 2)
    own = tuple(e for name in part.equations if (e := source.equation(name)) is not None)
    yield Group(tuple(Formula(e.entry, e.written) for e in own))
    if part.output in dict(gradients.given):
        found = telling.upstream_words(gradients.derivations[0])
        yield Group(tuple(map(Paragraph, found)))
    for adjoint in adjoints:
        yield from _told(adjoint, gradients, detail)
    said = gradients.remarks(own, adjoints)
    if said:
        yield Listing(tuple(said))


def _told(adjoint: Adjoint, gradients: _Gradients, detail: str) -> Iterator[Block]:
    left, closing = gradients.left(adjoint), gradients.closing(adjoint)
    several = gradients.readers(adjoint.target.tensor)
    if len(several) > 1:
        together = ", ".join(several[:-1]) + f" and {several[-1]}"
        yield Paragraph((Entry(adjoint.target.tensor), f" is read by {together}"))
    if detail == "full":
        start = adjoint.steps[0].before
        yield Formula(left, None if left == start else start)
        yield from telling.shown(adjoint.steps, detail)
        if closing is not None:
            yield Formula(left, adjoint.result, boxed=True)
            yield from telling.shown(closing.steps, detail)
    result = adjoint.result if closing is None else closing.expression
    names = tuple(Named(words) for words in gradients.words(adjoint))
    yield Group((Formula(left, result, boxed=detail == "full"), *names))
