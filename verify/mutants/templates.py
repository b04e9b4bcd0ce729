"""Mutants of the fast templates that change no result, each with the argument why."""

from __future__ import annotations

from verify.mutants.equivalents import Equivalent
from verify.mutants.texts import Mutant

RULES: tuple[Equivalent, ...] = ()


def argument(mutant: Mutant) -> str:
    """Why a mutant computes the same as the right template; nothing if no rule says so."""
    return next((rule.argument for rule in RULES if rule.fits(mutant)), "")
