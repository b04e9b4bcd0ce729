"""What a derivation says, before any format decides how it looks.

Sentences are ``Prose``: words with formulas among them, so that each format can set the formulas
in its own way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice

from sympy import Add, Basic, Expr, Pow

from derive.domains import Decision, implied
from derive.engine.record import Adjoint, Derivation, Form, Step
from derive.forms import definition_forms
from derive.language.definition import Layer, Tensor
from derive.language.printing import outcome, plain
from derive.language.substitution import integral
from derive.language.terms import (
    LOSS,
    AtMost,
    Between,
    Condition,
    Entry,
    Greatest,
    Index,
    Integer,
    Parameter,
    Partial,
    Same,
    Size,
    subterms,
    symbols_of,
    total,
)
from derive.presentation.guard_words import Prose

#: steps that the brief telling keeps, beside the last one
LANDMARKS = ("chain rule", "insert the definition", "derivative of an entry")


@dataclass(frozen=True)
class Shape:
    """``x[H, W]``: a tensor's name with the sizes of its axes."""

    tensor: str
    sizes: tuple[Expr, ...]

    def __str__(self) -> str:
        sizes = ", ".join(map(plain, self.sizes))
        return f"{self.tensor}[{sizes}]" if self.sizes else self.tensor


@dataclass(frozen=True)
class Shown:
    """One numbered step as it is shown: perhaps several applications of one rule, perhaps after
    others that are left out (``skipped``, their names).
    """

    number: int
    title: str
    after: Expr
    changes: tuple[tuple[Basic, Basic], ...] = ()
    conditions: tuple[Decision, ...] = ()
    notes: tuple[str, ...] = ()
    skipped: tuple[str, ...] = field(default=())


def equations(layer: Layer) -> list[tuple[Entry, Expr]]:
    """The layer's equations as they were written."""
    return [(e.entry, e.written) for e in layer.equations]


def shapes(layer: Layer) -> tuple[list[Shape], list[Shape]]:
    """What goes into the layer and what comes out of it."""
    inputs = [Shape(t.name, layer.shape(t.name)) for t in layer.tensors]
    return inputs, [Shape(e.name, e.extents) for e in layer.outputs]


def facts(layer: Layer, detail: str) -> list[Prose]:
    """Sizes, domain, requirements, padding and bounds, a sentence each."""
    found: list[Prose] = []
    if layer.definitions:
        meanings = [Same(s, Greatest(Integer(0), n)) for s, n in layer.definitions]
        found.append(("where ", *_listed(meanings)))
    found.append(_domain(layer))
    others = [c for c in layer.requirements if not _at_least_one(c)]
    if others:
        found.append(("provided that ", *_listed(others)))
    for tensor in layer.tensors:
        found += _about(tensor)
    return [*found, *_bounds(layer, detail)]


def _listed(items: Sequence[Basic]) -> Iterator[str | Basic]:
    for place, item in enumerate(items):
        if place:
            yield ", "
        yield item


def _domain(layer: Layer) -> Prose:
    positive = [c.args[1] for c in layer.requirements if _at_least_one(c)]
    groups = [([s for s in layer.sizes if s not in positive], " ≥ 0"), (positive, " ≥ 1")]
    prose: list[str | Basic] = []
    for sizes, words in groups:
        if sizes:
            prose += [", " if prose else "for all sizes ", *_listed(sizes), words]
    prose = prose or ["for all values"]
    minima = [h for h in layer.hyperparameters if isinstance(h.symbol, Parameter)]
    for bound, group in groupby(minima, key=lambda h: h.minimum):
        words = " any integer" if bound is None else f" ≥ {bound}"
        prose += [", ", *_listed([h.symbol for h in group]), words]
    for divisor in _divisors(layer):
        prose += [", where ", divisor, " is not 0"]
    return tuple(prose)


def _divisors(layer: Layer) -> list[Expr]:
    """The sizes that the equations divide by and that the domain allows to be 0."""
    powers = [
        term
        for equation in layer.equations
        for term in subterms(equation.explicit)
        if isinstance(term, Pow) and term.exp.is_negative and integral(term.base)
    ]
    outer = [p.base for p in powers if not any(isinstance(s, Index) for s in symbols_of(p.base))]
    return [
        base
        for base in dict.fromkeys(outer)
        if not implied(AtMost(Integer(1), base), layer.domain).holds
    ]


def _at_least_one(condition: Condition) -> bool:
    """Whether a requirement is 1 ≤ K for a size K."""
    return (
        isinstance(condition, AtMost)
        and condition.args[0] == 1
        and isinstance(condition.args[1], Size)
    )


