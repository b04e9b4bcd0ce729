"""A factor of the definition is missing or counts twice: 1/N of a mean, 1/(1 − p) of a dropout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Expr, Mul, Pow, Sum

from derive.language.definition import Equation, Layer
from derive.language.printing import expression_text
from derive.language.terms import Entry, entries, subterms
from verify.mistakes.choices import all_then_fewer
from verify.mistakes.mistake import ALTOGETHER, DERIVATIVE, Mistake, Other, otherwise, with_body
from verify.mistakes.parts import coefficients, dependent, in_parts
from verify.mistakes.words import listed

PRIORITY = 30
#: so many factors of a term are left out in every combination
_MOST = 4


def mistakes(layer: Layer, tensor: str) -> Iterator[Mistake]:
    """First in what is computed last, then in the derivatives of intermediates."""
    parts = in_parts(layer, tensor)
    moving = dependent(parts, tensor)
    last = {e.name for e in layer.outputs}
    yield from _of(parts, [e for e in moving.values() if e.name in last], tensor, True)
    inner = [e for e in moving.values() if e.name not in last]
    yield from _of(parts, inner, tensor, False)


def _of(layer: Layer, equations: list[Equation], tensor: str, last: bool) -> Iterator[Mistake]:
    """The same factor of all these equations together that have it, then of each alone."""
    names = {tensor, *dependent(layer, tensor)}
    having: dict[Expr, list[Equation]] = {}
    for equation in equations:
        for factor in _common(list(coefficients(equation.written, names))):
            having.setdefault(factor, []).append(equation)
    for factor, those in having.items():
        for some in dict.fromkeys((tuple(those), *((e,) for e in those))):
            for words, by in (("missing", Pow(factor, -1)), ("twice", factor)):
                others = {e.name: Other(with_body(e, Mul(by, e.written))) for e in some}
                where = "" if last else f" in the derivative of {listed(e.name for e in some)}"
                said = f"factor {expression_text(factor)} {words}{where}"
                for part, changed in otherwise(layer, others):
                    if part == (ALTOGETHER if last else DERIVATIVE):
                        yield Mistake(_of_a_mask(said, some, tensor, words), changed)


def _common(terms: Sequence[Sequence[Expr]]) -> Iterator[Expr]:
    """Products of factors that all terms have, the whole one first."""
    if not terms:
        return
    shared = [f for f in terms[0] if all(f in others for others in terms)][:_MOST]
    for some in all_then_fewer(shared):
        yield Mul(*some)


def _of_a_mask(said: str, equations: Sequence[Equation], tensor: str, words: str) -> str:
    """Where the tensor is only multiplied by another one, that one is what is scaled."""
    (equation, *more) = equations
    reads = entries(equation.written)
    others = [r for r in reads if r.tensor != tensor]
    plain = all(r.indices == equation.indices for r in reads)
    product = not any(isinstance(s, Sum) for s in subterms(equation.written))
    single = all(isinstance(f, Entry) or not entries(f) for f in Mul.make_args(equation.written))
    if more or len(others) != 1 or len(reads) != 2 or not (plain and product and single):
        return said
    how = "not scaled" if words == "missing" else "scaled twice"
    return f"{others[0].tensor} {how}: {said}"
