"""Where a function fails, from the cases it was run in: a condition that tells wrong from right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import combinations
from typing import Any

from sympy import Expr, Integer, Symbol

from derive.language.definition import Layer
from derive.language.printing import plain
from derive.language.terms import FloorDiv, Parameter, Size, subterms, symbols_of
from verify.evaluation.compiled import Values
from verify.evaluation.sizes import known

#: so many wrong and so many right cases at least are worth a comparison
_LEAST = 3
#: two conditions must raise this share by so much
_GAIN = 0.1
#: a condition that only has to hold where the function is wrong must tell so many right cases, and
#: the function must be wrong in this share of the cases in which it holds
_TOLD, _SHARE = 5, 0.25


@dataclass(frozen=True)
class Feature:
    """A condition on sizes and hyperparameters, and its opposite, in words."""

    words: str
    opposite: str
    holds: Callable[[Values], bool]


def where(
    layer: Layer,
    upstream: Mapping[str, str],
    seen: Sequence[tuple[Values, bool]],
    fresh: Sequence[tuple[Values, bool]],
) -> tuple[str, bool]:
    """``in all cases with p = 0, right with p ≥ 1``, and whether it tells wrong from right exactly.

    Looked for among cases ``seen`` with what was wrong in them, and confirmed by ``fresh`` ones;
    empty where nothing simple is found.  One condition is preferred to two.
    """
    if min(sum(w for _, w in seen), sum(not w for _, w in seen)) < _LEAST:
        return "", False
    cases = [*seen, *fresh]
    found = _Masks(list(features(layer, upstream)), [values for values, _ in cases])
    wrong = _mask(w for _, w in cases)
    first = (1 << len(seen)) - 1
    rules = [r for r in found.rules(wrong & first, first) if r.mask & wrong == wrong]
    exact = next((r for r in rules if r.mask == wrong), None)
    if exact is not None:
        return f"in all cases {exact.words}, right {exact.others}", True
    single = max((r for r in rules if not r.joined), key=lambda r: r.share(wrong), default=None)
    best = max(rules, key=lambda r: r.share(wrong), default=None)
    if single and best and best.share(wrong) < single.share(wrong) + _GAIN:
        best = single
    everything = (1 << len(cases)) - 1
    if best is None or best.share(wrong) < _SHARE or (everything & ~best.mask).bit_count() < _TOLD:
        return "", False
    times, of = wrong.bit_count(), best.mask.bit_count()
    return f"only {best.words} (in {times} of {of} such cases), right {best.others}", False


@dataclass(frozen=True)
class _Rule:
    """One condition, or two of them, and the cases in which it holds, as bits."""

    words: str
    others: str
    mask: int
    joined: bool = False

    def share(self, wrong: int) -> float:
        return (self.mask & wrong).bit_count() / self.mask.bit_count()


class _Masks:
    """In which cases each feature holds; of those that hold in the same ones the first is kept."""

    def __init__(self, offered: Sequence[Feature], cases: Sequence[Values]) -> None:
        self.found: dict[int, Feature] = {}
        everything = (1 << len(cases)) - 1
        for feature in offered:
            mask = _mask(feature.holds(values) for values in cases)
            if 0 < mask < everything:
                self.found.setdefault(mask, feature)

    def rules(self, wrong: int, among: int) -> Iterator[_Rule]:
        """Those that hold in all wrong cases; of "or" those that hold in no other."""
        for mask, feature in self.found.items():
            if mask & wrong == wrong:
                yield _Rule(f"with {feature.words}", f"with {feature.opposite}", mask)
        for (one, a), (other, b) in combinations(self.found.items(), 2):
            if one & other & wrong == wrong:
                yield _Rule(f"with {a.words} and {b.words}", "in all others", one & other, True)
            elif (one | other) & among == wrong:
                yield _Rule(f"with {a.words} or {b.words}", "in all others", one | other, True)


def _mask(bits: Any) -> int:
    return reduce(lambda found, bit: found | (1 << bit[0] if bit[1] else 0), enumerate(bits), 0)


# --- what may tell cases apart, the likeliest first ----------------------------------------------


def features(layer: Layer, upstream: Mapping[str, str]) -> Iterator[Feature]:
    """Of hyperparameters, axes side by side, windows, then of single sizes and other pairs."""
    for h in layer.hyperparameters:
        if isinstance(h.symbol, Parameter):
            yield from _least(h.name, h.symbol, -1 if h.minimum is None else h.minimum)
        else:
            yield from _compared(h.name, "1", h.symbol, Integer(1))
    beside = [*_beside(layer, upstream)]
    for one, other, a, b in beside:
        yield _differ(one, other, a, b)
    yield from _windows(layer)
    for size in layer.sizes:
        yield from _least(size.name, size, 1)
    for y, g in upstream.items():
        for axis, length in enumerate(layer.shape(y)):
            if not isinstance(length, Integer) and length not in layer.sizes:
                yield from _least(f"{g}.shape[{axis}]", length, 1)
    for one, other, a, b in beside:
        yield from _compared(one, other, a, b)
    for a, b in combinations(layer.sizes, 2):
        yield _differ(a.name, b.name, a, b)
    for size in layer.sizes:
        yield Feature(
            f"{size.name} odd", f"{size.name} even", partial(_left_over, size, Integer(2))
        )
        after = partial(_left_over, size + 1, Integer(2))
        yield Feature(f"{size.name} even", f"{size.name} odd", after)


def _least(name: str, expr: Expr, least: int) -> Iterator[Feature]:
    """At its smallest value, and above it."""
    equal, more = f"{name} = {least}", f"{name} > {least}" if least else f"{name} ≥ 1"
    yield Feature(equal, more, lambda v: known(expr, v) == least)
    yield Feature(more, equal, lambda v: known(expr, v) > least)


def _differ(one: str, other: str, a: Expr, b: Expr) -> Feature:
    return Feature(f"{one} ≠ {other}", f"{one} = {other}", lambda v: known(a, v) != known(b, v))


def _compared(one: str, other: str, a: Expr, b: Expr) -> Iterator[Feature]:
    yield Feature(f"{one} < {other}", f"{one} ≥ {other}", lambda v: known(a, v) < known(b, v))
    yield Feature(f"{one} > {other}", f"{one} ≤ {other}", lambda v: known(a, v) > known(b, v))


def _beside(layer: Layer, upstream: Mapping[str, str]) -> Iterator[tuple[str, str, Expr, Expr]]:
    """Lengths of the last two axes of a tensor, and hyperparameters that differ in a number."""
    for tensor in layer.tensors:
        for a, b in list(zip(tensor.axes, tensor.axes[1:], strict=False))[-1:]:
            if isinstance(a.size, Size) and isinstance(b.size, Size):
                yield a.size.name, b.size.name, a.size, b.size
    for h, k in combinations((h.symbol for h in layer.hyperparameters), 2):
        if h.name[:-1] == k.name[:-1] and h.name[-1:].isdigit() and k.name[-1:].isdigit():
            yield h.name, k.name, h, k
    for y, g in upstream.items():
        shape = layer.shape(y)
        rank = len(shape)
        if rank > 1 and not {*shape[-2:]} & {*layer.sizes}:
            yield f"{g}.shape[{rank - 2}]", f"{g}.shape[{rank - 1}]", shape[-2], shape[-1]


def _windows(layer: Layer) -> Iterator[Feature]:
    """Strides that do not divide; windows that overlap, or leave gaps."""
    steps = [
        node
        for _, meaning in layer.definitions
        for node in subterms(meaning)
        if isinstance(node, FloorDiv)
    ]
    for step in steps:
        number, divisor = step.args
        text, by = plain(number), plain(divisor)
        left = partial(_left_over, number, divisor)
        yield Feature(f"{by} not dividing {text}", f"{by} dividing {text}", left)
        for window in _shrinking(number):
            yield from _compared(by, window.name, divisor, window)


def _left_over(number: Expr, divisor: Expr, values: Values) -> bool:
    return bool(known(number, values) % known(divisor, values))


def _shrinking(number: Expr) -> list[Symbol]:
    """The symbols that make it smaller: the sizes of windows."""
    ones = {s: Integer(2) for s in symbols_of(number)}

    def value(**changed: Any) -> Any:
        return known(number, {s: changed.get(s.name, n) for s, n in ones.items()})

    return [s for s in ones if value(**{s.name: Integer(3)}) < value()]
