"""Wrong formulas, as real projects have shipped them: one place in a layer's equations changed.

Applied to the layer of a gradient they make a wrong backward pass; applied to the layer itself,
both passes wrong in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sympy import Add, Integer, Mul, Sum, Tuple, expand_mul

from derive.language.definition import Axis, Layer
from derive.language.terms import (
    AtMost,
    Divides,
    Entry,
    FirstMax,
    FloorDiv,
    Index,
    Iverson,
    MaxOver,
    Modulo,
    Parameter,
    Size,
    entries,
    symbols_of,
)

ONE = Integer(1)
Rule = Callable[[Any], Iterator[tuple[str, Any]]]


@dataclass(frozen=True)
class Wrong:
    """A layer with a mistake; ``mistake`` is its kind, ``words`` say what was changed."""

    mistake: str
    words: str
    layer: Layer


def wrong_layers(layer: Layer) -> Iterator[Wrong]:
    """All mistakes in the last equation."""
    right = layer.equations[-1].explicit
    for mistake, rule in LOCAL:
        for words, wrong in _places(right, rule):
            yield Wrong(mistake, words, _with(layer, wrong))
    for mistake, words, wrong in _throughout(right):
        yield Wrong(mistake, words, _with(layer, wrong))


def _with(layer: Layer, body: Any) -> Layer:
    """The layer with another last equation; all padding is in the guards already."""
    equation = replace(layer.equations[-1], written=body, explicit=body)
    tensors = tuple(replace(t, axes=tuple(Axis(a.size) for a in t.axes)) for t in layer.tensors)
    return replace(layer, tensors=tensors, equations=(*layer.equations[:-1], equation))


def _places(expr: Any, rule: Rule) -> Iterator[tuple[str, Any]]:
    """The expression with one subterm changed, for every subterm that the rule changes."""
    yield from rule(expr)
    first = 1 if isinstance(expr, Entry) else 0
    for place in range(first, len(expr.args)):
        for words, changed in _places(expr.args[place], rule):
            arguments = [*expr.args[:place], changed, *expr.args[place + 1 :]]
            yield words, expr.func(*arguments)


# --- mistakes in one place -----------------------------------------------------------------------


def _guard(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, Iverson):
        divides = isinstance(node.args[0], Divides)
        yield f"without [{node.args[0]}]" + " (rounded down)" * divides, ONE


def _limit(node: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(node, Sum | MaxOver):
        return
    for k, (index, lo, hi) in enumerate(node.args[1:]):
        for words, limits in (
            ("stops one early", (index, lo, hi - 1)),
            ("goes one too far", (index, lo, hi + 1)),
            ("begins one late", (index, lo + 1, hi)),
        ):
            changed = [*node.args[1:]]
            changed[k] = Tuple(*limits)
            yield f"{index} {words}", node.func(node.args[0], *changed)


def _flip(node: Any) -> Iterator[tuple[str, Any]]:
    """A summed index of a read turned round, or one that was turned turned back."""
    if not isinstance(node, Sum):
        return
    for index, lo, hi in node.args[1:]:
        back = lo + hi - index
        for read in dict.fromkeys(entries(node.args[0])):
            if index in read.indices:
                indices = (back if i == index else i for i in read.indices)
                turned = {read: Entry(read.tensor, *indices)}
                if not _taken_backwards(node, turned, {index: back}):
                    body = node.args[0].xreplace(turned)
                    yield (
                        f"{read.tensor} turned round along {index}",
                        node.func(body, *node.args[1:]),
                    )


def _taken_backwards(node: Any, turned: Any, backwards: Any) -> bool:
    """Whether that turns whole terms round: a sum taken backwards is the same sum."""
    limits = [bound for _, *bounds in node.args[1:] for bound in bounds]
    if any(index in symbols_of(limit) for index in backwards for limit in limits):
        return False
    terms = Add.make_args(expand_mul(node.args[0], deep=False))
    return all(t.xreplace(turned) in (t, t.xreplace(backwards)) for t in terms)


def _group(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, FloorDiv):
        yield f"{node} as a remainder", Modulo(*node.args)
    if isinstance(node, Modulo):
        yield f"{node} as a quotient", FloorDiv(*node.args)


def _term(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, Add) and entries(node):
        for k, term in enumerate(node.args):
            yield f"without the term {term}", Add(*node.args[:k], *node.args[k + 1 :])


def _factor(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, Mul) and entries(node):
        for k, factor in enumerate(node.args):
            if not isinstance(factor, Iverson):
                yield f"without the factor {factor}", Mul(*node.args[:k], *node.args[k + 1 :])


def _axis(node: Any) -> Iterator[tuple[str, Any]]:
    """A sum that leaves out an axis: only its first place counts."""
    if isinstance(node, Sum):
        for k, (index, lo, _) in enumerate(node.args[1:]):
            left = [*node.args[1 : k + 1], *node.args[k + 2 :]]
            body = node.args[0].xreplace({index: lo})
            yield f"not summed over {index}", node.func(body, *left) if left else body


def _every_maximum(node: Any) -> Iterator[tuple[str, Any]]:
    """All of several largest values get the gradient, instead of the first."""
    if isinstance(node, FirstMax):
        at, largest = node.args
        indices = [index for index, _, _ in reversed(largest.limits)]
        value = largest.function.xreplace(dict(zip(indices, at.args, strict=True)))
        yield "every largest value", AtMost(largest, value)


LOCAL: tuple[tuple[str, Rule], ...] = (
    ("a guard left out", _guard),
    ("a limit off by one", _limit),
    ("kernel not flipped", _flip),
    ("groups sliced wrongly", _group),
    ("a term left out", _term),
    ("a factor left out", _factor),
    ("summed over too few axes", _axis),
    ("ties", _every_maximum),
)


# --- mistakes throughout -------------------------------------------------------------------------


def _throughout(body: Any) -> Iterator[tuple[str, str, Any]]:
    """One hyperparameter ignored or off by one, height and width swapped: everywhere."""
    symbols = [s for s in symbols_of(body) if isinstance(s, Parameter | Size)]
    for symbol in symbols:
        if isinstance(symbol, Parameter):
            for words, value in (("ignored", 1), ("zero", 0)):
                yield "ignored", f"{symbol} {words}", body.xreplace({symbol: Integer(value)})
            for words, other in (("off by +1", symbol + 1), ("off by −1", symbol - 1)):
                yield "off by one", f"{symbol} {words}", body.xreplace({symbol: other})
        for other in symbols:
            pair = (symbol.name, other.name)
            numbered = pair[0][:-1] == pair[1][:-1] and pair[0] < pair[1]
            if numbered or pair in (("H", "W"), ("K1", "K2")):
                swapped = body.xreplace({symbol: other, other: symbol})
                yield "height and width swapped", f"{symbol} and {other}", swapped
    for words, swapped in _swapped_reads(body):
        yield "height and width swapped", words, swapped


def _swapped_reads(body: Any) -> Iterator[tuple[str, Any]]:
    """Two neighbouring indices of one read swapped."""
    for read in dict.fromkeys(entries(body)):
        for k in range(len(read.indices) - 1):
            one, two = read.indices[k], read.indices[k + 1]
            if one != two and any(isinstance(s, Index) for s in symbols_of(one)):
                indices = [*read.indices]
                indices[k : k + 2] = [two, one]
                yield (
                    f"axes {k} and {k + 1} of {read.tensor}",
                    body.xreplace({read: Entry(read.tensor, *indices)}),
                )
