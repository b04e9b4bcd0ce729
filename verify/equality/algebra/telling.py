"""What algebra leaves, as somebody would write it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Mul, Sum

from derive.language.printing import plain
from derive.language.terms import (
    Between,
    Condition,
    Index,
    Iverson,
    MaxOver,
    Range,
    entries,
    mapped,
    ranges_of,
    replace,
    symbols_of,
    total,
)
from verify.equality.algebra.polynomials import Polynomial, key_of, product_expression, rational

#: how many terms of what is left are shown, and how long they may be together
_SHOWN, _LONGEST = 3, 200
_LETTERS = "ijkluvpqab"


def terms(gap: Polynomial) -> str:
    """The polynomial, or its first terms."""
    ordered = sorted(gap.items(), key=lambda item: (len(key_of(item[0])), key_of(item[0])))
    text = ""
    for count, (product, number) in enumerate(ordered):
        term = plain(written(Mul(rational(number), product_expression(product))))
        longer = f"{text} + {term}".replace("+ −", "− ") if text else term
        if text and (count == _SHOWN or len(longer) > _LONGEST):
            return text + " + …"
        text = longer
    return text


def written(expr: Any) -> Any:
    """The expression with the ranges of its sums where one writes them."""
    taken = {e.tensor for e in entries(expr)} | {s.name for s in symbols_of(expr)}
    return _written(expr, [x for x in _LETTERS if x not in taken])


def _written(expr: Any, letters: list[str]) -> Any:
    if isinstance(expr, MaxOver):
        own = ranges_of(expr)
        body = _written(expr.function, letters[len(own) :])
        return replace(expr.func(body, *expr.limits), _named(own, letters))
    if not isinstance(expr, Sum):
        return mapped(lambda e: _written(e, letters), expr)
    factors = list(Mul.make_args(expr.function))
    stated = [f.args[0] for f in factors if isinstance(f, Iverson)]
    ranges = []
    for index, low, high in ranges_of(expr):
        range_ = _range(stated, index)
        if range_ is not None:
            factors.remove(Iverson(range_))
            low, _, high = range_.args
        ranges.append((index, low, high))
    body = _written(Mul(*factors), letters[len(ranges) :])
    return replace(total(body, ranges), _named(ranges, letters))


def _named(ranges: Sequence[Range], letters: Sequence[str]) -> dict[Index, Index]:
    """Letters for bound indices."""
    return {i: Index(x) for (i, _, _), x in zip(ranges, letters, strict=False)}


def _range(stated: Sequence[Condition], index: Index) -> Between | None:
    """The condition that says how far an index runs."""
    return next((c for c in stated if isinstance(c, Between) and c.args[1] == index), None)
