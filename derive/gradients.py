"""The gradient of a layer: derived by the engine, recognised by its form, told in any format."""

from __future__ import annotations

from functools import cached_property

from derive.engine.record import Adjoint, ClosedForm, Derivation
from derive.engine.reverse import adjoint_of, gradient_layer, intermediates, upstream_names
from derive.forms import recognised
from derive.language.definition import Layer


class ToldDerivation(Derivation):
    """The record of a derivation, with its closed forms and the formats it can be told in."""

    @cached_property
    def closings(self) -> tuple[ClosedForm, ...]:
        """The adjoints that have a closed form, in order."""
        from derive.engine.closing import closed_forms  # local: start-up time

        upstream = dict(self.upstream) | {a.target.tensor: a.name for a in self.adjoints}
        return tuple(closed_forms(self.source, self.adjoints, upstream, bool(self.forms)))

    def to(self, format: str, detail: str = "default") -> str:
        """The derivation in a format of ``derive.presentation.formats`` ("text", "latex", …)."""
        from derive.presentation.formats import render  # local: start-up time
        from derive.presentation.telling import chapter

        return render([chapter([self], detail)], format)

    def latex(self) -> str:
        """The derivation as a LaTeX fragment (aligned equations)."""
        from derive.presentation.formats.latex import fragment  # local: start-up time
        from derive.presentation.telling import chapter

        return fragment([chapter([self])])

    def __rich__(self) -> str:
        return self.to("text").replace("[", r"\[")

    def _repr_markdown_(self) -> str:
        return self.to("markdown")

    def __str__(self) -> str:
        return self.to("text")


class DerivationError(ValueError):
    """The gradient that was asked for does not exist, with the reason."""


def differentiate(layer: Layer, wrt: str) -> ToldDerivation:
    """The gradient of a scalar loss L with respect to the input ``wrt``, in reverse mode.

    Each intermediate between ``wrt`` and the outputs gets an adjoint of its own (its upstream
    gradient), outputs first.  Source: the chain rule in the form of Griewank & Walther,
    Evaluating Derivatives (2008), section 3.2.
    """
    tensor = layer.tensor(wrt)
    if tensor is None:
        names = ", ".join(t.name for t in layer.tensors)
        raise DerivationError(f"{layer.name} has no input {wrt!r}; its inputs are: {names}")
    if tensor.integer:
        raise DerivationError(f"{wrt} holds integers: there is no gradient with respect to it")
    upstream = upstream_names(layer)
    adjoints: list[Adjoint] = []
    for name in (*intermediates(layer, wrt), wrt):
        adjoint = adjoint_of(layer, name, upstream, final=name == wrt)
        upstream[name] = adjoint.name
        adjoints.append(adjoint)
    outputs = tuple((e.name, upstream[e.name]) for e in layer.outputs)
    gradient = gradient_layer(layer, wrt, outputs, adjoints)
    forms = recognised(layer, adjoints[-1], {g: y for y, g in upstream.items()})
    return ToldDerivation(layer, wrt, outputs, tuple(adjoints), forms, gradient)
