"""Named forms: one module a form, discovered.

Each module has ``PRIORITY`` (smaller is tried first), ``DEFINITION`` (an example in the notation),
``recognise(product) -> Form | None`` and ``define(instance) -> Expr | None``.  The former reads off
the product which tensor plays which role (``derive.engine.instances``), the latter writes down what
these data alone stand for, and the result is named only if the two agree.  A module may add
``rewritten(product, form)``, a second form of a gradient, and ``dual(product, form)``, a second
form of a layer's own equation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Protocol

from sympy import Expr

from derive.engine.instances import Instance
from derive.engine.record import Adjoint, Form
from derive.engine.scope import Scope
from derive.forms.arrangements import arrangements
from derive.forms.products import Product, product_of
from derive.language.definition import ZERO, Layer
from derive.plugins import Plugins


class NamedForm(Protocol):
    """A module of ``derive.forms.named``: the smallest ``PRIORITY`` is tried first."""

    PRIORITY: int
    DEFINITION: str

    def recognise(self, product: Product) -> Form | None: ...
    def define(self, instance: Instance) -> Expr | None: ...


FORMS: Plugins[NamedForm] = Plugins("derive.forms.named", NamedForm, "named form")


@cache
def _modules() -> tuple[NamedForm, ...]:
    return tuple(FORMS.all())


def recognised(layer: Layer, adjoint: Adjoint, upstream: Mapping[str, str]) -> tuple[Form, ...]:
    """The named forms of a gradient, the first one first; empty where no form fits.

    ``upstream`` says of each upstream gradient which tensor it is the gradient by.
    """
    axes = zip(adjoint.target.at, layer.shape(adjoint.target.tensor), strict=True)
    free = tuple((i, ZERO, n) for i, n in axes)
    scope = Scope(layer, adjoint.target, free, upstream, adjoint.result, ())
    return tuple(_forms(scope, "rewritten"))


def definition_forms(layer: Layer) -> Iterator[Form]:
    """The named form of the layer's own equation, then its dual with the flipped kernel.

    The output itself takes the place of a gradient's entry.  Nothing for several equations or
    terms.
    """
    if len(layer.equations) == 1:
        equation = layer.equations[0]
        scope = Scope(layer, equation.entry, equation.ranges, {}, equation.explicit, ())
        yield from _forms(scope, "dual")


def _forms(scope: Scope, second: str) -> Iterator[Form]:
    """The first form that fits the expression, as it stands or rearranged, and its second form."""
    for steps in arrangements(scope):
        product = product_of(replace(scope, root=steps[-1].after) if steps else scope)
        if product is None:
            continue
        for module in _modules():
            form = module.recognise(product)
            if form is None:
                continue
            yield replace(form, steps=steps)
            other = getattr(module, second)(product, form) if hasattr(module, second) else None
            if other is not None:
                yield replace(other, steps=(*steps, *other.steps))
            return
