"""Values that are zero but at one place: a gradient that goes to the first largest entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Expr

from derive.language.integers import expanded
from derive.language.terms import ZERO, Choose, Entry, Index, Same, subterms
from numeric.program.reads import TRUE, Axis, conjunction, flat, parts_of


@dataclass(frozen=True)
class Picked:
    """A value that is zero but at one place: the place's ``number``, and what it is ``among``."""

    number: Entry
    among: tuple[Axis, ...]
    value: Expr


def picked_of(value: Expr, loops: Sequence[Axis]) -> Picked | None:
    """What ``value if (a, b) is the place else 0`` says, if it is that."""
    if not isinstance(value, Choose) or value.args[2] != ZERO:
        return None
    stated, found, _ = value.args
    for part in parts_of(stated):
        for number, other in (part.args, part.args[::-1]) if isinstance(part, Same) else ():
            own = {s for s in subterms(other) if isinstance(s, Index)}
            among = tuple(axis for axis in loops if axis[0] in own)
            whole = flat([i for i, _ in among], [n for _, n in among])
            if not isinstance(number, Entry) or not among or not own.isdisjoint(subterms(number)):
                continue
            if expanded(whole - other) == 0:
                others = conjunction([c for c in parts_of(stated) if c != part])
                rest = found if others == TRUE else Choose(others, found, ZERO)
                return Picked(number, among, rest)
    return None
