"""What multiplying inequalities finds, and that it ends where numbers grow."""

from __future__ import annotations

from derive.domains.formulas import at_least_zero, atom, constant, scale, subtract
from derive.domains.presburger import contradictory


def test_huge_numbers_are_left_out() -> None:
    x, huge = atom(0), 10**5000
    above = at_least_zero(subtract(scale(x, huge), constant(huge)))
    assert not contradictory([above])
    below = [at_least_zero(x), at_least_zero(subtract(constant(-1), x))]
    assert contradictory([above, *below])
