"""Stride, dilation or padding of the layer is left out, doubled, or taken from another axis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from sympy import Expr

from derive.language.definition import Equation
from derive.language.integers import affine, expanded
from derive.language.terms import ONE, Entry, ExactQuotient, Index, symbols_of
from verify.claims.misreading import misread
from verify.claims.scene import Scene, Suspect, at

PRIORITY = 8


@dataclass(frozen=True)
class ReadWindow:
    """A coordinate ``(step·r + spread·a + shift)/divisor`` of an output index r, a summed one a."""

    output: Index
    inner: Index
    step: Expr
    spread: Expr
    shift: Expr
    divisor: Expr

    @property
    def coordinate(self) -> Expr:
        number = expanded(self.step * self.output + self.spread * self.inner + self.shift)
        return number if self.divisor == 1 else ExactQuotient(number, self.divisor)


Change = Callable[[ReadWindow], ReadWindow]


def suspects(scene: Scene) -> Iterator[Suspect]:
    """One of the three replaced along all axes; then two axes exchanged."""
    changes: tuple[tuple[str, Change], ...] = (
        ("stride ignored", lambda w: replace(w, step=_sign(w.step), divisor=ONE)),
        ("dilation ignored", lambda w: replace(w, spread=_sign(w.spread))),
        ("padding ignored", lambda w: replace(w, shift=0 * ONE)),
        ("padding with the wrong sign", lambda w: replace(w, shift=-w.shift)),
        ("stride and dilation exchanged", _crossed),
    )
    for words, change in changes:
        yield from misread(scene, words, partial(_changed, change))
    for name, fields in (
        ("stride", ("step", "divisor")),
        ("dilation", ("spread",)),
        ("padding", ("shift",)),
    ):
        words = f"{name} of height and width exchanged"
        yield from misread(scene, words, partial(_exchanged, fields))


def _sign(factor: Expr) -> Expr:
    return -ONE if factor.could_extract_minus_sign() else ONE


def _crossed(window: ReadWindow) -> ReadWindow:
    signs = _sign(window.step), _sign(window.spread)
    step, spread = signs[0] * window.step, signs[1] * window.spread
    return replace(window, step=signs[0] * spread, spread=signs[1] * step)


def _windows(read: Entry, equation: Equation) -> dict[int, ReadWindow]:
    """The coordinates of a read that slide with an output index."""
    found = {}
    for axis, coordinate in enumerate(read.indices):
        number: Expr = coordinate
        divisor: Expr = ONE
        if isinstance(coordinate, ExactQuotient):
            number, divisor = coordinate.args
        indices = [s for s in symbols_of(number) if isinstance(s, Index)]
        outer = [i for i in indices if i in equation.indices]
        inner = [i for i in indices if i not in equation.indices]
        if len(outer) == len(inner) == 1:
            first = affine(number, outer[0])
            second = None if first is None else affine(first[1], inner[0])
            if first is not None and second is not None:
                found[axis] = ReadWindow(outer[0], inner[0], first[0], *second, divisor)
    return found


def _changed(change: Change, read: Entry, equation: Equation) -> Entry:
    windows = _windows(read, equation)
    return at(read, {axis: change(w).coordinate for axis, w in windows.items()})


def _exchanged(fields: tuple[str, ...], read: Entry, equation: Equation) -> Entry:
    """The read with some quantities of its last two windows exchanged."""
    windows = list(_windows(read, equation).items())[-2:]
    if len(windows) < 2:
        return read
    (one, a), (other, b) = windows
    first = replace(a, **{f: getattr(b, f) for f in fields})
    second = replace(b, **{f: getattr(a, f) for f in fields})
    return at(read, {one: first.coordinate, other: second.coordinate})
