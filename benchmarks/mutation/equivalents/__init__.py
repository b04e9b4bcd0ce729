"""Mutants that compute the same as the right program, each with the argument why.

One module an idea, discovered; each has ``RULES``.  A rule is as narrow as its argument: it names
the function, the statement, the kind of change and the change.  A mutant that fits a rule and is
refuted all the same counts as refuted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from benchmarks.mutation.spelling import plainly, spelt
from benchmarks.mutation.texts import Mutant
from derive.plugins import Plugins

#: passes for which the arguments are those for others
_ALIKE = {"forward_keeping": "forward", "gradients": "gradient_all"}


@dataclass(frozen=True)
class Equivalent:
    """Mutants of one kind that change nothing.

    ``statement`` must match from the beginning, ``change`` anywhere, ``function`` and ``operator``
    as a whole; ``also`` is what patterns cannot say.
    """

    argument: str
    statement: str = ""
    operator: str = ".*"
    change: str = ""
    function: str = ".*"
    also: Callable[[Mutant], bool] | None = None

    def concerns(self, function: str, statement: str) -> bool:
        """Whether mutants of a statement may be of this kind."""
        return bool(
            re.fullmatch(self.function, _ALIKE.get(function, function))
            and re.match(self.statement, spelt(statement))
        )

    def fits(self, mutant: Mutant) -> bool:
        """Whether a mutant is of this kind, its choices written with ``np.where``."""
        if not self.concerns(mutant.function, mutant.statement):
            return False
        plain = plainly(mutant)
        return bool(
            re.fullmatch(self.operator, mutant.operator)
            and re.search(self.change, plain.change)
            and (self.also is None or self.also(plain))
        )


class Module(Protocol):
    """A module of this package."""

    RULES: tuple[Equivalent, ...]


MODULES: Plugins[Module] = Plugins(__name__, Module, "idea")


@cache
def rules() -> tuple[Equivalent, ...]:
    """All rules."""
    return tuple(rule for module in MODULES.all() for rule in module.RULES)


def argument(mutant: Mutant) -> str:
    """Why a mutant computes the same as the right program; nothing if no rule says so."""
    return next((rule.argument for rule in rules() if rule.fits(mutant)), "")
