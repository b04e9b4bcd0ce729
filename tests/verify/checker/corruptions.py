"""Derivations with something wrong in the record, and some that were only written differently.

A step that goes wrong is followed by what the engine makes of the wrong expression, so that the
one step is all that a replay can object to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sympy import Expr, Mul, Sum

from derive.domains import Decision
from derive.engine.record import Adjoint, Derivation, Step
from derive.engine.recorder import Recorder, rebuilt
from derive.engine.reverse import gradient_layer
from derive.language.definition import Layer
from derive.language.terms import AtMost, Between, Index, MaxOver, Partial, ranges_of, subterms
from tests.verify.checker.faults import mutants


@dataclass(frozen=True)
class Corruption:
    """A changed derivation: what was done to it, and whether its meaning is the same."""

    name: str
    derivation: Derivation
    harmless: bool = False


# --- putting a derivation together again ------------------------------------------------------


def with_steps(d: Derivation, steps: tuple[Step, ...]) -> Derivation:
    """The derivation with other steps for its last adjoint, and all that follows from them."""
    last = replace(d.adjoints[-1], steps=steps, result=steps[-1].after)
    adjoints = (*d.adjoints[:-1], last)
    layer = gradient_layer(d.source, d.wrt, d.upstream, adjoints)
    forms = d.forms if last.result == d.result else ()
    return Derivation(d.source, d.wrt, d.upstream, adjoints, forms, layer)


def with_step(d: Derivation, number: int, step: Step) -> Derivation:
    """The derivation with one step exchanged and nothing else."""
    steps = d.adjoints[-1].steps
    return with_steps(d, (*steps[:number], step, *steps[number + 1 :]))


def continued(d: Derivation, number: int, new: Expr) -> Derivation | None:
    """The derivation with another outcome of one step, carried on by the engine from there."""
    steps = d.adjoints[-1].steps
    step = steps[number]
    after = rebuilt(step.before, step.position, new)
    wrong = replace(step, new=new, after=after)
    if after == step.after:
        return None
    target = d.adjoints[-1].target
    upstream = dict(d.upstream) | {a.target.tensor: a.name for a in d.adjoints[:-1]}
    recorder = Recorder(d.source, target, Partial(d.source.loss, target), upstream)
    recorder.expression = after
    recorder.run()
    return with_steps(d, (*steps[:number], wrong, *recorder.steps))


# --- the record -------------------------------------------------------------------------------


def of_the_record(d: Derivation) -> Iterator[Corruption]:
    """Conditions, names, places and order of the steps."""
    steps = d.adjoints[-1].steps
    for number, step in enumerate(steps):
        for place, decision in enumerate(step.conditions):
            if decision.condition.free_symbols:
                rest = (*step.conditions[:place], *step.conditions[place + 1 :])
                left_out = replace(step, conditions=rest)
                yield Corruption("condition left out", with_step(d, number, left_out))
            undecided = replace(decision, holds=None)
            rest = (*step.conditions[:place], undecided, *step.conditions[place + 1 :])
            yield Corruption(
                "condition not decided", with_step(d, number, replace(step, conditions=rest))
            )
            weaker = _weaker(decision)
            if weaker is not None:
                rest = (*step.conditions[:place], weaker, *step.conditions[place + 1 :])
                yield Corruption(
                    "condition weakened", with_step(d, number, replace(step, conditions=rest))
                )
        named = replace(step, rule=steps[number - 1].rule)
        if named.rule != step.rule:
            yield Corruption("rule of another step", with_step(d, number, named))
        if step.position:
            moved = (*step.position[:-1], step.position[-1] + 1)
            yield Corruption(
                "position of the neighbour", with_step(d, number, replace(step, position=moved))
            )
        if step.before != step.after and number:
            skipped = (*steps[:number], *steps[number + 1 :])
            if skipped[-1].after == d.result:
                yield Corruption("step skipped", with_steps(d, skipped))
        if number + 1 < len(steps):
            merged = replace(steps[number + 1], before=step.before)
            yield Corruption(
                "two steps as one", with_steps(d, (*steps[:number], merged, *steps[number + 2 :]))
            )
    unknown = replace(steps[-1], rule="obviously")
    yield Corruption("unknown rule", with_step(d, len(steps) - 1, unknown))


def _weaker(decision: Decision) -> Decision | None:
    """The decision on something that follows from the condition."""
    condition = decision.condition
    if isinstance(condition, AtMost) and condition.args[1].free_symbols:
        return replace(decision, condition=AtMost(condition.args[0] - 1, condition.args[1]))
    if isinstance(condition, Between):
        lo, e, hi = condition.args
        return replace(decision, condition=Between(lo, e, hi + 1))
    return None


# --- the mathematics --------------------------------------------------------------------------


def of_the_mathematics(d: Derivation) -> Iterator[Corruption]:
    """One wrong subterm in what one step makes of its old one, carried on from there."""
    for number, step in enumerate(d.adjoints[-1].steps):
        for name, new in mutants(step.new):
            changed = continued(d, number, new)
            if changed is not None:
                yield Corruption(name, changed)


# --- the frame --------------------------------------------------------------------------------


def of_the_frame(d: Derivation) -> Iterator[Corruption]:
    """The chain rule's terms, the adjoints, the layer of the gradient, the named forms."""
    *others, last = d.adjoints
    steps = last.steps
    if others:
        yield Corruption("adjoint missing", replace(d, adjoints=(*others[1:], last)))
        yield Corruption("adjoints in another order", replace(d, adjoints=(last, *others)))
    taken = [i for e in d.source.equations for i in e.indices]
    if taken and last.target.indices:
        clash = _renamed(d, {last.target.indices[0]: taken[0]})
        yield Corruption("index of the target taken from the layer", clash)
    yield Corruption("result of another step", _with_last(d, result=steps[0].after))
    yield Corruption("only the definition", with_steps(d, steps[:2]))
    for name, layer in _layers(d.layer):
        yield Corruption(f"layer: {name}", replace(d, layer=layer))
    for n, form in enumerate(d.forms):
        rest = (*d.forms[:n], *d.forms[n + 1 :])
        named = replace(form, name="outer product" if "outer" not in form.name else "copy")
        yield Corruption("form: wrong name", replace(d, forms=(named, *rest)))
        wrong = replace(form, definition=Mul(2, form.definition))
        yield Corruption("form: wrong definition", replace(d, forms=(wrong, *rest)))
        data = replace(form.instance, factor=2 * form.instance.factor)
        other = replace(form, instance=data)
        yield Corruption("form: other data", replace(d, forms=(other, *rest)))
        doubled = replace(other, definition=Mul(2, form.definition))
        yield Corruption("form: another formula", replace(d, forms=(doubled, *rest)))
        for words, wrong_words in (("of g", "of G"), ("the flipped ", "")):
            text = form.text.replace(words, wrong_words)
            if text != form.text:
                reworded = replace(form, text=text)
                yield Corruption("form: other words", replace(d, forms=(reworded, *rest)))
        for step in form.steps:
            left_out = replace(form, steps=tuple(s for s in form.steps if s is not step))
            yield Corruption("form: step skipped", replace(d, forms=(left_out, *rest)))


