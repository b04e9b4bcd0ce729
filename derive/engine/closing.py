"""Closed forms of the results of a derivation, in the words of the layer where these are shorter.

A derived result is right and often long: it reads adjoints, keeps sums that vanish, and writes out
what the layer has a name for.  From it recorded steps lead to a form like y·(g − Σ g·y).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Expr, Sum

from derive.engine.record import Adjoint, ClosedForm, Step
from derive.engine.recorder import Recorder
from derive.engine.rules import Phase
from derive.language.definition import Layer
from derive.language.terms import Entry, Iverson, MaxOver, entries

#: of how many subterms a result may be made for a closed form to be looked for
LARGEST = 150
#: how many adjoints of intermediates may be put into one closed form
MOST = 6


def closed_forms(
    layer: Layer, adjoints: Sequence[Adjoint], upstream: dict[str, str], named: bool
) -> Iterator[ClosedForm]:
    """The closed form of each adjoint that has one, intermediates first.

    Intermediates' adjoints go into the gradient that is asked for, unless that is ``named``
    already.
    """
    found: dict[str, Expr] = {}
    for adjoint in adjoints:
        last = adjoint is adjoints[-1]
        if last and named:
            return
        known = [(a.name, (a.target.indices, found.get(a.name, a.result))) for a in adjoints[:-1]]
        steps = _steps(layer, adjoint, upstream, dict(known if last and len(known) <= MOST else []))
        if steps:
            found[adjoint.name] = steps[-1].after
            yield ClosedForm(adjoint.name, steps)


def _steps(
    layer: Layer,
    adjoint: Adjoint,
    upstream: dict[str, str],
    known: dict[str, tuple[tuple[Expr, ...], Expr]],
) -> tuple[Step, ...]:
    """The steps from a result to its closed form; none where that reads as much as before."""
    if _size(adjoint.result) > LARGEST:
        return ()
    recorder = Recorder(layer, adjoint.target, adjoint.result, upstream, adjoints=known)
    recorder.run(Phase.GATHER)
    put_in = {e.tensor for s in recorder.steps for e in entries(s.before)} & known.keys()
    before = _size(adjoint.result) + sum(_size(known[name][1]) for name in put_in)
    return tuple(recorder.steps) if _size(recorder.expression) < before else ()


def _size(expr: Expr) -> int:
    """How much there is to read; a read of a tensor is one thing, whatever its indices."""
    if isinstance(expr, Entry | Iverson):
        return 1
    parts = expr.args[:1] if isinstance(expr, Sum | MaxOver) else expr.args
    return 1 + sum(_size(part) for part in parts if isinstance(part, Expr))
