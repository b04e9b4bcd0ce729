"""What one derivation is about, and when an expression has a value in it: every read inside its
tensor, every divisor at least 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sympy import Add, Basic, Expr, Integer, Mul, Number, Pow, Sum, Symbol

from derive.language.definition import Layer
from derive.language.terms import (
    AtMost,
    Between,
    Condition,
    Delta,
    Entry,
    FirstMax,
    FloorDiv,
    Greatest,
    Index,
    IntegerNode,
    Iverson,
    Least,
    Modulo,
    Parameter,
    Range,
    Size,
    ranges_of,
)
from verify.checker.functions import EVERYWHERE


@dataclass(frozen=True)
class Setting:
    """What is known everywhere in the derivation of ∂L/∂``target``: the layer and free indices.

    ``upstream`` says of each adjoint's name which tensor it belongs to; ``adjoints`` are the values
    of adjoints that were derived before, each by name, indices and expression.
    """

    layer: Layer
    target: Entry
    upstream: tuple[tuple[str, str], ...]
    adjoints: tuple[tuple[str, tuple[Index, ...], Expr], ...] = ()

    @cached_property
    def ranges(self) -> tuple[Range, ...]:
        """The ranges of the target's indices: its tensor's shape."""
        axes = zip(self.target.at, self.layer.shape(self.target.tensor), strict=True)
        return tuple((i, Integer(0), n) for i, n in axes)

    @cached_property
    def assumptions(self) -> tuple[Condition, ...]:
        """Domains of sizes and hyperparameters, and the ranges of the target's indices."""
        return (*self.layer.domain, *(Between(lo, i, hi) for i, lo, hi in self.ranges))

    def shape(self, tensor: str) -> tuple[Any, ...]:
        """The sizes of a tensor's axes; an upstream gradient has those of what it belongs to."""
        return self.layer.shape(dict(self.upstream).get(tensor, tensor))


@dataclass(frozen=True)
class Need:
    """A side condition, to be shown at a place and ``under`` further conditions.

    ``stated``: the step itself has to say so; else the checker sees to it alone.
    """

    condition: Condition
    under: tuple[Condition, ...] = ()
    stated: bool = True


#: a value for all arguments that have one
_EVERYWHERE = (Add, Mul, Iverson, Condition, Delta, Least, Greatest)


class MayHaveNoValue(ValueError):
    """Nothing the checker knows of shows that the expression has a value."""


def values(exprs: Iterable[Basic], setting: Setting, ranges: Iterable[Range] = ()) -> list[Need]:
    """What shows that the expressions have values for all indices in ``ranges``.

    The bounds of the ranges, each inside those before it, must have values too.
    """
    needs, around = _of_ranges(ranges, setting, ())
    for expr in exprs:
        needs += _needs(expr, setting, around)
    return list(dict.fromkeys(needs))


def _of_ranges(
    ranges: Iterable[Range], setting: Setting, around: tuple[Condition, ...]
) -> tuple[list[Need], tuple[Condition, ...]]:
    """What the bounds need, and what holds inside."""
    needs: list[Need] = []
    for index, lo, hi in ranges:
        for bound in (lo, hi):
            needs += _needs(bound, setting, around)
        around = (*around, Between(lo, index, hi))
    return needs, around


def _needs(expr: Basic, setting: Setting, around: tuple[Condition, ...]) -> Iterator[Need]:
    if isinstance(expr, Entry):
        for index, size in zip(expr.indices, setting.shape(expr.tensor), strict=True):
            yield Need(Between(Integer(0), index, size), around)
            yield from _needs(index, setting, around)
        return
    if isinstance(expr, Sum):
        needs, inside = _of_ranges(ranges_of(expr), setting, around)
        yield from needs
        yield from _needs(expr.args[0], setting, inside)
        return
    if isinstance(expr, FloorDiv | Modulo):
        yield Need(AtMost(Integer(1), expr.args[1]), around)
    elif isinstance(expr, Pow):
        yield from (Need(c, around) for c in _of_power(expr, setting))
    elif isinstance(expr, FirstMax) or not _total(expr):
        raise MayHaveNoValue(expr)
    for part in expr.args:
        yield from _needs(part, setting, around)


def _total(expr: Basic) -> bool:
    """Whether the expression has a value wherever its parts have."""
    if isinstance(expr, Symbol | Number):
        return expr.is_finite is not False
    return isinstance(expr, (*_EVERYWHERE, *EVERYWHERE)) or (
        isinstance(expr, Expr) and _number(expr)
    )


def _number(expr: Expr) -> bool:
    """Whether the expression is one real number, like π or log 10."""
    return bool(expr.is_number and expr.is_real and expr.is_finite and not expr.has(Entry, Sum))


def _of_power(expr: Pow, setting: Setting) -> Iterator[Condition]:
    base, exponent = expr.args
    if isinstance(exponent, Integer) and exponent >= 0:
        return
    if base.is_number and base.is_positive:
        return
    if not integral(base, setting.layer):
        raise MayHaveNoValue(expr)
    yield AtMost(Integer(1), base)


def integral(expr: Basic, layer: Layer) -> bool:
    """Whether the expression is an integer whatever the tensors of real numbers hold."""
    if isinstance(expr, Add | Mul):
        return all(integral(arg, layer) for arg in expr.args)
    if isinstance(expr, Entry):
        tensor = layer.tensor(expr.tensor)
        return tensor is not None and tensor.integer
    return isinstance(expr, Integer | Index | Size | Parameter | IntegerNode)
