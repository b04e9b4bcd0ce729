"""Named forms: a name is deserved where the form's own formula equals the result, and what is said
of it fits the data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from time import perf_counter

from sympy import Expr, Integer

from derive.engine.instances import FirstMaximum, InGroup, Instance, Lookup, Operand, Slide
from derive.engine.record import Derivation, Form, Step
from derive.language.printing import plain
from derive.language.terms import AtMost, Condition, Divides, Index, Same
from verify.checker.canonical import same
from verify.checker.forms import DeservedName, forms
from verify.checker.instances import NoFormula, rebuilt
from verify.checker.places import Surroundings
from verify.checker.roles import dilated, indices, mirrored, stepping, stuffed
from verify.checker.steps import REPLAY, Refusal, check_change, replay
from verify.checker.values import Setting
from verify.verdict import Obligation


def check_forms(derivation: Derivation, setting: Setting) -> Iterator[Obligation]:
    """Each form's steps lead from the result to the formula that its data stand for."""
    for form in derivation.forms:
        yield from chain(form.name, form.steps, derivation.result, setting)
        if not same(form.steps[-1].after if form.steps else derivation.result, form.definition):
            raise Refusal(f"{form.name}: its definition is not what was derived")
        start = perf_counter()
        named = _named(form)
        _check_data(form, named, setting)
        fault = _fault(form)
        if fault is not None:
            raise Refusal(f"{form.name}: {fault}: {form.text}")
        text, seconds = form.text, perf_counter() - start
        yield Obligation(form.name, "named form", text, REPLAY, True, seconds)
        yield from _conditions(form, setting)


def chain(name: str, steps: Sequence[Step], start: Expr, setting: Setting) -> Iterator[Obligation]:
    """Steps that begin at ``start`` and follow one another, each replayed."""
    current = start
    for number, step in enumerate(steps, 1):
        if step.before != current:
            raise Refusal(f"{name}: its steps do not follow one another")
        check_change(step)
        yield from replay(step, setting, f"{name}, step {number}")
        current = step.after


def _named(form: Form) -> DeservedName:
    """What the name stands for, if the data deserve it."""
    named = forms().get(form.name)
    if named is None:
        raise Refusal(f"there is no form {form.name!r}; there are: {', '.join(forms())}")
    if form.instance.kind != named.kind or not named.deserved(form.instance):
        raise Refusal(f"this is no {form.name}: {plain(form.definition)}")
    return named


def _check_data(form: Form, named: DeservedName, setting: Setting) -> None:
    """The data speak of the tensors there are, and their formula is the definition."""
    instance = form.instance
    if instance.result != tuple((i, n) for i, _, n in setting.ranges):
        raise Refusal(f"{form.name}: its indices are not those of the result")
    for operand in _tensors(instance):
        _check_operand(form.name, operand, instance, setting)
    try:
        formula = rebuilt(instance, named.sign)
    except NoFormula as error:
        raise Refusal(f"{form.name}: {error}") from None
    if not same(formula, form.definition):
        raise Refusal(f"{form.name}: its data stand for {plain(formula)}")


def _tensors(instance: Instance) -> list[Operand]:
    found = list(instance.operands)
    if isinstance(instance.selection, Lookup):
        found.append(instance.selection.table)
    if isinstance(instance.selection, FirstMaximum):
        found.append(instance.selection.signal)
    return found


def _check_operand(name: str, operand: Operand, instance: Instance, setting: Setting) -> None:
    gradients = dict(setting.upstream)
    known = {t.name for t in setting.layer.tensors} | {e.name for e in setting.layer.equations}
    if operand.tensor not in known | gradients.keys():
        raise Refusal(f"{name}: there is no tensor {operand.tensor}")
    if operand.upstream != (operand.tensor in gradients):
        raise Refusal(f"{name}: {operand.tensor} is taken for what it is not")
    if operand.sizes != setting.shape(operand.tensor):
        raise Refusal(f"{name}: {operand.tensor} has other sizes")
    for coordinate, size in zip(operand.coordinates, operand.sizes, strict=True):
        if not isinstance(coordinate, Index):
            continue
        if not same(instance.sizes.get(coordinate, Integer(-1)), size):
            raise Refusal(f"{name}: {coordinate.name} does not run over a whole axis")


