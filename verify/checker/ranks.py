"""What is checked of an entrywise layer in one rank holds in every rank."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sympy import Expr

from derive.engine.record import Derivation
from derive.language.entrywise import EVERY_RANK, at_one_place, entrywise
from verify.verdict import Verdict


def in_every_rank(found: Verdict, derivations: Sequence[Derivation]) -> Verdict:
    """The verdict, which says so where the layer and the formulas of its gradients are entrywise.

    Then every place has a layer of its own, that of single numbers, and its gradient is what the
    formulas say where all sizes are 1; in how many axes the places are arranged is no matter.
    """
    if found.word != "checked" or not entrywise(derivations[0].source):
        return found
    if all(at_one_place(result, at) for d in derivations for result, at in _formulas(d)):
        return replace(found, reason=f"{found.reason}; {EVERY_RANK}")
    return found


def _formulas(derivation: Derivation) -> Iterator[tuple[Expr, tuple[Expr, ...]]]:
    """The result and the closed form of every adjoint, and the indices it is at."""
    at = {adjoint.name: adjoint.target.indices for adjoint in derivation.adjoints}
    yield from ((adjoint.result, at[adjoint.name]) for adjoint in derivation.adjoints)
    yield from ((closing.expression, at[closing.adjoint]) for closing in derivation.closings)
