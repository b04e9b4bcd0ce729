"""The gradients of a composition: each adjoint is derived once, where its tensor is read.

Source: reverse accumulation, Griewank & Walther, Evaluating Derivatives (2008), section 3.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Any

from derive import gradients
from derive.composition.parts import Parts
from derive.engine.parted import InParts
from derive.engine.record import Adjoint, ClosedForm, Form
from derive.engine.reverse import adjoint_of, gradient_layer, intermediates, upstream_names
from derive.forms import recognised
from derive.gradients import ToldDerivation
from derive.language.definition import Layer, Part


class LateDerivation(ToldDerivation):
    """A derivation whose gradient is made into a layer only when that is asked for."""

    def __init__(
        self,
        source: Layer,
        wrt: str,
        upstream: tuple[tuple[str, str], ...],
        adjoints: tuple[Adjoint, ...],
        forms: tuple[Form, ...],
        layer: Layer | None = None,
    ) -> None:
        given: dict[str, Any] = {"source": source, "wrt": wrt, "upstream": upstream}
        given |= {"adjoints": adjoints, "forms": forms}
        self.__dict__.update(given if layer is None else given | {"layer": layer})

    @cached_property
    def layer(self) -> Layer:
        """The gradient as a layer."""
        return gradient_layer(self.source, self.wrt, self.upstream, self.adjoints)


class NetworkDerivation(LateDerivation, InParts):
    """The gradient of a composition; closed forms are those within its parts."""

    def locals(self) -> tuple[LateDerivation, ...]:
        """The derivations in views, each after those that it takes upstream gradients from."""
        backward = _backward(self.source, self.source.parts)
        return tuple(map(backward.local, backward.taken(self.adjoints)))

    @cached_property
    def closings(self) -> tuple[ClosedForm, ...]:
        """The adjoints that have a closed form, in order."""
        found: dict[str, ClosedForm] = {}
        for local in self.locals():
            for closing in local.closings:
                found.setdefault(closing.adjoint, closing)
        order = {adjoint.name: n for n, adjoint in enumerate(self.adjoints)}
        return tuple(sorted(found.values(), key=lambda c: order[c.adjoint]))

    def to(self, format: str, detail: str = "default") -> str:
        """The derivation in a format, folded by layer unless the detail is "full"."""
        from derive.presentation.folding import chapter  # local: start-up time
        from derive.presentation.formats import render

        return render([chapter([self], detail)], format)


def differentiate(layer: Layer, wrt: str) -> ToldDerivation:
    """The gradient of a scalar loss L of a composition with respect to its input ``wrt``."""
    tensor = layer.tensor(wrt)
    if tensor is None or tensor.integer:
        return gradients.differentiate(layer, wrt)  # says that there is none, and why
    return _backward(layer, layer.parts).derivation(wrt)


@lru_cache(maxsize=32)
def _backward(layer: Layer, parts: tuple[Part, ...]) -> _Backward:
    """What is derived of a layer stays: ``parts`` tell apart layers that are equal otherwise."""
    return _Backward(layer)


class _Backward:
    """The adjoints of a composition, each derived when it is first needed."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self.parts = Parts(layer)
        self.upstream = upstream_names(layer)
        self._given = tuple(self.upstream.items())
        self._taken = {t.name for t in layer.tensors} | {e.name for e in layer.equations}
        self._taken |= set(self.upstream.values())
        self._adjoints: dict[str, Adjoint] = {}
        self._locals: dict[str, LateDerivation] = {}

    def derivation(self, wrt: str) -> NetworkDerivation:
        """The gradient by one tensor, with the adjoints of all that it changes."""
        affected = {wrt}
        for equation in self.layer.ordered:
            if not affected.isdisjoint(equation.sources):
                affected.add(equation.name)
        affected -= {output for output, _ in self._given}
        names = [e.name for e in reversed(self.layer.ordered) if e.name in affected]
        adjoints = tuple(self._adjoint(name) for name in (*names, wrt))
        return NetworkDerivation(self.layer, wrt, self._given, adjoints, self.local(wrt).forms)

    def _adjoint(self, name: str) -> Adjoint:
        """∂L/∂(a tensor), after those of all that read it."""
        if name not in self._adjoints:
            view = self.parts.around(name)
            readers = [e.name for e in view.equations if name in e.sources]
            upstream = {reader: self.upstream[reader] for reader in readers}
            made = adjoint_of(view, name, upstream, final=self.layer.equation(name) is None)
            label = made.name
            while label in self._taken:
                label += "'"
            self._taken.add(label)
            self._adjoints[name] = replace(made, name=label)
            self.upstream[name] = label
        return self._adjoints[name]

    def taken(self, adjoints: Iterable[Adjoint]) -> list[str]:
        """The tensors of some adjoints that parts take: the others only one part knows."""
        names = [adjoint.target.tensor for adjoint in adjoints]
        return [name for name in names if self.parts.around(name).equation(name) is None]

    def local(self, name: str) -> LateDerivation:
        """The derivation of the adjoint of a tensor that parts take, in a layer of these parts."""
        if name not in self._locals:
            view = self.parts.around(name)
            own = {y: g for y, g in self.upstream.items() if view.equation(y) is not None}
            inner = [self._adjoint(y) for y in intermediates(view, name)]
            adjoint = self._adjoint(name)
            given = tuple((e.name, self.upstream[e.name]) for e in view.outputs)
            forms = recognised(view, adjoint, {g: y for y, g in own.items()})
            self._locals[name] = LateDerivation(view, name, given, (*inner, adjoint), forms)
        return self._locals[name]
