"""Single faults in an expression: what may go wrong in one step of a derivation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sympy import Basic, Expr, IndexedBase, Integer, Mul, Sum

from derive.engine.recorder import rebuilt
from derive.language.terms import (
    Between,
    Delta,
    Divides,
    Entry,
    FloorDiv,
    Index,
    Iverson,
    MaxOver,
    Partial,
    ranges_of,
    subterms,
    total,
)


def mutants(expr: Basic) -> Iterator[tuple[str, Any]]:
    """The expression with one fault, for each fault and each place where it fits."""
    if isinstance(expr, Expr) and expr != 0:
        yield "sign", Mul(-1, expr)
        yield "extra factor", Mul(2, expr)
    for path, node in _nodes(expr):
        for name, fault in _FAULTS.items():
            for new in fault(node):
                yield name, rebuilt(expr, path, new)


def _nodes(expr: Any, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Any]]:
    yield path, expr
    if isinstance(expr, IndexedBase | Partial):
        return
    args = expr.args[:1] if isinstance(expr, Sum | MaxOver) else expr.args
    for place, arg in enumerate(args):
        yield from _nodes(arg, (*path, place))


def _guard_off_by_one(node: Basic) -> Iterator[Basic]:
    if isinstance(node, Between):
        lo, e, hi = node.args
        yield Between(lo, e, hi + 1)
        yield Between(lo + 1, e, hi)


def _no_divisibility(node: Basic) -> Iterator[Basic]:
    if isinstance(node, Iverson) and isinstance(node.args[0], Divides):
        yield Integer(1)


def _no_guard(node: Basic) -> Iterator[Basic]:
    if isinstance(node, Iverson) and isinstance(node.args[0], Between):
        yield Integer(1)


def _wrong_limit(node: Basic) -> Iterator[Basic]:
    if isinstance(node, Sum):
        ranges = ranges_of(node)
        for n, (index, lo, hi) in enumerate(ranges):
            yield total(node.function, [*ranges[:n], (index, lo, hi + 1), *ranges[n + 1 :]])


def _swapped_axes(node: Basic) -> Iterator[Basic]:
    if isinstance(node, Entry) and len(node.indices) > 1 and node.indices[-1] != node.indices[-2]:
        *others, a, b = node.indices
        yield Entry(node.args[0], *others, b, a)


def _shifted_read(node: Basic) -> Iterator[Basic]:
    if isinstance(node, Entry) and node.indices:
        yield Entry(node.args[0], *node.indices[:-1], node.indices[-1] + 1)


def _flipped(node: Basic) -> Iterator[Basic]:
    """Every read at one summed index alone goes the other way round."""
    if not isinstance(node, Sum):
        return
    for index, lo, hi in ranges_of(node):
        turned = {
            e: Entry(e.args[0], *(lo + hi - 1 - i if i == index else i for i in e.indices))
            for e in subterms(node.function)
            if isinstance(e, Entry) and index in e.indices
        }
        if turned and len(turned) < sum(index in e.free_symbols for e in node.function.args):
            yield total(node.function.xreplace(dict(turned)), ranges_of(node))


def _captured(node: Basic) -> Iterator[Basic]:
    """A bound index takes the name of another index in the sum."""
    if isinstance(node, Sum):
        ranges = ranges_of(node)
        others = [s for s in subterms(node.function) if isinstance(s, Index)]
        for n, (index, lo, hi) in enumerate(ranges):
            for other in dict.fromkeys(others):
                if other not in [r[0] for r in ranges]:
                    renamed = (*ranges[:n], (other, lo, hi), *ranges[n + 1 :])
                    yield total(node.function.xreplace({index: other}), renamed)
                    break


def _lost_factor(node: Basic) -> Iterator[Basic]:
    if isinstance(node, Mul):
        for factor in node.args:
            if isinstance(factor, Entry | Delta):
                yield Mul(*(f for f in node.args if f is not factor))


def _other_quotient(node: Basic) -> Iterator[Basic]:
    if isinstance(node, FloorDiv):
        yield FloorDiv(node.args[0] + 1, node.args[1])


def _other_delta(node: Basic) -> Iterator[Basic]:
    if isinstance(node, Delta):
        yield Delta(node.args[0], node.args[1] + 1)


_FAULTS: Mapping[str, Callable[[Basic], Iterator[Basic]]] = {
    "guard off by one": _guard_off_by_one,
    "floor instead of divisibility": _no_divisibility,
    "guard left out": _no_guard,
    "wrong limit": _wrong_limit,
    "swapped axes": _swapped_axes,
    "read shifted": _shifted_read,
    "flipped": _flipped,
    "captured index": _captured,
    "factor lost": _lost_factor,
    "quotient off by one": _other_quotient,
    "delta off by one": _other_delta,
}
