"""Something that is computed is taken for a constant: a mean, a variance, a normalising sum."""

from __future__ import annotations

from collections.abc import Iterator

from derive.language.definition import Layer
from verify.mistakes.choices import all_then_fewer
from verify.mistakes.mistake import Mistake, held
from verify.mistakes.parts import dependent, in_parts
from verify.mistakes.words import listed

PRIORITY = 10


def mistakes(layer: Layer, tensor: str) -> Iterator[Mistake]:
    """All intermediates held fixed, then fewer of them."""
    parts = in_parts(layer, tensor)
    outputs = {e.name for e in layer.outputs}
    names = [n for n in dependent(parts, tensor) if n not in outputs]
    for fixed in all_then_fewer(names):
        changed = held(parts, fixed)
        if outputs & dependent(changed, tensor).keys():
            words = f"{listed(fixed)} taken for constant, although computed from {tensor}"
            yield Mistake(words, changed)
