"""What a block only copies is computed under the copy's name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from derive.language.terms import Entry
from numeric.program.statements import Elementwise, Statement


def without_copies(statements: Sequence[Statement], made: Collection[str]) -> list[Statement]:
    """The statements of a block; ``made`` are the arrays that are read after it."""
    left = list(statements)
    for copy in statements:
        source = _copied(copy, left, made)
        if source is not None:
            left[left.index(source)] = replace(source, name=copy.name)
            left.remove(copy)
    return left


def _copied(
    copy: Statement, statements: Sequence[Statement], made: Collection[str]
) -> Statement | None:
    """The statement whose array is copied, entry by entry, and not read otherwise."""
    if not isinstance(copy, Elementwise) or not isinstance(copy.value, Entry):
        return None
    name = copy.value.tensor
    readers = [s for s in statements if name in s.sources]
    own = tuple(i for i, _ in copy.axes)
    if name in made or readers != [copy] or copy.value.indices != own:
        return None
    return next((s for s in statements if s.name == name and s.kind == copy.kind), None)
