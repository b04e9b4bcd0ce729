"""What a claim is about: the layer, the truth it is held against, and the names they share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Expr, Symbol

from derive.engine.record import Derivation
from derive.engine.reverse import local_derivative, upstream_names
from derive.gradients import differentiate
from derive.language.definition import Axis, Equation, Layer, Tensor
from derive.language.notation.claims import Claim, parse_claim
from derive.language.terms import ZERO, Condition, Index, Range
from verify.equality.flatten import Flattener
from verify.equality.guards import Outside
from verify.equality.places import Frame
from verify.equality.terms import Term, range_condition


@dataclass(frozen=True)
class Subject:
    """One claim about one layer.

    ``truth`` is what the layer's own derivation says of the same entry, in the index names
    ``truth_indices``; ``adjoints`` are the equations for upstream gradients that it reads.
    """

    layer: Layer
    claim: Claim
    upstream: Mapping[str, str]
    truth: Expr
    truth_indices: tuple[Index, ...]
    adjoints: Mapping[str, Equation]
    derivation: Derivation | None = None

    @cached_property
    def free(self) -> tuple[Range, ...]:
        """The indices of the left-hand side with their ranges."""
        sides = [e for e in (self.claim.of, self.claim.by) if e is not None]
        sizes = (n for e in sides for n in self.layer.shape(e.tensor))
        return tuple((i, ZERO, n) for i, n in zip(self.claim.free, sizes, strict=True))

    @cached_property
    def frame(self) -> Frame:
        return Frame(self.layer, self.free)

    @cached_property
    def axes(self) -> dict[str, tuple[Axis, ...]]:
        """The axes of everything a claim may read: beyond them there is padding without end."""
        return {t.name: t.axes for t in self.readable.tensors}

    @cached_property
    def readable(self) -> Layer:
        """A layer without equations whose tensors are all that a claim may read."""
        found = list(self.layer.tensors)
        for name in (e.name for e in self.layer.equations):
            found.append(Tensor(name, tuple(Axis(n) for n in self.layer.shape(name))))
        for output, name in self.upstream.items():
            found.append(Tensor(name, tuple(Axis(n) for n in self.layer.shape(output))))
        return replace(
            self.layer, tensors=tuple(_endless(t) for t in found), equations=(), conditions=()
        )

    @cached_property
    def known(self) -> tuple[Condition, ...]:
        """The ranges of the left-hand side's indices, in the claim's names."""
        return tuple(c for r in self.free for c in range_condition(*r))

    @cached_property
    def truth_known(self) -> tuple[Condition, ...]:
        """The same in the truth's names."""
        sides = zip(self.truth_indices, self.free, strict=True)
        return tuple(c for i, (_, lo, hi) in sides for c in range_condition(i, lo, hi))

    @cached_property
    def claim_explicit(self) -> Expr:
        """The claim with every guard spelled out."""
        explicit: Expr = Outside(self.readable, self.axes).spelled_out(self.claim.body, self.known)
        return explicit

    @cached_property
    def truth_explicit(self) -> Expr:
        """The truth with guards only where they are needed."""
        own = {e.name: tuple(Axis(n) for n in e.extents) for e in self.adjoints.values()}
        outside = Outside(self.readable, {**self.axes, **own})
        explicit: Expr = outside.spelled_out(self.truth, self.truth_known)
        return explicit

    def claimed_terms(self, inlined: Mapping[str, Equation]) -> list[Term]:
        """The claim taken apart."""
        return Flattener(self.layer, inlined).terms(self.claim_explicit)

    def true_terms(self, inlined: Mapping[str, Equation]) -> list[Term]:
        """The truth taken apart, in the claim's index names."""
        terms = Flattener(self.layer, {**inlined, **self.adjoints}).terms(self.truth_explicit)
        renaming: dict[Symbol, Expr] = dict(zip(self.truth_indices, self.claim.free, strict=True))
        return [t.substituted(renaming) for t in terms]


def subject(layer: Layer, text: str) -> Subject:
    """The claim that a text makes about a layer, with the truth; ``NotationError`` for no claim."""
    upstream = upstream_names(layer)
    claim = parse_claim(text, layer, upstream)
    if claim.kind == "forward":
        equation = layer.equation(claim.by.tensor)
        assert equation is not None
        return Subject(layer, claim, upstream, equation.explicit, equation.indices, {})
    if claim.kind == "local":
        return _local(layer, claim, upstream)
    derivation = differentiate(layer, claim.by.tensor)
    return _of_derivation(layer, claim, upstream, derivation)


def _of_derivation(
    layer: Layer, claim: Claim, upstream: Mapping[str, str], derivation: Derivation
) -> Subject:
    adjoints = adjoint_equations(derivation)
    indices = derivation.target.at
    return Subject(layer, claim, upstream, derivation.result, indices, adjoints, derivation)


def gradient_subject(found: Subject, derivation: Derivation) -> Subject:
    """The gradient by the same tensor as the subject of a claim without the numerator's indices."""
    claim = replace(found.claim, kind="gradient", of=None)
    return _of_derivation(found.layer, claim, found.upstream, derivation)


def adjoint_equations(derivation: Derivation) -> dict[str, Equation]:
    """The gradients by intermediates, by the names under which the result reads them."""
    found = {}
    for a in derivation.adjoints[:-1]:
        sizes = derivation.source.shape(a.target.tensor)
        given = (True,) * len(sizes)
        found[a.name] = Equation(a.name, a.target.at, sizes, sizes, given, a.result, a.result)
    return found


def _local(layer: Layer, claim: Claim, upstream: Mapping[str, str]) -> Subject:
    """∂y[r]/∂x[p] of a layer with a single equation."""
    found = local_derivative(layer, claim.by.tensor)
    if found is None:
        message = f"{layer.name} has several equations: there is no single ∂y/∂x to compare with"
        raise claim.error(message, hint=f"claim something of d{layer.loss.name}/d{claim.by.tensor}")
    indices = (*layer.equations[0].indices, *found.target.at)
    return Subject(layer, claim, upstream, found.result, indices, {})


def _endless(tensor: Tensor) -> Tensor:
    fill = next((a.fill for a in tensor.axes if a.fill != 0), ZERO)
    axes = (Axis(a.size, unbounded=True, fill=fill) for a in tensor.axes)
    return replace(tensor, axes=tuple(axes))
