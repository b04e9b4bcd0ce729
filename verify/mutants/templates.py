"""Mutants of the fast templates that change no result, each with the argument why."""

from __future__ import annotations

from verify.mutants.equivalents import Equivalent
from verify.mutants.texts import Mutant

RULES: tuple[Equivalent, ...] = (
    Equivalent(
        "what is taken together has the same length wherever this is reached: ``strict`` would only"
        " say so if it had not",
        change=r"^True → False$",
        operator="constant",
        also=lambda mutant: "strict=True" in mutant.statement,
    ),
    Equivalent(
        "more memory than the windows reach: they are a view made from the axes, not from its size",
        r"reach = |whole = memory",
        "arithmetic|constant",
        function="padded",
    ),
    Equivalent(
        "more of the memory is set to zero, before the entries are copied into it",
        r"borders = \[|borders\.append\(",
        "slice|arithmetic",
        function="padded",
    ),
    Equivalent(
        "the borders may be set to zero in any order",
        r"for border in \(slice",
        "axes",
        function="padded",
    ),
    Equivalent(
        "a longer piece of the signal than is read: what is beyond it is in no window",
        r"last = |pieces\.append\(",
        "arithmetic|constant|call",
        function="settling",
    ),
    Equivalent(
        "one place, or one tap: it is multiplied by zero, and only what it has in common with the"
        " other distance shortens the signal",
        r"if m == 1|step = spread if|if taps == 1|spread = step",
        function="settling",
    ),
    Equivalent("a common divisor is symmetric", r".*gcd\(", "axes", r"gcd"),
    Equivalent(
        "two empty lists",
        r"\w+, \w+ = \(\[\], \[\]\)",
        "axes",
    ),
    Equivalent(
        "to add or to copy an empty piece changes nothing",
        r"if last > first|if end > begin|if pairs",
        "comparison|statement",
    ),
)


def argument(mutant: Mutant) -> str:
    """Why a mutant computes the same as the right template; nothing if no rule says so."""
    return next((rule.argument for rule in RULES if rule.fits(mutant)), "")