def _about(tensor: Tensor) -> Iterator[Prose]:
    name = Entry(tensor.name)
    if tensor.integer and tensor.below is not None:
        yield (name, " holds integers: ", Between(Integer(0), name, tensor.below))
    for axis in tensor.axes:
        if not axis.padded:
            continue
        padding: Prose = (name, " reads as ", axis.fill)
        if axis.unbounded:
            yield (*padding, " everywhere outside its axis ", axis.size)
        elif axis.before == axis.after:
            yield (*padding, " up to ", axis.before, " beyond both ends of its axis ", axis.size)
        else:
            ends = (" up to ", axis.before, " before and ", axis.after, " after its axis ")
            yield (*padding, *ends, axis.size)


def _bounds(layer: Layer, detail: str) -> list[Prose]:
    if not layer.conditions:
        return []
    if detail == "full":
        return [("every read is inside its tensor:",), *map(reason, layer.conditions)]
    if all(d.holds for d in layer.conditions):
        deciders = ", ".join(sorted({d.decider for d in layer.conditions}))
        return [(f"every read is inside its tensor, for all sizes ({deciders})",)]
    return [reason(d) for d in layer.conditions if not d.holds]


def reason(decision: Decision) -> Prose:
    """A side condition and who decided it."""
    return (decision.condition, outcome(decision))


def left_side(derivation: Derivation, adjoint: Adjoint) -> Expr:
    """What an adjoint's result is equal to: ∂L/∂x[…], or g_m[…] for an intermediate m."""
    if adjoint is derivation.adjoints[-1]:
        return Partial(derivation.source.loss, adjoint.target)
    return Entry(adjoint.name, *adjoint.target.indices)


def heading(derivation: Derivation, adjoint: Adjoint) -> Prose:
    """The heading of one adjoint's part."""
    source = derivation.source
    derivative = Partial(source.loss, Entry(adjoint.target.tensor))
    of = Entry(adjoint.target.tensor)
    if adjoint is not derivation.adjoints[-1]:
        return ("upstream gradient of ", of, ": ", Entry(adjoint.name), " = ", derivative)
    if not source.derived_by:
        return (derivative,)
    gradients = [Entry(g) for _, g in derivation.upstream]
    return (_repeated(source, of), " applied to ", *_listed(gradients))


def _repeated(layer: Layer, last: Entry) -> Expr:
    """∂²L/∂x∂k for a layer that is the gradient by x, and k."""
    derivative: Expr = LOSS
    for name in layer.derived_by:
        derivative = Partial(derivative, Entry(name))
    return Partial(derivative, last)


def upstream_words(derivation: Derivation) -> list[Prose]:
    """What g stands for."""
    source = derivation.source
    found: list[Prose] = []
    if source.derived_by:
        weighed = [
            total(Entry(g, *e.indices) * e.entry, e.ranges)
            for (_, g), e in zip(derivation.upstream, source.outputs, strict=True)
        ]
        found.append((Same(source.loss, Add(*weighed)), " is what is differentiated"))
    for name, gradient in derivation.upstream:
        output = source.equation(name)
        assert output is not None, name
        entry = Entry(gradient, *output.indices)
        upstream = Same(entry, Partial(source.loss, output.entry))
        found.append((upstream, ", the upstream gradient, is given"))
    return found


def own_forms(layer: Layer, detail: str) -> tuple[Form, ...]:
    """The named forms of the layer's own equation; its dual is for the full telling."""
    return tuple(islice(definition_forms(layer), None if detail == "full" else 1))


def local_equation(derivation: Derivation) -> tuple[Expr, Expr] | None:
    """∂y[r]/∂x[p] and what it is: the derivative entry by entry, before it meets g."""
    source, local = derivation.source, derivation.local
    if local is None:
        return None
    (equation,) = source.equations
    derivative: Expr = Partial(equation.entry, local.target)
    if len(source.derived_by) == 1:
        first = Entry(source.derived_by[0], *equation.indices)
        derivative = Partial(Partial(LOSS, first), local.target)
    return derivative, local.result


def shown(steps: Sequence[Step], detail: str) -> list[Shown]:
    """The steps at the given level of detail, numbered as shown."""
    if detail == "full":
        groups = [[s] for s in steps]
    else:
        groups = [list(g) for _, g in groupby(steps, key=lambda s: s.rule)]
    kept: list[Shown] = []
    skipped: list[str] = []
    for place, group in enumerate(groups):
        last = place == len(groups) - 1
        if detail == "brief" and not last and group[0].rule not in LANDMARKS:
            skipped.append(_title(group))
            continue
        kept.append(_shown(group, len(kept) + 1, tuple(skipped)))
        skipped = []
    return kept


def _shown(group: Sequence[Step], number: int, skipped: tuple[str, ...]) -> Shown:
    return Shown(
        number,
        _title(group),
        group[-1].after,
        tuple((s.old, s.new) for s in group if s.position),
        tuple(dict.fromkeys(c for s in group for c in s.conditions)),
        tuple(dict.fromkeys(s.note for s in group if s.note)),
        skipped,
    )


def _title(group: Sequence[Step]) -> str:
    times = {1: "", 2: ", twice"}.get(len(group), f", {len(group)} times")
    return group[0].rule + times
