"""Whether a window fits: outputs without entries from tensors that have some.

The notation gives an output whose window does not fit the size zero, and what is proved holds for
it, too.  Code refuses it: a kernel larger than its image is a mistake of whoever calls.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Add, Expr, Mul

from derive.language.definition import Layer
from derive.language.terms import ZERO, AtMost, Greatest, Same, Size, symbols_of
from verify.evaluation.compiled import Values
from verify.evaluation.sizes import known


@lru_cache(maxsize=256)
def windows(layer: Layer) -> tuple[tuple[Size, Expr], ...]:
    """The sizes that may come out as less than one, with what they are then the larger one of and
    zero: H − K + 1.  Of the layer's outputs; of a gradient, those of its upstream gradient.
    """
    stated = [c.args for c in layer.requirements if isinstance(c, Same)]
    promised = [(s, m) for s, m in stated if isinstance(s, Size) and isinstance(m, Greatest)]
    found = ((size, _inner(meaning)) for size, meaning in (*layer.definitions, *promised))
    return tuple((size, meaning) for size, meaning in found if not natural(meaning))


def _inner(meaning: Expr) -> Expr:
    """What is not zero of max(0, …)."""
    others = [a for a in meaning.args if a != ZERO] if isinstance(meaning, Greatest) else []
    return others[0] if len(others) == 1 else meaning


def natural(meaning: Expr) -> bool:
    """Whether a size is at least zero by the way it is made."""
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
