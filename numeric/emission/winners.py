"""The largest entries of windows and the numbers of their places, found by one call."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from numeric.emission.additions import window_texts
from numeric.emission.broadcasting import ProgramWriter
from numeric.program.statements import FirstPlace, Largest, Statement


class Winners(NamedTuple):
    """The statements for the values and for the places of the same windows."""

    values: Largest
    places: FirstPlace


def winners_of(
    statements: Sequence[Statement], made: Collection[str], context: ProgramWriter
) -> Iterator[Winners]:
    """The pairs of statements of a block that fill arrays which are there."""
    if not context.knows("window_winners"):
        return
    largest = [s for s in statements if isinstance(s, Largest) and s.name in made]
    for places in statements:
        if not isinstance(places, FirstPlace) or places.name not in made:
            continue
        found = context.windows.folded(places)
        same = [v for v in largest if found is not None and context.windows.folded(v) == found]
        if same and same[0].axes == places.axes:
            largest.remove(same[0])
            yield Winners(same[0], places)


def winners_text(pair: Winners, context: ProgramWriter) -> str:
    """The line that fills both."""
    found = context.windows.folded(pair.values)
    assert found is not None
    value, windows, _ = found
    targets = [context.names.array(s.name) for s in pair]
    named = [f"out={targets[0]}", f"places={targets[1]}"]
    text = context.value(value, pair.values.axes)
    return context.call("window_winners", text, *window_texts(windows, context), *named)
