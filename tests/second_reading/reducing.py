"""A failing layer made shorter as long as it fails in the same way."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from typing import Any

from . import trees as t
from .comparing import compare
from .random_layers import Layer, case_at, layer, made
from .reading import read
from .trees import Node, ReadingError
from .writing import text_of


def variants(node: Any) -> Iterator[Any]:
    """The node with one thing in it simpler."""
    if isinstance(node, tuple):
        for place, part in enumerate(node):
            for simpler in variants(part):
                yield (*node[:place], simpler, *node[place + 1 :])
        return
    if not is_dataclass(node) or not isinstance(node, Node | t.Equation):
        return
    yield from itself_simpler(node)
    for part in fields(node):
        for simpler in variants(getattr(node, part.name)):
            yield replace(node, **{part.name: simpler})


def itself_simpler(node: Any) -> Iterator[Any]:
    """What may stand for a node."""
    match node:
        case t.Operation(_, left, right):
            yield left
            yield right
        case t.Minus(body) | t.Reduction(_, _, body) | t.Call(_, (body,)):
            yield body
        case t.If(_, first, second) | t.Call(_, (first, second)):
            yield first
            yield second
        case t.Logic(_, parts):
            yield from parts
        case t.Chain((a, b, c), (op, last)):
            yield t.Chain((a, b), (op,))
            yield t.Chain((b, c), (last,))
        case t.Number(value) if value > 1:
            yield t.Number(Fraction(1))
    if isinstance(node, t.Reduction) and len(node.ranges) > 1:
        for place in range(len(node.ranges)):
            yield replace(node, ranges=node.ranges[:place] + node.ranges[place + 1 :])
    if isinstance(node, t.Equation):
        for place in range(len(node.ranges)):
            yield replace(node, ranges=node.ranges[:place] + node.ranges[place + 1 :])


def shorter_texts(text: t.Text) -> Iterator[t.Text]:
    """The layer with an equation, a condition or a padding less, or with a simpler one."""
    for place in range(len(text.equations)):
        if len(text.equations) > 1:
            yield with_equations(text, text.equations[:place] + text.equations[place + 1 :])
    for condition in text.conditions:
        yield replace(text, conditions=[c for c in text.conditions if c is not condition])
    for place, tensor in enumerate(text.tensors):
        for axis in range(len(tensor.axes)):
            plain = t.Axis(tensor.axes[axis].size)
            if plain != tensor.axes[axis]:
                axes = (*tensor.axes[:axis], plain, *tensor.axes[axis + 1 :])
                tensors = list(text.tensors)
                tensors[place] = replace(tensor, axes=axes)
                yield replace(text, tensors=tensors)
    for place, equation in enumerate(text.equations):
        for simpler in variants(equation):
            yield with_equations(
                text, [*text.equations[:place], simpler, *text.equations[place + 1 :]]
            )


def with_equations(text: t.Text, equations: list[t.Equation]) -> t.Text:
    """Other equations, and of the tensors those that they read."""
    parts = [node for e in equations for node in (*t.walk(e.body), *e.ranges)]
    used = {n.tensor for n in parts if isinstance(n, t.Read)}
    used |= {n.name for n in parts if isinstance(n, t.Name)}
    return replace(text, equations=equations, tensors=[x for x in text.tensors if x.name in used])


def rebuilt(seed: int, text: t.Text, values: dict[str, Fraction], whole: bool) -> Layer | None:
    """A layer of a changed text at the same sizes; loose sizes become hyperparameters."""
    try:
        written = text_of(text)
        parsed = read(written)
        case = case_at(parsed, values, random.Random(seed), whole)
    except (ReadingError, KeyError, AssertionError):
        return None
    if case is None:
        return None
    present = {h.name for h in parsed.hyperparameters}
    axes = {
        n.name
        for x in parsed.tensors
        for a in x.axes
        for n in t.walk(a.size)
        if isinstance(n, t.Name)
    }
    loose = [name for name in values if name in "NMHC" and name not in axes | present]
    if loose:
        more = [t.Hyperparameter(name, None, t.Number(Fraction(0))) for name in loose]
        used = {
            n.name
            for e in parsed.equations
            for r in (e.body, *e.ranges)
            for n in t.walk(r)
            if isinstance(n, t.Name)
        }
        more = [h for h in more if h.name in used]
        if more:
            return rebuilt(
                seed, replace(parsed, hyperparameters=parsed.hyperparameters + more), values, whole
            )
    return made(seed, written, case, whole)


def failing(candidate: Layer, wanted: str, targets: tuple[str, ...], deep: bool) -> bool:
    """Whether a layer fails in the way wanted."""
    try:
        return any(outcome.kind == wanted for outcome in compare(candidate, targets, deep))
    except (KeyError, RecursionError, AssertionError, ValueError, TypeError):
        return False


def reduce(
    seed: int, wanted: str, targets: tuple[str, ...], deep: bool, say: Callable[[str], None] = print
) -> Layer:
    """The shortest text found."""
    best = layer(seed)
    values = dict(best.case.numbers)
    again = True
    while again:
        again = False
        for text in shorter_texts(best.case.text):
            candidate = rebuilt(seed, text, values, best.whole)
            if candidate is None or len(candidate.text) >= len(best.text):
                continue
            if failing(candidate, wanted, targets, deep):
                best, again = candidate, True
                say(best.text)
                break
    return best
