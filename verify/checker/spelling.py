"""What was written and what is computed from it: the guards that padding and exact quotients mean.

The derivation starts from ``explicit``, the reader from ``written``.  That the first is the second
with its guards spelled out is settled here, from the meaning of the notation: a read counts as the
fill outside a padded tensor, and as zero where an exact quotient in its index does not come out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Basic, IndexedBase, Mul

from derive.language.definition import Axis, Layer
from derive.language.printing import plain
from derive.language.terms import (
    ZERO,
    Between,
    Both,
    Choose,
    Divides,
    Entry,
    ExactQuotient,
    FloorDiv,
    Greatest,
    Iverson,
    Same,
)
from verify.checker.canonical import equal_expressions, same, same_condition
from verify.checker.steps import Refusal


def check_spelling(layer: Layer) -> None:
    """Every equation computes what was written, over the extents that its sizes mean."""
    for equation in layer.equations:
        computed, written = _products(equation.explicit), _spelled(equation.written, layer)
        if not same(computed, _products(written)):
            raise Refusal(f"{plain(equation.entry)} is not computed as it was written")
        for size, extent in zip(equation.sizes, equation.extents, strict=True):
            if not _means(layer, extent, size):
                raise Refusal(f"{plain(extent)} is not the size {plain(size)} of {equation.name}")


def _spelled(expr: Any, layer: Layer) -> Any:
    """The expression with every read under its guards."""
    if isinstance(expr, Entry):
        return _read(expr, layer)
    if isinstance(expr, IndexedBase) or not expr.args:
        return expr
    return expr.func(*(_spelled(arg, layer) for arg in expr.args))


def _read(entry: Entry, layer: Layer) -> Any:
    exact = [Divides(_floored(b), _floored(a)) for a, b in _quotients(entry)]
    read = Entry(entry.base, *map(_floored, entry.indices))
    axes = list(zip(read.indices, _axes(layer, entry.tensor), strict=True))
    inside = [Between(ZERO, index, axis.size) for index, axis in axes if axis.padded]
    fills = {axis.fill for _, axis in axes if axis.padded}
    if not inside:
        return Mul(*map(Iverson, exact), read)
    condition = inside[0] if len(inside) == 1 else Both(*inside)
    return Mul(*map(Iverson, exact), Choose(condition, read, fills.pop()))


def _axes(layer: Layer, name: str) -> tuple[Axis, ...]:
    tensor = layer.tensor(name)
    return tensor.axes if tensor else tuple(Axis(n) for n in layer.shape(name))


def _quotients(expr: Basic) -> Iterator[tuple[Any, Any]]:
    if isinstance(expr, ExactQuotient):
        yield expr.args[0], expr.args[1]
    if not isinstance(expr, IndexedBase):
        for arg in expr.args:
            yield from _quotients(arg)


def _floored(expr: Any) -> Any:
    if isinstance(expr, IndexedBase) or not expr.args:
        return expr
    made = [_floored(arg) for arg in expr.args]
    return FloorDiv(*made) if isinstance(expr, ExactQuotient) else expr.func(*made)


def _products(expr: Any) -> Any:
    """The expression with [a and b]·v in place of a choice between v and zero."""
    if isinstance(expr, IndexedBase) or not expr.args:
        return expr
    made = [_products(arg) for arg in expr.args]
    if isinstance(expr, Choose) and made[2] == 0:
        return Mul(*map(Iverson, _parts(made[0])), made[1])
    return expr.func(*made)


def _parts(condition: Any) -> tuple[Any, ...]:
    return condition.args if isinstance(condition, Both) else (condition,)


def _means(layer: Layer, extent: Any, size: Any) -> bool:
    """Whether an extent is the size, or is stated to be max(0, size)."""
    if equal_expressions(extent, size):
        return True
    meanings = [m for s, m in layer.definitions if s == extent]
    stated = Same(extent, Greatest(ZERO, size))
    return any(equal_expressions(m, size) for m in meanings) or any(
        same_condition(r, stated) for r in layer.requirements
    )
