"""Named forms: one module a form, discovered.

Each module has ``PRIORITY`` (smaller is tried first), ``DEFINITION`` (an example in the notation),
``recognise(product) -> Form | None`` and ``define(instance) -> Expr | None``.  The former reads off
the product which tensor plays which role (``derive.engine.instances``), the latter writes down what
these data alone stand for, and the result is named only if the two agree.  A module may add
``rewritten(product, form)``, a second form of a gradient, and ``dual(product, form)``, a second
form of a layer's own equation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Protocol

from sympy import Add, Basic, Expr, Integer, Sum

from derive.engine.instances import Instance
from derive.engine.record import Adjoint, Form, Step
from derive.engine.recorder import places, rebuilt
from derive.engine.rules import Rewrite
from derive.engine.rules.reindex import fix, fixed
from derive.engine.rules.sums import move_out
from derive.engine.scope import Scope
from derive.forms.products import Product, product_of
from derive.language.definition import Layer
from derive.language.integers import expanded
from derive.language.substitution import integral
from derive.language.terms import ZERO, Between, Divides, FloorDiv, Index, Iverson, Same, subterms
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


Change = Callable[[Any, Scope], Rewrite | None]


def arrangements(scope: Scope) -> Iterator[tuple[Step, ...]]:
    """The steps to each way of writing the expression that is worth looking at, itself first.

    A sum of several terms is no named form however it is written.
    """
    yield ()
    if scope.root.is_Add:
        return
    steps: list[Step] = []
    for name, kind, change in _CHANGES:
        while (step := _applied(name, kind, change, scope)) is not None:
            steps.append(step)
            scope = replace(scope, root=step.after)
    if steps:
        yield tuple(steps)


def _applied(name: str, kind: type[Basic], change: Change, scope: Scope) -> Step | None:
    """One application of a change, at the outermost, leftmost place where it applies."""
    for path, node in places(scope.root):
        rewrite = change(node, replace(scope, path=path)) if isinstance(node, kind) else None
        if rewrite is not None:
            after = rebuilt(scope.root, path, rewrite.new)
            why = (rewrite.conditions, rewrite.note)
            return Step(name, scope.root, after, path, node, rewrite.new, *why)
    return None


def _multiply_out(term: Expr, scope: Scope) -> Rewrite | None:
    """d·(k − 1) = d·k − d in an index.  Terminates: fewer sums below products."""
    new = expanded(term) if integral(term) else term
    return Rewrite(new) if new != term else None


def _into_quotient(term: Add, scope: Scope) -> Rewrite | None:
    """q + e // D = (D·q + e) // D, for D ≥ 1, where a guard says that D divides D·q + e.

    Terminates: fewer terms beside quotients.
    """
    quotients = [t for t in term.args if isinstance(t, FloorDiv)]
    if len(quotients) != 1:
        return None
    rest, divisor = quotients[0].args
    numerator = expanded(divisor * (term - quotients[0]) + rest)
    if Iverson(Divides(divisor, numerator)) not in subterms(scope.root):
        return None
    positive = scope.positive(divisor)
    return Rewrite(FloorDiv(numerator, divisor), (positive,)) if positive is not None else None


def _small_quotient(term: FloorDiv, scope: Scope) -> Rewrite | None:
    """v // D = 0 where 0 ≤ v < D, for an index v in an equation that fixes an index of a sum."""
    number, divisor = term.args
    if not isinstance(number, Index) or not scope.within(Same) or not _fixes(scope):
        return None
    decision = scope.decide(Between(Integer(0), number, divisor))
    return Rewrite(Integer(0), (decision,)) if decision.holds else None


def _fixes(scope: Scope) -> bool:
    return any(isinstance(node, Sum) and fixed(node) for _, node in places(scope.root))


_CHANGES: tuple[tuple[str, type[Basic], Change], ...] = (
    ("move a factor out of Σ", Sum, move_out),
    ("multiply out", Expr, _multiply_out),
    ("put a multiple into a quotient", Add, _into_quotient),
    ("a small number's quotient", FloorDiv, _small_quotient),
    ("a guard fixes an index", Sum, fix),
)
