"""Which tensors mask exponentials: factors beside them in sums that are divided by or logged."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Basic, Mul, Pow, Sum, log

from derive.language.definition import Layer
from derive.language.terms import Entry, entries, subterms


def masking(layer: Layer) -> frozenset[str]:
    """The tensors by which terms of such sums are multiplied.

    Where one is zero its term does not count, and must not be the largest.
    """
    bodies = {e.name: e.explicit for e in layer.equations}
    pending = [b for e in layer.equations for b in _magnified(e.explicit)]
    found: set[str] = set()
    seen: set[str] = set()
    while pending:
        expr = pending.pop()
        found |= {
            f.tensor
            for node in subterms(expr)
            if isinstance(node, Sum)
            for f in Mul.make_args(node.function)
            if isinstance(f, Entry)
        }
        names = {e.tensor for e in entries(expr)} & bodies.keys() - seen
        seen |= names
        pending += [bodies[name] for name in names]
    return frozenset(found - bodies.keys())


def _magnified(expr: Basic) -> Iterator[Basic]:
    """What is divided by, or what a logarithm is taken of."""
    for node in subterms(expr):
        if isinstance(node, Pow) and node.exp.is_negative:
            yield node.base
        if isinstance(node, log):
            yield node.args[0]
