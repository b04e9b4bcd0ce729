"""Which derivative is taken where a choice by values has a kink, said in words.

A choice is differentiated as the branch that is taken: where both sides of its comparison are
equal, that is one of the two.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr

from derive.language.definition import Layer
from derive.language.terms import ZERO, AtMost, Choose, Less, Same, entries, subterms
from derive.presentation.blocks import Prose


def kinks(layer: Layer) -> list[Prose]:
    """A sentence for each kink, and one where two at the same place are taken differently."""
    choices = list(dict.fromkeys(_choices(layer)))
    found = [_convention(choice) for choice in choices]
    sides: dict[Expr, set[bool]] = {}
    for choice in choices:
        place, right = _side(choice)
        sides.setdefault(place, set()).add(right)
    found += [_at_odds(place) for place, taken in sides.items() if len(taken) == 2]
    return found


def _choices(layer: Layer) -> Iterator[Choose]:
    for equation in layer.equations:
        for node in subterms(equation.explicit):
            if isinstance(node, Choose) and isinstance(node.args[0], AtMost | Less):
                tensors = (layer.tensor(e.tensor) for e in entries(node.args[0]))
                if any(t is None or not t.integer for t in tensors):
                    yield node


def _convention(choice: Choose) -> Prose:
    stated, yes, no = choice.args
    taken = yes if isinstance(stated, AtMost) else no
    return ("where ", _equal(choice), ", the derivative is that of the branch taken there: ", taken)


def _equal(choice: Choose) -> Same:
    """The place of the kink; what varies stands on the left."""
    one, other = choice.args[0].args
    assert isinstance(one, Expr) and isinstance(other, Expr)
    return Same(other, one) if one.is_number else Same(one, other)


def _side(choice: Choose) -> tuple[Expr, bool]:
    """Where the kink is, as what is 0 there, and whether the branch taken is that of > 0."""
    stated = choice.args[0]
    low, high = stated.args
    assert isinstance(low, Expr) and isinstance(high, Expr)
    place, above = high - low, isinstance(stated, AtMost)
    return (-place, not above) if place.could_extract_minus_sign() else (place, above)


def _at_odds(place: Expr) -> Prose:
    return (
        "where ",
        Same(place, ZERO),
        ", one branch is taken from above and another from below: if their kinks cancel, the"
        " derivative that the whole has there is another one",
    )
