"""Terms of a sum that are 0 but at one entry of each line: they are added there, and nowhere else.

So is −1/N·[t[n] = c] in the gradient of a cross-entropy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Add, Expr

from derive.language.terms import ZERO, Choose, Index, Same, indices_in
from numeric.program.reads import Axis
from numeric.program.statements import Elementwise, Statement


@dataclass(frozen=True)
class Single:
    """A value for each line along an axis, added to its entry with this place."""

    axis: int
    place: Expr
    value: Expr
    others: tuple[Axis, ...]


def singled_out(statement: Statement) -> tuple[Statement, list[Single]]:
    """The statement without such terms, and these."""
    if not isinstance(statement, Elementwise) or not isinstance(statement.value, Add):
        return statement, []
    found = {term: _single(term, statement.axes) for term in statement.value.args}
    single = [made for made in found.values() if made is not None]
    rest = [term for term, made in found.items() if made is None]
    if not single or not rest:
        return statement, []
    return replace(statement, value=Add(*rest)), single


def _single(term: Expr, axes: tuple[Axis, ...]) -> Single | None:
    if not isinstance(term, Choose) or not isinstance(term.args[0], Same) or term.args[2] != ZERO:
        return None
    sides = term.args[0].args
    for index, place in (sides, sides[::-1]):
        number = next((k for k, (i, _) in enumerate(axes) if i == index), None)
        if number is None or not isinstance(index, Index):
            continue
        others = tuple(axis for axis in axes if axis[0] != index)
        if index not in {*indices_in(place), *indices_in(term.args[1])} and indices_in(place):
            return Single(number, place, term.args[1], others)
    return None
