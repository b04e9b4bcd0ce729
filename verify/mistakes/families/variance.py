"""The unbiased variance stands for the biased one, or the other way round."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Add, Mul, Pow

from derive.language.definition import Layer
from derive.language.printing import expression_text
from verify.mistakes.mistake import Mistake, Other, otherwise, with_body
from verify.mistakes.parts import Summed, in_parts, intermediates, summed

PRIORITY = 40


def mistakes(layer: Layer, tensor: str) -> Iterator[Mistake]:
    """Σ (x − m)²/N ↔ Σ (x − m)²/(N − 1), altogether or on one side."""
    parts = in_parts(layer, tensor)
    for equation in intermediates(parts, tensor).values():
        found = summed(equation)
        if found is None or found.count is None or not _squares(found):
            continue
        biased = found.divided == 0
        if found.divided not in (0, 1):
            continue
        sides = found.count, found.count - 1
        old, new = sides if biased else sides[::-1]
        body = Mul(equation.written, old, Pow(new, -1))
        kind = "unbiased variance (ddof = 1)" if biased else "biased variance (ddof = 0)"
        said = f"divided by {expression_text(new)} instead of {expression_text(old)}"
        for where, changed in otherwise(parts, {equation.name: Other(with_body(equation, body))}):
            yield Mistake(f"the {kind} stands for {equation.name}{where}: {said}", changed)


def _squares(found: Summed) -> bool:
    """Whether differences are squared."""
    powers = [f for f in found.factors if isinstance(f, Pow)]
    return any(p.exp == 2 and isinstance(p.base, Add) for p in powers)