def _with_last(d: Derivation, **changes: Any) -> Derivation:
    return replace(d, adjoints=(*d.adjoints[:-1], replace(d.adjoints[-1], **changes)))


def _layers(layer: Layer) -> Iterator[tuple[str, Layer]]:
    *others, last = layer.equations
    doubled = replace(last, written=Mul(2, last.written), explicit=Mul(2, last.explicit))
    yield "another result", replace(layer, equations=(*others, doubled))
    written = replace(last, written=Mul(2, last.written))
    yield "another result as written", replace(layer, equations=(*others, written))
    if last.extents:
        smaller = replace(last, extents=(last.extents[0] - 1, *last.extents[1:]))
        yield "another size", replace(layer, equations=(*others, smaller))
    if len(last.indices) > 1:
        turned = (last.indices[1], last.indices[0], *last.indices[2:])
        yield "axes swapped", replace(layer, equations=(*others, replace(last, indices=turned)))
    if layer.requirements:
        yield "requirement dropped", replace(layer, requirements=layer.requirements[1:])
    yield "input missing", replace(layer, tensors=layer.tensors[1:])


# --- written differently ----------------------------------------------------------------------


def harmless(d: Derivation) -> Iterator[Corruption]:
    """The same derivation with other names for its indices, other words, another order of words."""
    bound = {
        r[0]
        for a in d.adjoints
        for s in a.steps
        for e in (s.before, s.after)
        for t in subterms(e)
        if isinstance(t, Sum | MaxOver)
        for r in ranges_of(t)
    }
    renamed = {i: Index(f"{i.name}°") for i in sorted(bound, key=lambda i: i.name)}
    yield Corruption("bound indices renamed", _renamed(d, renamed), harmless=True)
    targets = {i: Index(f"{i.name}°") for a in d.adjoints for i in a.target.indices}
    if targets:
        yield Corruption("target indices renamed", _renamed(d, targets), harmless=True)
    *others, last = d.adjoints
    steps = tuple(replace(s, note="as one sees", conditions=s.conditions[::-1]) for s in last.steps)
    noted = replace(d, adjoints=(*others, replace(last, steps=steps)))
    yield Corruption("other notes, conditions in another order", noted, harmless=True)


def _renamed(d: Derivation, names: Mapping[Index, Index]) -> Derivation:
    def on(expr: Any) -> Any:
        return expr.xreplace(dict(names))

    def condition(decision: Decision) -> Decision:
        return Decision(on(decision.condition), decision.holds, decision.decider)

    def step(s: Step) -> Step:
        conditions = tuple(map(condition, s.conditions))
        parts = [on(e) for e in (s.before, s.after)]
        place = _followed(s.before, s.position, names)
        return Step(s.rule, *parts, place, on(s.old), on(s.new), conditions, s.note)

    def adjoint(a: Adjoint) -> Adjoint:
        return Adjoint(on(a.target), a.name, tuple(map(step, a.steps)), on(a.result))

    adjoints = tuple(map(adjoint, d.adjoints))
    layer = gradient_layer(d.source, d.wrt, d.upstream, adjoints)
    return Derivation(d.source, d.wrt, d.upstream, adjoints, (), layer)


def _followed(expr: Any, path: tuple[int, ...], names: Mapping[Index, Index]) -> tuple[int, ...]:
    """The path to the same subterm after renaming, which may change the order of arguments."""
    found = []
    for step in path:
        args = expr.xreplace(dict(names)).args
        expr = expr.args[step]
        found.append(args.index(expr.xreplace(dict(names))))
    return tuple(found)