def _conditions(form: Form, setting: Setting) -> Iterator[Obligation]:
    """What the name promises of numbers: positive strides, groups of one size, a full length."""
    place = Surroundings(setting, setting.assumptions)
    for condition, under in dict.fromkeys(_promises(form)):
        start = perf_counter()
        decision = place.decide(condition, *under)
        seconds = perf_counter() - start
        text = plain(condition)
        yield Obligation(form.name, "named form", text, decision.decider, decision.holds, seconds)


def _promises(form: Form) -> Iterator[tuple[Condition, tuple[Condition, ...]]]:
    instance = form.instance
    for operand in instance.operands:
        for coordinate, size in zip(operand.coordinates, operand.sizes, strict=True):
            if isinstance(coordinate, Slide):
                for number in (coordinate.step, coordinate.spread, coordinate.stuffing):
                    if not number.is_Integer or number < 1:
                        yield AtMost(Integer(1), number), ()
                if form.name == "full convolution":
                    yield _full(coordinate, size, instance)
            if isinstance(coordinate, InGroup):
                yield Divides(instance.groups, size), ()
                yield Divides(instance.groups, instance.sizes[coordinate.leader]), ()


def _full(slide: Slide, size: Expr, instance: Instance) -> tuple[Condition, tuple[Condition, ...]]:
    """The result has n + d·(K − 1) entries, for signals and kernels that have any."""
    kernel = instance.sizes[slide.summed]
    length = size + slide.spread * (kernel - 1)
    nonempty = tuple(AtMost(Integer(1), n) for n in (size, kernel))
    return Same(instance.sizes[slide.result], length), nonempty


_NAME = re.compile(r"[^\W\d]\w*['’]*")


def _fault(form: Form) -> str | None:
    """What is wrong with the sentence; None: nothing that can be told from the data."""
    for phrase in _required(form.instance):
        if phrase not in form.text:
            return f"its sentence does not say {phrase!r}"
    for word, fits in _telling(form.instance).items():
        if (word in form.text) != fits:
            return f"its sentence {'lacks' if fits else 'has'} the word {word!r}"
    if not _in_order(_told_tensors(form.instance), _NAME.findall(form.text)):
        return "its sentence does not name the tensors in their roles"
    return None


def _telling(instance: Instance) -> dict[str, bool]:
    """Words that stand in the sentence exactly where the data are so."""
    found = {"flipped": mirrored(instance), " times ": instance.factor != 1}
    if len(instance.operands) == 2 and instance.operands[0].slides:
        found |= {"zero-stuffed": stuffed(instance), "dilated": dilated(instance)}
        found |= {"read with stride": stepping(instance)}
    return found


def _required(instance: Instance) -> Iterator[str]:
    slides = instance.operands[0].slides
    if len(instance.operands) == 2 and slides:
        yield instance.kind
        if stuffed(instance):
            yield f"(stride {_numbers(s.stuffing for s in slides)})"
        if stepping(instance):
            yield f"read with stride {_numbers(s.step for s in slides)}"
        if dilated(instance):
            yield f"dilated by {_numbers(s.spread for s in slides)}"
        beside = [i for i, _ in instance.summed if i not in {s.summed for s in slides}]
        if beside:
            yield f"summed over {', '.join(i.name for i in beside)}"
    if instance.kind == "matrix product" and all(len(o.sizes) == 2 for o in instance.operands):
        yield "·".join(_factor(o, n, instance) for n, o in enumerate(instance.operands))


def _factor(operand: Operand, place: int, instance: Instance) -> str:
    """A matrix's name, with ᵀ where the summed index is not in the axis that meets the other."""
    meeting = indices(operand)[1 - place : 2 - place]
    summed = {(i,) for i, _ in instance.summed}
    return operand.tensor if meeting in summed else f"{operand.tensor}ᵀ"


def _numbers(values: Iterable[Expr]) -> str:
    texts = [plain(v) for v in values]
    return texts[0] if len(set(texts)) == 1 else f"({', '.join(texts)})"


def _told_tensors(instance: Instance) -> list[str]:
    names = [o.tensor for o in instance.operands]
    if isinstance(instance.selection, Lookup):
        names.append(instance.selection.table.tensor)
    if isinstance(instance.selection, FirstMaximum):
        names.append(instance.selection.signal.tensor)
    return names


def _in_order(wanted: Iterable[str], words: Iterable[str]) -> bool:
    """Whether the words contain the wanted ones in that order."""
    remaining = (word.removesuffix("ᵀ") for word in words)
    return all(name in remaining for name in wanted)
