"""The tool reads what it prints: definitions, and results as claims, in lines as in the output."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from sympy import Basic, Expr, Mul

import derive
from derive import catalog
from derive.language.definition import Axis, Layer
from derive.language.notation.claims import parse_claim
from derive.language.notation.sites import explicit
from derive.language.printing import equation, to_ascii
from derive.language.terms import (
    AtMost,
    Choose,
    Differ,
    Divides,
    ExactQuotient,
    FloorDiv,
    Iverson,
    Less,
    Negation,
    Same,
    mapped,
)
from tests.derive.language.notation_texts import BARE, BATCHNORM, SIX
from tests.strategies import layers
from tests.suites import every


def printed(left: Expr, right: Expr) -> str:
    return "\n".join(equation(left, right, 60))


def axes(layer: Layer) -> dict[str, tuple[Axis, ...]]:
    known = {t.name: t.axes for t in layer.tensors}
    return known | {e.name: tuple(Axis(n) for n in e.extents) for e in layer.equations}


def exactly(expr: Basic, held: frozenset[Basic] = frozenset()) -> Basic:
    """The expression as it is printed: a/b for ⌊a/b⌋ beside a guard that says that b divides a,
    no such guard a second time inside, and b ≤ a for not a < b.
    """
    if isinstance(expr, Negation):
        (inner,) = (exactly(a, held) for a in expr.args)
        opposite = {Less: AtMost, AtMost: Less}
        if type(inner) in opposite:
            return opposite[type(inner)](*reversed(inner.args))
        return {Same: Differ, Differ: Same}.get(type(inner), Negation)(*inner.args)
    if isinstance(expr, Mul):
        stated = [d for f in expr.args if isinstance(f, Iverson) for d in parts(f.args[0])]
        own = [d for d in dict.fromkeys(stated) if not implied(d, {*held, *stated} - {d})]
        rest = [f for f in expr.args if not (isinstance(f, Iverson) and f.args[0] in stated)]
        inside = held.union(stated)
        return Mul(*map(Iverson, own), *(exactly(f, inside) for f in rest))
    if isinstance(expr, ExactQuotient):
        return expr.args[0] / expr.args[1]
    if isinstance(expr, FloorDiv) and Divides(*reversed(expr.args)) in held:
        return expr.args[0] / expr.args[1]
    return mapped(lambda a: exactly(a, held), expr)


def implied(guard: Divides, held: set[Basic]) -> bool:
    """Whether a divisor of a number is said already to divide it, or a part that it is made of."""
    divisor, number = guard.args
    others = [c.args[1] for c in held if c.args[0] == divisor]
    return any(number == other or (number / other).is_integer for other in others)


def parts(condition: Basic) -> list[Divides]:
    if isinstance(condition, Divides):
        return [condition]
    return [d for a in condition.args if not isinstance(a, Choose) for d in parts(a)]


def check_layer(layer: Layer, ascii: bool = False) -> None:
    known = axes(layer)
    for one in layer.equations:
        text = printed(one.entry, one.written)
        claim = parse_claim(to_ascii(text) if ascii else text, layer, {})
        assert explicit(claim.body, known) == one.explicit, text


def check_gradients(layer: Layer) -> None:
    for tensor in layer.tensors:
        if tensor.integer:
            continue
        derivation = derive.gradient(layer, tensor.name)
        known = axes(derivation.layer)
        results = {a.name: a for a in derivation.adjoints}
        for one in derivation.layer.equations:
            if one.name not in results:
                continue
            text = printed(one.entry, one.explicit)
            claim = parse_claim(text, derivation.layer, {})
            same = exactly(explicit(claim.body, known)) == exactly(one.explicit)
            # the same in other words: i'/2 for ⌊i'/2⌋ beside guards that say more than is needed
            assert same or printed(one.entry, claim.body) == text, text
        if len(derivation.adjoints) == 1:
            last = derivation.adjoints[-1]
            text = f"∂L/∂{printed(last.target, last.result)}"
            claim = parse_claim(text, layer, dict(derivation.upstream))
            assert exactly(explicit(claim.body, known)) == exactly(last.result), text


@pytest.mark.parametrize("text", every(4, [*BARE, BATCHNORM, *SIX.values()]))
def test_texts(text: str) -> None:
    layer = derive.parse(text)
    check_layer(layer)
    check_layer(layer, ascii=True)
    check_gradients(layer)


@pytest.mark.parametrize("name", every(4, catalog.names()))
def test_catalog(name: str) -> None:
    options = {"channels": True} if "channels" in catalog.options(name) else {}
    layer = derive.layer(name, **options)
    check_layer(layer)
    check_gradients(layer)


@pytest.mark.complete
@settings(max_examples=50, suppress_health_check=list(HealthCheck), derandomize=True)
@given(layers())
def test_generated_layers(text: str) -> None:
    """Definitions come back as they were; every result is read (2·(i/s) may come back as 2·i/s)."""
    layer = derive.parse(text)
    check_layer(layer)
    for tensor in (t for t in layer.tensors if not t.integer):
        gradient = derive.gradient(layer, tensor.name).layer
        for one in gradient.equations:
            parse_claim(printed(one.entry, one.explicit), gradient, {})
