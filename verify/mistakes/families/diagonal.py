"""Only the diagonal of a Jacobian: every entry is taken to depend on its own argument alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from sympy import Expr, Mul, Sum

from derive.language.definition import Equation, Layer
from derive.language.terms import (
    Both,
    Entry,
    Iverson,
    MaxOver,
    Same,
    entries,
    mapped,
)
from verify.mistakes.mistake import Held, Mistake, reread, with_body
from verify.mistakes.parts import dependent
from verify.mistakes.words import listed

PRIORITY = 20


def mistakes(layer: Layer, tensor: str) -> Iterator[Mistake]:
    """f(x[n, c], Σ_j h(x[n, j])): in the sum only j = c moves, as in y·(1 − y) of a softmax."""
    moving = dependent(layer, tensor)
    changed: list[Equation] = []
    words: list[str] = []
    for equation in layer.equations:
        new = equation
        for name in (tensor, *moving):
            body = _inside(new.written, new, name)
            if name != new.name and body != new.written and _own(equation, name):
                new = with_body(new, body)
                words.append(f"{new.name} by {name}")
        changed.append(new)
    if words:
        said = f"only the diagonal of the Jacobian of {listed(words)} is used"
        yield Mistake(said, replace(layer, equations=tuple(changed)))


def _own(equation: Equation, name: str) -> bool:
    """Whether the equation also reads the entry at its own indices."""
    return Entry(name, *equation.indices) in entries(equation.written)


def _inside(expr: Any, equation: Equation, name: str) -> Any:
    """Reads in sums and maxima move only where they are the entry at the equation's indices."""
    if isinstance(expr, Sum | MaxOver):
        body = reread(expr.args[0], partial(_diagonal, equation, name))
        return expr.func(body, *expr.args[1:])
    if isinstance(expr, Entry):
        return expr
    return mapped(lambda arg: _inside(arg, equation, name), expr)


def _diagonal(equation: Equation, name: str, read: Entry) -> Expr:
    pairs = [(i, own) for i, own in zip(read.indices, equation.indices, strict=False) if i != own]
    if read.tensor != name or len(read.indices) != len(equation.indices) or not pairs:
        return read
    own = Entry(name, *equation.indices)
    same = Iverson(Both(*(Same(*pair) for pair in pairs)))
    return Held(read) + Mul(same, own - Held(own))
