"""Whether a window fits: outputs without entries from tensors that have some.

The notation gives an output whose window does not fit the size zero, and what is proved holds for
it, too.  Code refuses it: a kernel larger than its image is a mistake of whoever calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from sympy import Add, Expr, Mul, Sum

from derive.language.definition import Equation, Layer
from derive.language.integers import affine, affine_form
from derive.language.terms import (
    ZERO,
    AtMost,
    Entry,
    FloorDiv,
    Greatest,
    Index,
    MaxOver,
    Same,
    Size,
    entries,
    indices_in,
    ranges_of,
    subterms,
    symbols_of,
)
from verify.evaluation.compiled import Values
from verify.evaluation.sizes import known


@lru_cache(maxsize=256)
def windows(layer: Layer) -> tuple[tuple[Size, Expr], ...]:
    """The sizes of what windows slide over that may come out as less than one, with what they are
    then the larger one of and zero: H − K + 1.  Of the layer's outputs; of a gradient, those of its
    upstream gradient: the gradient by a bias reads no window itself.
    """
    stated = [c.args for c in layer.requirements if isinstance(c, Same)]
    promised = [(s, m) for s, m in stated if isinstance(s, Size) and isinstance(m, Greatest)]
    found = ((size, _inner(meaning)) for size, meaning in (*layer.definitions, *promised))
    return tuple(
        (size, meaning)
        for size, meaning in found
        if not natural(meaning) and any(_sliding(layer.source or layer, size))
    )


def _sliding(layer: Layer, size: Size) -> Iterator[tuple[Equation, Entry, int, set[Index]]]:
    """The reads along an axis at an index of that range and at summed ones, with the latter."""
    for equation in layer.equations:
        read = entries(equation.explicit)
        ranged = {i for i, n in zip(equation.indices, equation.extents, strict=True) if n == size}
        for entry in read:
            pairs = zip(entry.indices, layer.shape(entry.tensor), strict=True)
            ranged.update(i for at, n in pairs if n == size for i in indices_in(at))
        for entry in read:
            for axis, at in enumerate(entry.indices):
                found = set(indices_in(at))
                summed = found - set(equation.indices)
                if found & ranged and len(found) > 1 and summed:
                    yield equation, entry, axis, summed - ranged


def misfit_words(layer: Layer, size: Size) -> str:
    """What is wrong where that size is less than one."""
    for equation, entry, axis, window in _sliding(layer.source or layer, size):
        length = _length(equation.explicit, entry.indices[axis], window)
        along = (layer.source or layer).shape(entry.tensor)[axis]
        if length is not None and isinstance(along, Size):
            form = affine_form(entry.indices[axis], tuple(indices_in(entry.indices[axis])))
            padding = "" if form is None or form.start == 0 else " and its padding"
            return f"a window of {length} to fit {along.name}{padding} (the window must fit)"
    return f"{size.name} >= 1 (the window must fit)"


def _length(body: Expr, position: Expr, window: set[Index]) -> int | None:
    """How many places a window of fixed size extends over."""
    loops = (node for node in subterms(body) if isinstance(node, Sum | MaxOver))
    ranges = {i: (lo, hi) for node in loops for i, lo, hi in ranges_of(node)}
    length = 1
    for index in window:
        parts = affine(position, index)
        lo, hi = ranges.get(index, (ZERO, index))
        if parts is None or not (parts[0].is_Integer and lo.is_Integer and hi.is_Integer):
            return None
        length += abs(int(parts[0])) * (int(hi - lo) - 1)
    return length if window else None


def _inner(meaning: Expr) -> Expr:
    """What is not zero of max(0, …)."""
    others = [a for a in meaning.args if a != ZERO] if isinstance(meaning, Greatest) else []
    return others[0] if len(others) == 1 else meaning


def natural(meaning: Expr) -> bool:
    """Whether a size is at least zero by the way it is made."""
    if isinstance(meaning, FloorDiv):
        number, divisor = meaning.args
        return natural(number) and bool(divisor.is_Integer and divisor > 0)
    if isinstance(meaning, Add | Mul):
        return all(natural(a) for a in meaning.args)
    return isinstance(meaning, Size) or (meaning.is_Integer and bool(meaning >= 0))


def emptiable(layer: Layer, meaning: Expr) -> list[Size]:
    """The sizes that it is made of, without those that the layer requires to be at least one."""
    stated = (c.args for c in layer.requirements if isinstance(c, AtMost))
    least = {more for less, more in stated if less.is_Integer and less >= 1}
    return [s for s in symbols_of(meaning) if isinstance(s, Size) and s not in least]


def misfit(layer: Layer, values: Values) -> Size | None:
    """The first size that is less than one although none of those that it is made of is zero."""
    for size, meaning in windows(layer):
        sizes = [values[s] for s in emptiable(layer, meaning)]
        if 0 not in sizes and known(meaning, values) < 1:
            return size
    return None
