"""What is divided by: shown not to be zero wherever that happens, or required not to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sympy import Expr, Integer

from derive.domains.known import Known
from derive.language.definition import Layer
from derive.language.notation.sites import Site, sites
from derive.language.terms import (
    ONE,
    AtMost,
    Between,
    Condition,
    Divides,
    ExactQuotient,
    FloorDiv,
    Index,
    Modulo,
    entries,
    symbols_of,
)

DIVISIONS = (FloorDiv, Modulo, ExactQuotient, Divides)


def divisions(layer: Layer) -> Iterator[tuple[Site, Known]]:
    """Each division of integers with what is known there.

    What an output size is said to be is known in the body alone: the size divides for itself.
    """
    sizes = replace(layer, definitions=())
    for equation in layer.equations:
        for size in equation.sizes:
            for site in sites(size, (), (), DIVISIONS):
                yield site, Known(layer.facts, sizes.domain)
        for site in sites(equation.written, equation.ranges, (), DIVISIONS):
            inside = (Between(lo, i, hi) for i, lo, hi in site.ranges)
            yield site, Known(layer.facts, (*layer.domain, *inside, *site.guards))


def divisor(site: Site) -> Expr:
    """What is divided by."""
    divides = isinstance(site.node, Divides)
    by: Expr = site.node.args[0 if divides else 1]
    return by


def doubtful(layer: Layer) -> Iterator[tuple[Site, Known, Condition]]:
    """The divisions whose divisor is not shown to be at least 1, and that it should be."""
    for site, known in divisions(layer):
        by = divisor(site)
        if not (isinstance(by, Integer) and by > 0) and not known.positive(by):
            yield site, known, AtMost(ONE, by)


def premises(layer: Layer) -> list[Condition]:
    """That sizes and hyperparameters which are divided by are at least 1, where that is open."""
    return list(dict.fromkeys(goal for _, _, goal in doubtful(layer) if of_sizes(goal)))


def of_sizes(goal: Condition) -> bool:
    """Whether a condition speaks of sizes and hyperparameters alone."""
    return not entries(goal) and not any(isinstance(s, Index) for s in symbols_of(goal))
