"""What a derivation says, in blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby, islice

from sympy import Add, Basic, Expr, Integer, Pow

from derive.domains import Decision, implied
from derive.engine.record import Adjoint, Derivation, Form, Step
from derive.engine.reverse import local_derivative
from derive.forms import definition_forms
from derive.language.definition import Layer, Tensor
from derive.language.entrywise import EVERY_RANK, entrywise
from derive.language.printing import outcome
from derive.language.substitution import integral
from derive.language.terms import (
    LOSS,
    AtMost,
    Between,
    Condition,
    Entry,
    Greatest,
    Index,
    Parameter,
    Partial,
    Same,
    Size,
    subterms,
    symbols_of,
    total,
)
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
    Shown,
    Signature,
    Told,
)
from derive.presentation.data import decided, left_side, records
from derive.presentation.guard_words import remarks
from derive.presentation.outline import ending, is_outlined, outline

#: how much is told: landmarks only, every rule once, or every single application
DETAILS = ("brief", "default", "full")
#: a derivation of more steps is told in brief, unless all of it is asked for
LONGEST = 100
#: steps that the brief telling keeps, beside the last one
LANDMARKS = ("chain rule", "insert the definition", "derivative of an entry")


def chapter(derivations: Sequence[Derivation], detail: str = "default") -> Chapter:
    """Derivations one after another; a layer is introduced once."""
    if detail not in DETAILS:
        raise ValueError(f"there is no detail {detail!r}; choose from: {', '.join(DETAILS)}")
    return Chapter(
        "derivations",
        tuple(
            Told(partial(_told, d, detail, derivations[:n]), partial(records, d))
            for n, d in enumerate(derivations)
        ),
    )


def _told(derivation: Derivation, detail: str, before: Sequence[Derivation]) -> Iterator[Block]:
    """One derivation after others; neither a layer nor an adjoint is told twice."""
    if not before or before[-1].source != derivation.source:
        yield from _introduction(derivation.source, detail)
    outlined = detail == "default" and is_outlined(derivation)
    if detail == "default" and not outlined and len(derivation.steps) > LONGEST:
        detail = "brief"
        count = f"{len(derivation.steps)} steps, of which only the milestones are shown"
        yield Paragraph((f"{count}; --full shows all of them",))
    told = [a for d in before if d.source == derivation.source for a in d.adjoints[:-1]]
    given = tuple(map(Paragraph, [] if told else upstream_words(derivation)))
    adjoints = [a for a in derivation.adjoints if a not in told]
    if outlined:
        yield Group((Heading(heading(derivation, derivation.adjoints[-1]), 2), *given))
        for adjoint in adjoints:
            yield from outline(derivation, adjoint)
        yield from _forms(derivation.forms, "brief")
        yield ending(derivation)
    else:
        for adjoint in adjoints:
            opening = given if adjoint is adjoints[0] else ()
            yield Group((Heading(heading(derivation, adjoint), 2), *opening))
            yield from _steps(derivation, adjoint, detail)
        yield from _forms(derivation.forms, detail)
        yield from _local(derivation)
    yield Listing(tuple(remarks(derivation)))


def _local(derivation: Derivation) -> Iterator[Block]:
    local = local_equation(derivation)
    if local is not None:
        upstream = Shape(derivation.upstream[0][1])
        yield Formula(*local, ("entry by entry, before it meets ", upstream, ":"))


def _steps(derivation: Derivation, adjoint: Adjoint, detail: str) -> Iterator[Block]:
    """All steps of one adjoint, its result, and the steps to a closed form where there is one."""
    left, start = left_side(derivation, adjoint), adjoint.steps[0].before
    yield Formula(left, None if left == start else start)
    yield from shown(adjoint.steps, detail)
    yield Formula(left, adjoint.result, boxed=True)
    for closing in (c for c in derivation.closings if c.adjoint == adjoint.name):
        yield Paragraph(("in closed form:",))
        yield from shown(closing.steps, detail)
        yield Formula(left, closing.expression, boxed=True)


def _introduction(layer: Layer, detail: str) -> Iterator[Block]:
    yield Heading((layer.name,), 1)
    yield Group(tuple(Formula(e.entry, e.written) for e in layer.equations))
    ranks: list[Prose] = [(EVERY_RANK,)] if entrywise(layer) else []
    yield Group((Signature(*shapes(layer)), Facts((*facts(layer, detail), *ranks))))
    yield from _forms(own_forms(layer, detail), detail)


def _forms(forms: Sequence[Form], detail: str) -> Iterator[Block]:
    for place, form in enumerate(forms):
        if place:
            yield Paragraph(("the same in another form:",))
        yield from shown(form.steps, detail)
        yield Named(form.text)


def shapes(layer: Layer) -> tuple[tuple[Shape, ...], tuple[Shape, ...]]:
    """What goes into the layer and what comes out of it."""
    inputs = (Shape(t.name, layer.shape(t.name)) for t in layer.tensors)
    return tuple(inputs), tuple(Shape(e.name, e.extents) for e in layer.outputs)


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
    groups: list[tuple[Sequence[Basic], str]]
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
    divisors = _divisors(layer)
    if divisors:
        words = " is not 0" if len(divisors) == 1 else " are not 0"
        prose += [", where ", *_listed(divisors), words]
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
    order: dict[Expr, int] = {size: place for place, size in enumerate(layer.sizes)}
    return [
        base
        for base in sorted(dict.fromkeys(outer), key=lambda base: order.get(base, len(order)))
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
    """A side condition, the guards beside it that it needs, and who decided it."""
    guards = [g for g in decision.where if g != decision.condition]
    needed: Prose = (" where ", *_listed(guards), ",") if guards else ()
    if len(guards) < len(decision.where):
        needed = (" where its guard holds,",)
    return (decision.condition, *needed, outcome(decision))


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
    source = derivation.source
    local = local_derivative(source, derivation.wrt)
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
    full = detail == "full"
    groups = [[s] for s in steps] if full else [list(g) for _, g in groupby(steps, _rule)]
    kept: list[Shown] = []
    skipped: list[str] = []
    for place, group in enumerate(groups):
        last = place == len(groups) - 1
        title = group[0].rule + {1: "", 2: ", twice"}.get(len(group), f", {len(group)} times")
        if detail == "brief" and not last and group[0].rule not in LANDMARKS:
            skipped.append(title)
            continue
        kept.append(
            Shown(
                len(kept) + 1,
                title,
                group[0].rule,
                group[0].before,
                group[-1].after,
                tuple((s.old, s.new) for s in group if s.position and full),
                tuple(reason(c) for c in decided(group)),
                tuple(dict.fromkeys(s.note for s in group if s.note)),
                tuple(skipped),
            )
        )
        skipped = []
    return kept


def _rule(step: Step) -> str:
    return step.rule
