"""Terms made without SymPy's detours are the ones SymPy makes."""

from __future__ import annotations

import pytest
from sympy import Expr, Sum, Tuple, exp

import derive
from derive import catalog
from derive.language.integers import mentions
from derive.language.terms import (
    Entry,
    Index,
    Size,
    replace,
    subterms,
    summation,
    symbols_of,
)
from tests.suites import every

i, j, k = Index("i"), Index("j"), Index("k")
M, N = Size("M"), Size("N")


def test_sums_are_those_of_sympy() -> None:
    inner_limits, outer_limits = Tuple(j, 0, i), [Tuple(i, 0, N - 1), Tuple(k, 1, M)]
    body = Entry("x", i, j) * exp(Entry("y", k))
    made = summation(summation(body, inner_limits), *outer_limits)
    meant = Sum(Sum(body, inner_limits), *outer_limits)
    assert made == meant and hash(made) == hash(meant)
    assert made.args == meant.args and len(made.limits) == 3
    assert made.is_commutative and 2 * made == 2 * meant


def terms_of(name: str) -> list[Expr]:
    return [e.explicit for e in derive.layer(name).equations]


@pytest.mark.parametrize("name", every(6, catalog.names()))
def test_replacing_is_that_of_sympy(name: str) -> None:
    for term in terms_of(name):
        swapped = {s: type(s)(f"{s.name}9") for s in symbols_of(term)}
        whole = {node: k for node in subterms(term) if isinstance(node, Entry)}
        for mapping in (swapped, whole):
            assert replace(term, mapping) == term.xreplace(mapping)


@pytest.mark.parametrize("name", every(6, catalog.names()))
def test_what_a_term_mentions_occurs_in_it(name: str) -> None:
    for term in terms_of(name):
        found = set(subterms(term))
        for part in [*found, Index("nowhere"), Entry("nowhere", i)]:
            assert mentions(term, part) == (part in found)
